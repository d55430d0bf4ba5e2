"""Rows of the table about reading anew: what a later version of the extractors reads, against the first reading."""

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from extract.formats import formats, mid_page_html, telegram_desktop_json
from flows.inputs import handed_in_job
from flows.pipeline import ingest
from flows.reread import reread
from flows.run import Listener, Run, new_run
from tests.bench.exports import Export, write_export
from tests.bench.ingests import clock
from tests.bench.measure_fetching import save_pages
from tests.bench.table import ROUNDS, Line, at_most, timed
from warehouse.archive import Writing
from warehouse.layout import Layout
from warehouse.rereading import Wanted
from warehouse.staging import SourceFacts

POSTS = 20_000
PAGES = 300
AIM = 1.5


def reread_lines(folder: Path) -> Iterator[Line]:
    """Yield a row for the posts of an export, and one for pages."""
    write_export(folder / "result.json", Export(POSTS))
    save_pages(folder / "pages", PAGES)
    export = SourceFacts("bench", format="telegram_desktop_json", language="en")
    pages = SourceFacts("bench", format="mid_page_html", language="en")
    yield _line(folder, export, folder / "result.json", telegram_desktop_json, f"an export of {POSTS:,} posts")
    yield _line(folder, pages, folder / "pages", mid_page_html, f"{PAGES:,} pages")


def _line(folder: Path, source: SourceFacts, path: Path, module: ModuleType, told: str) -> Line:
    first, again = [], []
    for number in range(ROUNDS + 1):
        home = folder / "home"
        job = handed_in_job(source, [path])
        took = timed(lambda home=home, job=job: ingest(_run(home), [job]))  # type: ignore[misc]
        with _later(module):
            took_again = timed(lambda home=home: _reread(home))  # type: ignore[misc]
        shutil.rmtree(home)
        if number:  # the first one warms the process
            first.append(took)
            again.append(took_again)
    one, two = statistics.median(first), statistics.median(again)
    return at_most(f"{told} read anew, against the first time", two / one, AIM, f"{two:.1f} s, {one:.1f} s")


def _run(home: Path) -> Run:
    return new_run("bench", Layout(home), Writing(clock(), "bench", 60.0), clock, Listener())


def _reread(home: Path) -> None:
    found = reread(_run(home), Wanted())
    assert found.report is not None
    assert found.report.is_good
    assert sum(one.read_count for one in found.report.sources) >= PAGES, "nothing was read anew"


@contextmanager
def _later(module: ModuleType) -> Iterator[None]:
    """Let a format count as read by a later version, that reads the same."""
    known = module.FORMAT
    module.FORMAT = replace(known, extractor_version=known.extractor_version + 1)  # type: ignore[attr-defined]
    formats.cache_clear()
    try:
        yield
    finally:
        module.FORMAT = known  # type: ignore[attr-defined]
        formats.cache_clear()
