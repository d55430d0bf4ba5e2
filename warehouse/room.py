"""Whether a run has room on the disk."""

import shutil

from warehouse.errors import NoRoom
from warehouse.layout import Layout

SPARE_BYTES = 64_000_000
TIMES_INPUT = 3  # the raw store, the staged parts and the archive itself, with a margin


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
