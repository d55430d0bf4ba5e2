"""Two processes and one archive: both end, each says whom it waited for, and nothing is lost or doubled."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from flows.inputs import Job, handed_in_job
from flows.intake import take_in
from flows.pipeline import append_staged, ingest, opened_run
from tests.conftest import Desk
from tests.flows.killing import CONTEXT, ingest_together
from tests.flows.test_bad_input import problems
from warehouse.lock import locked
from warehouse.staging import SourceFacts, cut_off_batches, opened_batch, sealed_batches

Write = Callable[..., Path]

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""
WORDS = "select source_key, document_key, ref, text, version_number from versions order by all"


@contextmanager
def held_open(path: Path) -> Iterator[int]:
    """Keep a DuckDB file open in another process, and return its number."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        yield other.pid
        other.communicate()


def at_once(home: Path, *runs: dict[str, Path]) -> None:
    """Start runs in processes of their own, at one moment, and wait until all have ended well."""
    begin = CONTEXT.Barrier(len(runs))
    others = [CONTEXT.Process(target=ingest_together, args=(begin, home, sources)) for sources in runs]
    for other in others:
        other.start()
    for other in others:
        other.join(120)
        assert other.exitcode == 0


def test_two_runs_at_once_leave_the_archive_that_one_run_leaves(desk: Desk, page: Write, tmp_path: Path) -> None:
    for number in range(12):
        page(f"{'ab'[number % 2]}/{number}.txt", "Words.", title=f"A press release of the number {number}, as it is")
    one = Desk(tmp_path / "one")
    jobs = [handed_in_job(SourceFacts(key), [tmp_path / key]) for key in "ab"]
    one.ingest(*jobs)
    a, b = {"a": tmp_path / "a"}, {"b": tmp_path / "b"}
    at_once(desk.home, a | b, a | b, b, a)
    assert desk.query(WORDS) == one.query(WORDS)
    captures = "select source_key, locator, raw_sha256, capture_key from captures order by all"
    assert desk.query(captures) == one.query(captures)
    assert desk.query("select outcome, count(*) from runs group by all") == [("completed", 4)]
    assert desk.ingest(*jobs).is_good
    assert desk.value("select count(*) from captures") == 12
    assert not list(desk.layout.staging.glob("*Z"))


@pytest.mark.parametrize("is_new", [False, True])
def test_an_archive_that_another_process_keeps_open_is_named_and_the_batch_waits_for_the_next_run(
    desk: Desk, page: Write, is_new: bool
) -> None:
    if not is_new:
        desk.hand_in(page("a.txt", "First words."))
    desk.layout.store.parent.mkdir(parents=True, exist_ok=True)
    with held_open(desk.layout.store) as pid:
        report = desk.hand_in(page("a.txt", "Second words."))
        (line,) = problems(report)
        assert str(pid) in line
        assert str(desk.layout.store) in line
        assert sealed_batches(desk.layout)
        problems(desk.hand_in(page("a.txt", "Second words.")))
        problems(desk.hand_in(page("a.txt", "Third words.")))
    page("a.txt", "").unlink()
    assert desk.ingest().is_good
    texts = [("First words.",), ("Second words.",), ("Third words.",)]
    assert desk.query("select text from versions order by version_number") == texts[is_new:]
    assert desk.value("select count(*) from captures") == len(texts) - is_new
    outcomes = desk.query("select outcome, count(*) from runs group by all order by 1")
    assert outcomes == [("completed", 2 - is_new), ("failed", 3)]
    assert not list(desk.layout.staging.glob("*Z"))


def test_a_lock_that_another_run_holds_names_its_owner(desk: Desk, page: Write) -> None:
    desk.wait_s = 0
    with locked(desk.layout.lock, 0):
        (line,) = problems(desk.hand_in(page("a.txt", "Words.")))
        assert "held by process" in line
    assert desk.ingest().is_good
    assert desk.value("select count(*) from documents") == 1


def test_an_archive_that_is_let_go_in_time_is_waited_for(desk: Desk, page: Write) -> None:
    desk.hand_in(page("a.txt", "First words."))
    desk.wait_s = 30
    code = HOLD.replace("sys.stdin.read()", "import time; time.sleep(0.4)")
    with subprocess.Popen([sys.executable, "-c", code, str(desk.layout.store)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert desk.hand_in(page("a.txt", "Second words.")).is_good


def test_a_reader_keeps_the_read_copy_that_it_has_open(desk: Desk, page: Write) -> None:
    desk.hand_in(page("a.txt", "First words."))
    with held_open(desk.layout.published):
        assert desk.hand_in(page("a.txt", "Second words.")).is_good
    with duckdb.connect(str(desk.layout.published), read_only=True) as reader:
        assert desk.hand_in(page("a.txt", "Third words.")).is_good
        assert reader.execute("select count(*) from versions").fetchall() == [(2,)]
    assert desk.value("select count(*) from versions") == 3


def test_a_batch_that_another_process_fills_is_left_to_it(desk: Desk, page: Write) -> None:
    other = opened_batch(desk.layout, "other", desk.clock())
    other.note(SourceFacts("other"))
    assert desk.hand_in(page("a.txt", "Words.")).is_good
    assert cut_off_batches(desk.layout) == [other.batch_key]
    assert other.folder.exists()


def test_a_batch_that_an_earlier_run_staged_and_sealed_is_appended_by_the_next(desk: Desk, page: Write) -> None:
    run = desk.run()
    job: Job = handed_in_job(SourceFacts("a"), [page("a.txt", "Words.")])
    with opened_run(run, [job]):
        take_in(run, job)
        with locked(desk.layout.lock, 0):
            append_staged(run)
    assert len(sealed_batches(desk.layout)) == 1
    assert ingest(desk.run(), []).is_good
    assert desk.value("select count(*) from documents") == 1
