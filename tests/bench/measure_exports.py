"""Rows of the table about exports: memory, the bare work, and how time grows with the archive."""

import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from tests.bench.exports import Export, write_export
from tests.bench.ingests import EXPORTS, timed_ingest
from tests.bench.measure_dumps import bare_work, rows_of
from tests.bench.memory import taken_by, taken_by_children
from tests.bench.table import ROUNDS, Line, at_most, timed
from warehouse.layout import Layout

SMALL_POSTS = 10_000  # of the export that is taken into archives of all sizes
EDITED_SHARE = 0.01
MOST_MB = 1024


@dataclass(frozen=True, slots=True)
class Whole:
    """What the ingest of a whole export took, in a process of its own."""

    posts: int
    size_mb: float
    reading_s: float
    append_s: float
    publish_s: float
    own_peak_mb: float
    reader_peaks_mb: tuple[float, ...]
    busy_cores: float  # processor time while reading, by its seconds
    longest_silence_s: float  # without progress told

    @property
    def whole_s(self) -> float:
        """All of it."""
        return self.reading_s + self.append_s + self.publish_s


def one_export(folder: Path, posts: int) -> None:
    """Write an export and ingest it, in a process of its own; print what it took as JSON. The archive stays."""
    export = folder / f"export{posts}.json"
    size = write_export(export, Export(posts))
    before, begun = taken_by().processor_s, time.perf_counter()
    done = timed_ingest(folder / f"archive{posts}", EXPORTS, export, "result.json")
    seconds = time.perf_counter() - begun
    readers = taken_by_children()
    export.unlink()
    print(
        json.dumps(
            {
                "posts": posts,
                "size_mb": size / 1e6,
                "reading_s": done.reading_s,
                "append_s": done.append_s,
                "publish_s": done.publish_s,
                "own_peak_mb": taken_by().peak_mb,
                "reader_peaks_mb": [one.peak_mb for one in readers],
                "busy_cores": (taken_by().processor_s - before + sum(one.processor_s for one in readers)) / seconds,
                "longest_silence_s": done.longest_silence_s,
            }
        )
    )


def whole_export(folder: Path, posts: int) -> Whole:
    """Return what the ingest of a whole export takes. The archive stays at `archive<posts>`."""
    command = [sys.executable, "-m", "tests.bench", "--one", "export", "--posts", str(posts), "--folder", str(folder)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return Whole(**found | {"reader_peaks_mb": tuple(found["reader_peaks_mb"])})


def whole_lines(whole: Whole) -> list[Line]:
    """Tell what the ingest of a whole export took."""
    name = f"export of {whole.posts:,} posts ({whole.size_mb:,.0f} MB)"
    peak = whole.own_peak_mb + sum(whole.reader_peaks_mb)
    readers = " + ".join(f"{one:.0f}" for one in whole.reader_peaks_mb)
    return [
        Line(
            f"{name}: sum of the processes' peak memory",
            f"{peak:,.0f} MB ({whole.own_peak_mb:.0f} + {readers})",
            f"below {MOST_MB:,} MB",
            peak < MOST_MB,
        ),
        Line(
            f"{name}: time",
            f"{whole.whole_s:.1f} s, {whole.posts / whole.whole_s:,.0f} posts a second "
            f"(read {whole.reading_s:.1f} s, append {whole.append_s:.1f} s, publish {whole.publish_s:.1f} s; "
            f"{whole.busy_cores:.1f} cores busy; at most {whole.longest_silence_s:.1f} s without progress told)",
        ),
    ]


def bare_line(folder: Path, posts: int) -> Line:
    """Compare the first ingest of an export with the bare work, its decoding with it."""
    export = folder / "bare.json"
    size = write_export(export, Export(posts))
    own, published, bare = [], [], []
    for _ in range(ROUNDS):
        home = folder / "bare"
        done = timed_ingest(home, EXPORTS, export)
        own.append(done.whole_s)
        published.append(done.publish_s)
        bare.append(timed(partial(_bare_export, export, folder, rows_of(home))))
        shutil.rmtree(home)
    export.unlink()
    one, least = statistics.median(own), statistics.median(bare)
    told = f"{one:.1f} s, of which {statistics.median(published):.1f} s publishing, against {least:.1f} s"
    return at_most(f"export of {posts:,} posts ({size / 1e6:,.0f} MB) against the bare work", one / least, 2.5, told)


def _bare_export(export: Path, folder: Path, tables: dict[str, object]) -> None:
    bare_work(export, folder, tables)
    orjson.loads(export.read_bytes())


def growth_lines(folder: Path, sizes: list[int]) -> list[Line]:
    """Take an export of a fixed size with some posts edited into archives of growing size, which stand in the folder.

    Each round has other posts edited, so that every one of them adds something.
    """
    exports = [folder / f"edited{number}.json" for number in range(ROUNDS)]
    for number, export in enumerate(exports):
        write_export(export, Export(SMALL_POSTS, edited_share=EDITED_SHARE, edit_seed=number + 1))
    timed_ingest(folder / "warm", EXPORTS, exports[0])
    lines: list[Line] = []
    smallest = 0.0
    for posts in sizes:
        home = folder / f"archive{posts}"
        done = [timed_ingest(home, EXPORTS, export, "result.json") for export in exports]
        own = statistics.median(one.without_publishing_s for one in done)
        smallest = smallest or own
        reading, append = (statistics.median(getattr(one, part) for one in done) for part in ("reading_s", "append_s"))
        name = f"export of {SMALL_POSTS:,} posts, 1 % edited, into an archive of {posts:,}"
        told = f"{own:.2f} s: read {reading:.2f} s, append {append:.2f} s"
        lines.append(at_most(f"{name}: against the smallest archive", own / smallest, 1.5, told))
        lines.append(_publish_line(home, posts, [one.publish_s for one in done]))
    return lines


def _publish_line(home: Path, posts: int, published: list[float]) -> Line:
    store, copy = Layout(home).store, home / "copy.duckdb"
    copied = statistics.median(timed(partial(shutil.copyfile, store, copy)) for _ in range(ROUNDS))
    copy.unlink()
    took = statistics.median(published)
    return Line(
        f"publishing an archive of {posts:,} posts ({store.stat().st_size / 1e6:,.0f} MB) against copying its file",
        f"{took / copied:.1f} x ({took:.2f} s against {copied:.2f} s)",
    )
