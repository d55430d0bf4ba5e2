"""The first signal lets a run end in order, the next one breaks it off, and afterwards all is as before."""

import signal
import time

import pytest

from flows.command.interruption import Terminated, heeded


@pytest.mark.parametrize(
    ("number", "status", "kind"), [(signal.SIGINT, 130, KeyboardInterrupt), (signal.SIGTERM, 143, Terminated)]
)
def test_a_first_signal_is_noted_and_a_second_one_raises(
    number: signal.Signals, status: int, kind: type[BaseException]
) -> None:
    before = signal.signal(number, signal.default_int_handler)
    try:
        with heeded() as interruption:
            assert (interruption.has_come(), interruption.status) == (False, None)
            signal.raise_signal(number)
            assert (interruption.has_come(), interruption.status) == (True, status)
            with pytest.raises(kind):
                signal.raise_signal(number)
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_a_sleep_ends_with_the_signal_and_none_begins_after_it() -> None:
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        with heeded() as interruption:
            signal.signal(signal.SIGALRM, interruption.note)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            began_at = time.monotonic()
            interruption.sleep(60)
            interruption.sleep(60)
            assert time.monotonic() - began_at < 10
            assert interruption.came == signal.SIGALRM
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heeded() as interruption:
            signal.raise_signal(signal.SIGINT)
            assert not interruption.has_come()
    finally:
        signal.signal(signal.SIGINT, before)
