"""A run that is killed, wherever it is, leaves nothing that the next run doesn't make good."""

import random
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.inputs import handed_in_job
from flows.rebuild import rebuild
from flows.reports import RunReport
from tests.conftest import Desk
from tests.flows.killing import Step, ingest_killed, rebuild_killed
from warehouse.archive import SETTINGS
from warehouse.checks import run_checks
from warehouse.staging import SourceFacts

# Where a run may be killed, in the order in which it gets there.
STEPS: list[Step] = [
    ("warehouse.archive.migrate", "before", 1),
    ("flows.pipeline.check_room", "after", 1),
    ("flows.run.opened_batch", "after", 1),
    ("warehouse.raw_store._compress", "after", 1),
    ("flows.intake.keep", "after", 1),
    ("warehouse.staging:Batch.note", "after", 1),  # the source
    ("warehouse.staging:Batch.note", "after", 2),  # the first capture
    ("flows.intake.keep", "after", 2),
    ("flows.reading.write_part", "after", 2),
    ("flows.intake.read_capture", "after", 2),
    ("warehouse.staging:Batch.seal", "before", 1),
    ("warehouse.staging.write_part", "after", 3),
    ("warehouse.staging.write_safely", "before", 1),
    ("warehouse.staging:Batch.seal", "after", 1),
    ("flows.pipeline.append_batch", "before", 1),
    ("warehouse.append.root_of", "after", 1),
    ("warehouse.append._record", "after", 1),
    ("warehouse.append._write_ledger", "after", 1),
    ("sql:commit", "before", 1),
    ("sql:commit", "after", 1),
    ("sql:checkpoint", "after", 1),
    ("warehouse.append.remove", "after", 1),
    ("flows.pipeline.record_run", "before", 1),
    ("sql:commit", "after", 2),
    ("warehouse.publish._state", "before", 1),
    ("warehouse.publish._state", "after", 2),
]
RANDOM_COUNT = 4
# Killed before it began, a run leaves no trace; one whose end is in the archive has ended.
WITHOUT_INTERRUPTION: list[Step] = [
    ("flows.pipeline.check_room", "after", 1),
    ("sql:commit", "after", 2),
    ("warehouse.publish._state", "before", 1),
    ("warehouse.publish._state", "after", 2),
]
IN_RECOVERY: list[Step] = [
    ("flows.pipeline.restage", "before", 1),
    ("flows.intake.read_capture", "after", 1),
    ("flows.pipeline.append_batch", "after", 1),
]
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.flows.killing"])


def write_round(folder: Path, number: int) -> None:
    """Write a new page, and new words into the page that is there."""
    folder.mkdir(exist_ok=True)
    for name, title in ((f"{number:03}", f"number {number}"), ("a", "that changes each time")):
        head = f"A press release {title}, on a meeting of some importance\n\n  • en-GB1 ru-RU1\n\n"
        text = f"{head}The words of round {number}.\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def ingest(desk: Desk, folder: Path) -> RunReport:
    return desk.ingest(handed_in_job(SourceFacts("pages"), [folder]))


def killed(target: Any, *arguments: Any, after_s: float | None = None) -> bool:
    """Run a function in a process, kill it after a while if it doesn't die by itself, and say whether it was killed."""
    process = CONTEXT.Process(target=target, args=arguments)
    process.start()
    if after_s is not None:
        process.join(after_s)
        process.kill()
    process.join(60)
    assert process.exitcode in {0, -9}, "the run failed before it could be killed"
    return process.exitcode == -9


def broken_rules(desk: Desk) -> list[str]:
    with duckdb.connect(str(desk.layout.published), read_only=True) as connection:
        for setting in SETTINGS:
            connection.execute(f"set {setting}")
        return [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]


HELD = """
select
  (select count(*) from documents), (select count(*) from versions), (select count(*) from captures),
  (select count(*) from store.ref), (select count(*) from rejections)
"""
VERSIONS = "select document_key, version_number, ref, text, cause from versions order by document_key, version_number"
BACKWARDS = """
select append_number
from store.append
qualify recorded_at <= lag(recorded_at) over (order by append_number)
"""
CAPTURES = "select locator, raw_sha256, capture_key from captures order by all"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[object, ...]]]:
    """A folder with an archive of one round and with a second round to be ingested, and what that gives undisturbed."""
    folder = tmp_path_factory.mktemp("base")
    undisturbed = Desk(folder / "undisturbed")
    write_round(folder / "in", 0)
    ingest(undisturbed, folder / "in")
    shutil.copytree(undisturbed.home, folder / "data")
    write_round(folder / "in", 1)
    assert ingest(undisturbed, folder / "in").is_good
    return folder, [*undisturbed.query(VERSIONS), *undisturbed.query(CAPTURES), *undisturbed.query(HELD)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(map(str, step)))
def test_a_run_killed_at_any_step_is_made_good_by_the_next(
    base: tuple[Path, list[tuple[object, ...]]], tmp_path: Path, step: Step
) -> None:
    folder, expected = base
    shutil.copytree(folder / "data", tmp_path / "data")
    desk = Desk(tmp_path / "data")
    desk.clock.now += timedelta(hours=1)
    assert killed(ingest_killed, desk.home, desk.clock, folder / "in", step), "the step is never reached"
    desk.clock.now -= timedelta(hours=2)  # what is recorded never goes back, though the clock does
    assert ingest(desk, folder / "in").is_good
    assert [*desk.query(VERSIONS), *desk.query(CAPTURES), *desk.query(HELD)] == expected
    assert broken_rules(desk) == []
    assert not list(desk.layout.staging.glob("*Z"))
    assert desk.query(BACKWARDS) == []
    interrupted = desk.value("select count(*) from runs where outcome = 'interrupted'")
    assert interrupted == (0 if step in WITHOUT_INTERRUPTION else 1)


def test_runs_killed_at_any_moment_are_made_good_by_the_next(desk: Desk, tmp_path: Path) -> None:
    chance = random.Random()  # noqa: S311 -- moments, not secrets
    moments = [chance.uniform(0.02, 0.7) for _ in range(RANDOM_COUNT)]
    undisturbed = Desk(tmp_path / "undisturbed")
    for number, moment in enumerate(moments):
        write_round(tmp_path / "in", number)
        killed(ingest_killed, desk.home, desk.clock, tmp_path / "in", None, after_s=moment)
        assert ingest(desk, tmp_path / "in").is_good, moments
        assert ingest(undisturbed, tmp_path / "in").is_good
        assert desk.query(VERSIONS) == undisturbed.query(VERSIONS), moments
    assert broken_rules(desk) == []
    captures = desk.query(CAPTURES)
    assert captures == undisturbed.query(CAPTURES)
    assert rebuild(desk.run("rebuild")).is_good
    assert (desk.query(VERSIONS), desk.query(CAPTURES)) == (undisturbed.query(VERSIONS), captures)


def test_a_run_killed_while_it_makes_another_one_good_is_made_good_too(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_round(folder, 0)
    for step in [("flows.intake.read_capture", "after", 2), *IN_RECOVERY]:
        assert killed(ingest_killed, desk.home, desk.clock, folder, step)
    assert ingest(desk, folder).is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]
    outcomes = desk.query("select outcome, count(*) from runs group by all order by 1")
    assert outcomes == [("completed", 1), ("interrupted", 1 + len(IN_RECOVERY))]


def test_a_killed_run_is_shown_as_interrupted(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    assert killed(ingest_killed, desk.home, desk.clock, tmp_path / "in", ("flows.intake.keep", "before", 1))
    ingest(desk, tmp_path / "in")
    assert desk.query("select outcome from runs order by ended_at") == [("interrupted",), ("completed",)]


@pytest.mark.parametrize("damage", ["deleted", "halved", "cut to its first bytes", "made garbage"])
def test_a_lost_write_ahead_log_loses_nothing(desk: Desk, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "in"
    for number, step in enumerate([("sql:commit", "after", 1), ("sql:commit", "after", 2)]):
        write_round(folder, number)
        ingest(desk, folder)
        write_round(folder, 10 + number)
        assert killed(ingest_killed, desk.home, desk.clock, folder, step)
        log = desk.layout.store.with_suffix(".duckdb.wal")
        data = log.read_bytes()
        if damage == "deleted":
            log.unlink()
        elif damage == "made garbage":
            log.write_bytes(data[: len(data) // 2] + b"\xff" * 60)
        else:
            log.write_bytes(data[: len(data) // 2 if damage == "halved" else 9])
        assert ingest(desk, folder).is_good
    assert desk.query(HELD) == [(5, 8, 8, 8, 0)]
    assert broken_rules(desk) == []


def test_a_line_of_the_log_that_a_power_cut_tore_is_none(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    assert killed(ingest_killed, desk.home, desk.clock, tmp_path / "in", ("flows.intake.read_capture", "after", 1))
    (log,) = (desk.layout.raw / "captures").glob("*/*.jsonl")
    for torn in (b'{"kind":"capt', b'{"kind":"source","run_key":'):
        with log.open("ab") as file:
            file.write(torn)
    assert ingest(desk, tmp_path / "in").is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]
    assert b'{"kind":"capt{"' not in log.read_bytes()
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(HELD) == [(2, 2, 2, 2, 0)]


def test_leftovers_of_what_was_written_aside_are_in_nobodys_way(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    ingest(desk, tmp_path / "in")
    month = next((desk.layout.raw / "refs").iterdir())
    for path in (
        desk.layout.home / ".archive.duckdb.part",
        desk.layout.home / ".archive.duckdb.part.wal",
        desk.layout.raw / "blobs" / "incoming-abcdef",
        desk.layout.runs / ".x.json.part",
        desk.layout.staging / "20260101T000000.000000Z" / ".sealed.part",
        month / ".x.parquet.part",
        desk.layout.store.with_name("rebuilding.duckdb"),
        desk.layout.store.with_name("rebuilding.duckdb.wal"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of someth")
    write_round(tmp_path / "in", 1)
    assert ingest(desk, tmp_path / "in").is_good
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(HELD) == [(3, 4, 4, 4, 0)]


REBUILDING: list[Step] = [
    ("flows.rebuild.restage", "after", 1),
    ("flows.rebuild.append_batch", "before", 2),
    ("flows.rebuild.append_ledger", "after", 1),
    ("flows.rebuild._put_in_place", "after", 1),
]


def test_a_rebuild_killed_at_any_step_leaves_the_archive_as_it_was_or_will_be(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number in range(2):
        write_round(folder, number)
        ingest(desk, folder)
    head = desk.value("select head from store.append order by append_number desc limit 1")
    versions = desk.query(VERSIONS)
    for step in REBUILDING:
        assert killed(rebuild_killed, desk.home, desk.clock, step), step
        assert ingest(desk, folder).is_good, step
        assert desk.value("select head from store.append order by append_number desc limit 1") == head, step
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(VERSIONS) == versions
    assert not list(desk.layout.staging.glob("*Z"))


def test_a_reading_process_ends_with_its_parent(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "in" / "long.txt"
    path.parent.mkdir()
    post = "Forwarded from Russian MFA\nHeadline number {0} of a post\nThe body.\nThe body.\n"
    path.write_text("".join(post.format(number) for number in range(60_000)), encoding="utf-8")
    step = ("flows.reading:Read.add", "before", 1)
    process = CONTEXT.Process(target=ingest_killed, args=(desk.home, desk.clock, path.parent, step))
    process.start()
    process.join(60)
    assert process.exitcode == -9
    deadline = time.monotonic() + 20
    while (left := in_session(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def in_session(session: int | None) -> list[str]:
    """Return the processes of a session; field 6 of /proc/<pid>/stat names it."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(status.parent.name)
    return found


def test_no_folder_of_an_archive_is_needed_but_the_raw_store(desk: Desk, tmp_path: Path) -> None:
    write_round(tmp_path / "in", 0)
    ingest(desk, tmp_path / "in")
    versions = desk.query(VERSIONS)
    for folder in ("store", "staging"):
        shutil.rmtree(desk.home / folder)
    desk.layout.published.unlink()
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(VERSIONS) == versions
