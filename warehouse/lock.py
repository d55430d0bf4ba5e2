"""The lock on an archive: an operating-system lock on a file beside it, which names its owner.

The system lets go of it when its owner ends, however it ends, so that no lock outlives a killed process.
"""

import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import ArchiveBusy

POLL_S = 0.1


@contextmanager
def locked(path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock at a path. Waits for at most `wait_s` seconds, then raises `ArchiveBusy` naming the owner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _take(file.fileno(), path, time.monotonic() + wait_s)
        try:
            file.truncate(0)
            file.write(owner().encode())
            file.flush()
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def _take(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                held_by = path.read_text(errors="replace") or "a process that does not name itself"
                raise ArchiveBusy(
                    f"{path}: held by {held_by}; expected it to be free; wait until that process has ended "
                    "and run the command again: what was staged is kept and will be appended then"
                ) from error
            time.sleep(POLL_S)
        else:
            return


def owner() -> str:
    """Return who this process is, for whoever waits for it."""
    return f"process {os.getpid()} on {socket.gethostname()} ({Path(sys.argv[0]).name})"
