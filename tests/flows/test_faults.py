"""Whatever is done to an archive while something is wrong around it ends in one clear line, and loses nothing.

The acts are those of the table by which processes are killed.
"""

import io
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from flows.command.root import _of_the_system
from flows.errors import FlowError
from flows.rebuild import rebuild
from flows.reports import RunReport
from tests.conftest import PROJECT, Clock, Desk
from tests.flows.conftest import CutOff, MakeReady
from tests.flows.killing import (
    ACTS,
    CONTEXT,
    Place,
    Step,
    at_step,
    copied,
    done_and_killed,
    faults,
    killed,
    outcome,
    state,
    use,
)
from warehouse.archive import opened_for_reading
from warehouse.errors import WarehouseError
from warehouse.raw_store import blob_path

ARCHIVES = PROJECT / "tests" / "warehouse" / "archives"


def told(name: str, place: Place) -> list[str]:
    """Do an act, and return the lines in which it tells what is wrong."""
    try:
        given = ACTS[name].do(place)
    except (WarehouseError, FlowError) as error:
        return [str(error)]
    except OSError as error:
        return [_of_the_system(error)]
    report = given if isinstance(given, RunReport) else getattr(given, "report", None)
    if report is None or report.is_good:
        return []
    return [*report.problems, *(problem for source in report.sources for problem in source.problems)]


def is_made_good(name: str, place: Place, expected: list[Any]) -> None:
    """Check that nothing is lost and nothing is there twice once the act is done again."""
    assert told(name, place) == []
    assert outcome(name, place) == expected
    assert faults(place.desk) == []


def mount(place: Path, options: str) -> None:
    subprocess.run(["/usr/bin/mount", "-o", f"remount,{options}", str(place)], check=True)


def fill(disk: Path) -> None:
    """Leave no room on a disk."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            pass


FULL: list[tuple[str, Step]] = [
    ("ingest", ("flows.intake.keep", "before", 1)),
    ("ingest", ("flows.run.opened_batch", "before", 1)),
    ("ingest", ("warehouse.staging:Batch.note", "before", 1)),
    ("ingest", ("flows.intake.read_capture", "before", 1)),
    ("ingest", ("warehouse.staging:Batch.seal", "before", 1)),
    ("ingest", ("warehouse.append._write_ledger", "before", 1)),
    ("ingest", ("sql:commit", "before", 1)),
    ("ingest", ("warehouse.append.note_heads", "before", 1)),
    ("ingest", ("flows.pipeline.record_run", "before", 1)),
    ("ingest", ("flows.pipeline.publish", "before", 1)),
    ("reread", ("flows.reread.read_again", "before", 1)),
    ("reread", ("sql:commit", "before", 1)),
    ("retry", ("flows.waiting.read_again", "before", 1)),
    ("publish", ("warehouse.publish._publish", "before", 1)),
    ("publish", ("warehouse.publish._computed", "before", 1)),
    ("snapshot", ("warehouse.snapshot._write", "before", 1)),
    ("snapshot", ("warehouse.snapshot._write_view", "before", 3)),
    ("snapshot", ("warehouse.snapshot._record", "before", 1)),
    ("backup", ("warehouse.backup.copy_store", "before", 1)),
    ("backup", ("warehouse.backup._copy_raw", "before", 1)),
    ("backup", ("warehouse.backup.write_safely", "before", 1)),
    ("restore", ("warehouse.backup._copy_raw", "before", 1)),
    ("restore", ("warehouse.backup.publish", "before", 1)),
    ("rebuild", ("flows.rebuild.restage", "before", 1)),
    ("rebuild", ("flows.rebuild.append_batch", "before", 1)),
    ("rebuild", ("flows.rebuild._put_in_place", "before", 1)),
]


@pytest.mark.parametrize(("name", "step"), FULL, ids=str)
def test_a_disk_that_fills_up_at_any_step_is_told_and_loses_nothing(
    ready: MakeReady, small_disk: Path, monkeypatch: pytest.MonkeyPatch, name: str, step: Step
) -> None:
    given, expected = ready(name).place, ready(name).expected
    mount(small_disk, "size=160m")
    place = copied(given, small_disk)
    with monkeypatch.context() as patch:
        at_step(step, lambda: fill(small_disk), patch)
        lines = told(name, place)
    assert (small_disk / "ballast").exists(), "the step is never reached"
    assert lines
    for line in lines:
        assert line.isprintable()
        assert "No space left" in line or "room" in line, line
    (small_disk / "ballast").unlink()
    is_made_good(name, place, expected)


@pytest.mark.parametrize("name", ACTS)
def test_a_data_folder_that_may_only_be_read_is_told_and_can_still_be_asked(
    ready: MakeReady, small_disk: Path, name: str
) -> None:
    given, expected = ready(name).place, ready(name).expected
    mount(small_disk, "size=160m")
    place = copied(given, small_disk)
    before = state(place.desk)
    mount(small_disk, "ro")
    lines = told(name, place)
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert re.search("[Rr]ead-only", lines[0]), lines
    with opened_for_reading(place.desk.layout) as connection:
        assert connection.execute("select count(*) from versions").fetchone() == (len(before[0]),)
    assert state(place.desk) == before
    mount(small_disk, "rw")
    is_made_good(name, place, expected)


@dataclass
class Backwards(Clock):
    """A clock that goes back by an hour each time it is read."""

    def __call__(self) -> datetime:
        self.now -= timedelta(hours=1)
        return self.now


@pytest.mark.parametrize("name", ACTS)
def test_a_clock_that_goes_back_all_the_time_changes_nothing(ready: MakeReady, tmp_path: Path, name: str) -> None:
    given, expected = ready(name).place, ready(name).expected
    place = copied(given, tmp_path)
    place.clock = Backwards(place.clock.now)
    is_made_good(name, place, expected)
    is_made_good(name, place, expected)


AT_ONCE = [
    ("ingest", "ingest"),
    ("reread", "ingest"),
    ("reread", "reread"),
    ("retry", "retry"),
    ("ingest", "snapshot"),
    ("ingest", "backup"),
    ("ingest", "rebuild"),
    ("rebuild", "rebuild"),
]


@pytest.mark.parametrize(("one", "other"), AT_ONCE)
def test_two_acts_at_once_leave_what_they_leave_one_after_the_other(
    ready: MakeReady, tmp_path: Path, one: str, other: str
) -> None:
    given, expected = ready(one).place, ready(one).expected
    place = copied(given, tmp_path)
    if (one, other) == ("reread", "ingest"):  # of the others the second adds nothing
        undisturbed = copied(given, tmp_path / "undisturbed")
        for name in (one, other):
            ACTS[name].do(undisturbed)
        expected = outcome(one, undisturbed)
    processes = []
    for name in (one, other):
        ours, theirs = CONTEXT.Pipe()
        processes.append(CONTEXT.Process(target=done_and_killed, args=(theirs, name, place)))
        processes[-1].start()
        ours.recv()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    is_made_good(one, place, expected)


READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(connection.execute("select count(*) from versions").fetchall(), flush=True)
"""


@pytest.mark.usefixtures("real_extractor")
def test_a_reader_that_keeps_the_read_copy_open_reads_on_whatever_is_done(grown: Place, tmp_path: Path) -> None:
    place = copied(grown, tmp_path)
    place.inputs = tmp_path / "in"
    command = [sys.executable, "-c", READER, str(place.desk.layout.published)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for name in ("rebuild", "ingest", "reread", "publish", "backup"):
            ACTS[name].prepare(place)
            use(place.version)
            assert told(name, place) == []
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == "[(2,)]\n"
        reader.stdin.close()
    assert place.desk.value("select count(*) from documents") == 2 + place.number
    assert faults(place.desk) == []


@pytest.mark.parametrize("first", ["ingest", "rebuild"])
def test_a_batch_that_an_older_version_had_staged_is_appended_by_this_one(tmp_path: Path, first: str) -> None:
    """The batch was sealed by version 0.2.0, which stages fewer columns; its process was killed before the append."""
    for name in ("0.2.0", "staged/0.2.0"):
        packed = (ARCHIVES / f"{name}.tar.zst").read_bytes()
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(tmp_path, filter="data")
    desk = Desk(tmp_path, Clock(Clock().now.replace(year=2027)))
    assert list(desk.layout.staging.glob("*/sealed"))
    before = desk.query("select document_key, version_number, ref, text from versions")
    assert (rebuild(desk.run("rebuild")) if first == "rebuild" else desk.ingest()).is_good
    assert desk.query("select text, version_number from versions where source_key = 'staged'") == [
        ("Words that wait to be appended.", 1)
    ]
    after = desk.query("select document_key, version_number, ref, text from versions")
    assert set(before) <= set(after)
    assert faults(desk) == []
    assert desk.ingest().is_good
    assert desk.query("select document_key, version_number, ref, text from versions") == after
    assert faults(desk) == []


def of_the_newest_bytes(place: Place) -> Path:
    (raw,) = place.desk.query("select raw_sha256 from captures order by recorded_at desc, capture_key limit 1")[0]
    return blob_path(place.desk.layout.raw, bytes.fromhex(str(raw)))


@pytest.mark.parametrize("name", ["reread", "retry", "rebuild"])
def test_raw_bytes_that_are_gone_are_named_and_once_they_are_back_nothing_is_lost(
    ready: MakeReady, tmp_path: Path, name: str
) -> None:
    given, expected = ready(name).place, ready(name).expected
    place = copied(given, tmp_path)
    blob = of_the_newest_bytes(place)
    data = blob.read_bytes()
    for damage in ("missing", "damaged"):
        blob.unlink()
        if damage == "damaged":
            blob.write_bytes(data[:-9])
        lines = told(name, place)
        assert len(lines) == 1, damage
        assert str(blob) in lines[0]
        assert "copy the file back from a backup" in lines[0]
        assert lines[0].isprintable()
        assert place.desk.query("select count(*) from captures") == [(len(expected[1]),)], damage
        blob.write_bytes(data)
    is_made_good(name, place, expected)


def test_of_a_run_that_was_cut_off_what_can_not_be_read_again_waits_and_the_others_go_on(
    ready: MakeReady, tmp_path: Path
) -> None:
    given, expected = ready("ingest").place, ready("ingest").expected
    place = copied(given, tmp_path)
    assert killed(done_and_killed, "ingest", place, ("warehouse.staging:Batch.seal", "before", 1))
    captured = set(place.desk.layout.raw.glob("blobs/*/*.zst")) - set(given.desk.layout.raw.glob("blobs/*/*.zst"))
    blob = max(captured, key=lambda path: path.stat().st_mtime_ns)
    data = blob.read_bytes()
    blob.unlink()
    page = tmp_path / "other.txt"
    page.write_text("A press release on another matter, of some importance\n\n  • en-GB1 ru-RU1\n\nWords.\n")
    report = place.desk.hand_in(page, "other")
    (line,) = report.problems
    assert str(blob) in line
    assert not report.is_good
    assert place.desk.value("select count(*) from documents where source_key = 'other'") == 1
    blob.write_bytes(data)
    assert told("ingest", place) == []
    assert place.desk.query("select count(*) from versions where source_key = 'pages'") == [(len(expected[0]),)]
    assert faults(place.desk) == []


@pytest.mark.parametrize("damage", ["deleted", "halved", "made garbage"])
@pytest.mark.parametrize("name", ["reread", "retry"])
def test_a_write_ahead_log_that_is_lost_with_the_end_of_an_act_loses_nothing(
    ready: MakeReady, cut_off: CutOff, tmp_path: Path, name: str, damage: str
) -> None:
    expected = ready(name).expected
    place = copied(cut_off(name, ("sql:commit", "after", 2)), tmp_path)
    log = place.desk.layout.store.with_suffix(".duckdb.wal")
    data = log.read_bytes()
    if damage == "deleted":
        log.unlink()
    else:
        log.write_bytes(data[: len(data) // 2] + b"\xff" * 60 * (damage == "made garbage"))
    is_made_good(name, place, expected)


def test_two_rebuilds_at_the_same_instant_keep_both_files_that_they_replace(grown: Place, tmp_path: Path) -> None:
    place = copied(grown, tmp_path)
    now = place.clock.now
    for _ in range(2):
        place.clock.now = now
        assert rebuild(place.desk.run("rebuild")).is_good
    assert len(list(place.desk.layout.store.parent.glob("replaced-*.duckdb"))) == 2


def test_an_ingest_into_a_half_restored_folder_begins_no_other_archive(grown: Place, tmp_path: Path) -> None:
    place = copied(grown, tmp_path)
    assert killed(done_and_killed, "restore", place, ("warehouse.backup._copied", "after", 1))
    shutil.move(place.restored.home, tmp_path / "half")
    half = Desk(tmp_path / "half", place.clock)
    with pytest.raises(WarehouseError) as refusal:
        half.ingest()
    assert "restore" in str(refusal.value)
    assert not half.layout.published.exists()
