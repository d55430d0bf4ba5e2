"""Runs: when they began, and what became of them.

A run under way has a small file in the staging folder, locked by its process. The end of a run is a row; a run whose
process is gone without one was interrupted, and the next run says so.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.raw_store import sync_folder, write_safely
from warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class RunStart:
    """One execution as it began."""

    run_key: str
    command: str
    started_at: datetime
    code_version: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What became of the inputs of one source in one run; read = appended + unchanged + rejected."""

    source_key: str
    input_count: int
    read_count: int
    appended_count: int
    unchanged_count: int
    rejected_count: int
    errors: tuple[str, ...]


_COUNTS = pa.struct(
    [
        ("source_key", pa.string()),
        ("input_count", pa.int64()),
        ("read_count", pa.int64()),
        ("appended_count", pa.int64()),
        ("unchanged_count", pa.int64()),
        ("rejected_count", pa.int64()),
        ("errors", pa.list_(pa.string())),
    ]
)


def run_start(command: str, now: datetime, code_version: str) -> RunStart:
    """Return a new run of this process."""
    pid = os.getpid()
    run_key = f"{now:%Y%m%dT%H%M%S.%fZ}-{pid}"
    return RunStart(run_key, command, now, code_version, socket.gethostname(), pid)


@contextmanager
def journalled(layout: Layout, start: RunStart) -> Iterator[None]:
    """Keep a run's journal while it is under way. It stays where the run doesn't come to its end."""
    path = layout.runs / f"{start.run_key}.json"
    aside = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("wb") as file:
        # Locked before it has its name: another run never sees it without an owner.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(orjson.dumps(asdict(start)))
        file.flush()
        os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
        yield
    path.unlink(missing_ok=True)


def interrupted_runs(layout: Layout) -> list[tuple[Path, RunStart]]:
    """Return the journals whose process is gone."""
    found: list[tuple[Path, RunStart]] = []
    for path in sorted(layout.runs.glob("*.json")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                row = _read(path, file.read())
        except (BlockingIOError, FileNotFoundError):  # it is under way, or has ended since the folder was read
            continue
        found.append((path, _start(row)))
    return found


def leave_end(layout: Layout, start: RunStart, ended_at: datetime, outcome: str, counts: list[SourceCounts]) -> None:
    """Keep the end of a run for the next one to record: the archive can't be opened now."""
    row = {
        "start": asdict(start),
        "ended_at": ended_at,
        "outcome": outcome,
        "counts": [asdict(count) for count in counts],
    }
    write_safely(layout.runs / f"{start.run_key}.ended", orjson.dumps(row))


def record_left_ends(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Record the ends that earlier runs had to leave."""
    for path in sorted(layout.runs.glob("*.ended")):
        row = _read(path, path.read_bytes())
        counts = [SourceCounts(**count | {"errors": tuple(count["errors"])}) for count in row["counts"]]
        record_run(connection, _start(row["start"]), datetime.fromisoformat(row["ended_at"]), row["outcome"], counts)
        path.unlink(missing_ok=True)


def _read(path: Path, data: bytes) -> dict[str, Any]:
    try:
        row: dict[str, Any] = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ArchiveDamaged(
            f"{path}: can't be understood ({error}); expected the journal of a run; delete it: it only tells that the "
            "run began"
        ) from error
    return row


def _start(row: dict[str, Any]) -> RunStart:
    return RunStart(**row | {"started_at": datetime.fromisoformat(row["started_at"])})


def record_run(
    connection: duckdb.DuckDBPyConnection,
    start: RunStart,
    ended_at: datetime,
    outcome: str,
    counts: list[SourceCounts],
) -> None:
    """Add a run and its end, unless they are there."""
    rows = [asdict(count) | {"errors": list(count.errors)} for count in counts]
    ended = {
        "run_key": [start.run_key],
        "ended_at": pa.array([ended_at], pa.timestamp("us", tz="UTC")),
        "outcome": [outcome],
        "sources": pa.array([rows], pa.list_(_COUNTS)),
    }
    connection.register("ended_run", pa.table(ended))
    try:
        connection.execute("begin")
        connection.execute(statement("record_run"), asdict(start))
        connection.execute(statement("record_run_end"))
        connection.execute("commit")
    finally:
        connection.unregister("ended_run")
    connection.execute("checkpoint")
