"""What is done to an archive, each with the steps at which it may be killed, and what must come of it all the same.

Both the tests and `make soak` kill by this table. What is killed runs in a process of its own.
"""

import hashlib
import importlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import duckdb
import pytest

import flows.reading
import warehouse.archive
from extract.formats import formats, mid_page_text
from extract.model import Hints, Record, Rejection, Stretch
from flows.inputs import handed_in_job
from flows.intake import take_in
from flows.pipeline import append_staged, opened_run
from flows.rebuild import rebuild
from flows.reports import RunReport
from flows.reread import reread
from flows.retry import Retry, retry
from flows.verifying import verify_documents
from flows.waiting import Mended
from flows.withholding import withhold
from tests.conftest import Clock, Desk
from warehouse.archive import settle
from warehouse.backup import back_up, restore
from warehouse.checks import run_checks
from warehouse.publish import publish
from warehouse.rereading import Wanted
from warehouse.snapshot import write_snapshot
from warehouse.staging import SourceFacts
from warehouse.verify import copied as verified_copy
from warehouse.verify_bytes import verify_bytes
from warehouse.verify_chain import verify_links, verify_rows
from warehouse.verify_copy import verify_read_copy
from warehouse.verify_log import verify_log
from warehouse.withholding import Asked

Step = tuple[str, str, int]  # module:attribute, before or after, at which call
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.flows.killing"])
REAL = mid_page_text.FORMAT

VERSIONS = "select document_key, version_number, ref, text, cause from versions order by document_key, version_number"
CAPTURES = "select locator, raw_sha256, capture_key from captures order by all"
HELD = """
select
  (select count(*) from documents), (select count(*) from versions), (select count(*) from captures),
  (select count(*) from store.ref), (select count(*) from rejections)
"""
COUNTS = "select (select count(*) from documents), (select count(*) from store.ref)"
ANSWERS = "select source_key, reason, is_open, answer from rejections order by all"
BACKWARDS = """
select append_number
from store.append
qualify recorded_at <= lag(recorded_at) over (order by append_number)
"""


@dataclass
class Place:
    """An archive, what is handed in to it, and what is copied out of it."""

    inputs: Path
    home: Path
    clock: Clock
    number: int = 0  # of the round
    version: int = 0  # of the extractor, beyond its own

    @property
    def desk(self) -> Desk:
        return Desk(self.home, self.clock, wait_s=30)

    @property
    def backup(self) -> Path:
        return self.home.with_name(f"{self.home.name}-backup")

    @property
    def snapshot(self) -> Path:
        return self.home.with_name(f"{self.home.name}-snapshot-{self.number}")

    @property
    def restored(self) -> Desk:
        return Desk(self.home.with_name(f"{self.home.name}-restored-{self.number}"), self.clock, wait_s=30)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done to an archive. Done twice it gives what it gives once."""

    do: Callable[[Place], object]
    # At which it may be killed, in the order in which it gets there. Of steps at which the files are the same to the
    # byte the last one stands here.
    steps: tuple[Step, ...]
    prepare: Callable[[Place], object] = lambda _: None  # makes what must be there before, undisturbed
    given: Callable[[Place], list[Any]] = lambda _: []  # returns what it gives beside the archive


def write_round(folder: Path, number: int) -> None:
    """Write a new page, and new words into the page that is there."""
    folder.mkdir(exist_ok=True)
    for name, title in ((f"{number:03}", f"number {number}"), ("a", "that changes each time")):
        head = f"A press release {title}, on a meeting of some importance\n\n  • en-GB1 ru-RU1\n\n"
        text = f"{head}The words of round {number}.\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def _read_by(version: int, stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    return REAL.read(replace(stretch, data=stretch.data.replace(b"words", b"w%04d" % version)), hints)


def use(version: int) -> None:
    """Let pages be read by a later version of the extractor, which reads other words; 0 is the real one."""
    read = partial(_read_by, version) if version else REAL.read
    mid_page_text.FORMAT = replace(REAL, extractor_version=REAL.extractor_version + version, read=read)
    formats.cache_clear()


def hand_in(place: Place) -> RunReport:
    return place.desk.ingest(handed_in_job(SourceFacts("pages"), [place.inputs]))


def _write(place: Place) -> None:
    place.number += 1
    write_round(place.inputs, place.number)


def _write_for_a_later_version(place: Place) -> None:
    _write(place)
    place.version += 1


def _hand_in_old_letters(place: Place) -> None:
    """Hand in a page whose encoding nobody tells."""
    place.number += 1
    folder = place.inputs.with_name("letters")
    folder.mkdir(exist_ok=True)
    path = folder / f"{place.number}.txt"
    title = f"Пресс-релиз о переговорах номер {place.number}, важный для всех без исключения"
    path.write_text(f"{title}\n\n  • en-GB1 ru-RU1\n\nСлова.\n", encoding="windows-1251")
    place.desk.ingest(handed_in_job(SourceFacts(f"letters-{place.number}", format="mid_page_text"), [path]))


def _retry(place: Place) -> Retry:
    return retry(place.desk.run("retry"), Mended((f"letters-{place.number}",), said={"encoding": "windows-1251"}))


def _append_unpublished(place: Place) -> None:
    _write(place)
    run = place.desk.run()
    job = handed_in_job(SourceFacts("pages"), [place.inputs])
    with opened_run(run, [job]):
        take_in(run, job)
        append_staged(run)


def _snapshot(place: Place) -> None:
    """Write a snapshot; one that is there is there as a whole."""
    if not place.snapshot.exists():
        write_snapshot(place.desk.layout, place.snapshot, place.desk.run("snapshot").writing)


def _rows_of_snapshot(place: Place) -> list[Any]:
    manifest = json.loads((place.snapshot / "manifest.json").read_bytes())
    for view in manifest["views"]:
        data = (place.snapshot / view["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == view["sha256"]
    return [(view["view"], view["row_count"]) for view in manifest["views"] if view["view"] != "runs"]


def _rows_of_backup(place: Place) -> list[Any]:
    shutil.rmtree(place.restored.home, ignore_errors=True)
    restore(place.backup, place.restored.layout, place.desk.run("restore").writing)
    rows = state(place.restored)
    shutil.rmtree(place.restored.home)
    return rows


def _back_up(place: Place) -> None:
    back_up(place.desk.layout, place.backup, place.desk.run("backup").writing)


def _restore(place: Place) -> None:
    """Restore a backup; what is there and not half restored is there as a whole, and restoring over it is refused."""
    layout = place.restored.layout
    if layout.store.exists() and not (layout.home / "restoring").exists():
        return
    restore(place.backup, place.restored.layout, place.desk.run("restore").writing)


ACTS: dict[str, Act] = {
    "ingest": Act(
        hand_in,
        (
            ("flows.pipeline.check_room", "after", 1),
            ("flows.run.opened_batch", "after", 1),
            ("warehouse.raw_store._compress", "after", 1),
            ("flows.intake.keep", "after", 1),
            ("warehouse.staging:Batch.note", "after", 1),  # the source
            ("warehouse.staging:Batch.note", "after", 2),  # the first capture
            ("flows.intake.keep", "after", 2),
            ("warehouse.staging:Batch.seal", "before", 1),
            ("warehouse.staged_reads.write_part", "after", 3),
            ("warehouse.staging.write_part", "after", 3),
            ("warehouse.staging.write_safely", "before", 1),
            ("warehouse.append._record", "after", 1),
            ("sql:commit", "before", 1),
            ("sql:commit", "after", 1),
            ("warehouse.append.note_heads", "after", 1),
            ("flows.pipeline.record_run", "before", 1),
            ("sql:commit", "after", 2),
            ("flows.pipeline.publish", "before", 1),
            ("warehouse.publish._state", "after", 1),
        ),
        _write,
    ),
    # What an older extractor read is read again before newer bytes are compared with it.
    "ingest by a later version": Act(
        hand_in,
        (
            ("flows.rereading.opened_batch", "after", 1),
            ("flows.rereading.read_again", "after", 1),
            ("flows.rereading.append_batch", "before", 1),
            ("sql:commit", "after", 1),
            ("flows.pipeline.append_again", "after", 1),
        ),
        _write_for_a_later_version,
    ),
    "reread": Act(
        lambda place: reread(place.desk.run("reread"), Wanted()),
        (
            ("flows.reread.opened_batch", "after", 1),
            ("flows.reread.read_again", "after", 1),
            ("flows.reread.append_batch_of", "before", 1),
            ("sql:commit", "before", 1),
            ("sql:commit", "after", 1),
            ("flows.reread.close_run", "before", 1),
        ),
        _write_for_a_later_version,
    ),
    "retry": Act(
        _retry,
        (
            ("flows.retry.mended_inputs", "after", 1),
            ("flows.retry.stage_mended", "after", 1),
            ("sql:commit", "before", 1),
            ("sql:commit", "after", 1),
            ("flows.retry.close_run", "before", 1),
        ),
        _hand_in_old_letters,
    ),
    "publish": Act(
        lambda place: publish(place.desk.layout, place.desk.run("publish").writing),
        (
            ("warehouse.publish._computed", "before", 1),
            ("warehouse.publish.compute_history", "after", 1),
            ("warehouse.publish.write_safely", "before", 1),
        ),
        _append_unpublished,
    ),
    "snapshot": Act(
        _snapshot,
        (
            ("warehouse.snapshot._write_view", "after", 2),
            ("warehouse.snapshot._write", "after", 1),
            ("warehouse.snapshot._record", "before", 1),
            ("warehouse.snapshot._record", "after", 1),
        ),
        _write,  # a number of its own
        _rows_of_snapshot,
    ),
    "backup": Act(
        _back_up,
        (
            ("warehouse.backup.copy_store", "before", 1),
            ("warehouse.backup._copied", "after", 1),
            ("warehouse.backup._copy_raw", "after", 1),
            ("warehouse.backup.write_safely", "before", 1),
            ("warehouse.backup.write_safely", "before", 2),
            ("warehouse.backup.write_safely", "after", 2),
        ),
        lambda place: (_write(place), hand_in(place)),
        _rows_of_backup,
    ),
    "restore": Act(
        _restore,
        (
            ("warehouse.backup._copied", "after", 1),
            ("warehouse.backup.prove", "after", 1),
            ("warehouse.backup.write_safely", "after", 2),
            ("warehouse.backup.publish", "before", 1),
            ("warehouse.publish._state", "after", 1),
        ),
        lambda place: (_write(place), hand_in(place), _back_up(place)),
        lambda place: state(place.restored),
    ),
    "rebuild": Act(
        lambda place: rebuild(place.desk.run("rebuild")),
        (
            ("flows.rebuild.restage", "after", 1),
            ("flows.rebuild.append_batch", "before", 2),
            ("flows.rebuild.append_ledger", "after", 1),
            ("flows.rebuild._put_in_place", "before", 1),
            ("flows.rebuild.note_rebuilt", "after", 1),
        ),
        lambda place: (_write(place), hand_in(place)),
    ),
}


def state(desk: Desk) -> list[Any]:
    """Return what must be the same whatever was killed."""
    with desk.reading() as connection:
        return [connection.execute(question).fetchall() for question in (VERSIONS, CAPTURES, COUNTS, ANSWERS)]


def outcome(name: str, place: Place) -> list[Any]:
    """Return what an act must give, whatever was killed."""
    return [*state(place.desk), *ACTS[name].given(place)]


def unverified(place: Place) -> list[str]:
    """Return what doesn't verify: the chain, the bytes, the documents."""
    run, layout = place.desk.run("verify"), place.desk.layout
    with verified_copy(layout, run.writing) as (aside, connection):
        parts = (
            verify_links(connection, layout, []),
            verify_rows(connection),
            verify_log(connection, layout),
            verify_bytes(connection, layout, run.listener.advance),
            verify_documents(connection, aside, run),
            verify_read_copy(connection, layout),
        )
    return [str(finding) for part in parts for finding in part.findings]


def faults(desk: Desk) -> list[str]:
    """Return what is wrong with an archive in itself."""
    with desk.reading() as connection:
        settle(connection)
        found = [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]
        backwards = connection.execute(BACKWARDS).fetchall()
    found += [f"{batch.name} is still staged" for batch in desk.layout.staging.glob("*Z")]
    return found + [f"append {number} is recorded before its former" for (number,) in backwards]


def killed(target: Any, *arguments: Any, after_s: float | None = None) -> int | None:
    """Run a function in a process, kill it after a while if it doesn't die by itself; return its number if it died.

    The function's first argument is what it tells that it begins.
    """
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=target, args=(theirs, *arguments))
    process.start()
    theirs.close()
    assert ours.poll(60)
    ours.recv()
    if after_s is not None:
        process.join(after_s)
        process.kill()
    process.join(120)
    assert process.exitcode in {0, -signal.SIGKILL}, "the run failed before it could be killed"
    return process.pid if process.exitcode == -signal.SIGKILL else None


def done_and_killed(began: Connection, name: str, place: Place, step: Step | None = None) -> None:
    """Do an act; die at the step. All processes that this starts are of one session."""
    os.setsid()
    use(place.version)
    _die_at(step)
    began.send(None)
    ACTS[name].do(place)


def read_in_parts_and_killed(began: Connection, place: Place, step: Step) -> None:
    """Ingest by processes that read, however small the input is; die at the step."""
    flows.reading.CHUNK_BYTES = 50
    done_and_killed(began, "ingest", place, step)


def ingest_together(begin: Barrier, home: Path, sources: dict[str, Path]) -> None:
    """Ingest once all who take part are there; end badly where the run does."""
    desk = Desk(home, lambda: datetime.now(UTC), wait_s=60)  # type: ignore[arg-type] # a clock that tells the time
    jobs = [handed_in_job(SourceFacts(source_key), [path]) for source_key, path in sources.items()]
    begin.wait(60)
    report = desk.ingest(*jobs)
    assert report.is_good, report


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(step: Step | None) -> None:
    if step is not None:
        at_step(step, die)


def copied(place: Place, folder: Path) -> Place:
    """Return a copy of an archive, an hour later."""
    copy = replace(place, home=folder / "data", clock=Clock(place.clock.now + timedelta(hours=1)))
    shutil.copytree(place.home, copy.home)
    if place.backup.exists():
        shutil.copytree(place.backup, copy.backup)
    return copy


def at_step(step: Step, happens: Callable[[], object], patch: pytest.MonkeyPatch | None = None) -> None:
    """Let something happen at a step."""
    patch = patch or pytest.MonkeyPatch()
    name, when, number = step
    if name.startswith("sql:"):
        _at_statement(patch, name.removeprefix("sql:"), when, number, happens)
        return
    place, _, attribute = name.rpartition(".")
    module, _, owner = place.partition(":")
    target: Any = importlib.import_module(module)
    target = getattr(target, owner) if owner else target
    patch.setattr(target, attribute, _disturbed(getattr(target, attribute), when, number, happens))


def _disturbed(function: Callable[..., Any], when: str, number: int, happens: Callable[[], object]) -> Any:
    calls = 0

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        now = calls == number
        if now and when == "before":
            happens()
        result = function(*arguments, **named)
        if now and when == "after":
            happens()
        return result

    return called


def _at_statement(patch: pytest.MonkeyPatch, text: str, when: str, number: int, happens: Callable[[], object]) -> None:
    """Let something happen before or after a statement by which the archive's own transaction begins or ends."""
    connect = warehouse.archive._connect
    seen = 0

    class Disturbed:
        def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
            self.connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def execute(self, sql: str, *arguments: Any) -> Any:
            nonlocal seen
            seen += sql == text
            now = sql == text and seen == number
            if now and when == "before":
                happens()
            result = self.connection.execute(sql, *arguments)
            if now and when == "after":
                happens()
            return result

    patch.setattr(warehouse.archive, "_connect", lambda *arguments: Disturbed(connect(*arguments)))


def withhold_killed(home: Path, clock: Clock, ref: str, document_key: str, step: Step) -> None:
    """Withhold the words of a ref; die at the step."""
    desk = Desk(home, clock, wait_s=30)
    _die_at(step)
    withhold(desk.run("withhold"), Asked(ref, document_key, "an archivist", "a private number"))
