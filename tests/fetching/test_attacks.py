"""Servers that lie, by malice or by mistake: no run breaks off, and no document gets another's words or times."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from extract.errors import BrokenOff
from extract.feeds import feed_in
from extract.preview_paging import shown_in
from flows.errors import InputRefused
from flows.fetching.entrances import entrance_of
from flows.fetching.errands import AddressesErrand
from flows.fetching.robots import Rules, rules_of
from flows.fetching.values import Answer
from flows.fetching.waits import not_before
from tests.conftest import Desk
from tests.fetching.asking import done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.channel import Channel, Telegram, preview, sent
from tests.standin.faults import Fault
from tests.standin.http import Request, Response
from tests.standin.papers import Paper, published
from tests.standin.server import Standin
from tests.standin.site import HTML, site_of
from tests.standin.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEWS = "foreign_policy/news"
REGISTRY = [row("news", f"https://mid.ru/en/{NEWS}/")]
ENGLISH = (
    "The ministers met in the capital and spoke of the talks, of the road and the bridge, and of what is still open.",
    "They will go on with what has begun, and the next meeting will be in the spring, as both of them have agreed.",
)
FIRST, SECOND = (published(1_900_001 + one, NEWS, NOW - DAY, f"On the talks {one}", *ENGLISH) for one in range(2))
TYPED = {"Content-Type": HTML}


def page(paper: Paper) -> Response:
    """Return the page of a document in no coding."""
    body = site_of([paper]).answer(Request("mid.ru", paper.path("en")), NOW).body
    return Response(200, body, TYPED)


def listing(links: list[str], further: str = "") -> Response:
    entries = "".join(f'<li class="announce__item"><a class="announce__link" href="{one}">x</a></li>' for one in links)
    return Response(200, f'<html><body><ul class="announce">{entries}</ul>{further}</body></html>'.encode(), TYPED)


COPY = "https://web.archive.org/web/20100101000000id_/"


def at(year: int) -> datetime:
    return datetime.fromisoformat(f"{year}-01-01T00:00:00+00:00")


def told(paper: Paper, instant: str) -> Response:
    """Return a copy that says when it was made."""
    return replace(page(paper), headers=TYPED | {"Memento-Datetime": instant})


@dataclass(frozen=True, slots=True)
class Lie:
    """What a web archive says of its copy of a page, and of which year it is held then; None if not at all."""

    name: str
    says: Callable[[Paper], Response]
    year: int | None = 2023
    stamp: str = "20230101000000"


LIES = [
    Lie("an instant beyond all zones", lambda it: told(it, "Mon, 01 Jan 2001 00:00:00 +99999999999999999999")),
    Lie("an instant that is to come", lambda it: told(it, "Fri, 31 Dec 2049 23:59:59 GMT"), None),
    Lie("the end of time", lambda it: told(it, "Fri, 31 Dec 9999 22:59:59 -0100"), None),
    Lie("an instant of another year", lambda it: told(it, "Mon, 01 Jan 2001 00:00:00 GMT"), None),
    Lie("the same instant in another zone", lambda it: told(it, "Sun, 01 Jan 2023 03:00:00 +0300")),
    Lie("a stamp that is to come", page, None, "20990101000000"),
    Lie("a stamp of before there were any", page, None, "00010101000000"),
    Lie("the way to a copy of another page", lambda _: faults.moved_to(COPY + SECOND.address("en")), None),
    Lie("the way to a copy of another day", lambda it: faults.moved_to(COPY + it.address("en")), 2010),
    Lie("the way to the live page", lambda it: faults.moved_to(it.address("en")), None),
    Lie("the way to the replay", lambda it: faults.moved_to(COPY.replace("id_", "") + it.address("en")), None),
]
COPIED = [published(1_900_200 + number, NEWS, NOW - DAY, f"On {lie.name}", *ENGLISH) for number, lie in enumerate(LIES)]


def of_copies(request: Request, _: datetime) -> Response:
    """Answer as a web archive that lies, and whose index leads in a circle."""
    if request.target.startswith("/cdx"):
        names = ["timestamp", "original", "mimetype", "statuscode", "digest"]
        rows = [
            [lie.stamp, paper.address("en"), "text/html", "200", "A" * 32]
            for lie, paper in zip(LIES, COPIED, strict=True)
        ]
        return Response(200, json.dumps([names, *rows, [], ["again"]]).encode(), {"Content-Type": "application/json"})
    asked = dict(zip((paper.path("en") for paper in COPIED), zip(LIES, COPIED, strict=True), strict=True))
    path = request.target.partition("https://mid.ru")[2]
    if path not in asked:
        return page(SECOND) if path == SECOND.path("en") else Response(404)
    lie, paper = asked[path]
    return page(paper) if "/2010" in request.target else lie.says(paper)


def test_a_copy_is_of_the_page_and_the_instant_that_its_own_address_names(desk: Desk) -> None:
    world = World(NOW)
    world.wayback.answer = of_copies  # type: ignore[assignment, method-assign]
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin)
        first = done(fetcher, lambda: fetcher.copies(f"https://mid.ru/en/{NEWS}/*"))
        world.now += HOUR
        again = done(fetcher, lambda: fetcher.copies(f"https://mid.ru/en/{NEWS}/*"))
    assert len(first.addresses) == 2 + 9 + 2  # the index, each copy that can be one, and where two of them lead
    assert again.addresses == []
    expected = {
        (paper.key("en"), at(lie.year)) for lie, paper in zip(LIES, COPIED, strict=True) if lie.year is not None
    }
    documents = desk.query("select document_key, first_seen_at from documents where first_seen_at = last_seen_at")
    assert set(documents) == expected | {(SECOND.key("en"), at(2010))}
    contradicted = desk.query(
        "select verdict, captured_via, failure_detail from captures where failure = 'contradicted' order by asked_at"
    )
    words = "Memento-Datetime says {}, its address 2023-01-01 00:00:00 UTC; expected the same instant"
    instants = ("Fri, 31 Dec 2049 23:59:59 GMT", "Fri, 31 Dec 9999 22:59:59 -0100", "Mon, 01 Jan 2001 00:00:00 GMT")
    assert contradicted == [("failed", "http", words.format(instant)) for instant in instants]
    assert all(words.format(instant) in first.told for instant in instants)


NAMES = ['"é"', "*", '"\x81"', "without quotes"]
NAMED = [published(1_900_300 + one, NEWS, NOW - DAY, f"On name {one}", *ENGLISH) for one in range(len(NAMES))]


def test_bytes_are_asked_for_by_the_name_they_came_with_if_it_can_be_said(desk: Desk) -> None:
    world = World(NOW, site_of([FIRST, *NAMED]))
    for name, paper in zip(NAMES, NAMED, strict=True):
        headers = TYPED | {"ETag": name, "Last-Modified": "gestern früh"}
        world.site.faults.append(Fault(faults.at(paper.path("en")), replace(page(paper), headers=headers)))
    asked = []
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY)
        for number in range(3):
            # A confirmation that gives another name.
            world.site.faults[len(NAMES) :] = [
                Fault(faults.at(FIRST.path("en")), Response(304, b"", {"ETag": '"another"'}))
            ][: number % 2]
            fetched = done(fetcher, fetcher.pages)
            assert fetched.report.is_good
            asked += [one.request for one in fetched.asked if one.request.target.startswith(f"/en/{NEWS}/1")]
            world.now += 4 * DAY
    said = {request.headers["if-none-match"] for request in asked if "if-none-match" in request.headers}
    assert len(asked) == 3 * (1 + len(NAMES))
    assert len(said) == 1
    assert said.isdisjoint((*NAMES, '"another"'))
    assert desk.query("select distinct status, version_count from documents") == [("present", 1)]


@pytest.mark.parametrize("zone", ["+99999999999999999999", "-99999999999"])
def test_a_wait_until_an_instant_beyond_all_zones_is_none(zone: str) -> None:
    headers = (("retry-after", f"Mon, 01 Jan 2029 00:00:00 {zone}"),)
    assert not_before(Answer(NOW, NOW, 429, headers, b""), NOW) is None


def rules(delay: str) -> Rules:
    return rules_of(Answer(NOW, NOW, 200, (), f"User-agent: *\nCrawl-delay: {delay}\n".encode()))


@pytest.mark.parametrize("delay", ["1e9", "1e300", "86400"])
def test_a_host_that_asks_for_hours_between_two_requests_is_not_asked(delay: str) -> None:
    assert not rules(delay).allows("https://mid.ru/")
    assert (rules(delay).stop or "").startswith("asks for")
    assert rules(delay).crawl_delay_s is None


@pytest.mark.parametrize("delay", ["-5", "NaN", "inf", "soon", "9" * 400])
def test_a_delay_that_is_no_time_is_none(delay: str) -> None:
    assert rules(delay).allows("https://mid.ru/")
    assert rules(delay).crawl_delay_s is None


def test_links_to_hosts_that_are_not_asked_do_not_hide_a_document(desk: Desk) -> None:
    world = World(NOW, site_of([FIRST]))
    path = FIRST.path("en")
    elsewhere = [
        *(f"https://mid.ru.{path}", f"https://web.archive.org/web/2020id_/https://mid.ru{path}", f"file://{path}"),
        *(f"//evil.example{path}", f"https://mid.ru@evil.example{path}", f"https://127.0.0.1{path}"),
    ]
    world.site.faults.append(Fault(faults.at(f"/en/{NEWS}/"), listing([*elsewhere, path])))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY)
        fetched = done(fetcher, fetcher.pages)
    assert fetched.paths == [f"/en/{NEWS}/", path]
    assert fetched.report.is_good
    assert set(world.asked_of) == {"mid.ru"}


def test_a_listing_without_an_end_leaves_half_of_the_budget_for_its_documents(desk: Desk) -> None:
    papers = [published(1_900_100 + one, NEWS, NOW - DAY, f"On stay {one}", *ENGLISH) for one in range(10)]
    world = World(NOW, site_of(papers))
    world.site.robots = None

    def endless(request: Request, _: datetime) -> bool:
        number = int(request.target.partition("PAGEN_1=")[2] or 1)
        further = f'<a href="/en/{NEWS}/?PAGEN_1={number + 1}">on</a>'
        page_of_it = Fault(faults.at(request.target), listing([papers[number % 10].path("en")], further))
        is_listing = request.target.partition("?")[0] == f"/en/{NEWS}/"
        world.site.faults[1:] = [page_of_it] if is_listing else []
        return False

    world.site.faults.append(Fault(endless, Response()))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY, {"MFA_ARCHIVE_BUDGETS": "mid.ru=20"})
        fetched = done(fetcher, fetcher.pages)
    assert 10 <= len(fetched.asked) <= 20
    assert "half of the budget" in fetched.told
    assert desk.value("select count(*) from documents") == 9


def test_a_clock_that_stood_too_late_once_stops_no_later_run(desk: Desk) -> None:
    world = World(NOW + 3_650 * DAY, site_of([FIRST]))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY)
        fetcher.pages()
        world.now = NOW
        world.site.put(SECOND)
        fetched = done(fetcher, fetcher.pages)
    assert SECOND.path("en") in fetched.paths
    assert "look at the clock" in fetched.told
    assert fetcher.slept_s < HOUR.total_seconds()


POSTS = [sent(one, NOW - DAY + timedelta(minutes=one), f"Post {one} speaks of the visit") for one in range(1, 61)]
FOREIGN = Channel("other", 999, "Other", [sent(3, NOW - DAY, "Other words"), sent(10**17, NOW - DAY, "Other words")])
WRAP = b'<div class="tgme_widget_message_wrap'


def with_foreign_posts(whole: Response) -> Response:
    """Return a page of the preview with the posts of another channel above its own."""
    other = preview(FOREIGN, NOW).encode()
    blocks = other[other.index(WRAP) : other.rindex(b"</section>")]
    return replace(whole, body=whole.body.replace(WRAP, blocks + WRAP, 1))


def test_posts_of_another_channel_on_a_page_hide_none_of_its_own(desk: Desk) -> None:
    world = World(NOW, telegram=Telegram([Channel("mid_rus", 1_101_170_442, "MFA", POSTS)]))
    world.telegram.faults.append(Fault(faults.below("/s/"), with_foreign_posts))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, [row("channel", "https://t.me/s/mid_rus", "ru")])
        fetcher.channel(is_whole=True)
        assert desk.value("select count(*) from posts where channel_id = 1101170442") == len(POSTS)
        world.telegram.channels[:] = [Channel("mid_rus", 777, "Another", POSTS[:5])]
        world.telegram.faults.clear()
        world.now += 30 * DAY
        fetched = done(fetcher, fetcher.channel)
        assert fetched.paths == ["/s/mid_rus"]
    assert "777 instead of 1101170442" in fetched.told
    assert desk.query("select distinct status, version_count from documents") == [("present", 1)]


def test_the_ids_of_a_page_are_those_of_the_channel_of_most_of_its_posts() -> None:
    own = Channel("mid_rus", 1_101_170_442, "MFA", POSTS[:5])
    shown = shown_in(with_foreign_posts(Response(200, preview(own, NOW).encode())).body)
    assert (shown.ids, shown.channel_id, shown.username) == ((1, 2, 3, 4, 5), 1_101_170_442, "mid_rus")


def test_a_feed_of_openings_without_ends_is_read_in_no_time() -> None:
    with pytest.raises(BrokenOff):
        feed_in(b"<rss>" + b"<![CDATA[" * 300_000, "https://mid.ru/en/rss.php")


@pytest.mark.parametrize("address", ["https://[mid.ru/", "https://mid.ru/\udcff", "https://mid.ru/\0"])
def test_what_is_no_address_is_refused_in_one_line_that_can_be_printed(address: str) -> None:
    with pytest.raises(InputRefused) as refused:
        AddressesErrand([address], [entrance_of(one) for one in REGISTRY])
    assert str(refused.value).isprintable()


def test_what_comes_beyond_an_answer_is_not_the_answer_to_the_next_question(desk: Desk) -> None:
    first = page(FIRST).body
    another = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(first), first)
    headers = TYPED | {"Content-Encoding": "identity", "Content-Length": str(len(first))}
    world = World(NOW, site_of([FIRST, SECOND]))
    world.site.faults.append(Fault(faults.at(FIRST.path("en")), Response(200, first + another, headers)))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY)
        fetcher.addresses(FIRST.address("en"), SECOND.address("en"))
    titles = desk.query("select document_key, title from documents order by document_key")
    assert titles == [(FIRST.key("en"), "On the talks 0"), (SECOND.key("en"), "On the talks 1")]
