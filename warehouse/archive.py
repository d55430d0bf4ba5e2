"""Opening the archive: the writer's file under its lock, the read copy for everybody else.

The writer's file is opened for an append and closed after it, so that what others wait for is short.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.errors import ArchiveBusy, ArchiveDamaged, QueryRefused, WriteFailed
from warehouse.layout import Layout
from warehouse.lock import POLL_S, locked
from warehouse.migrations import migrate

MEMORY_LIMIT = "320MB"  # DuckDB takes about 250 MB beside it; at 256 MB the commit of a million posts fails
# DuckDB 1.5.1 to 1.5.6 give wrong rows where a query joins two views that share a part (duckdb#25819, right in 2.0).
SETTINGS = ("TimeZone = 'UTC'", "disabled_optimizers = 'common_subplan'")
_DAMAGE_SIGNS = ("Corrupt", "Could not read", "checksum")  # in DuckDB's messages about a file that is damaged inside
_DUCKDB_MAGIC = b"DUCK"  # at byte 8 of every DuckDB file
_COPIED_AT_ONCE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Writing:
    """What a writer needs to know that the archive can't tell."""

    now: datetime  # aware, UTC
    code_version: str
    wait_s: float  # how long to wait for another process


@contextmanager
def opened_for_writing(layout: Layout, writing: Writing) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the writer's file, migrated, under the archive's lock.

    Raises `ArchiveBusy` where another process keeps the lock or the file, `ArchiveDamaged` where it is no archive, and
    `MigrationRefused` where archive and code don't fit.
    """
    with locked(layout.lock, writing.wait_s):
        check_is_duckdb(layout.store, "mfa-archive rebuild makes the archive anew from data/raw")
        connection = _connect(layout, writing.wait_s)
        try:
            migrate(connection, writing.now, writing.code_version)
            yield connection
        except (
            duckdb.IOException,
            duckdb.OutOfMemoryException,
            duckdb.SerializationException,
            duckdb.FatalException,
            duckdb.InternalException,
        ) as error:
            if any(sign in str(error) for sign in _DAMAGE_SIGNS):
                raise ArchiveDamaged(
                    f"{layout.store}: can't be read ({_first_line(error)}); expected the archive's own file; "
                    "move it away: mfa-archive rebuild makes the archive anew from data/raw"
                ) from error
            if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                raise
            raise WriteFailed(
                f"{layout.store}: could not be written ({_first_line(error)}); expected room on disk and in memory; "
                "make room and run the command again: what was staged is kept and will be appended then"
            ) from error
        finally:
            connection.close()


def _connect(layout: Layout, wait_s: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_s
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(layout.scratch),
        "checkpoint_threshold": "1KB",  # a commit goes to the file at once: what is logged first is written twice
    }
    while True:
        try:
            connection = duckdb.connect(str(layout.store), config=config)
        except duckdb.Error as error:
            if "set lock" in str(error).lower():
                _wait_or_give_up(layout, deadline, error)
            elif not ("WAL" in str(error) and _put_log_aside(layout)):
                raise ArchiveDamaged(
                    f"{layout.store}: can't be opened ({_first_line(error)}); expected the archive's own file; "
                    "move it away: mfa-archive rebuild makes the archive anew from data/raw"
                ) from error
        else:
            settle(connection)
            return connection


def _wait_or_give_up(layout: Layout, deadline: float, error: duckdb.Error) -> None:
    if time.monotonic() >= deadline:
        raise ArchiveBusy(
            f"{layout.store}: open in another process ({_first_line(error)}); expected it to be free; "
            f"close it there (readers should open {layout.published.name}) and run the command again: what was "
            "staged is kept and will be appended then"
        ) from error
    time.sleep(POLL_S)


def _put_log_aside(layout: Layout) -> bool:
    """Put a write-ahead log that can't be replayed aside, and return False where there is none.

    Whatever it held is still staged: a batch goes only once a checkpoint holds it.
    """
    log = layout.store.with_name(f"{layout.store.name}.wal")
    if not log.exists():
        return False
    kept = sorted(log.parent.glob(f"{log.name}.unreadable-*"))
    log.replace(log.with_name(f"{log.name}.unreadable-{len(kept) + 1}"))
    return True


def copy_store(layout: Layout, copy: Path) -> None:
    """Copy the writer's file, which this process must not have open, with all that stands in its write-ahead log.

    Other programs are kept from writing to it meanwhile. Raises `ArchiveBusy` where one does.
    """
    if layout.store.with_name(f"{layout.store.name}.wal").exists():
        try:
            with duckdb.connect(str(layout.store)) as connection:
                connection.execute("checkpoint")
        except duckdb.IOException as error:
            if "set lock" not in str(error).lower():
                raise
            raise written_elsewhere(layout, _first_line(error)) from error
    with layout.store.open("rb") as file, copy.open("wb") as copied:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # the lock that DuckDB asks for
        except (BlockingIOError, PermissionError) as error:
            raise written_elsewhere(layout, str(error)) from error
        shutil.copyfileobj(file, copied, _COPIED_AT_ONCE_BYTES)


def written_elsewhere(layout: Layout, found: str) -> ArchiveBusy:
    """Return the error that another program has the writer's file open for writing."""
    return ArchiveBusy(
        f"{layout.store}: open for writing in another process ({found}); expected it to be free; close it there and "
        "run the command again"
    )


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a connection give the same rows everywhere: days in UTC, and no optimizer that is known to be wrong."""
    for setting in SETTINGS:
        connection.execute(f"set {setting}")


def check_is_duckdb(path: Path, remedy: str) -> None:
    """Raise `ArchiveDamaged` for a file that is there and no DuckDB file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(12)
    if head[8:12] != _DUCKDB_MAGIC:
        raise ArchiveDamaged(
            f"{path}: not a DuckDB file (it begins with {head[:12]!r}); expected 'DUCK' at byte 8; "
            f"move it away: {remedy}"
        )


def require_archive(path: Path) -> None:
    """Raise `ArchiveDamaged` where no archive stands at a path."""
    if not path.exists():
        raise ArchiveDamaged(f"{path}: not there; expected the archive; mfa-archive ingest makes it")


@contextmanager
def opened_for_reading(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the read copy. Nothing can be written through it, and queries reach neither files nor the network."""
    path = layout.published
    require_archive(path)
    check_is_duckdb(path, "the next mfa-archive ingest publishes it anew")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        if "set lock" in str(error).lower():
            raise ArchiveBusy(
                f"{path}: open for writing in another process ({_first_line(error)}); expected readers only; "
                "close it there, or open it read-only: it is a copy, which the next run replaces"
            ) from error
        raise ArchiveDamaged(
            f"{path}: can't be opened ({_first_line(error)}); expected the read copy; move it away: "
            "the next mfa-archive ingest publishes it anew"
        ) from error
    try:
        settle(connection)
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            connection.execute(f"set {setting}")
        yield connection
    except duckdb.Error as error:
        raise QueryRefused(f"the query was refused: {_first_line(error)}") from error
    finally:
        connection.close()


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
