"""What is due next, and what a person must look into: both as the archive's captures tell them."""

from datetime import datetime, timedelta
from functools import cache

import pytest
from click.testing import CliRunner

from flows.artifacts import report_markdown
from flows.command.status import command as status
from flows.fetching.errands import PagesErrand
from flows.fetching.outlook import Trouble, dues, troubles
from flows.rendering import report_text
from flows.reports import HostDue
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.channel import Channel, sent
from tests.standin.faults import EMPTY_LISTING, FORBIDDEN, Fault, at, moved_to
from tests.standin.papers import published
from tests.warehouse.given import Row, empty_archive, fill
from warehouse.archive import opened_for_reading

NEWS = "https://mid.ru/en/foreign_policy/news/"
SPEECHES = "https://mid.ru/en/press_service/minister_speeches/"
ROBOTS = "https://mid.ru/robots.txt"
CHANNEL = "https://t.me/s/mid_test"
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
            line = Trouble(subject, "name", verdict, NOW, 3, None).line
            assert "name: " in line
            assert "since 2024-05-20 09:00 UTC (3 requests); last good answer: none within a month; " in line


@pytest.fixture
def world(fetcher: Fetcher) -> Fetcher:
    """A listing and a channel with three documents each, fetched once."""
    fetcher.registry = [row("news", NEWS), row("channel", CHANNEL, None)]
    posts = [sent(number, NOW - DAY, f"The words of post {number} are these.") for number in (1, 2, 3)]
    fetcher.world.telegram.channels.append(Channel("mid_test", 1_101_170_442, "The ministry", posts))
    for number in (1, 2, 3):
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        paper = published(1_900_000 + number, "foreign_policy/news", NOW - 4 * HOUR, f"On talk {number}", words)
        fetcher.world.site.put(paper)
    fetcher.pages()
    fetcher.channel()
    return fetcher


def due_at(fetcher: Fetcher, instant: datetime) -> dict[str, tuple[int, int]]:
    with opened_for_reading(fetcher.desk.layout) as connection:
        return {one.host: (one.due_count, one.soon_count) for one in dues(connection, instant)}


def test_what_is_due_is_told_by_host_and_is_what_the_next_run_asks_for(world: Fetcher) -> None:
    assert due_at(world, world.world.now) == {"mid.ru": (0, 3), "t.me": (0, 3)}
    later = NOW + 7 * HOUR
    assert due_at(world, later)["mid.ru"] == (3, 0)
    world.world.now = later
    planned = world.planned(PagesErrand(world._entrances()[:1]))
    assert len([one for one in planned if one.why.startswith("due since")]) == 3
    (due,) = [one for one in world.pages().dues if one.host == "mid.ru"]
    assert (due.due_count, due.soon_count) == (0, 3)
    assert due.next_due_at is not None
    assert due.next_due_at - later > 5 * HOUR


def test_status_tells_what_is_due_and_what_is_in_trouble(world: Fetcher) -> None:
    told = CliRunner().invoke(status, [], env={"MFA_ARCHIVE_HOME": str(world.desk.home)}).stdout.splitlines()
    assert [line for line in told if line.startswith(("again", "in trouble"))] == [
        "again: mid.ru: 3 due now, 0 more within 24 hours",
        "again: t.me: 3 due now, 0 more within 24 hours",
    ]


def test_nothing_is_due_where_nothing_was_ever_asked() -> None:
    with empty_archive() as connection:
        fill(connection, [{"at": NOW, "address": NEWS, "text": "Words."}])
        assert dues(connection, NOW) == ()


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
    for number in (1, 2, 3):
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
    assert "\nmid.ru: refused us; it is asked again another day\n" in text
    assert "To be looked at again:\n  mid.ru: " in text
    (cells,) = [line.split(" | ") for line in report_markdown(report).splitlines() if line.startswith("| mid.ru")]
    asked, *counts = (int(cell) for cell in cells[1:-1])
    assert asked == sum(counts) == sum(one.at >= NOW + DAY for one in world.world.log)
    assert HostDue("t.me", 1_000, 2, None).line == "t.me: 1,000 due now, 2 more within 24 hours"
