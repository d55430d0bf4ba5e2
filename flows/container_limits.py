"""Limits on what a container may unpack to, so that a bomb ends in a rejection and not in a full disk."""

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

from extract.model import Reason
from flows.input_facts import Refused

MOST_BYTES = 50_000_000_000
MOST_RATIO = 200  # of what comes out to what goes in; text is hardly ever packed tighter than 1 to 30
ALWAYS_BYTES = 100_000_000  # may come out of any container, however small
MOST_MEMBERS = 1_000_000
MOST_DEPTH = 3  # a container within a container within a container
COPIED_BYTES = 1_000_000


@dataclass(slots=True)
class Allowance:
    """What may still come out of one container, with all that is nested in it."""

    most_bytes: int
    left_bytes: int
    left_members: int = MOST_MEMBERS

    def take_bytes(self, count: int) -> None:
        """Count bytes that came out. Raises `Refused` above the limit."""
        self.left_bytes -= count
        if self.left_bytes < 0:
            raise too_much(self.most_bytes)

    def take_member(self) -> None:
        """Count a member that came out. Raises `Refused` above the limit."""
        self.left_members -= 1
        if self.left_members < 0:
            raise Refused(
                Reason.TOO_LARGE,
                f"more than {MOST_MEMBERS:,} members",
                f"at most {MOST_MEMBERS:,}",
                "unpack it and hand in the files in several steps; those before it were taken in",
            )


def allowance_for(size_bytes: int) -> Allowance:
    """Return what may come out of a container of that size."""
    most = min(MOST_BYTES, max(ALWAYS_BYTES, MOST_RATIO * size_bytes))
    return Allowance(most, most)


def too_much(most_bytes: int) -> Refused:
    """Return the refusal of a container that unpacks to more than is allowed."""
    return Refused(
        Reason.TOO_LARGE,
        f"a container that unpacks to more than {most_bytes:,} bytes",
        f"at most {MOST_RATIO} times its size, {ALWAYS_BYTES:,} bytes in any case and never above {MOST_BYTES:,}",
        "if it is no bomb, unpack it and hand in its files; the members before it were taken in",
    )


class Metered(io.RawIOBase):
    """A stream whose bytes are counted. Raises `Refused` where more than a limit come out; knows its last bytes."""

    def __init__(self, stream: BinaryIO, most_bytes: int) -> None:
        super().__init__()
        self._stream = stream
        self._most_bytes = most_bytes
        self._left_bytes = most_bytes
        self.last = b""
        self.is_at_end = False

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes came, 0 at the end."""
        data = self._stream.read(min(len(buffer), COPIED_BYTES))
        buffer[: len(data)] = data
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise too_much(self._most_bytes)
        if data:
            self.last = (self.last + data)[-512:]
        else:
            self.is_at_end = True
        return len(data)
