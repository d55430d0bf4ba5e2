"""`make bench`: how fast the archive is, as ratios measured in one run on inputs that are generated.

What is compared runs in one warmed process each, turn by turn, with imports and Prefect's server left out; figures are
medians. The bare work is what can't be avoided: reading, hashing and compressing the file, decoding it, and inserting
the same rows from Arrow.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.bench.measure_dumps import command_line, dump_lines, memory_line, one_dump
from tests.bench.measure_exports import bare_line, growth_lines, one_export, whole_export, whole_lines
from tests.bench.measure_fetching import fetch_lines, one_fetch
from tests.bench.measure_pages import page_lines
from tests.bench.measure_peers import dlt_lines
from tests.bench.measure_reread import reread_lines
from tests.bench.measure_verify import verify_lines
from tests.bench.measure_views import view_lines
from tests.bench.table import Line, show

POSTS = 100_000
LARGE_POSTS = 1_000_000
ONE: dict[str, Callable[[Path, int], None]] = {"dump": one_dump, "export": one_export, "fetch": one_fetch}
PARTS = ("dumps", "exports", "dlt", "pages", "views", "verify", "reread", "fetching")


def arguments() -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--large", action="store_true", help=f"also an export of {LARGE_POSTS:,} posts")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part, and others so named")
    parser.add_argument("--peers", type=Path, help="the Python of the environment with dlt and trafilatura")
    parser.add_argument("--folder", type=Path, help="where the files go; they are removed")
    parser.add_argument("--one", choices=ONE, help="ingest one generated input in this process, and tell what it took")
    return parser.parse_args()


def measured(asked: argparse.Namespace, folder: Path) -> Iterable[Line]:
    """Yield the rows of the table, part by part."""
    parts = asked.only or PARTS
    for part in PARTS:
        if part not in parts:
            continue
        if part in ("dlt", "pages") and asked.peers is None:
            print(f"{part}: left out, since --peers names no Python to compare with", file=sys.stderr)
            continue
        place = folder / part
        place.mkdir()
        print(f"measuring {part}", file=sys.stderr, flush=True)
        yield from _part(part, asked, place)


def _part(part: str, asked: argparse.Namespace, folder: Path) -> Iterable[Line]:
    if part == "dumps":
        yield from dump_lines(folder, asked.posts)
        yield command_line(folder / "home0", asked.posts)
        yield memory_line(folder, asked.posts)
    elif part == "exports":
        sizes = [asked.posts // 10, asked.posts, *([LARGE_POSTS] if asked.large else [])]
        for size in sizes:
            yield from whole_lines(whole_export(folder, size))
        yield bare_line(folder, asked.posts)
        yield from growth_lines(folder, sizes)
    elif part == "dlt":
        yield from dlt_lines(folder, asked.peers)
    elif part == "verify":
        yield from verify_lines(folder, asked.posts)
    elif part == "reread":
        yield from reread_lines(folder)
    elif part == "fetching":
        yield from fetch_lines(folder)
    elif part == "views":
        yield from view_lines(folder, LARGE_POSTS if asked.large else asked.posts)
    else:
        yield from page_lines(folder, asked.peers)


def main() -> None:
    """Measure what is asked for and print the table."""
    asked = arguments()
    if asked.one:
        ONE[asked.one](asked.folder, asked.posts)
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        show(list(measured(asked, Path(name))))


if __name__ == "__main__":
    main()
