"""A run that is killed, wherever it is, leaves nothing that the next run doesn't make good."""

import random
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from flows.inputs import handed_in_job
from flows.rebuild import rebuild
from flows.reports import RunReport
from tests.conftest import Desk
from tests.flows.conftest import CutOff, MakeReady
from tests.flows.killing import (
    ACTS,
    HELD,
    VERSIONS,
    Place,
    Step,
    copied,
    done_and_killed,
    faults,
    hand_in,
    killed,
    outcome,
    read_in_parts_and_killed,
    write_round,
)
from warehouse.staging import SourceFacts

RANDOM_COUNT = 2  # of each act; `make soak` goes on with it
# Killed before it began, a run leaves no trace; one whose end is in the archive has ended.
WITHOUT_INTERRUPTION: list[Step] = [
    ("flows.pipeline.check_room", "after", 1),
    ("sql:commit", "after", 2),
    ("flows.pipeline.publish", "before", 1),
    ("warehouse.publish._state", "after", 1),
]
IN_RECOVERY: list[Step] = [
    ("flows.pipeline.restage", "before", 1),
    ("flows.intake.read_capture", "after", 1),
    ("flows.pipeline.append_batch", "after", 1),
]


def ingest(desk: Desk, folder: Path) -> RunReport:
    return desk.ingest(handed_in_job(SourceFacts("pages"), [folder]))


def ingest_killed(desk: Desk, folder: Path, step: Step) -> int | None:
    return killed(done_and_killed, "ingest", Place(folder, desk.home, desk.clock), step)


CASES = [(name, step) for name, act in ACTS.items() for step in act.steps]


@pytest.mark.parametrize(
    ("name", "step"), CASES, ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else value
)
def test_what_is_killed_at_any_step_is_made_good_by_doing_it_again(
    ready: MakeReady,
    tmp_path: Path,
    name: str,
    step: Step,
) -> None:
    one = ready(name)
    place = copied(one.place, tmp_path)
    assert killed(done_and_killed, name, place, step), "the step is never reached"
    place.clock.now -= timedelta(hours=2)  # what is recorded never goes back, though the clock does
    ACTS[name].do(place)
    assert outcome(name, place) == one.expected
    assert faults(place.desk) == []
    if name == "ingest":
        interrupted = place.desk.value("select count(*) from runs where outcome = 'interrupted'")
        assert interrupted == (0 if step in WITHOUT_INTERRUPTION else 1)


@pytest.mark.parametrize("name", ACTS)
def test_what_is_killed_at_any_moment_again_and_again_is_made_good_by_doing_it_again(
    ready: MakeReady, tmp_path: Path, name: str
) -> None:
    one = ready(name)
    place = copied(one.place, tmp_path)
    chance = random.Random()  # noqa: S311 -- moments, not secrets
    moments = [chance.uniform(0, one.took_s) for _ in range(RANDOM_COUNT)]
    for moment in moments:
        killed(done_and_killed, name, place, after_s=moment)
        assert place.desk.value("select count(*) from documents") >= 1, "half a read copy"  # type: ignore[operator]
    ACTS[name].do(place)
    assert outcome(name, place) == one.expected, moments
    assert faults(place.desk) == [], moments


def test_a_run_killed_while_it_makes_another_one_good_is_made_good_too(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_round(folder, 0)
    for step in [("flows.intake.read_capture", "after", 2), *IN_RECOVERY]:
        assert ingest_killed(desk, folder, step)
    assert ingest(desk, folder).is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]
    outcomes = desk.query("select outcome, count(*) from runs group by all order by 1")
    assert outcomes == [("completed", 1), ("interrupted", 1 + len(IN_RECOVERY))]


def test_a_killed_run_is_shown_as_interrupted(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    assert ingest_killed(desk, tmp_path / "in", ("flows.intake.keep", "before", 1))
    ingest(desk, tmp_path / "in")
    assert desk.query("select outcome from runs order by ended_at") == [("interrupted",), ("completed",)]


@pytest.mark.parametrize("damage", ["deleted", "halved", "cut to its first bytes", "made garbage"])
def test_a_lost_write_ahead_log_loses_nothing(ready: MakeReady, cut_off: CutOff, tmp_path: Path, damage: str) -> None:
    """Only the end of a run is ever written to it: an append is so much that its commit goes to the file."""
    one = ready("ingest")
    place = copied(cut_off("ingest", ("sql:commit", "after", 2)), tmp_path)
    log = place.desk.layout.store.with_suffix(".duckdb.wal")
    data = log.read_bytes()
    if damage == "deleted":
        log.unlink()
    elif damage == "made garbage":
        log.write_bytes(data[: len(data) // 2] + b"\xff" * 60)
    else:
        log.write_bytes(data[: len(data) // 2 if damage == "halved" else 9])
    assert hand_in(place).is_good
    assert outcome("ingest", place) == one.expected
    assert faults(place.desk) == []


def test_a_line_of_the_log_that_a_power_cut_tore_is_none(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    assert ingest_killed(desk, tmp_path / "in", ("flows.intake.read_capture", "after", 1))
    (log,) = (desk.layout.raw / "captures").glob("*/*.jsonl")
    for torn in (b'{"kind":"capt', b'{"kind":"source","run_key":'):
        with log.open("ab") as file:
            file.write(torn)
    assert ingest(desk, tmp_path / "in").is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]
    assert b'{"kind":"capt{"' not in log.read_bytes()
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]


def test_leftovers_of_what_was_written_aside_are_in_nobodys_way(ready: MakeReady, tmp_path: Path) -> None:
    one = ready("ingest")
    place = copied(one.place, tmp_path)
    layout = place.desk.layout
    month = next((layout.raw / "refs").iterdir())
    for path in (
        layout.home / ".archive.duckdb.part",
        layout.home / ".archive.duckdb.part.wal",
        layout.raw / "blobs" / "incoming-abcdef",
        layout.runs / ".x.json.part",
        layout.staging / "20260101T000000.000000Z" / ".sealed.part",
        month / ".x.parquet.part",
        layout.store.with_name("rebuilding.duckdb"),
        layout.store.with_name("rebuilding.duckdb.wal"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of someth")
    assert hand_in(place).is_good
    assert rebuild(place.desk.run("rebuild")).is_good
    assert outcome("ingest", place) == one.expected


def test_a_reading_process_ends_with_its_parent(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "in" / "posts.txt"
    path.parent.mkdir()
    post = "Forwarded from Russian MFA\nHeadline number {0} of a post\nThe body.\nThe body.\n"
    path.write_text("".join(post.format(number) for number in range(100)), encoding="utf-8")
    step = ("flows.reading:Read.add", "before", 1)
    process = killed(read_in_parts_and_killed, Place(path.parent, desk.home, desk.clock), step)
    assert process
    deadline = time.monotonic() + 20
    while (left := in_session(process)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def in_session(session: int) -> list[str]:
    """Return the processes of a session; field 6 of /proc/<pid>/stat names it."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(status.parent.name)
    return found


def test_no_folder_of_an_archive_is_needed_but_the_raw_store(grown: Place, tmp_path: Path) -> None:
    desk = copied(grown, tmp_path).desk
    versions = desk.query(VERSIONS)
    for folder in ("store", "staging"):
        shutil.rmtree(desk.home / folder)
    desk.layout.published.unlink()
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(VERSIONS) == versions
