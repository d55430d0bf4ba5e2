"""Verifying an archive: what a part of it looks at, and what it finds to be off.

Everything is recomputed over a copy of the writer's file, whose views are made anew by this code: the archive itself is
only read, its lock is held no longer than it takes to copy a file, and what somebody did to its views deceives nobody.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from warehouse.archive import Writing, check_is_duckdb, opened_for_writing, require_archive
from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.room import check_room, full_disk_told

REBUILD = "mfa-archive rebuild makes the archive anew from data/raw; the old file is kept beside it"
FROM_BACKUP = "copy the file back from a backup of the raw store"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is off."""

    where: str
    found: str
    expected: str
    remedy: str

    @property
    def line(self) -> str:
        """It on one line."""
        return f"{self.where}: {self.found}; expected {self.expected}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of verifying looked at."""

    name: str
    count: int
    noun: str  # what is counted
    size_bytes: int | None = None  # of what was hashed or read
    findings: tuple[Finding, ...] = ()  # the first that is off comes first
    notes: tuple[str, ...] = ()  # what could not be looked at, a sentence each


def told(count: int, one: str, more: str) -> str:
    """Return a note of what is counted, in the words for one or for more."""
    return f"{count:,} {one if count == 1 else more}"


@contextmanager
def copied(layout: Layout, writing: Writing) -> Iterator[tuple[Layout, duckdb.DuckDBPyConnection]]:
    """Yield the folder of a copy of the archive, and the copy opened and brought up to this code.

    Raises `ArchiveDamaged` where there is no archive or none that can be read, `ArchiveBusy` where another process
    writes or verifies.
    """
    require_archive(layout.store)
    aside = Layout(layout.store.parent / "verifying")
    with locked(layout.store.with_name("verify.lock"), writing.wait_s), full_disk_told(layout):
        shutil.rmtree(aside.home, ignore_errors=True)
        try:
            _copy(layout, aside, writing)
            with opened_for_writing(aside, writing) as connection:
                yield aside, connection
        except ArchiveDamaged as error:
            raise ArchiveDamaged(str(error).replace(str(aside.store), str(layout.store))) from error
        finally:
            shutil.rmtree(aside.home, ignore_errors=True)


def _copy(layout: Layout, aside: Layout, writing: Writing) -> None:
    aside.store.parent.mkdir(parents=True)
    with locked(layout.lock, writing.wait_s):
        check_is_duckdb(layout.store, "mfa-archive rebuild makes the archive anew from data/raw")
        check_room(layout, 0)
        for suffix in (".duckdb", ".duckdb.wal"):
            if layout.store.with_suffix(suffix).exists():
                shutil.copyfile(layout.store.with_suffix(suffix), aside.store.with_suffix(suffix))
