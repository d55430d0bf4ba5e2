"""A channel is its number, whatever bears its name: no post of another comes in, and nothing is gone by its word."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.rebuild import rebuild
from flows.retry import retry
from flows.waiting import Mended
from tests.conftest import Desk
from tests.fetching.asking import Done, cut_after, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.channel import Channel, SentPost, Telegram, preview, sent, too_fast
from tests.standin.faults import Fault, at, below
from tests.standin.http import Response
from tests.standin.server import Standin
from tests.standin.world import World

DAY = timedelta(hours=25)
OURS, THEIRS = 1_101_170_442, 2_202_270_442
ROW = row("channel", "https://t.me/s/mid_rus", "ru")
MOVED_ROW = replace(ROW, channel_id=THEIRS)
NEWEST = "/s/mid_rus"
FIRST, LAST = 108, 120
VANISHED = 115
HELD = {str(OURS): LAST - FIRST + 1}


def alone(number: int = VANISHED, name: str = "mid_rus") -> str:
    return f"/{name}/{number}?embed=1&mode=tme"


def posts(first: int, last: int, whose: str) -> list[SentPost]:
    numbers = range(first, last + 1)
    return [sent(number, NOW - timedelta(hours=2 * (130 - number)), f"{whose} {number}") for number in numbers]


def ours() -> Channel:
    """Return a channel of which one post vanishes after the first look."""
    found = posts(FIRST, LAST, "Post of the ministry")
    at_place = VANISHED - FIRST
    found[at_place] = replace(found[at_place], away=((NOW + timedelta(hours=1), None),))
    return Channel("mid_rus", OURS, "MFA", found)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an archive that looked twice at the channel: a post was there, and then it was not."""
    home = tmp_path_factory.mktemp("begun") / "data"
    world = World(NOW, telegram=Telegram([ours()]))
    with Standin(world.handler) as standin:
        begun = Fetcher(Desk(home), world, standin, [ROW])
        assert done(begun, begun.channel).paths == [NEWEST]
        assert alone() in next_day(begun).paths
        assert failed_count(begun) == 1
    return home


@contextmanager
def going_on(begun: Path, home: Path, now: datetime) -> Iterator[Fetcher]:
    """Go on with a copy of an archive."""
    shutil.copytree(begun, home)
    world = World(now, telegram=Telegram([ours()]))
    with Standin(world.handler) as standin:
        yield Fetcher(Desk(home), world, standin, [ROW])


@pytest.fixture
def fetcher(begun: Path, tmp_path: Path) -> Iterator[Fetcher]:
    """A copy of it, as of the second look."""
    with going_on(begun, tmp_path / "data", NOW + DAY) as fetcher:
        yield fetcher


@pytest.fixture(scope="module")
def told_off(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The data folder of one whose third look came to another channel, and what that look told."""
    home = tmp_path_factory.mktemp("taken") / "data"
    with going_on(begun, home, NOW + DAY) as fetcher:
        take_over(fetcher)
        return home, next_day(fetcher)


@pytest.fixture
def taken_over(told_off: tuple[Path, Done], tmp_path: Path) -> Iterator[Fetcher]:
    """A copy of that one, as of that look."""
    home, _ = told_off
    with going_on(home, tmp_path / "data", NOW + 2 * DAY) as fetcher:
        take_over(fetcher)
        yield fetcher


def next_day(fetcher: Fetcher) -> Done:
    fetcher.world.now += DAY
    return done(fetcher, fetcher.channel)


def failed_count(fetcher: Fetcher) -> object:
    """Return how many looks found that a post is not there."""
    return fetcher.desk.value("select count(*) from captures where verdict = 'missing' and looked_for is not null")


def held(fetcher: Fetcher) -> dict[object, object]:
    """Return how many documents the archive holds, by their channel."""
    counted = "select split_part(document_key, ':', 2), count(*) from documents group by all"
    return dict(fetcher.desk.query(counted))


def statuses(fetcher: Fetcher) -> dict[int, object]:
    """Return the status of each of our posts that isn't simply there."""
    found = "select document_key, status from documents where status <> 'present'"
    return {int(str(key).rpartition(":")[2]): status for key, status in fetcher.desk.query(found)}


def line_with(told: Done, words: str) -> str:
    """Return the only line of a report that has these words."""
    (line,) = (line for line in told.told.splitlines() if words in line)
    return line


def take_over(fetcher: Fetcher, last: int = 125) -> None:
    """Give our channel's name to another channel, whose posts have some of the same numbers."""
    telegram = fetcher.world.telegram
    telegram.channels[0].username = "mid_rus_official"
    telegram.channels.append(Channel("mid_rus", THEIRS, "News", posts(100, last, "Cheap news")))


def test_posts_of_another_channel_under_the_name_are_rejected_each_time(
    told_off: tuple[Path, Done], taken_over: Fetcher
) -> None:
    for count, told in ((1, told_off[1]), (2, next_day(taken_over))):
        assert told.paths == [NEWEST]
        assert not told.report.is_good
        line = line_with(told, "other_channel")
        assert line.startswith("https://t.me/s/mid_rus: ")
        assert all(part in line for part in (str(OURS), str(THEIRS), "channel_id", "registry row"))
        assert "its name belongs to another channel now" in told.told
        desk = Desk(told_off[0]) if count == 1 else taken_over.desk
        assert desk.value("select count(*) from rejections where reason = 'other_channel'") == count
    verdicts = "select verdict from captures where purpose = 'channel' order by asked_at desc limit 2"
    assert taken_over.desk.query(verdicts) == [("not_a_document",)] * 2
    assert held(taken_over) == HELD
    assert (statuses(taken_over), failed_count(taken_over)) == ({VANISHED: "unknown"}, 1)


def test_what_another_channel_lacks_is_no_word_of_ours(fetcher: Fetcher) -> None:
    take_over(fetcher, last=99)
    assert next_day(fetcher).paths == [NEWEST]
    assert failed_count(fetcher) == 1


def test_the_channel_that_is_expected_is_the_same_after_a_rebuild(taken_over: Fetcher) -> None:
    heads = taken_over.desk.layout.heads.read_text().splitlines()[-1].split()[-1]
    assert rebuild(taken_over.run("rebuild")).is_good
    assert taken_over.desk.layout.heads.read_text().splitlines()[-1].split()[-1] == heads
    assert held(taken_over) == HELD
    assert line_with(next_day(taken_over), "other_channel")
    assert held(taken_over) == HELD


def test_a_single_post_of_another_channel_is_rejected_too(fetcher: Fetcher) -> None:
    take_over(fetcher)
    told = done(fetcher, lambda: fetcher.addresses("https://t.me/mid_rus/121"))
    assert line_with(told, "other_channel").startswith(f"https://t.me{alone(121)}: ")
    assert held(fetcher) == HELD


def test_a_channel_that_really_moved_is_taken_in_while_its_row_says_so(fetcher: Fetcher) -> None:
    take_over(fetcher)
    fetcher.registry = [MOVED_ROW]
    assert next_day(fetcher).report.is_good
    assert held(fetcher) == HELD | {str(THEIRS): 20}
    assert (statuses(fetcher), failed_count(fetcher)) == ({VANISHED: "unknown"}, 1)
    fetcher.registry = [ROW]
    assert line_with(next_day(fetcher), "other_channel")


def test_a_retry_takes_in_another_channel_only_once_its_row_says_so(taken_over: Fetcher) -> None:
    untouched = retry(taken_over.run("retry"), Mended(registry={"channel": ROW}))
    assert (untouched.tried_count, untouched.left_count) == (0, 1)
    assert held(taken_over) == HELD
    tried = retry(taken_over.run("retry"), Mended(registry={"channel": MOVED_ROW}))
    assert [(one.reason, one.outcome) for one in tried.answered] == [("other_channel", "read")]
    assert held(taken_over) == HELD | {str(THEIRS): 20}


def test_a_row_s_number_counts_before_anything_was_seen_and_over_what_was(fetcher: Fetcher) -> None:
    fetcher.registry = [MOVED_ROW]
    assert f"expected those of {THEIRS}" in line_with(next_day(fetcher), "other_channel")
    assert held(fetcher) == HELD


def test_a_new_row_expects_the_number_that_another_source_had_first(fetcher: Fetcher) -> None:
    take_over(fetcher)
    fetcher.registry = [row("other_row", "https://t.me/s/MID_rus", "ru")]
    assert line_with(next_day(fetcher), "other_channel")
    assert held(fetcher) == HELD


def closed(fetcher: Fetcher) -> None:
    fetcher.world.telegram.channels[0].has_preview = False


def renamed(fetcher: Fetcher) -> None:
    fetcher.world.telegram.channels[0].username = "mid_russia"


def emptied(fetcher: Fetcher) -> None:
    telegram = fetcher.world.telegram
    telegram.faults.append(Fault(at(NEWEST), too_fast(telegram.channels[0])))


def removed(fetcher: Fetcher) -> None:
    fetcher.world.telegram.faults.append(Fault(at(NEWEST), Response(404)))


STATES = [
    (closed, [NEWEST, "/mid_rus"], "closed, renamed or without a preview"),
    (renamed, [NEWEST, "/mid_rus"], "closed, renamed or without a preview"),
    (emptied, [NEWEST], "shows no posts"),
    (removed, [NEWEST], "no such channel"),
]


@pytest.mark.parametrize(("become", "paths", "words"), STATES, ids=lambda one: getattr(one, "__name__", None))
def test_of_a_channel_that_does_not_show_itself_no_post_is_asked_for_and_none_counts_as_missing(
    fetcher: Fetcher, become: Callable[[Fetcher], None], paths: list[str], words: str
) -> None:
    become(fetcher)
    fetcher.world.telegram.faults.append(Fault(below("/mid_rus/"), widget("Post not found")))
    told = next_day(fetcher)
    assert told.paths == paths
    assert not told.report.is_good
    line = line_with(told, words)
    assert line.startswith("https://t.me/s/mid_rus: ")
    assert str(OURS) in line
    assert "no post of it counts as missing" in line
    assert failed_count(fetcher) == 1


def test_a_channel_that_is_back_goes_on_with_its_failed_looks(fetcher: Fetcher) -> None:
    closed(fetcher)
    next_day(fetcher)
    fetcher.world.telegram.channels[0].has_preview = True
    for status in ("unknown", "gone"):
        assert alone() in next_day(fetcher).paths
        assert statuses(fetcher) == {VANISHED: status}


def test_a_single_post_is_asked_for_only_after_its_channel_showed_itself_in_the_same_run(fetcher: Fetcher) -> None:
    fetcher.world.now += DAY
    cut_after(fetcher, 2, fetcher.channel)  # robots.txt and the newest page, which is fresh for the next run
    told = done(fetcher, fetcher.channel).paths
    assert told.index(NEWEST) < told.index(alone())
    assert told.count(NEWEST) == 1


def test_a_page_that_does_not_tell_the_channel_s_number_is_no_proof_of_it(fetcher: Fetcher) -> None:
    text = preview(fetcher.world.telegram.channels[0], NOW + DAY)
    fetcher.world.telegram.faults.append(Fault(below(NEWEST), html(text.replace("data-view=", "data-seen="))))
    told = next_day(fetcher)
    assert alone() not in told.paths
    assert line_with(told, "does not tell the channel's number")


def html(text: str) -> Response:
    return Response(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def widget(words: str) -> Response:
    """Return an answer that shows words in place of a post."""
    return html(f'<html><body class="tgme_widget"><div class="tgme_widget_message_error">{words}</div></body></html>')


WORDS = {
    110: ("Post <b>mid_rus/110</b> not found", "unknown"),
    111: ("Post MID_Rus/111 not found", "unknown"),
    112: ("Post not found", "unknown"),
    113: ("Post other/113 not found", None),
    114: ("Post mid_rus/9 not found", None),
}


def test_only_the_word_that_the_post_that_was_asked_for_is_not_there_is_a_failed_look(fetcher: Fetcher) -> None:
    telegram = fetcher.world.telegram
    telegram.channels[0].posts = [post for post in telegram.channels[0].posts if post.number not in WORDS]
    telegram.faults += [Fault(at(alone(number)), widget(words)) for number, (words, _) in WORDS.items()]
    fetcher.world.now += 3 * DAY  # when they are due
    assert {alone(number) for number in WORDS} <= set(next_day(fetcher).paths)
    said = {number: status for number, (_, status) in WORDS.items() if status is not None}
    assert statuses(fetcher) == said | {VANISHED: "unknown"}


def test_a_post_is_asked_for_by_the_name_that_its_channel_shows(fetcher: Fetcher) -> None:
    telegram = fetcher.world.telegram
    shown = Channel("mid_russia", OURS, "MFA", telegram.channels[0].posts)  # its old name leads to it still
    telegram.channels.append(shown)
    telegram.faults.append(Fault(below("/s/mid_rus"), html(preview(shown, NOW + DAY))))
    asked = next_day(fetcher).paths
    assert alone(name="mid_russia") in asked
    assert alone() not in asked
    assert failed_count(fetcher) == 2
