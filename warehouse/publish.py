"""The read copy: what people open.

Copied aside from the writer's file after a checkpoint, checked and renamed, so that a reader never sees half a copy and
one who has the old copy open keeps it. In the copy the computed history stands as a table, under the name of its view:
there nothing is appended, so that it need not be computed with every question. After a run that appended nothing the
copy of before is copied instead, with the run added.
"""

import os
import shutil
from pathlib import Path

import duckdb
import orjson

from warehouse.archive import MEMORY_LIMIT, Writing, check_is_duckdb, settle
from warehouse.errors import ArchiveDamaged, WriteFailed
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.migrations import views
from warehouse.raw_store import sync_folder, write_safely
from warehouse.statements import statement

LOOKS_AT_ONCE = 100_000


def publish(layout: Layout, writing: Writing) -> None:
    """Replace the read copy by a copy of the writer's file.

    Raises `ArchiveDamaged` where either is no archive, `ArchiveBusy` where another process writes or publishes.
    """
    check_is_duckdb(layout.published, "the next mfa-archive ingest publishes it anew")
    # One copy at a time, under a lock of its own: writers need not wait while the history is computed.
    with locked(layout.store.with_name("publish.lock"), writing.wait_s):
        _publish(layout, writing)


def _publish(layout: Layout, writing: Writing) -> None:
    aside = layout.home / ".archive.duckdb.part"
    # The log of a copy that was cut off: DuckDB would play it into the new one.
    aside.with_name(f"{aside.name}.wal").unlink(missing_ok=True)
    with locked(layout.lock, writing.wait_s):
        if layout.store.with_suffix(".duckdb.wal").exists():
            _fold_log(layout.store)
        expected = _state(layout.store)
        is_current = _is_untouched(layout) and _state_if_free(layout.published) == expected
        shutil.copyfile(layout.published if is_current else layout.store, aside)
        if is_current:
            _carry_runs(layout, aside)
    if not is_current:
        _compute_history(layout, aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    found = _state(aside)
    if found != expected:
        raise ArchiveDamaged(f"{aside}: holds head {found}; expected {expected} as in {layout.store}; run it again")
    aside.replace(layout.published)
    sync_folder(layout.home)
    write_safely(note_of_copy(layout), _look_of(layout.published))


def note_of_copy(layout: Layout) -> Path:
    """Return where it is noted what the read copy looked like when it was published."""
    return layout.store.with_name("published.json")


def _look_of(path: Path) -> bytes:
    status = path.stat()
    return orjson.dumps({"size_bytes": status.st_size, "modified_ns": status.st_mtime_ns, "inode": status.st_ino})


def _is_untouched(layout: Layout) -> bool:
    """Say whether the read copy is the file that was published last: whatever a person did to it is not carried on."""
    note = note_of_copy(layout)
    return layout.published.exists() and note.exists() and note.read_bytes() == _look_of(layout.published)


def _fold_log(store: Path) -> None:
    with duckdb.connect(str(store)) as connection:
        connection.execute("checkpoint")


def _carry_runs(layout: Layout, aside: Path) -> None:
    """Add what stands outside the appends to a copy of the read copy, whose history holds."""
    with duckdb.connect(str(aside)) as connection:
        settle(connection)
        path = str(layout.store).replace("'", "''")
        connection.execute(f"attach '{path}' as writer (read_only)")
        connection.execute(statement("carry_runs"))
        connection.execute("detach writer")
        connection.execute("checkpoint")


def _compute_history(layout: Layout, aside: Path) -> None:
    config = {"memory_limit": MEMORY_LIMIT, "temp_directory": str(layout.scratch)}
    try:
        with duckdb.connect(str(aside), config=config) as connection:  # type: ignore[arg-type]
            settle(connection)
            compute_history(connection)
            connection.execute("checkpoint")
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
    connection.execute(statement("history/end"))
    connection.execute(dict(views())["store.look"])


def _state_if_free(path: Path) -> object:
    """Return the state of the read copy; None where a person has it open for writing."""
    try:
        return _state(path)
    except duckdb.IOException:
        return None


def _state(path: Path) -> object:
    """Return what the history of an archive follows from: its newest append, and the views."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return (
            connection.execute(statement("newest_append")).fetchone(),
            connection.execute(statement("newest_views")).fetchone(),
        )
