"""Archives to which something can be done, and a small disk: for what happens where one is full or read-only."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, Desk
from tests.flows.killing import (
    ACTS,
    Place,
    Step,
    copied,
    done_and_killed,
    hand_in,
    killed,
    outcome,
    use,
    write_round,
)
from warehouse.backup import back_up
from warehouse.publish import _noted_state, note_of_copy


def copy_of(desk: Desk, home: Path) -> Desk:
    """Return a copy of an archive, whose read copy is the one that was published last there too."""
    shutil.copytree(desk.home, home)
    copy = Desk(home, replace(desk.clock))
    note = note_of_copy(copy.layout)
    noted = json.loads(note.read_bytes()) | {"inode": copy.layout.published.stat().st_ino}
    note.write_text(json.dumps(noted), encoding="utf-8")
    assert _noted_state(copy.layout) is not None
    return copy


@dataclass(frozen=True, slots=True)
class Ready:
    """An archive to which an act may be done, and what comes of it undisturbed."""

    place: Place
    expected: list[Any]
    took_s: float


MakeReady = Callable[[str], Ready]
CutOff = Callable[[str, Step], Place]


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An archive of one round, with a backup. No test writes to it."""
    folder = tmp_path_factory.mktemp("grown")
    place = Place(folder / "in", folder / "data", Clock())
    write_round(place.inputs, 0)
    hand_in(place)
    back_up(place.desk.layout, place.backup, place.desk.run().writing)
    return place


@pytest.fixture(scope="session")
def made_ready(grown: Place, tmp_path_factory: pytest.TempPathFactory) -> MakeReady:
    """Return what is made ready for an act, once for all tests."""

    @cache
    def made(name: str) -> Ready:
        place = copied(grown, tmp_path_factory.mktemp("ready"))
        ACTS[name].prepare(place)
        use(place.version)
        undisturbed = copied(place, tmp_path_factory.mktemp("undisturbed"))
        began = time.monotonic()
        ACTS[name].do(undisturbed)
        took_s = time.monotonic() - began
        return Ready(place, outcome(name, undisturbed), took_s)

    return made


@pytest.fixture(scope="session")
def cut_off(made_ready: MakeReady, tmp_path_factory: pytest.TempPathFactory) -> CutOff:
    """Return what an act leaves that is killed at a step, once for all tests."""

    @cache
    def left(name: str, step: Step) -> Place:
        place = copied(made_ready(name).place, tmp_path_factory.mktemp("cut_off"))
        assert killed(done_and_killed, name, place, step)
        return place

    return left


@pytest.fixture
def real_extractor() -> Iterator[None]:
    """Whatever version pages are read by in a test, it ends with the real one."""
    yield
    use(0)


@pytest.fixture
def ready(made_ready: MakeReady, real_extractor: None) -> MakeReady:  # noqa: ARG001 -- it ends what this begins
    """Return what is made ready for an act; pages are read by its version until the test ends."""

    def ready(name: str) -> Ready:
        one = made_ready(name)
        use(one.place.version)
        return one

    return ready


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted only by root, and only where mounting is allowed")
    yield place
    subprocess.run(["/usr/bin/umount", "-l", str(place)], check=True)
