"""`make bench`: how fast the archive is, as ratios measured in one run on generated dumps.

What is compared runs in one warmed process, turn by turn, with imports and Prefect's server left out; medians of
`ROUNDS`. The bare work is what can't be avoided: reading, hashing and compressing the file, and inserting the same rows
from Arrow.
"""

import argparse
import hashlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import zstandard

from flows.inputs import Input, Job
from flows.pipeline import ingest
from flows.reading import pool
from flows.reports import RunReport
from flows.run import Listener, new_run
from tests.bench.generate import write_dump
from tests.bench.memory import high_water_mb
from warehouse.archive import MEMORY_LIMIT, Writing
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

POSTS = 100_000
ROUNDS = 3
TABLES = ("content", "description", "reading", "document", "ref")


@dataclass(frozen=True)
class Line:
    """One row of the table that is printed."""

    what: str
    measured: str
    aim: str


def clock() -> datetime:
    return datetime.now(UTC)


def ingest_dump(home: Path, dump: Path) -> RunReport:
    """Ingest one dump and insist that it went well."""
    run = new_run("ingest", Layout(home), Writing(clock(), "bench", 60.0), clock, Listener())
    source = SourceFacts("bench", format="channel_dump", language="en", coverage="sample", minimum=1)
    report = ingest(run, [Job(source, (Input("dump.txt", dump),))])
    if not report.is_good:
        sys.exit(f"the benchmark's own ingest failed: {report.problems or report.sources[0].problems}")
    return report


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare_work(dump: Path, folder: Path) -> None:
    """Read, hash and compress a file, and insert the rows that its ingest gave from Arrow."""
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=3)
    with (
        dump.open("rb") as source,
        (folder / "bare.zst").open("wb") as kept,
        compressor.stream_writer(kept) as writer,
    ):
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            writer.write(chunk)
    bare = folder / "bare.duckdb"
    bare.unlink(missing_ok=True)
    with duckdb.connect(str(bare), config={"memory_limit": MEMORY_LIMIT}) as connection:
        for name, rows in ROWS.items():
            connection.register("rows", rows)
            connection.execute(f"create table {name} as from rows")
        connection.execute("checkpoint")


ROWS: dict[str, object] = {}


def load_rows(home: Path) -> None:
    """Keep the rows of an archive as Arrow tables."""
    with duckdb.connect(str(Layout(home).published), read_only=True) as connection:
        for name in TABLES:
            ROWS[name] = connection.execute(f"from store.{name}").to_arrow_table()


def seconds_of(command: list[str]) -> float:
    """Return the median time of a command, in seconds."""
    return statistics.median(timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(7))


def peak_mb(posts: int, folder: Path) -> tuple[float, float]:
    """Return the peak memory of an ingest of so many posts: its own process, and the largest that reads for it."""
    command = [sys.executable, "-m", "tests.bench", "--peak", str(posts), "--folder", str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[0]), float(out[1])


def measure_ingest(folder: Path, posts: int) -> list[Line]:
    """Compare first and second ingest with the bare work."""
    dump, warm = folder / "dump.txt", folder / "warm.txt"
    size = write_dump(dump, posts)
    write_dump(warm, 3_000, seed=9)
    ingest_dump(folder / "warm", warm)
    first, bare, second = [], [], []
    for number in range(ROUNDS):
        home = folder / f"home{number}"
        first.append(timed(lambda home=home: ingest_dump(home, dump)))
        second.append(timed(lambda home=home: ingest_dump(home, dump)))
        load_rows(home)
        bare.append(timed(lambda: bare_work(dump, folder)))
        if number:
            shutil.rmtree(home)
    one, two, least = statistics.median(first), statistics.median(second), statistics.median(bare)
    return [
        Line(
            f"ingest of {posts:,} posts ({size / 1e6:,.0f} MB) against the bare work",
            f"{one / least:.2f} x ({one:.1f} s against {least:.1f} s)",
            "at most 3 x",
        ),
        Line("unchanged second ingest against the first", f"1/{one / two:.0f} ({two:.2f} s)", "at most 1/20"),
    ]


def measure_growth(folder: Path, posts: int) -> Line:
    """Tell how many bytes a record costs that a new export repeats."""
    home, dump = folder / "home0", folder / "edited.txt"
    before = Layout(home).store.stat().st_size
    write_dump(dump, posts, edited_share=0.01)
    report = ingest_dump(home, dump)
    grown = Layout(home).store.stat().st_size - before
    unchanged = report.sources[0].unchanged_count
    return Line(
        f"an export with 1 % edited: store bytes for each of {unchanged:,} unchanged records",
        f"{grown / unchanged:,.0f} bytes",
        "told",
    )


def measure_commands(folder: Path) -> list[Line]:
    """Compare the command's own time with a bare import."""
    command = Path(sys.executable).with_name("mfa-archive")
    bare = seconds_of([sys.executable, "-c", "import duckdb"])
    env = ["env", f"MFA_ARCHIVE_HOME={folder / 'home0'}"]
    status = seconds_of([*env, str(command), "status"])
    return [
        Line(
            f"mfa-archive status on {POSTS:,} posts against a bare import duckdb",
            f"{status / bare:.1f} x ({status:.2f} s against {bare:.2f} s)",
            "at most 6 x",
        )
    ]


def measure_memory(folder: Path, posts: int) -> Line:
    """Compare peak memory as the input grows tenfold."""
    small, large = peak_mb(posts // 10, folder), peak_mb(posts, folder)
    return Line(
        f"peak memory, {posts // 10:,} and {posts:,} posts (process; largest reader)",
        f"{small[0]:.0f} and {large[0]:.0f} MB; {small[1]:.0f} and {large[1]:.0f} MB",
        "flat",
    )


def measure_peak(posts: int, folder: Path) -> None:
    """Ingest once and print the peak memory of this process and of its largest child, in MB."""
    dump, home = folder / f"peak{posts}.txt", folder / f"peak{posts}"
    write_dump(dump, posts)
    ingest_dump(home, dump)
    readers = [pool().submit(high_water_mb) for _ in range(8)]
    print(high_water_mb(), max(reader.result() for reader in readers))
    shutil.rmtree(home)
    dump.unlink()


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--peak", type=int)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.peak:
        measure_peak(options.peak, options.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [
            *measure_ingest(folder, options.posts),
            *measure_commands(folder),
            measure_growth(folder, options.posts),
            measure_memory(folder, options.posts),
        ]
    print("| what | measured | aim |\n| --- | --- | --- |")
    for line in lines:
        print(f"| {line.what} | {line.measured} | {line.aim} |")


if __name__ == "__main__":
    main()
