"""What the readers of containers share: a member, and the place where members are put while they are taken in.

Members are put into numbered files of a temporary folder in the data folder, never under their own names.
"""

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from extract.model import Reason
from flows.container_limits import COPIED_BYTES, Allowance
from flows.input_facts import NOTHING, Refused, Told
from warehouse.layout import Layout

NO_DOCUMENTS = "files that are styles, scripts or media"
_BROKEN_OFF = (
    "a whole container",
    "fetch or copy it again; what stands before the damage was taken in",
)


class Readable(Protocol):
    """What can be read."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    """One thing in a container, or what stands in its way."""

    name: str
    path: Path | None = None
    told: Told = NOTHING
    refusal: Refused | None = None


@dataclass(slots=True)
class Unpacking:
    """Where members are put, and what is told of those that are not. The place is made for the first of them."""

    base: Path
    say: Callable[[str], None]
    passed_over: Counter[str] = field(default_factory=Counter)  # by what they are, in the plural
    _mark: Path | None = None
    _held: BinaryIO | None = None
    _count: int = 0

    def put(self, stream: Readable, allowance: Allowance) -> Path:
        """Copy a stream to its end into a file of its own. Raises `Refused`, and what the stream raises."""
        allowance.take_member()
        path = self._next_place()
        try:
            with path.open("wb") as out:
                while data := stream.read(COPIED_BYTES):
                    allowance.take_bytes(len(data))
                    out.write(data)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _next_place(self) -> Path:
        if self._mark is None:
            self._mark, self._held = _held_mark(self.base)
            self._mark.with_suffix("").mkdir()
        self._count += 1
        return self._mark.with_suffix("") / f"{self._count:08d}"

    def close(self) -> None:
        """Remove what is left of the members."""
        if self._mark is not None and self._held is not None:
            shutil.rmtree(self._mark.with_suffix(""), ignore_errors=True)
            self._mark.unlink(missing_ok=True)
            self._held.close()


@contextmanager
def unpacking(layout: Layout, say: Callable[[str], None]) -> Iterator[Unpacking]:
    """Give a place for members, gone at the end with those that killed runs have left."""
    base = layout.staging / "unpacked"
    if base.exists():
        with _locked(base):
            for mark in base.glob("*.held"):
                _remove_if_left(mark)
    place = Unpacking(base, say)
    try:
        yield place
    finally:
        place.close()


@contextmanager
def _locked(base: Path) -> Iterator[None]:
    with (base / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _held_mark(base: Path) -> tuple[Path, BinaryIO]:
    """Return a file that this process holds: where such a file is not held any more, its process is gone."""
    base.mkdir(parents=True, exist_ok=True)
    with _locked(base):
        number = 1 + max((int(mark.stem) for mark in base.glob("*.held")), default=0)
        mark = base / f"{number}.held"
        held = mark.open("ab")
        fcntl.flock(held, fcntl.LOCK_EX)
    return mark, held


def _remove_if_left(mark: Path) -> None:
    with mark.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
        mark.unlink(missing_ok=True)


def broken_off(found: str) -> Refused:
    """Return the refusal of the rest of a container that is damaged or breaks off."""
    return Refused(Reason.BROKEN_OFF, found, *_BROKEN_OFF)


def unsafe(name: str) -> Refused | None:
    """Return why a member's name can't be one of a file within its container; None where it can."""
    parts = name.split("/")
    if name.startswith("/") or name[1:2] == ":" or ".." in parts or "\0" in name or not name:
        return Refused(
            Reason.UNREADABLE_INPUT,
            "a member whose name leads out of its container",
            "a name below it",
            "if it is what you want, unpack it and hand in the file itself",
        )
    return None


def not_a_file(kind: str) -> Refused:
    """Return the refusal of a member that is a link, a device or the like."""
    return Refused(Reason.UNREADABLE_INPUT, f"a member that is {kind}", "a file", "hand in the file itself, if any")


def is_hidden(name: str) -> bool:
    """Say whether a name, or a folder above it, is hidden, as those of a folder are left out too."""
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in name.split("/"))


def without_dots(name: str) -> str:
    """Return a name without the "./" that tar puts before it."""
    while name.startswith("./"):
        name = name[2:]
    return name
