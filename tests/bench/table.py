"""The table that is printed, and how long things take."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    what: str
    measured: str
    aim: str = ""
    is_met: bool | None = None  # None: told, with no aim


def at_least(what: str, ratio: float, aim: float, told: str) -> Line:
    """Return the row of a ratio that should be large."""
    return Line(what, f"{ratio:.2f} x ({told})", f"at least {aim:g} x", ratio >= aim)


def at_most(what: str, ratio: float, aim: float, told: str) -> Line:
    """Return the row of a ratio that should be small."""
    return Line(what, f"{ratio:.2f} x ({told})", f"at most {aim:g} x", ratio <= aim)


def show(lines: Iterable[Line]) -> None:
    """Print rows as Markdown."""
    print("| what | measured | aim | met |\n| --- | --- | --- | --- |")
    for line in lines:
        met = "" if line.is_met is None else "yes" if line.is_met else "no"
        print(f"| {line.what} | {line.measured} | {line.aim} | {met} |")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
