"""An archive that grows while processes are killed over it.

It grows by acts in a random order. Each is killed up to four times running, at one of its named steps or at any moment,
and then done again; it is done undisturbed to a copy of before. Both must then hold the same, and at the end the chain,
the bytes and the documents must verify.
"""

import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from flows.errors import FlowError
from tests.conftest import Clock
from tests.flows.killing import (
    ACTS,
    Place,
    copied,
    done_and_killed,
    faults,
    hand_in,
    killed,
    outcome,
    unverified,
    use,
    write_round,
)
from warehouse.backup import back_up
from warehouse.errors import WarehouseError

RUNNING = (1, 2, 3, 4)  # kills before an act is let end
BEYOND = 1.1  # of the time that an act takes undisturbed
Counts = Counter[tuple[str, str]]  # by act and column


@dataclass(slots=True)
class Soaked:
    """What came of the kills of one archive."""

    seed: int
    counts: Counts = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def soaked(seed: int, kills: int, until: float, folder: Path) -> Soaked:
    """Let one archive grow until so many were killed, it differs, or the time is over."""
    found = Soaked(seed)
    if time.time() >= until:
        return found
    chance = random.Random(seed)  # noqa: S311 -- no secrets
    place = Place(folder / "in", folder / "killed" / "data", Clock())
    folder.mkdir()
    write_round(place.inputs, 0)
    use(0)
    hand_in(place)
    back_up(place.desk.layout, place.backup, place.desk.run("backup").writing)
    while count_of(found.counts, "killed") < kills and not found.differences and time.time() < until:
        name = chance.choice(list(ACTS))
        before = count_of(found.counts, "killed")
        try:
            wrong = _one_act(name, place, folder / "undisturbed", chance, found.counts)
        except (AssertionError, WarehouseError, FlowError, duckdb.Error, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            found.differences.append(f"seed {seed}, {name}: {wrong}")
        outcome_of_act = "differing" if wrong else "made good"
        found.counts[name, outcome_of_act] += count_of(found.counts, "killed") - before
    if not found.differences:
        found.differences.extend(f"seed {seed}, at the end: {line}" for line in unverified(place))
    if not found.differences:
        shutil.rmtree(folder)
    return found


def _one_act(name: str, place: Place, aside: Path, chance: random.Random, counts: Counts) -> str:
    """Do an act, killing it at first, and return how what comes of it differs from what comes of it undisturbed."""
    ACTS[name].prepare(place)
    use(place.version)
    undisturbed = copied(place, aside)
    began = time.monotonic()
    ACTS[name].do(undisturbed)
    took_s = time.monotonic() - began
    expected = outcome(name, undisturbed)
    shutil.rmtree(aside)
    for _ in range(chance.choice(RUNNING)):
        step = chance.choice((None, chance.choice(ACTS[name].steps)))
        after_s = chance.uniform(0, BEYOND * took_s)
        is_killed = killed(done_and_killed, name, place, step, after_s=None if step else after_s)
        counts[name, "killed" if is_killed else "ended first"] += 1
        counts[name, "at a step"] += bool(is_killed and step)
        place.desk.value("select count(*) from documents")  # never half a read copy
    ACTS[name].do(place)
    counts[name, "done"] += 1
    found = outcome(name, place)
    _tidy(place)
    if found != expected:
        return f"{_first_difference(found, expected)} (left: killed, right: undisturbed)"
    return "; ".join(faults(place.desk))


def _tidy(place: Place) -> None:
    shutil.rmtree(place.restored.home, ignore_errors=True)
    shutil.rmtree(place.snapshot, ignore_errors=True)
    for old in place.desk.layout.store.parent.glob("replaced-*"):
        old.unlink()


def _first_difference(one: list[object], two: list[object]) -> str:
    return next((f"{left!r} is not {right!r}" for left, right in zip(one, two, strict=False) if left != right), "more")


def count_of(counts: Counts, column: str) -> int:
    """Return the sum of a column."""
    return sum(counts[name, column] for name in ACTS)
