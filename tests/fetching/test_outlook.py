"""What is due next, and what a person must look into: both as the archive's captures tell them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.artifacts import report_markdown
from flows.command.status import command as status
from flows.fetching.errands import ChannelErrand, PagesErrand
from flows.fetching.outlook import Trouble, outlook, troubles
from flows.fetching.settings import fetch_settings_from
from flows.rendering import report_text
from flows.reports import HostOutlook
from tests.conftest import Desk
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.channel import Channel, Telegram, sent
from tests.standin.faults import EMPTY_LISTING, FORBIDDEN, Fault, at, moved_to
from tests.standin.http import Request, Response
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.world import World
from tests.warehouse.given import Row, empty_archive, fill
from warehouse.archive import opened_for_reading

NEWS = "https://mid.ru/en/foreign_policy/news/"
SPEECHES = "https://mid.ru/en/press_service/minister_speeches/"
ROBOTS = "https://mid.ru/robots.txt"
CHANNEL = "https://t.me/s/mid_test"
WORDS = "The ministers met in the capital and spoke of the talks, and of many other things."
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOURCES = {"news": NEWS, "speeches": SPEECHES, "channel": CHANNEL}
ANSWERS: dict[str, Row] = {
    "fetched": {"http_status": 200},
    "unchanged": {"http_status": 304},
    "moved": {"http_status": 302},
    "missing": {"http_status": 404},
    "refused": {"http_status": 403},
    "failed": {"http_status": 500},
    "challenged": {"http_status": 200, "outcome": "failed", "rejections": [{"reason": "challenge_page"}]},
    "not_a_document": {"http_status": 200, "outcome": "failed", "rejections": [{"reason": "no_document"}]},
}


archive = cache(empty_archive)  # left as it was by each question


def look(instant: datetime, address: str, verdict: str = "fetched", source: str = "news", **asked: str) -> Row:
    """Return one request; its purpose follows from the address where it isn't given."""
    purpose = {NEWS: "listing", SPEECHES: "listing", CHANNEL: "channel", ROBOTS: "robots"}.get(address, "page")
    return {
        "at": instant,
        "address": address,
        "locator": address,
        "source_key": source,
        "captured_via": "http",
        "asked": {"purpose": purpose, **asked},
        **ANSWERS[verdict],
    }


def well(number: int, *but: str) -> list[Row]:
    """Return the looks of one day at all sources that lead to documents, but for some."""
    return [look(NOW + number * DAY, place, source=key) for key, place in SOURCES.items() if key not in but]


def told(captures: list[Row], days: int, keys: tuple[str, ...] | None = tuple(SOURCES)) -> list[tuple[str, str, str]]:
    """Return what is told an hour after the looks of a day: subject, name and verdict."""
    return [(one.subject, one.name, one.verdict) for one in found(captures, days, keys)]


def found(captures: list[Row], days: int, keys: tuple[str, ...] | None = tuple(SOURCES)) -> tuple[Trouble, ...]:
    connection = archive()
    connection.begin()
    try:
        fill(connection, captures)
        return troubles(connection, NOW + days * DAY + HOUR, None if keys is None else list(keys))
    finally:
        connection.rollback()


@pytest.mark.parametrize("verdict", ["challenged", "refused", "failed"])
def test_a_host_that_does_not_want_us_is_told_after_two_days_and_no_more_once_it_answers(verdict: str) -> None:
    looks = well(0)
    for number in (1, 2):
        # One no a day: the other source of the host has no turn.
        looks += [look(NOW + number * DAY, NEWS, verdict), *well(number, "news", "speeches")]
        assert told(looks, number) == []
    looks += [look(NOW + 3 * DAY, NEWS, verdict), *well(3, "news", "speeches")]
    (trouble,) = found(looks, 3)  # its sources are not told beside it
    assert trouble == Trouble("host", "mid.ru", verdict, NOW + DAY, 3, NOW)
    assert told(looks, 3, None) == [("host", "mid.ru", verdict)]
    looks += [look(NOW + 3 * DAY + HOUR / 2, NEWS), look(NOW + 3 * DAY + HOUR / 2, SPEECHES, source="speeches")]
    assert told(looks, 3) == []


def test_robots_txt_speaks_only_against_its_host() -> None:
    looks = well(0)
    for number in (1, 2, 3):
        looks += [look(NOW + number * DAY, ROBOTS), *well(number, "news", "speeches")]
        looks.append(look(NOW + number * DAY + HOUR / 4, NEWS, "challenged"))
    assert told(looks, 3) == [("host", "mid.ru", "challenged")]
    looks = [*well(0), *(look(NOW + number * DAY, ROBOTS, "refused") for number in (1, 2, 3))]
    assert told([*looks, *well(1, "news", "speeches"), *well(3, "news", "speeches")], 3) == [
        ("host", "mid.ru", "refused")
    ]


@pytest.mark.parametrize("verdict", ["not_a_document", "missing"])
@pytest.mark.parametrize("source", ["news", "channel"])
def test_a_source_that_leads_to_nothing_is_told_while_its_host_is_well(source: str, verdict: str) -> None:
    looks = well(0)
    for number in (1, 2, 3):
        looks += [look(NOW + number * DAY, SOURCES[source], verdict, source), *well(number, source)]
    assert told(looks, 2) == []
    assert told(looks, 3) == [("source", source, verdict)]
    assert told(looks, 3, None) == [("source", source, verdict)]
    assert told(looks, 3, ("speeches",)) == []  # it was taken out of the registry
    assert told([*looks, *well(3)], 3) == []


def test_documents_none_of_which_can_be_had_are_told_and_one_or_two_are_not() -> None:
    looks = [look(NOW, f"{NEWS}{number}/") for number in (1, 2, 3)]
    for number in range(4):
        looks += well(number)
    bad = [
        look(NOW + day * DAY + HOUR, f"{NEWS}{number}/", "not_a_document") for day in (1, 3) for number in (1, 2, 3, 4)
    ]
    assert told([*looks, *bad], 3) == [("documents", "news", "not_a_document")]
    assert told([*looks, *(one for one in bad if one["address"] < f"{NEWS}3/")], 3) == []
    assert told([*looks, *bad, look(NOW + 2 * DAY, f"{NEWS}5/")], 3) == []


@pytest.mark.parametrize("verdict", ["missing", "moved"])
def test_documents_that_are_gone_or_have_moved_are_no_trouble(verdict: str) -> None:
    looks = [look(NOW + day * DAY, f"{NEWS}{number}/", verdict) for day in (0, 1, 2, 3) for number in range(5)]
    assert told([*looks, *well(0), *well(1), *well(2), *well(3)], 3) == []


def test_an_address_that_is_not_asked_says_nothing_against_its_host() -> None:
    looks = [
        look(NOW + day * DAY, "https://evil.example/", "failed", failure="refused_address") for day in (0, 1, 2, 3)
    ]
    assert told([*looks, *well(0), *well(1), *well(2), *well(3)], 3) == []


def test_a_source_of_the_registry_that_is_not_asked_any_more_is_told() -> None:
    looks = [*well(0), *(one for number in (1, 2, 3) for one in well(number, "channel"))]
    assert told(looks, 1) == []
    (trouble,) = found(looks, 3)
    assert trouble == Trouble("source", "channel", "not_asked", NOW, 0, NOW)
    assert trouble.line == (
        "source channel: was not asked since 2024-05-20 09:00 UTC; last good answer: 2024-05-20 09:00 UTC; "
        "see whether its schedule is on, and what the last runs of its deployment say"
    )
    assert told(looks, 3, ("news", "speeches")) == []
    assert told(looks, 3, None) == []  # nobody says what ought to be asked


def test_what_was_never_asked_is_no_trouble() -> None:
    assert told([], 3) == []
    assert told([*well(0, "news"), *well(2, "news")], 3) == []


def test_every_trouble_is_one_line_with_what_to_do() -> None:
    for subject, verdicts in {
        "host": ("challenged", "refused", "failed"),
        "source": ("challenged", "refused", "failed", "missing", "not_a_document", "not_asked"),
        "documents": ("challenged", "refused", "failed", "not_a_document"),
    }.items():
        for verdict in verdicts:
            assert " (1 request); " in Trouble(subject, "name", verdict, NOW, 1, None).line
            line = Trouble(subject, "name", verdict, NOW, 3, None).line
            assert "name: " in line
            assert "since 2024-05-20 09:00 UTC (3 requests); last good answer: none within a month; " in line


def both() -> World:
    """Return a listing and a channel with three documents each."""
    posts = [sent(number, NOW - DAY, f"The words of post {number} are these.") for number in (1, 2, 3)]
    world = World(NOW, telegram=Telegram([Channel("mid_test", 1_101_170_442, "The ministry", posts)]))
    for number in (1, 2, 3):
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        world.site.put(published(1_900_000 + number, "foreign_policy/news", NOW - 4 * HOUR, f"On talk {number}", words))
    return world


@contextmanager
def asking_both(home: Path) -> Iterator[Fetcher]:
    """Ask both for an archive."""
    world = both()
    with Standin(world.handler) as standin:
        yield Fetcher(Desk(home), world, standin, [row("news", NEWS), row("channel", CHANNEL, None)])


@pytest.fixture(scope="module")
def fetched_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The data folder of an archive that fetched from both, and when it had done so."""
    home = tmp_path_factory.mktemp("fetched") / "data"
    with asking_both(home) as fetcher:
        fetcher.pages()
        fetcher.channel()
        return home, fetcher.world.now


@pytest.fixture
def world(fetched_once: tuple[Path, datetime], tmp_path: Path) -> Iterator[Fetcher]:
    """A copy of it, which asks both."""
    home, now = fetched_once
    shutil.copytree(home, tmp_path / "data")
    with asking_both(tmp_path / "data") as fetcher:
        fetcher.world.now = now
        yield fetcher


def ahead(fetcher: Fetcher, instant: datetime) -> dict[str, HostOutlook]:
    layout = fetcher.desk.layout
    with opened_for_reading(layout) as connection:
        found = outlook(connection, layout.raw, fetcher.settings, fetcher._entrances(), instant)
    return {one.host: one for one in found.hosts}


def due_at(fetcher: Fetcher, instant: datetime) -> dict[str, tuple[int, int]]:
    return {host: (one.due_count, one.soon_count) for host, one in ahead(fetcher, instant).items()}


def test_what_is_due_is_told_by_host_and_is_what_the_next_run_asks_for(world: Fetcher) -> None:
    assert due_at(world, world.world.now) == {"mid.ru": (0, 3), "t.me": (0, 3)}
    later = NOW + 7 * HOUR
    assert due_at(world, later)["mid.ru"] == (3, 0)
    world.world.now = later
    planned = world.planned(PagesErrand(world._entrances()[:1]))
    assert len([one for one in planned if one.why.startswith("due since")]) == 3
    (due,) = world.pages().outlooks
    assert due.host == "mid.ru"
    assert (due.due_count, due.soon_count) == (0, 3)
    assert due.next_due_at is not None
    assert due.next_due_at - later > 5 * HOUR


def test_status_tells_what_is_due_and_what_is_in_trouble(world: Fetcher) -> None:
    assert [line for line in status_of(world) if line.startswith(("next", "in trouble"))] == [
        "next: mid.ru: 3 of 3 documents due, 0 more within 24 hours; new ones are looked for by the next run",
        "next: t.me: 3 of 3 documents due, 0 more within 24 hours; new ones are looked for by the next run",
    ]


def status_of(fetcher: Fetcher, *options: str, **more: str) -> list[str]:
    """Return the lines of the command, for a registry with the same sources."""
    registry = fetcher.desk.home.parent / "sources.csv"
    rows = [
        f"{one.source_key},{'telegram_preview' if '//t.me/' in str(one.locator) else 'mid_page_html'},{one.locator},"
        f"{one.language or 'en'},unknown,0,"
        for one in fetcher.registry
    ]
    registry.write_text("\n".join(("source_key,format,locator,language,coverage,minimum,maximum", *rows)))
    settings = {"MFA_ARCHIVE_HOME": str(fetcher.desk.home), "MFA_ARCHIVE_SOURCES": str(registry), **more}
    done = CliRunner().invoke(status, options, env=settings)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_what_listings_led_to_and_a_stopped_run_left_is_told(fetcher: Fetcher) -> None:
    fetcher.registry = [row("news", NEWS)]
    for number in range(12):
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        paper = published(1_900_000 + number, "foreign_policy/news", NOW - 4 * HOUR, f"On talk {number}", words)
        fetcher.world.site.put(paper)
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=7"
    (first,) = fetcher.pages().outlooks
    assert (first.document_count, first.found_count, first.asked_count, first.budget) == (5, 7, 7, 7)
    assert "; 7 found and not fetched yet" in first.line
    assert first.budget_line == "mid.ru: 7 of 7 requests within 24 hours"
    assert first.stopped is not None
    assert first.stopped.startswith("its budget of 7 requests in 24 hours is used up until 2024-05-21 09:0")
    planned = fetcher.planned(PagesErrand(fetcher._entrances()))
    assert [one.why for one in planned] == ["new"] * 7
    fetcher.environment.clear()
    (after,) = fetcher.pages().outlooks
    assert (after.document_count, after.found_count, after.stopped) == (12, 0, None)


def test_what_robots_txt_forbids_of_the_known_addresses_is_counted_in_status(world: Fetcher) -> None:
    world.world.site.robots = "User-agent: *\nDisallow: /en/foreign_policy/news/1900003/\nDisallow: /en/rss.php\n"
    world.registry.append(row("feed", "https://mid.ru/en/rss.php"))
    world.world.now = NOW + 2 * DAY
    assert world.pages().hosts[0].counts["forbidden"] == 2
    world.world.now += 2 * DAY
    assert ahead(world, world.world.now)["mid.ru"].forbidden_count == 2
    (told,) = json.loads("\n".join(status_of(world, "--json")))
    assert [(host["host"], host["forbidden_count"]) for host in told["hosts"]] == [("mid.ru", 2), ("t.me", 0)]
    assert "; 2 addresses forbidden by robots.txt; " in next(one for one in told["fetching"] if "next: mid.ru" in one)


def test_why_a_host_is_not_asked_now_is_told_with_the_instant_from_which_it_is(world: Fetcher) -> None:
    world.world.site.faults.append(Fault(at("/en/foreign_policy/news/1900003/"), FORBIDDEN))
    world.world.now = NOW + DAY
    world.pages()
    refused_at = world.world.now
    one = ahead(world, refused_at + HOUR)["mid.ru"]
    assert one.stopped is not None
    assert one.stopped.startswith("refused us with status 403 on 2024-05-21 09:0")
    assert "; it is not asked before 2024-05-22 05:0" in one.stopped
    assert ahead(world, refused_at + 21 * HOUR)["mid.ru"].stopped is None


def test_a_server_that_asks_to_wait_and_a_robots_txt_that_is_none_are_told(world: Fetcher) -> None:
    wait = Response(503, b"busy", {"retry-after": str(5 * 3600)})
    world.world.site.faults.append(Fault(at("/en/foreign_policy/news/"), wait))
    world.world.telegram.faults.append(Fault(at("/robots.txt"), Response(500, b"broken")))
    world.world.now = NOW + 2 * DAY
    world.pages()
    world.channel()
    found = ahead(world, world.world.now)
    assert (found["mid.ru"].stopped or "").startswith("asks to wait until 2024-05-22 14:0")
    assert found["t.me"].stopped == (
        "t.me/robots.txt: was answered with status 500, neither 200 nor 404; nothing is asked of it before it is had"
    )


def test_numbers_between_the_posts_that_are_known_are_told(fetcher: Fetcher) -> None:
    posts = [sent(number, NOW - DAY, f"The words of post {number} are these.") for number in range(1, 101)]
    fetcher.registry = [row("channel", CHANNEL, None)]
    channel = Channel("mid_test", 1_101_170_442, "The ministry", posts[:20])
    fetcher.world.telegram.channels.append(channel)
    fetcher.channel()
    fetcher.world.telegram.channels[:] = [Channel("mid_test", 1_101_170_442, "The ministry", posts)]
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "t.me=3"
    fetcher.world.now += 2 * HOUR
    (one,) = fetcher.channel().outlooks
    assert one.lacking_count == 60
    assert "; at most 60 posts lacking between those that are known; " in one.line
    planned = fetcher.planned(ChannelErrand(fetcher._entrances()))
    assert [one.why for one in planned] == ["nothing known from 21 on"]
    fetcher.environment.clear()
    assert fetcher.channel().outlooks[0].lacking_count == 0


def test_copies_that_the_index_listed_and_nobody_fetched_are_told(fetcher: Fetcher) -> None:
    fetcher.registry = [row("news", NEWS)]
    for number in range(5):
        paper = published(1_900_000 + number, "foreign_policy/news", NOW - 40 * DAY, f"On talk {number}", WORDS)
        fetcher.world.site.put(paper)
        whole = fetcher.world.site.answer(Request("mid.ru", paper.path("en")), NOW)
        fetcher.world.wayback.take(paper.address("en"), whole, NOW - 30 * DAY)
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "web.archive.org=4"
    (one,) = fetcher.copies(f"{NEWS}*").outlooks
    assert (one.host, one.found_count) == ("web.archive.org", 3)
    assert one.line == "web.archive.org: nothing due; 3 found and not fetched yet"


def test_a_host_that_is_asked_under_several_names_has_one_outlook(world: Fetcher) -> None:
    world.registry.append(row("old", "https://www.mid.ru/en/press_service/"))
    assert set(ahead(world, NOW + 7 * HOUR)) == {"mid.ru", "t.me"}


def test_status_tells_of_a_registry_that_cant_be_read_and_what_follows_from_the_captures(world: Fetcher) -> None:
    told = status_of(world, MFA_ARCHIVE_SOURCES="/nowhere/sources.csv")
    assert [line for line in told if line.startswith("registry: /nowhere/sources.csv")]
    assert "next: mid.ru: 3 of 3 documents due, 0 more within 24 hours" in told


def test_status_tells_which_settings_name_hosts_that_nothing_is_fetched_from(world: Fetcher) -> None:
    told = status_of(world, MFA_ARCHIVE_BUDGETS="mid.rru=5,www.mid.ru=7")
    (line,) = [line for line in told if line.startswith("setting")]
    assert line.startswith("setting: MFA_ARCHIVE_BUDGETS: names mid.rru, which no source of the registry is fetched")


def test_nothing_is_due_where_nothing_was_ever_asked() -> None:
    with empty_archive() as connection:
        fill(connection, [{"at": NOW, "address": NEWS, "text": "Words."}])
        assert outlook(connection, Path("raw"), fetch_settings_from({}), [], NOW).hosts == ()


def test_an_empty_listing_is_recorded_as_leading_to_nothing(world: Fetcher) -> None:
    world.world.site.faults.append(Fault(at("/en/foreign_policy/news/"), EMPTY_LISTING))
    world.world.now = NOW + DAY
    report = world.pages()
    assert not report.is_good
    assert "no documents in it" in "".join(line for source in report.sources for line in source.problems)
    verdicts = "select verdict, outcome from captures where purpose = 'listing' order by asked_at"
    assert world.desk.query(verdicts) == [("fetched", "read"), ("not_a_document", "failed")]


def test_a_document_that_leads_to_its_listing_leaves_the_listing_as_good_as_it_was(world: Fetcher) -> None:
    # Its bytes were read as a page too, at the same address, and from then on the listing counted as none.
    world.world.site.faults.append(Fault(at("/en/foreign_policy/news/1900003/"), moved_to(NEWS)))
    for number in (1, 2):
        world.world.now = NOW + number * DAY
        assert world.pages().is_good
    listing = "select distinct verdict, purpose, format from captures where locator = ?"
    assert world.desk.query(listing, NEWS) == [("fetched", "listing", "mid_listing")]
    moved = "select distinct verdict from captures where locator = ? and asked_at > ?"
    assert world.desk.query(moved, f"{NEWS}1900003/", NOW + HOUR) == [("moved",)]


def test_the_report_tells_of_each_host_what_came_of_its_requests_and_what_is_due(world: Fetcher) -> None:
    world.world.site.faults.append(Fault(at("/en/foreign_policy/news/1900003/"), FORBIDDEN))
    world.world.now = NOW + DAY
    report = world.pages()
    text = report_text(report, [])
    (head,) = [line.split() for line in text.splitlines() if line.startswith("host")]
    assert head[:4] == ["host", "asked", "fetched", "unchanged"]
    assert "refused" in head
    assert "missing" not in head  # none was
    assert "\nmid.ru: refused us with status 403 on 2024-05-21 09:00 UTC; it is not asked before 2024-05-22" in text
    assert "What is next:\n  mid.ru: " in text
    (cells,) = [line.split(" | ") for line in report_markdown(report).splitlines() if line.startswith("| mid.ru")]
    asked, *counts = (int(cell) for cell in cells[1:-1])
    assert asked == sum(counts) == sum(one.at >= NOW + DAY for one in world.world.log)


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (HostOutlook("t.me"), "t.me: nothing due"),
        (
            HostOutlook("t.me", 1_001, 1_000, 1, NOW),
            "t.me: 1,000 of 1,001 documents due, 1 more within 24 hours, the next on 2024-05-20 09:00 UTC",
        ),
        (
            HostOutlook("t.me", 1, 0, 1, NOW, forbidden_count=1, look_at=NOW),
            (
                "t.me: nothing due; next 2024-05-20 09:00 UTC (1 of 1 document within 24 hours); "
                "1 address forbidden by robots.txt; new ones are looked for from 2024-05-20 09:00 UTC on"
            ),
        ),
        (HostOutlook("t.me", 3, unseen_count=2), "t.me: nothing due; 2 never looked at there"),
    ],
)
def test_what_is_next_is_one_line(one: HostOutlook, line: str) -> None:
    assert one.line == line
