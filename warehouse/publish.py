"""The read copy: what people open.

Copied aside from the writer's file after a checkpoint, checked and renamed, so that a reader never sees half a copy and
one who has the old copy open keeps it. In the copy the computed history stands as a table, under the name of its view:
there nothing is appended, so that it need not be computed with every question.
"""

import os
import shutil
from pathlib import Path

import duckdb

from warehouse.archive import Writing, check_is_duckdb, settle
from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.migrations import views
from warehouse.raw_store import sync_folder
from warehouse.statements import statement


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
        shutil.copyfile(layout.store, aside)
        expected = _head(layout.store)
    with duckdb.connect(str(aside)) as connection:
        settle(connection)
        connection.execute(statement("compute_history"))
        connection.execute(dict(views())["store.look"])
        connection.execute("checkpoint")
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    found = _head(aside)
    if found != expected:
        raise ArchiveDamaged(f"{aside}: holds head {found}; expected {expected} as in {layout.store}; run it again")
    aside.replace(layout.published)
    sync_folder(layout.home)


def _fold_log(store: Path) -> None:
    with duckdb.connect(str(store)) as connection:
        connection.execute("checkpoint")


def _head(path: Path) -> object:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(statement("newest_append")).fetchone()
