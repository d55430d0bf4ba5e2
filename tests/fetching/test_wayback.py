"""Copies that a web archive holds fill the history back, each at its own time and address, each asked for once."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import InputRefused
from flows.fetching.errands import CopiesErrand
from flows.fetching.wayback import wanted_of
from tests.conftest import Desk
from tests.fetching.asking import Done, cut_after, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.faults import Fault, below
from tests.standin.http import Request, Response
from tests.standin.papers import Layout, Paper, published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.wayback import Snapshot, Wayback
from tests.standin.world import World

NEWS = "foreign_policy/news"
HOUR = timedelta(hours=1)
REGISTRY = [row("news", f"https://mid.ru/en/{NEWS}/")]


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, 30, 15, tzinfo=UTC)


SINCE = on(2016, 3, 1)
FIRST, SECOND, THIRD = (
    f"The ministers met and spoke of the talks in the {one} words of it." for one in ("first", "second", "third")
)
PAPER = (
    published(2_339_561, NEWS, SINCE, "On the talks", FIRST)
    .saying("en", on(2017, 3, 1), "On the talks", SECOND)
    .saying("en", on(2018, 3, 1), "On the talks", FIRST)
    .saying("en", on(2019, 3, 1), "On the talks", THIRD)
)
OLD = replace(published(2_339_900, NEWS, SINCE, "On a visit", FIRST), layout=Layout.OLD_PORTAL)
LIVE = published(1_900_000, NEWS, on(2024, 5, 1), "On what is public", FIRST)
CAPTURED = (on(2016, 6, 1), on(2016, 9, 1), on(2017, 6, 1), on(2018, 6, 1), on(2019, 6, 1))


def shown(paper: Paper, when: datetime) -> Response:
    """Return what the site answered then, as a crawler got it."""
    host = "www.mid.ru" if paper.layout.is_old else "mid.ru"
    return site_of([paper]).answer(Request(host, paper.path("en")), when)


def held_of(paper: Paper) -> Wayback:
    """Return a web archive that holds a page as it was at some times, under two addresses."""
    web_archive = Wayback()
    for number, when in enumerate(CAPTURED):
        start = ("http://www.mid.ru", "https://mid.ru:443")[number % 2]
        web_archive.take(f"{start}{paper.path('en')}", shown(paper, when), when)
    return web_archive


ADDRESS = PAPER.address("en")
VERSIONS = "select text, seen_from from versions where document_key = ? order by version_number"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, dict[str, Done]]]:
    """An archive that first knew what the site says now, and then what it said before."""
    world = World(NOW, site_of([PAPER, LIVE]), wayback=held_of(PAPER))
    for status in (301, 404, 503):
        world.wayback.snapshots.append(Snapshot(on(2020, 1, status % 27 + 1), ADDRESS, b"no page %d" % status, status))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("filled") / "data"), world, standin, REGISTRY)
        fetcher.addresses(ADDRESS)
        world.now += HOUR
        looks = {"exact": done(fetcher, lambda: fetcher.copies(ADDRESS))}
        world.now += HOUR
        looks["at once"] = done(fetcher, lambda: fetcher.copies(ADDRESS))
        newer = shown(PAPER, NOW)
        world.wayback.take(ADDRESS, replace(newer, body=newer.body + b"<!-- other bytes -->"), on(2024, 1, 1))
        world.now += 30 * HOUR
        looks["next day"] = done(fetcher, lambda: fetcher.copies(ADDRESS))
        yield fetcher, looks


Filled = tuple[Fetcher, dict[str, Done]]


def copies_in(look: Done) -> list[str]:
    return [address for address in look.addresses if "/web/" in address]


def test_the_index_is_asked_once_and_then_each_copy_as_it_was_received(filled: Filled) -> None:
    addresses = filled[1]["exact"].addresses
    assert addresses[0].startswith("https://web.archive.org/cdx/search/cdx?url=https%3A%2F%2Fmid.ru%2Fen%2F")
    assert addresses[1:] == [
        f"https://web.archive.org/web/{when:%Y%m%d%H%M%S}id_/{start}{PAPER.path('en')}"
        for when, start in zip(
            (CAPTURED[0], CAPTURED[2], CAPTURED[3], CAPTURED[4]),
            ("http://www.mid.ru", "http://www.mid.ru", "https://mid.ru:443", "http://www.mid.ru"),
            strict=True,
        )
    ]


def test_a_copy_has_the_time_and_the_address_at_which_the_web_archive_got_it(filled: Filled) -> None:
    captures = filled[0].desk.query(
        "select captured_at, captured_via, captured_basis, address, verdict, asked_at > captured_at from captures "
        "where captured_via = 'wayback' order by captured_at limit 2"
    )
    where = f"http://www.mid.ru{PAPER.path('en')}"
    assert captures == [
        (CAPTURED[0], "wayback", "web_archive", where, "fetched", True),
        (CAPTURED[2], "wayback", "web_archive", where, "fetched", True),
    ]


def test_versions_are_in_the_order_in_which_the_page_bore_them(filled: Filled) -> None:
    versions = filled[0].desk.query(VERSIONS, PAPER.key("en"))
    assert [text for text, _ in versions] == [FIRST, SECOND, FIRST, THIRD]
    assert [when for _, when in versions] == [CAPTURED[0], CAPTURED[2], CAPTURED[3], CAPTURED[4]]
    causes = "select cause, count(*) from changes group by cause order by cause"
    assert filled[0].desk.query(causes) == [("edited", 3), ("first_seen", 1)]


def test_words_that_came_back_are_found_though_the_index_calls_them_a_repeat(filled: Filled) -> None:
    stamp = f"{CAPTURED[3]:%Y%m%d%H%M%S}"
    assert [address for address in copies_in(filled[1]["exact"]) if stamp in address]
    edits = "select changed_after, changed_before from changes where cause = 'edited' order by changed_before"
    assert filled[0].desk.query(edits)[1] == (CAPTURED[2], CAPTURED[3])


def test_what_is_held_is_not_asked_for_again(filled: Filled) -> None:
    looks = filled[1]
    assert looks["at once"].asked == ()
    assert len(looks["next day"].addresses) == 2
    assert "/web/20240101123015id_/" in looks["next day"].addresses[1]
    assert all(look.report.is_good for look in looks.values())


def test_only_hosts_of_the_web_archive_are_asked(filled: Filled) -> None:
    for look in filled[1].values():
        assert {one.request.host for one in look.asked} <= {"web.archive.org"}


def test_a_prefix_gives_the_documents_below_it_and_goes_on_where_the_index_broke_off(desk: Desk) -> None:
    world = World(NOW, wayback=held_of(PAPER))
    pictures = (
        Snapshot(on(2016, 1, 1), f"https://mid.ru/en/{NEWS}/{n}.png", b"%d" % n, 200, "image/png")
        for n in range(10_000)
    )
    world.wayback.snapshots += [*pictures, Snapshot(on(2016, 1, 1), f"https://mid.ru/en/{NEWS}/", b"a listing")]
    world.wayback.take(OLD.address("en"), shown(OLD, on(2016, 6, 1)), on(2016, 6, 1))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY)
        cut = cut_after(fetcher, 2, lambda: fetcher.copies(f"https://mid.ru/en/{NEWS}/*"))
        errand = CopiesErrand(wanted_of(f"https://mid.ru/en/{NEWS}/*", None, None))
        planned = fetcher.planned(errand)
        before = len(world.log)
        look = done(fetcher, lambda: fetcher.copies(f"https://mid.ru/en/{NEWS}/*"))
    assert len([address for address in cut if "cdx" in address]) == 1
    assert before == 2
    assert planned
    indexes = [address for address in look.addresses if "cdx" in address]
    assert len(indexes) == 1
    assert "resumeKey=" in indexes[0]
    assert len(copies_in(look)) == 4
    assert desk.query("select document_key, version_count from documents") == [(PAPER.key("en"), 4)]
    assert "passed over captures that are no document's page: 10,000" in look.noted


def with_odd_rows(whole: Response) -> Response:
    """Return an answer of the index with a time that no calendar has, and a row that lacks a field."""
    rows = json.loads(whole.body)
    rows[2:2] = [["20240230000000", *rows[1][1:]], rows[1][:4]]
    return replace(whole, body=json.dumps(rows).encode())


def test_rows_of_the_index_that_can_not_be_read_are_rejected_and_told_and_the_others_are_fetched(
    fetcher: Fetcher,
) -> None:
    fetcher.world.wayback = held_of(PAPER)
    fetcher.world.wayback.faults.append(Fault(below("/cdx/"), with_odd_rows))
    look = done(fetcher, lambda: fetcher.copies(ADDRESS))
    assert len(copies_in(look)) == 4
    assert "not_this_format: the time '20240230000000', which no calendar has" in look.told
    assert "not_this_format: a row of 4 fields where 5 are named" in look.told
    desk, index = fetcher.desk, look.addresses[0]
    rejected = "select found, byte_to > byte_from, excerpt like '[%' from rejections where locator = ? order by found"
    assert [row[1:] for row in desk.query(rejected, index)] == [(True, True)] * 2
    verdict = "select verdict, outcome from captures where purpose = 'index'"
    assert desk.query(verdict) == [("fetched", "read")]


def test_days_of_capture_bound_what_is_asked_for(fetcher: Fetcher) -> None:
    fetcher.world.wayback = held_of(PAPER)
    errand = CopiesErrand(wanted_of(ADDRESS, date(2017, 1, 1), date(2018, 12, 31)))
    look = done(fetcher, lambda: fetcher.do(errand))
    assert [address[28:32] for address in copies_in(look)] == ["2017", "2018"]


def test_a_copy_of_the_old_portal_is_a_document_of_its_own_number(fetcher: Fetcher) -> None:
    fetcher.world.wayback.take(OLD.address("en"), shown(OLD, on(2016, 6, 1)), on(2016, 6, 1))
    look = done(fetcher, lambda: fetcher.copies(OLD.address("en")))
    assert look.report.is_good
    assert fetcher.desk.query("select document_key, first_seen_at from documents") == [(OLD.key("en"), on(2016, 6, 1))]


@pytest.fixture(scope="module")
def astray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, list[Done]]]:
    """An archive whose copies were missing, led to another time, or could not be had at first."""
    world = World(NOW, wayback=held_of(PAPER))
    stamps = [f"/web/{when:%Y%m%d%H%M%S}id_/" for when in CAPTURED]
    copy = f"https://web.archive.org{stamps[1]}https://mid.ru:443{PAPER.path('en')}"
    world.wayback.faults += [
        Fault(below(stamps[0]), faults.moved_to(copy)),
        Fault(below(stamps[2]), Response(404, b"<p>not archived</p>", {"Content-Type": "text/html"})),
        Fault(below(stamps[3]), faults.too_many("3600")),
    ]
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("astray") / "data"), world, standin, REGISTRY)
        looks = [done(fetcher, lambda: fetcher.copies(ADDRESS))]
        del world.wayback.faults[2]
        for hours in (2, 2, 30):
            world.now += hours * HOUR
            looks.append(done(fetcher, lambda: fetcher.copies(ADDRESS)))
        yield fetcher, looks


Astray = tuple[Fetcher, list[Done]]


def test_a_copy_to_which_another_leads_bears_its_own_time(astray: Astray) -> None:
    captures = "select captured_at, http_status, captured_via, captured_basis from captures where locator like ?"
    desk = astray[0].desk
    stamp = f"%/web/{CAPTURED[1]:%Y%m%d%H%M%S}id_/%"
    assert desk.query(captures, stamp) == [(CAPTURED[1], 200, "wayback", "web_archive")]
    assert desk.query(VERSIONS, PAPER.key("en"))[0] == (FIRST, CAPTURED[1])


def test_a_missing_copy_is_no_failed_look_at_the_document(astray: Astray) -> None:
    desk = astray[0].desk
    captures = "select verdict, looked_for, captured_via from captures where http_status = 404 and purpose = 'page'"
    assert desk.query(captures)[0] == ("missing", None, "http")
    assert desk.query("select status from documents") == [("present",)]


def test_too_many_requests_end_the_run_and_the_rest_is_fetched_by_the_next(astray: Astray) -> None:
    _, looks = astray
    assert "asks to wait until" in (looks[0].stopped["web.archive.org"] or "")
    assert not [address for address in looks[0].addresses if f"{CAPTURED[4]:%Y%m%d}" in address]
    years = [address[28:32] for address in copies_in(looks[1])]
    assert years[-2:] == ["2018", "2019"]


def test_copies_that_led_elsewhere_or_are_missing_are_not_asked_for_each_time(astray: Astray) -> None:
    _, looks = astray
    assert copies_in(looks[2]) == []
    assert len(copies_in(looks[3])) <= 1  # the missing one, on another day


def test_an_address_that_is_none_is_refused(fetcher: Fetcher) -> None:
    for text in ("", "*", "https://mid.ru/*/news/*"):
        with pytest.raises(InputRefused, match="is no address"):
            fetcher.copies(text)
