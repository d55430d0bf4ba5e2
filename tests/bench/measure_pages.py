"""Rows of the table about pages: our formats against programs that read any page, on the same pages in the same run."""

import io
import statistics
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from extract.formats import formats
from extract.model import Hints, Record
from tests.bench.peer import peer
from tests.bench.table import ROUNDS, Line, at_least, timed
from tests.bench.web_pages import ministry_page, preview_page, write_pages

PAGES = 60
SHAPES = {
    "mid_page_html": ("pages of the ministry", ministry_page),
    "telegram_preview": ("pages of t.me/s", preview_page),
}
# Programs and how many times as fast we should be.
OTHERS = {"trafilatura": 2, "trafilatura, fast": None, "BeautifulSoup": None}


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of one shape on disk."""

    format: str
    form: str
    folder: Path
    size: int


def page_lines(folder: Path, python: Path) -> list[Line]:
    """Compare how many pages a second are split and read."""
    lines: list[Line] = []
    with peer(python, "page_texts.py", folder) as others:
        for name, (form, make) in SHAPES.items():
            place = folder / name
            pages = Pages(name, form, place, write_pages(place, make, PAGES))
            own: list[float] = []
            seconds: dict[str, list[float]] = {program: [] for program in OTHERS}
            for _ in range(ROUNDS + 1):
                own.append(_own_seconds(pages))
                for program, taken in seconds.items():
                    taken.append(others.seconds(program=program, folder=place))
            # The first round warms both.
            medians = {program: statistics.median(taken[1:]) for program, taken in seconds.items()}
            lines.extend(_line(pages, program, statistics.median(own[1:]), other) for program, other in medians.items())
    return lines


def _own_seconds(pages: Pages) -> float:
    return timed(partial(_read_all, pages.format, [path.read_bytes() for path in sorted(pages.folder.iterdir())]))


def _read_all(name: str, pages: list[bytes]) -> None:
    page_format = formats()[name]
    hints = Hints("bench", language="en")
    for page in pages:
        values = [value for one in page_format.split(io.BytesIO(page), hints) for value in page_format.read(one, hints)]
        if not values or not all(isinstance(value, Record) and value.text for value in values):
            sys.exit(f"{name} could not read a page of the benchmark: {values[:1]}")


def _line(pages: Pages, program: str, own: float, other: float) -> Line:
    what = f"{PAGES} {pages.form} ({pages.size / PAGES / 1e3:.0f} kB each) against {program}"
    told = f"{PAGES / own:,.0f} and {PAGES / other:,.0f} pages a second"
    aim = OTHERS[program]
    return at_least(what, other / own, aim, told) if aim else Line(what, f"{other / own:.1f} x ({told})")
