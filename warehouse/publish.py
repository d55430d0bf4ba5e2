"""The read copy: what people open.

Copied aside from the writer's file after a checkpoint, checked and renamed, so that a reader never sees half a copy and
one who has the old copy open keeps it. In the copy the computed history stands as a table, under the name of its view:
there nothing is appended, so that it need not be computed with every question. After a run that appended nothing the
copy of before is copied instead, with the run added.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson

from warehouse.archive import MEMORY_LIMIT, Writing, check_is_duckdb, copy_store, settle, written_elsewhere
from warehouse.errors import WriteFailed
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.migrations import views
from warehouse.raw_store import sync_folder, write_safely
from warehouse.statements import quoted, statement

LOOKS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Totals:
    """What an archive holds."""

    document_count: int
    version_count: int
    head: str | None  # hexadecimal


def publish(layout: Layout, writing: Writing, *, is_appended: bool = False) -> Totals:
    """Replace the read copy by a copy of the writer's file, and return what it holds.

    After an append the copy of before is not looked at: its history is another one. Raises `ArchiveDamaged` where
    either is no archive, `ArchiveBusy` where another process writes or publishes.
    """
    check_is_duckdb(layout.published, "the next mfa-archive ingest publishes it anew")
    # One copy at a time, under a lock of its own: writers need not wait while the history is computed.
    with locked(layout.store.with_name("publish.lock"), writing.wait_s):
        return _publish(layout, writing, is_appended=is_appended)


def _publish(layout: Layout, writing: Writing, *, is_appended: bool) -> Totals:
    aside = layout.home / ".archive.duckdb.part"
    # The log of a copy that was cut off: DuckDB would play it into the new one.
    aside_log = _log_of(aside)
    aside_log.unlink(missing_ok=True)
    with locked(layout.lock, writing.wait_s):
        copied = None if is_appended else _carried(layout, aside)
        if copied is None:
            aside_log.unlink(missing_ok=True)
            copy_store(layout, aside)
    if copied is None:
        copied = _computed(layout, aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    _log_of(layout.published).unlink(missing_ok=True)  # of a person's own writing, which would be played into this one
    aside.replace(layout.published)
    sync_folder(layout.home)
    write_safely(note_of_copy(layout), orjson.dumps({**_look_of(layout.published), "state": copied.state}))
    return copied.totals


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def note_of_copy(layout: Layout) -> Path:
    """Return where it is noted what the read copy looked like when it was published, and what it holds."""
    return layout.store.with_name("published.json")


def _look_of(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size_bytes": status.st_size, "modified_ns": status.st_mtime_ns, "inode": status.st_ino}


def _noted_state(layout: Layout) -> object:
    """Return what the read copy holds; None unless it is the file that was published last.

    Whatever a person did to it is not carried on; what stands in a log beside it isn't in the file.
    """
    note = note_of_copy(layout)
    if not layout.published.exists() or not note.exists():
        return None
    try:
        noted = orjson.loads(note.read_bytes())
    except orjson.JSONDecodeError:
        return None
    is_same = isinstance(noted, dict) and noted.items() >= _look_of(layout.published).items()
    return noted.get("state") if is_same else None


@contextmanager
def _beside(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the writer's file for reading, in a way that lets another file be written beside it."""
    with duckdb.connect() as connection:
        settle(connection)
        try:
            connection.execute(f"attach {quoted(layout.store)} as writer (read_only)")
        except duckdb.IOException as error:
            if "set lock" not in str(error).lower():
                raise
            raise written_elsewhere(layout, str(error).partition("\n")[0]) from error
        connection.execute("use writer")
        yield connection


def _carried(layout: Layout, aside: Path) -> "_Copied | None":
    """Make the new copy of the copy of before, whose history holds, with what stands outside the appends added.

    None where its history is another one, where a person has written to it, or where it is damaged.
    """
    noted = _noted_state(layout)
    if noted is None or _log_of(layout.store).exists():
        return None
    with _beside(layout) as connection:
        if _state(connection) != noted:
            return None
        shutil.copyfile(layout.published, aside)
        if _noted_state(layout) is None:  # written to meanwhile
            return None
        try:
            connection.execute(f"attach {quoted(aside)} as copy")
            connection.execute("use copy")
            connection.execute(statement("carry_runs"))
            connection.execute("checkpoint")
            copied = _copied(connection)
            connection.execute("use writer")
            connection.execute("detach copy")
        except duckdb.Error:
            return None
        return copied if copied.state == noted else None


def _computed(layout: Layout, aside: Path) -> "_Copied":
    """Put the computed history into a copy of the writer's file, and return what it holds."""
    config = {"memory_limit": MEMORY_LIMIT, "temp_directory": str(layout.scratch)}
    try:
        with duckdb.connect(str(aside), config=config) as connection:  # type: ignore[arg-type]
            settle(connection)
            compute_history(connection)
            connection.execute("checkpoint")
            return _copied(connection)
    except (duckdb.IOException, duckdb.TransactionException, duckdb.OutOfMemoryException) as error:
        raise WriteFailed(
            f"{layout.published}: could not be made ({str(error).partition(chr(10))[0]}); expected room on disk and in "
            "memory; make room and run the command again: the copy of before stands, and nothing of the archive is lost"
        ) from error


def compute_history(connection: duckdb.DuckDBPyConnection, looks_at_once: int = LOOKS_AT_ONCE) -> None:
    """Put the computed history in the place of its view, in a copy of the archive.

    It is computed for as many documents at a time as have so many looks, so that memory doesn't grow with the archive.
    """
    connection.execute(statement("history/begin"))
    connection.execute("set variable looks_at_once = $value", {"value": looks_at_once})
    for key_from, key_until in connection.execute(statement("history/slices")).fetchall():
        connection.execute("set variable key_from = $value", {"value": key_from})
        connection.execute("set variable key_until = $value", {"value": key_until})
        connection.execute(statement("history/slice"))
        (is_steady,) = connection.execute(statement("history/is_steady")).fetchone() or (False,)
        connection.execute(statement("history/steady_versions" if is_steady else "history/versions"))
    connection.execute(statement("history/end"))
    connection.execute(dict(views())["store.look"])


@dataclass(frozen=True, slots=True)
class _Copied:
    """What a copy was found to hold."""

    state: object
    totals: Totals


def _copied(connection: duckdb.DuckDBPyConnection) -> _Copied:
    return _Copied(_state(connection), totals_of(connection))


def totals_of(connection: duckdb.DuckDBPyConnection) -> Totals:
    """Return what an archive holds."""
    (row,) = connection.execute(statement("totals")).fetchall()
    return Totals(*row)


def _state(connection: duckdb.DuckDBPyConnection) -> object:
    """Return what the history of an archive follows from, as JSON has it: its newest append, and the views."""
    rows = [connection.execute(statement(name)).fetchone() for name in ("newest_append", "newest_views")]
    return [[value.hex() if isinstance(value, bytes) else str(value) for value in row or ()] for row in rows]
