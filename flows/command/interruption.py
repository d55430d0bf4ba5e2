"""Signals that ask a run to end: the first one lets it end in order, the next one breaks it off.

A run that is broken off anywhere loses nothing, as one that is killed; one that ends in order is also counted.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_NAP_S = 0.2  # a signal doesn't cut a sleep short
_ENDING = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, answered as an interrupt from the keyboard."""


@dataclass(slots=True)
class Interruption:
    """Whether a run is asked to end."""

    came: int | None = None  # the number of the signal

    @property
    def status(self) -> int | None:
        """The exit status of a command that was asked to end; None for one that was not."""
        return None if self.came is None else 128 + self.came

    def has_come(self) -> bool:
        """Say whether the run is asked to end."""
        return self.came is not None

    def sleep(self, seconds: float) -> None:
        """Sleep, until the run is asked to end at most."""
        until = time.monotonic() + seconds
        while self.came is None and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _NAP_S))

    def note(self, number: int, _: FrameType | None) -> None:
        """Note the first signal; raise at the next one, which wants an end at once."""
        if self.came is not None:
            raise_for(number, None)
        self.came = number


def raise_for(number: int, _: FrameType | None) -> None:
    """Raise for a signal what ends a command. Raises `KeyboardInterrupt` and `Terminated`."""
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


@contextmanager
def heeded() -> Iterator[Interruption]:
    """Take signals as a wish that the run ends in order, as long as the context lasts; what is ignored stays so."""
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():  # others are told of no signal
        yield found
        return
    before = {one: signal.getsignal(one) for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN}
    try:
        for one in before:
            signal.signal(one, found.note)
        yield found
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
