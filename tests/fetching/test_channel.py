"""A channel's posts by its web preview: nothing is left out, and nothing is taken for gone that is only not shown."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.conftest import Desk
from tests.fetching.asking import Done, cut_after, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.forms.made import Attached
from tests.standin.channel import Channel, SentPost, Telegram, sent, too_fast
from tests.standin.faults import Fault, at
from tests.standin.server import Standin
from tests.standin.world import World

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NUMBER = 1_101_170_442
REGISTRY = [row("channel", "https://t.me/s/MID_Rus", "ru")]
MISSING = {7, 50, 51, 52}  # numbers that no post has
EDITED, VANISHED, BACK = 103, 104, 105
ALBUM = (90, 91, 92)


def post_of(number: int, now: datetime = NOW) -> SentPost:
    """Return a post; the last ones are of the last days."""
    when = now - timedelta(hours=2 * (121 - number))
    if number in ALBUM:
        words = f"Pictures {number}" if number == ALBUM[0] else ""
        return sent(number, now - timedelta(hours=2 * (121 - ALBUM[0])), words, album=ALBUM[0], attached=Attached.PHOTO)
    return sent(number, when, f"Post number {number} speaks of the visit and of the talks")


def posts_until(last: int) -> list[SentPost]:
    return [post_of(number) for number in range(1, last + 1) if number not in MISSING]


def ids(desk: Desk) -> set[int]:
    rows = desk.query("select message_id from posts where document_key like ?", f"telegram:{NUMBER}:%")
    return {int(str(number)) for (number,) in rows}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, dict[str, Done], dict[str, set[int]]]]:
    """An archive that looked at a channel's newest page, was cut off, filled the holes, and took the whole history."""
    channel = Channel("mid_rus", NUMBER, "MFA", posts_until(60))
    world = World(NOW, telegram=Telegram([channel]))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("channel") / "data"), world, standin, REGISTRY)
        looks, held = {}, {}

        def look(name: str, **named: bool) -> None:
            looks[name] = done(fetcher, lambda: fetcher.channel(**named))
            held[name] = ids(fetcher.desk)

        look("newest")
        look("at once")
        world.now = NOW + 3 * HOUR
        channel.posts += posts_until(120)[len(channel.posts) :]
        cut_after(fetcher, 2, fetcher.channel)
        world.now += 3 * HOUR
        look("after a cut")
        world.telegram.faults.append(Fault(at("/s/mid_rus?before=38"), too_fast(channel)))
        world.now += 3 * HOUR
        look("whole, too fast", is_whole=True)
        world.telegram.faults.clear()
        world.now += 3 * HOUR
        look("whole", is_whole=True)
        world.now += 3 * HOUR
        look("whole again", is_whole=True)
        yield fetcher, looks, held


Told = tuple[Fetcher, dict[str, Done], dict[str, set[int]]]


def test_the_newest_page_is_what_a_channel_begins_with(told: Told) -> None:
    _, looks, held = told
    assert looks["newest"].paths == ["/s/mid_rus"]
    assert held["newest"] == set(range(38, 61)) - MISSING


def test_the_newest_page_is_not_asked_for_again_at_once(told: Told) -> None:
    assert told[1]["at once"].asked == ()


def test_what_a_cut_left_between_the_newest_and_what_was_known_is_filled(told: Told) -> None:
    _, looks, held = told
    assert held["after a cut"] == set(range(38, 121)) - MISSING
    assert looks["after a cut"].report.is_good


def test_a_page_without_posts_is_no_end_and_is_tried_again(told: Told) -> None:
    _, looks, held = told
    assert "/s/mid_rus?before=38" in looks["whole, too fast"].paths
    assert held["whole, too fast"] == held["after a cut"]
    assert not looks["whole, too fast"].report.is_good
    assert "/s/mid_rus?before=38" in looks["whole"].paths


def test_the_whole_history_has_every_post_and_no_number_that_none_has(told: Told) -> None:
    fetcher, _, held = told
    assert held["whole"] == set(range(1, 121)) - MISSING
    assert fetcher.desk.query("select distinct status from documents") == [("present",)]


def test_what_is_known_whole_is_not_asked_for_again_however_many_numbers_no_post_has(told: Told) -> None:
    before = [path for path in told[1]["whole again"].paths if "before" in path]
    assert not [path for path in before if int(path.rpartition("=")[2]) < 60]


def test_the_posts_of_an_album_stay_together_and_are_each_known(told: Told) -> None:
    fetcher, _, held = told
    assert set(ALBUM) <= held["after a cut"]
    texts = "select documents.text from documents join posts using (document_key) where message_id = ?"
    assert fetcher.desk.query(texts, ALBUM[0]) == [(f"Pictures {ALBUM[0]}",)]


def test_searches_are_never_asked(told: Told) -> None:
    assert not [url for url in told[0].world.asked if "q=" in url or "after=" in url]


def test_a_name_in_other_letters_is_the_same_channel(told: Told) -> None:
    assert told[0].desk.query("select distinct channel from documents") == [("mid_rus",)]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, dict[int, Done]]]:
    """An archive that looked once a day at a channel in which a post is edited, one vanishes, and one comes back."""
    posts = {post.number: post for post in posts_until(120) if post.number > 100}
    posts[EDITED] = replace(posts[EDITED], edits=((NOW + HOUR, "Post number 103 says now what it did not say before"),))
    posts[VANISHED] = replace(posts[VANISHED], away=((NOW + HOUR, None),))
    posts[BACK] = replace(posts[BACK], away=((NOW + HOUR, NOW + 5 * DAY),))
    channel = Channel("mid_rus", NUMBER, "MFA", list(posts.values()))
    world = World(NOW, telegram=Telegram([channel]))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("changed") / "data"), world, standin, REGISTRY)
        looks = {}
        for day in range(8):
            world.now = NOW + day * timedelta(hours=25)
            looks[day] = done(fetcher, fetcher.channel)
            if day == 5:
                channel.username = "mid_russia"
                fetcher.registry = [row("channel", "https://t.me/s/mid_russia", "ru")]
        yield fetcher, looks


def test_an_edit_is_a_version(changed: tuple[Fetcher, dict[int, Done]]) -> None:
    fetcher, _ = changed
    versions = "select text from versions where document_key = ? order by version_number"
    texts = [text for (text,) in fetcher.desk.query(versions, f"telegram:{NUMBER}:{EDITED}")]
    assert texts == [
        "Post number 103 speaks of the visit and of the talks",
        "Post number 103 says now what it did not say before",
    ]


def test_a_post_that_a_page_lacks_is_asked_for_by_itself_and_gone_after_three_such_looks(
    changed: tuple[Fetcher, dict[int, Done]],
) -> None:
    fetcher, looks = changed
    alone = f"/mid_rus/{VANISHED}?embed=1&mode=tme"
    assert alone in looks[1].paths
    status = "select status from documents where document_key = ?"
    assert fetcher.desk.query(status, f"telegram:{NUMBER}:{VANISHED}") == [("gone",)]
    captures = "select distinct http_status, verdict from captures where locator = ?"
    assert fetcher.desk.query(captures, f"https://t.me{alone}") == [(200, "missing")]


def test_a_post_that_is_back_is_restored(changed: tuple[Fetcher, dict[int, Done]]) -> None:
    fetcher, _ = changed
    causes = "select cause from changes where document_key = ? order by recorded_at"
    told = [cause for (cause,) in fetcher.desk.query(causes, f"telegram:{NUMBER}:{BACK}")]
    assert told == ["first_seen", "removed", "restored"]


def test_a_channel_that_is_renamed_goes_on_with_the_posts_that_are_known(
    changed: tuple[Fetcher, dict[int, Done]],
) -> None:
    fetcher, looks = changed
    assert "/s/mid_russia" in looks[6].paths
    assert fetcher.desk.value("select count(*) from documents") == 20
    assert fetcher.desk.query("select status, count(*) from documents group by status order by status") == [
        ("gone", 1),
        ("present", 19),
    ]


def test_a_channel_that_is_missing_or_shows_no_preview_is_told_and_no_post_is_lost(fetcher: Fetcher) -> None:
    channel = Channel("mid_rus", NUMBER, "MFA", [post for post in posts_until(120) if post.number > 110])
    fetcher.world.telegram.channels.append(channel)
    fetcher.registry = [*REGISTRY, row("other", "https://t.me/s/no_such_channel", "ru")]
    first = done(fetcher, fetcher.channel)
    assert first.paths == ["/s/mid_rus", "/s/no_such_channel", "/no_such_channel"]
    assert "no_such_channel" in first.told
    channel.has_preview = False
    fetcher.world.now += DAY
    second = done(fetcher, fetcher.channel)
    assert second.paths[:2] == ["/s/mid_rus", "/mid_rus"]
    assert not second.report.is_good
    assert fetcher.desk.query("select status, count(*) from documents group by status") == [("present", 10)]


def test_posts_are_fetched_by_their_addresses(fetcher: Fetcher) -> None:
    fetcher.world.telegram.channels.append(Channel("mid_rus", NUMBER, "MFA", posts_until(60)))
    fetcher.registry = REGISTRY
    first = done(fetcher, lambda: fetcher.addresses("https://t.me/mid_rus/33", "http://t.me/s/MID_rus/34?single"))
    assert first.paths == ["/mid_rus/33?embed=1&mode=tme", "/mid_rus/34?embed=1&mode=tme"]
    assert ids(fetcher.desk) == {33, 34}
    assert done(fetcher, lambda: fetcher.addresses("https://t.me/mid_rus/33")).asked == ()
