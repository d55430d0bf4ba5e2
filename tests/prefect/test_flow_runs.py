"""The flows on Prefect's test server: what fails, what goes on, and what can be seen afterwards."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
)
from prefect.client.schemas.objects import State
from prefect.testing.utilities import prefect_test_harness

from flows import inbox_files, steps
from flows.inbox import inbox
from flows.ingest import ingest
from flows.nightly import snapshot
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an archive of its own, made from a copy of the seeds."""
    monkeypatch.setenv("MFA_ARCHIVE_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("MFA_ARCHIVE_SOURCES", str(seeds / "sources.csv"))
    monkeypatch.setenv("MFA_ARCHIVE_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("MFA_ARCHIVE_LOCK_WAIT_S", "1")
    return tmp_path / "data"


def ended(flow: Any, **parameters: Any) -> State[Any]:
    state: State[Any] = flow(**parameters, return_state=True)
    return state


def asked(home: Path, query: str) -> list[tuple[Any, ...]]:
    with opened_for_reading(Layout(home)) as connection:
        return connection.execute(query).fetchall()


def artifacts_of(state: State[Any]) -> dict[str, Any]:
    run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return {artifact.key: artifact.data for artifact in client.read_artifacts(artifact_filter=run)}


def tasks_of(state: State[Any]) -> dict[str, str]:
    run = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return {task.name: task.state_name or "" for task in client.read_task_runs(task_run_filter=run)}


def test_a_source_that_fails_fails_the_run_after_the_others_are_in(home: Path, seeds: Path) -> None:
    (seeds / "documents" / "001_33af551afb6d7a3b.txt").write_bytes(bytes(64))
    state = ended(ingest)
    assert (state.name, state.message) == (
        "Failed",
        "Failed: 1 of 5 sources had something rejected or failed; 32 appended, 0 unchanged, 1 rejected.",
    )
    assert asked(home, "select count(*) from documents") == [(32,)]
    tasks = tasks_of(state)
    assert tasks["take in mid_page_asean_2016"] == "Failed"
    assert tasks["reach the archive"] == tasks["append what is new"] == "Completed"
    assert [name for name in tasks.values() if name != "Completed"] == ["Failed"]


def test_the_report_of_a_run_stands_in_its_artifacts(seeds: Path) -> None:
    (seeds / "documents" / "001_33af551afb6d7a3b.txt").unlink()
    found = artifacts_of(ended(ingest, sources=["mid_page_asean_2016", "channel_dump_sco"]))
    assert sorted(found) == ["ingest-report", "ingest-sources"]
    assert "missing_input: no such file" in found["ingest-report"]
    assert "- 20 documents in 20 versions" in found["ingest-report"]
    assert "channel_dump_sco" in found["ingest-sources"]


def test_a_second_run_finds_everything_unchanged(home: Path) -> None:
    ended(ingest)
    assert ended(ingest).message == "All is well: 0 appended, 33 unchanged, 0 rejected."
    assert asked(home, "select count(*) from versions") == [(33,)]


def test_an_unknown_source_is_an_error_that_names_the_known_ones() -> None:
    state = ended(ingest, sources=["nosuch"])
    assert state.is_failed()
    assert "source 'nosuch' is not in the registry" in (state.message or "")


def test_a_fault_in_the_append_is_never_reported_as_a_good_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # Once the task failed, nobody looked at it, and the run said "All is well: 0 appended".
    def fail(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(steps, "append_staged", fail)
    state = ended(ingest)
    assert (state.name, "ZeroDivisionError" in (state.message or "")) == ("Failed", True)


def test_a_fault_in_one_source_lets_the_others_in_and_fails_the_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_in(run: Any, job: Any) -> None:
        if job.source.source_key == "mid_page_collegium":
            raise ZeroDivisionError
        real(run, job)

    real = steps.take_in
    monkeypatch.setattr(steps, "take_in", take_in)
    state = ended(ingest)
    assert (state.name, asked(home, "select count(*) from documents")) == ("Failed", [(32,)])
    assert "ZeroDivisionError" in artifacts_of(state)["ingest-report"]


@pytest.mark.parametrize(("deployment", "run_count"), [("", 1), ("some-deployment", 2)])
def test_an_archive_in_use_is_tried_again_by_a_deployment_and_not_under_the_eyes_of_a_person(
    home: Path, monkeypatch: pytest.MonkeyPatch, deployment: str, run_count: int
) -> None:
    if deployment:
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", deployment)
    monkeypatch.setattr(steps, "reach_archive", steps.reach_archive.with_options(retries=1, retry_delay_seconds=0))
    monkeypatch.setenv("MFA_ARCHIVE_LOCK_WAIT_S", "0")
    (home / "store").mkdir(parents=True)
    with (home / "store" / "archive.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        state = ended(ingest)
    assert state.is_failed()
    assert "archive.lock: held by" in (state.message or "")
    run = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        assert [task.run_count for task in client.read_task_runs(task_run_filter=run)] == [run_count]


def test_an_inbox_that_is_not_there_is_a_good_run_and_is_not_made(home: Path) -> None:
    state = ended(inbox)
    assert state.is_completed()
    assert "not there yet" in (state.message or "")
    assert not home.exists()
    assert not (home.parent / "inbox").exists()


def test_the_inbox_takes_a_file_once_and_a_bad_one_fails_one_run(
    home: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_files, "SETTLED_AFTER", inbox_files.timedelta(0))
    folder = home.parent / "inbox"
    (folder / "channel_dump_sco").mkdir(parents=True)
    os.link(seeds / "documents" / "004_5386bee5090c7a93.txt", folder / "channel_dump_sco" / "dump.txt")
    (folder / "picture.dat").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    first = ended(inbox)
    assert (first.name, "inbox-report" in artifacts_of(first)) == ("Failed", True)
    assert asked(home, "select source_key, count(*) from captures group by all order by all") == [
        ("channel_dump_sco", 1),
        ("handed_in", 1),
    ]
    assert asked(home, "select locator from rejections") == [("inbox/picture.dat",)]
    second = ended(inbox)
    assert (second.name, second.message) == ("Completed", "nothing new: 2 files known, 0 waiting")
    (home / "inbox.jsonl").unlink()
    ended(inbox)
    assert asked(home, "select count(*) from captures") == [(2,)]


def test_a_snapshot_is_written_once_a_day(home: Path) -> None:
    ended(ingest, sources=["mid_page_collegium"])
    first = ended(snapshot)
    (manifest,) = (home / "snapshots").glob("*/manifest.json")
    assert (first.is_completed(), "snapshot-report" in artifacts_of(first)) == (True, True)
    written = manifest.stat()
    assert "is there already" in (ended(snapshot).message or "")
    assert manifest.stat() == written
