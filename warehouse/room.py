"""Whether a run has room on the disk."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.errors import NoRoom
from warehouse.layout import Layout

SPARE_BYTES = 64_000_000
TIMES_INPUT = 3  # the raw store, the staged parts and the archive itself, with a margin


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_IN_DUCKDB = "No space left on device"


@contextmanager
def full_disk_told(layout: Layout) -> Iterator[None]:
    """Turn what the system, Arrow and DuckDB say of a full disk into `NoRoom`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _filled(layout) from error
    except duckdb.Error as error:
        if _FULL_IN_DUCKDB not in str(error):
            raise
        raise _filled(layout) from error


def _filled(layout: Layout) -> NoRoom:
    return NoRoom(
        f"{layout.home}: the disk has filled up during the run; expected room for what it writes; make room and run "
        "the command again: what was captured is kept, and the next run appends it"
    )


def check_room(layout: Layout, input_bytes: int) -> None:
    """Raise `NoRoom` where the disk of the data folder can't take an input of so many bytes."""
    folder = layout.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    published = layout.store.stat().st_size if layout.store.exists() else 0
    needed = SPARE_BYTES + TIMES_INPUT * input_bytes + published
    if free < needed:
        raise NoRoom(
            f"{layout.home}: {free / 1e6:,.0f} MB free; expected at least {needed / 1e6:,.0f} MB for "
            f"{input_bytes / 1e6:,.0f} MB of input; make room or point MFA_ARCHIVE_HOME to another disk; "
            "nothing was begun"
        )
