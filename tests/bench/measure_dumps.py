"""Rows of the table about channel dumps, and about the command itself."""

import hashlib
import json
import shutil
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

import duckdb
import zstandard

from tests.bench.generate import write_dump
from tests.bench.ingests import DUMPS, timed_ingest
from tests.bench.memory import taken_by, taken_by_children
from tests.bench.table import ROUNDS, Line, at_least, at_most, timed
from warehouse.archive import MEMORY_LIMIT
from warehouse.layout import Layout

TABLES = ("content", "description", "reading", "document", "ref", "measurement")


def rows_of(home: Path) -> dict[str, object]:
    """Return the rows of an archive as Arrow tables."""
    with duckdb.connect(str(Layout(home).published), read_only=True) as connection:
        return {name: connection.execute(f"from store.{name}").to_arrow_table() for name in TABLES}


def bare_work(path: Path, folder: Path, tables: dict[str, object]) -> None:
    """Read, hash and compress a file, and insert the rows that its ingest gave from Arrow: what can't be avoided."""
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=3)
    with (
        path.open("rb") as source,
        (folder / "bare.zst").open("wb") as kept,
        compressor.stream_writer(kept) as writer,
    ):
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            writer.write(chunk)
    bare = folder / "bare.duckdb"
    bare.unlink(missing_ok=True)
    with duckdb.connect(str(bare), config={"memory_limit": MEMORY_LIMIT}) as connection:
        for name, rows in tables.items():
            connection.register("rows", rows)
            connection.execute(f"create table {name} as from rows")
        connection.execute("checkpoint")


def dump_lines(folder: Path, posts: int) -> list[Line]:
    """Compare first and second ingest of a dump with the bare work, and tell what an edited one adds."""
    dump, warm = folder / "dump.txt", folder / "warm.txt"
    size = write_dump(dump, posts)
    write_dump(warm, 3_000, seed=9)
    timed_ingest(folder / "warm", DUMPS, warm)
    first, bare, second = [], [], []
    for number in range(ROUNDS):
        home = folder / f"home{number}"
        first.append(timed_ingest(home, DUMPS, dump).whole_s)
        second.append(timed_ingest(home, DUMPS, dump).whole_s)
        bare.append(timed(partial(bare_work, dump, folder, rows_of(home))))
        if number:
            shutil.rmtree(home)
    one, two, least = statistics.median(first), statistics.median(second), statistics.median(bare)
    return [
        at_most(
            f"dump of {posts:,} posts ({size / 1e6:,.0f} MB) against the bare work",
            one / least,
            3,
            f"{one:.1f} s against {least:.1f} s",
        ),
        at_least("dump: the very same file again against the first time", one / two, 20, f"{two:.2f} s"),
        _growth_line(folder / "home0", folder / "edited.txt", posts),
    ]


def _growth_line(home: Path, dump: Path, posts: int) -> Line:
    """Tell how many bytes a record costs that a new export repeats."""
    before = Layout(home).store.stat().st_size
    write_dump(dump, posts, edited_share=0.01)
    report = timed_ingest(home, DUMPS, dump).report
    grown = Layout(home).store.stat().st_size - before
    unchanged = report.sources[0].unchanged_count
    return Line(
        f"dump with 1 % edited: store bytes for each of {unchanged:,} unchanged records",
        f"{grown / unchanged:,.0f} bytes",
    )


def command_line(home: Path, posts: int) -> Line:
    """Compare the command's own time with a bare import."""
    command = Path(sys.executable).with_name("mfa-archive")
    bare = _seconds_of([sys.executable, "-c", "import duckdb"])
    status = _seconds_of(["env", f"MFA_ARCHIVE_HOME={home}", str(command), "status"])
    return at_most(
        f"mfa-archive status on {posts:,} posts against a bare import duckdb",
        status / bare,
        6,
        f"{status:.2f} s against {bare:.2f} s",
    )


def _seconds_of(command: list[str]) -> float:
    run = partial(subprocess.run, command, check=True, capture_output=True)
    return statistics.median(timed(run) for _ in range(7))


def memory_line(folder: Path, posts: int) -> Line:
    """Compare the peak memory of dumps as they grow tenfold."""
    small, large = (_peaks(folder, count) for count in (posts // 10, posts))
    return Line(
        f"dumps of {posts // 10:,} and {posts:,} posts: peak memory (process; largest reader)",
        f"{small[0]:.0f} and {large[0]:.0f} MB; {small[1]:.0f} and {large[1]:.0f} MB",
        "flat",
    )


def _peaks(folder: Path, posts: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench", "--one", "dump", "--posts", str(posts), "--folder", str(folder)]
    own, *others = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return own, max(others, default=0.0)


def one_dump(folder: Path, posts: int) -> None:
    """Ingest one dump in a process of its own, and print the peak memory of it and of each that reads for it, in MB."""
    dump, home = folder / f"peak{posts}.txt", folder / f"peak{posts}"
    write_dump(dump, posts)
    timed_ingest(home, DUMPS, dump)
    print(json.dumps([one.peak_mb for one in (taken_by(), *taken_by_children())]))
    shutil.rmtree(home)
    dump.unlink()
