"""Who waits for whom: one process at a time asks a host, and nobody who writes waits for one that asks."""

from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from flows.errors import HostBusy
from flows.fetching.errands import CopiesErrand, PagesErrand
from flows.fetching.running import fetch
from flows.fetching.session import Clock
from flows.fetching.turns import turn_at
from flows.fetching.wayback import wanted_of
from flows.reports import RunReport
from tests.conftest import Desk
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import LIMITS, Fetcher, row
from tests.standin.papers import published
from warehouse.layout import Layout

NEWS = "https://mid.ru/en/foreign_policy/news/"
CHANNEL = "https://t.me/s/mid_test"
HOUR = timedelta(hours=1)


@pytest.fixture
def site(fetcher: Fetcher) -> Fetcher:
    """A listing with three documents."""
    fetcher.registry = [row("news_en", NEWS)]
    put(fetcher, 0, 3)
    return fetcher


def put(fetcher: Fetcher, first: int, count: int) -> None:
    for number in range(first, first + count):
        at = NOW - (12 - number) * HOUR
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        fetcher.world.site.put(published(1_900_001 + number, "foreign_policy/news", at, f"On talk {number}", words))


def until(fetcher: Fetcher, span: timedelta) -> RunReport:
    """Fetch pages, and ask for no more after some time."""
    errand = PagesErrand(fetcher._entrances())
    clock = Clock(fetcher.now, fetcher.sleep, fetcher.now() + span)
    return fetch(fetcher.run(errand.command), fetcher.settings, errand, clock, LIMITS)


def hold(home: Path, host: str, is_held: object, may_end: object) -> None:
    """Hold a host's lock in a process of its own."""
    with turn_at(Layout(home), {host}, 0):
        is_held.set()  # type: ignore[attr-defined]
        may_end.wait(60)  # type: ignore[attr-defined]


def test_a_run_stops_asking_when_its_time_is_over_and_the_next_one_goes_on_where_it_was(site: Fetcher) -> None:
    put(site, 3, 9)
    first = until(site, timedelta(seconds=60))
    (host,) = first.hosts
    asked_first = set(site.world.asked)
    assert host.stopped == "the time for this run is over; the next one goes on where it was"
    assert first.is_good  # that is as it should be
    assert 4 <= len(asked_first) < 10
    second = until(site, HOUR)
    assert second.hosts[0].stopped is None
    assert {count for url, count in site.world.asked.items() if "/news/19" in url} == {1}
    assert site.desk.value("select count(*) from documents") == 12


def test_two_processes_never_ask_the_same_host_at_a_time_and_the_second_names_the_first(site: Fetcher) -> None:
    context = get_context("spawn")
    is_held, may_end = context.Event(), context.Event()
    process = context.Process(target=hold, args=(site.desk.home, "mid.ru", is_held, may_end))
    process.start()
    try:
        assert is_held.wait(60)
        with pytest.raises(HostBusy) as refusal:
            site.pages()
        assert not site.world.log
        assert not list(site.desk.layout.runs.glob("*"))  # nothing was begun
        # Another host is another matter; what it answers is none.
        errand = CopiesErrand(wanted_of("https://mid.ru/en/foreign_policy/news/1900001/", None, None))
        assert [host.host for host in site.do(errand).hosts] == ["web.archive.org"]
    finally:
        may_end.set()
        process.join(60)
    assert str(refusal.value).startswith(f"mid.ru: is being asked by process {process.pid} on ")
    assert "\n" not in str(refusal.value)
    assert site.pages().is_good


def test_addresses_that_a_person_gives_wait_for_the_host_that_they_need_only(site: Fetcher) -> None:
    site.registry.append(row("channel_test", CHANNEL))
    page = f"{NEWS}1900001/"
    with turn_at(site.desk.layout, {"t.me"}, 0):
        assert site.addresses(page).is_good
    with turn_at(site.desk.layout, {"mid.ru"}, 0), pytest.raises(HostBusy):
        site.addresses(page)


def test_while_a_fetch_pauses_a_file_is_taken_in(
    site: Fetcher, dump: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[RunReport] = []
    desk = Desk(site.desk.home, wait_s=0)  # who would have to wait fails

    def sleep(seconds: float) -> None:
        number = len(reports)
        words = f"Words of post {number}, as long as a line of a post has to be to be taken for one."
        reports.append(desk.hand_in(dump(f"dump{number}.txt", [words, "2 January 2024"])))
        Fetcher.sleep(site, seconds)

    monkeypatch.setattr(site, "sleep", sleep)
    fetched = site.pages()
    assert fetched.is_good
    assert len(reports) >= 4  # between robots.txt, the listing and three documents
    assert [report.problems for report in reports] == [()] * len(reports)
    assert site.desk.value("select count(*) from captures where source_key = 'hand'") == len(reports)
    assert site.desk.value("select count(*) from documents where document_key like 'mid:%'") == 3
