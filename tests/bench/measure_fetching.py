"""Rows of the table about fetching: against the same pages from disk, against a bare client, and in memory.

The stand-in for the site runs in a process of its own, without pauses. What the program adds to the network is
measured; a real host is asked once in ten seconds.
"""

import csv
import multiprocessing
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from flows.fetching.entrances import entrance_of
from flows.fetching.errands import AddressesErrand, Errand, PagesErrand
from flows.fetching.running import fetch
from flows.fetching.session import Clock
from flows.fetching.settings import FetchSettings, fetch_settings_from
from flows.inputs import handed_in_job
from flows.pipeline import ingest
from flows.run import Listener, new_run
from tests.bench.memory import taken_by
from tests.bench.table import ROUNDS, Line, at_least, at_most, timed
from tests.standin.http import Request
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World
from warehouse.archive import Writing
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

PAGES = 300
REVISITED = 10_000
FEW, MANY = 100, 10_000  # pages, between which memory must stay as it is
NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)
SOURCE = SourceFacts("bench", locator="https://mid.ru/en/foreign_policy/news/", language="en", minimum=0)
_WORDS = "The ministers discussed the agenda of the meeting and the work of the group on matter {0}, point {1}. " * 6


@dataclass(frozen=True, slots=True)
class Served:
    """What the stand-in's process tells of itself."""

    connect_to: str
    ca_file: str
    addresses: tuple[str, ...]

    @property
    def settings(self) -> FetchSettings:
        """Settings without a pause and without a limit."""
        return fetch_settings_from(
            {
                "MFA_ARCHIVE_CONTACT": "archive@example.org",
                "MFA_ARCHIVE_CA_FILE": self.ca_file,
                "MFA_ARCHIVE_CONNECT_TO": self.connect_to,
                "MFA_ARCHIVE_PAUSES": "mid.ru=0",
                "MFA_ARCHIVE_BUDGETS": "mid.ru=1000000",
            }
        )


def _world(count: int) -> World:
    papers = [
        published(
            1_900_000 + number,
            "foreign_policy/news",
            NOW - timedelta(days=1 + number % 60),
            f"Press release No. {number}",
            *(_WORDS.format(number, point) for point in range(20)),
            lang="en",
        )
        for number in range(count)
    ]
    return World(NOW, site_of(papers))


def _serve(count: int, line: Connection) -> None:
    world = _world(count)
    addresses = tuple(paper.address("en") for paper in world.site.papers)
    with Standin(world.handler) as standin:
        line.send(Served(standin.connect_to, str(standin.ca_file), addresses))
        line.recv()


@contextmanager
def served(count: int) -> Iterator[Served]:
    """Serve so many pages in another process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(count, there))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def _fetched(home: Path, settings: FetchSettings, errand: Errand, later: timedelta = timedelta(0)) -> None:
    def now() -> datetime:
        return datetime.now(UTC) + later

    def sleep(seconds: float) -> None:
        if seconds > 1:
            sys.exit(f"the benchmark's own fetch would wait for {seconds:.0f} s")

    run = new_run(errand.command, Layout(home), Writing(now(), "bench", 60.0), now, Listener())
    report = fetch(run, settings, errand, Clock(now, sleep))
    if not report.is_good:
        sys.exit(f"the benchmark's own fetch failed: {report.problems or report.sources[0].problems[:3]}")


def _first(home: Path, place: Served) -> None:
    _fetched(home, place.settings, AddressesErrand(list(place.addresses), [entrance_of(SOURCE)]))


def _again(home: Path, place: Served) -> None:
    _fetched(home, place.settings, PagesErrand([entrance_of(SOURCE)]), timedelta(days=40))


def save_pages(folder: Path, count: int) -> None:
    """Save the pages as files, with a manifest that tells where and when each was taken."""
    world = _world(count)
    folder.mkdir()
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "url", "captured_at", "via"))
        for paper in world.site.papers:
            address = paper.address("en")
            answer = world.handler(Request("mid.ru", address.removeprefix("https://mid.ru")))
            (folder / f"{paper.number}.html").write_bytes(answer.body)
            rows.writerow((f"{paper.number}.html", address, NOW.isoformat(), "http"))


def _ingested(home: Path, folder: Path) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    run = new_run("ingest", Layout(home), Writing(now(), "bench", 60.0), now, Listener())
    report = ingest(run, [handed_in_job(SourceFacts("bench", format="mid_page_html", language="en"), [folder])])
    if not report.is_good:
        sys.exit(f"the benchmark's own ingest failed: {report.problems or report.sources[0].problems[:3]}")


def fetch_lines(folder: Path) -> Iterator[Line]:
    """Yield the rows."""
    yield _against_disk(folder)
    yield _unchanged(folder)
    yield _memory(folder)


def _against_disk(folder: Path) -> Line:
    pages = folder / "pages"
    save_pages(pages, PAGES)
    ratios, fetches = [], []
    with served(PAGES) as place:
        for number in range(ROUNDS + 1):
            home, other = folder / f"home{number}", folder / f"other{number}"
            over_http = timed(lambda home=home: _first(home, place))  # type: ignore[misc]
            from_disk = timed(lambda other=other: _ingested(other, pages))  # type: ignore[misc]
            shutil.rmtree(home)
            shutil.rmtree(other)
            if number:  # the first one warms the process
                ratios.append(over_http / from_disk)
                fetches.append(over_http)
    told = f"{PAGES / statistics.median(fetches):,.0f} pages/s"
    return at_most(f"{PAGES:,} pages fetched, against the same from disk", statistics.median(ratios), 1.3, told)


def _bare(place: Served) -> float:
    """Return how many answers 304 a second a bare client gets."""
    context = httpx.create_ssl_context()
    context.load_verify_locations(place.ca_file)
    port = int(place.connect_to.partition("=")[2].partition(",")[0].rpartition(":")[2])
    extensions = {"sni_hostname": "mid.ru"}
    with httpx.Client(verify=context, http2=True) as client:

        def get(address: str, etag: str | None) -> httpx.Response:
            there = address.replace("https://mid.ru", f"https://127.0.0.1:{port}")
            headers = {"Host": "mid.ru", **({} if etag is None else {"If-None-Match": etag})}
            return client.get(there, headers=headers, extensions=extensions)

        etags = [get(address, None).headers["etag"] for address in place.addresses]
        asked = list(zip(place.addresses, etags, strict=True))

        def work() -> None:
            for address, etag in asked:
                if get(address, etag).status_code != 304:
                    sys.exit(f"{address}: the stand-in did not answer 304")

        return len(asked) / timed(work)


def _unchanged(folder: Path) -> Line:
    home = folder / "again"
    with served(REVISITED) as place:
        _first(home, place)
        bare = _bare(place)
        ours = REVISITED / timed(lambda: _again(home, place))
    what = f"{REVISITED:,} answers 304, captured and appended, against a bare client"
    return at_least(what, ours / bare, 0.5, f"{ours:,.0f} a second against {bare:,.0f}")


def one_fetch(folder: Path, count: int) -> None:
    """Fetch so many pages in this process, and tell its peak memory."""
    with served(count) as place:
        _first(folder / "home", place)
    print(taken_by().peak_mb)


def _memory(folder: Path) -> Line:
    peaks = []
    for count in (FEW, MANY):
        place = folder / str(count)
        command = [*(sys.executable, "-m", "tests.bench", "--one", "fetch"), "--posts", str(count), "--folder", place]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks.append(float(told.split()[-1]))
    few, many = peaks
    return at_most(
        f"peak memory of {MANY:,} pages fetched, against {FEW}", many / few, 1.5, f"{few:,.0f} and {many:,.0f} MB"
    )
