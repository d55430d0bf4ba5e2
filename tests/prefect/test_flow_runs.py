"""The flows on Prefect's test server: how each ends, what goes on, and what can be seen afterwards."""

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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

from flows import fetches, inbox_files, steps
from flows.fetches import fetch_channel, fetch_pages, fetch_wayback
from flows.fetching.turns import turn_at
from flows.inbox import inbox
from flows.ingest import ingest
from flows.nightly import snapshot
from flows.watch import fetch_watch
from tests.conftest import Desk
from tests.fetching.fetcher import Fetcher, row
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.world import World
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout

NEWS = "https://mid.ru/en/foreign_policy/news/"
FEED = "https://mid.ru/en/rss.php"
NOW = datetime.now(UTC)


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


@pytest.fixture
def standin(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """A site with three documents on one listing and in its feed, which are the registry that is asked."""
    del home  # whose settings these come over
    world = World(NOW)
    for number in (1, 2, 3):
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        paper = published(1_900_000 + number, "foreign_policy/news", NOW - timedelta(days=1), f"Talk {number}", words)
        world.site.put(paper)
    registry = tmp_path / "sources.csv"
    registry.write_text(registry_text({"news": NEWS, "feed": FEED}))
    with Standin(world.handler) as standin:
        settings = {
            "SOURCES": registry,
            "LOCK_WAIT_S": "0",
            "CONTACT": "archive@example.org",
            "PAUSES": "mid.ru=0,t.me=0,web.archive.org=0",
            "CA_FILE": standin.ca_file,
            "CONNECT_TO": standin.connect_to,
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"MFA_ARCHIVE_{name}", str(value))
        yield standin


def registry_text(sources: dict[str, str]) -> str:
    lines = [f"{key},mid_page_html,{address},Ministry,en,Europe/Moscow,unknown,1,," for key, address in sources.items()]
    return "\n".join(
        ["source_key,format,locator,publisher,language,time_zone,coverage,minimum,maximum,note", *lines, ""]
    )


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


def test_pages_are_fetched_by_one_task_and_the_report_tells_of_the_host(home: Path, standin: Standin) -> None:
    state = ended(fetch_pages, entrances="feeds")
    assert (state.name, state.message) == ("Completed", "All is well: 3 appended, 0 unchanged, 0 rejected.")
    assert [one.target for one in standin.requests][:2] == ["/robots.txt", "/en/rss.php"]
    found = artifacts_of(state)
    assert sorted(found) == ["fetch-pages-hosts", "fetch-pages-report", "fetch-pages-sources"]
    assert "| mid.ru | 5 | 5 | 0 |" in found["fetch-pages-report"]
    assert "- mid.ru: nothing due; next " in found["fetch-pages-report"]
    assert Desk(home).value("select count(*) from documents") == 3
    run = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        assert [task.name for task in client.read_task_runs(task_run_filter=run)] == ["ask the hosts"]
    again = ended(fetch_pages)
    assert again.message == "All is well: 0 appended, 0 unchanged, 0 rejected."
    assert [one.target for one in standin.requests][5:] == ["/en/foreign_policy/news/"]


@pytest.mark.parametrize(
    ("flow", "parameters"),
    [(fetch_pages, {}), (fetch_channel, {}), (fetch_wayback, {"address": NEWS})],
    ids=lambda one: getattr(one, "name", ""),
)
def test_without_a_contact_nothing_is_asked_and_the_state_says_what_to_set(
    home: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch, flow: Any, parameters: dict[str, str]
) -> None:
    monkeypatch.delenv("MFA_ARCHIVE_CONTACT")
    state = ended(flow, **parameters)
    assert (state.name, (state.message or "").split(";")[0]) == ("Failed", "MFA_ARCHIVE_CONTACT: not set")
    assert not standin.requests
    assert not home.exists()


@pytest.mark.parametrize(
    ("flow", "parameters", "message"),
    [
        (fetch_channel, {}, "the registry has no row that is fetched so"),
        (fetch_pages, {"sources": ["nosuch"]}, "source 'nosuch' is none that is fetched so"),
        (fetch_pages, {"first": "2011-09-30", "last": "2011-09-01"}, "first is 2011-09-30, last is 2011-09-01"),
        (fetch_pages, {"first": "2011-09-30"}, "first is 2011-09-30, last is None"),
        (fetch_wayback, {"address": "*"}, "'*' is no address"),
    ],
)
def test_what_cant_be_fetched_is_one_line(
    home: Path, standin: Standin, flow: Any, parameters: dict[str, Any], message: str
) -> None:
    state = ended(flow, **parameters)
    assert (state.name, (state.message or "")[: len(message)]) == ("Failed", message)
    assert "\n" not in (state.message or "")
    assert not standin.requests
    assert not home.exists()


@pytest.mark.parametrize(("deployment", "run_count"), [("", 1), ("some-deployment", 2)])
def test_a_host_that_another_run_asks_is_waited_for_by_a_deployment_and_then_passed_over(
    home: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch, deployment: str, run_count: int
) -> None:
    if deployment:
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", deployment)
    monkeypatch.setattr(fetches, "ask_hosts", fetches.ask_hosts.with_options(retries=1, retry_delay_seconds=0))
    with turn_at(Layout(home), {"mid.ru"}, 0):
        state = ended(fetch_pages)
    assert (state.name, state.is_completed()) == ("Skipped", True)
    assert (state.message or "").startswith("mid.ru: is being asked by process ")
    assert not standin.requests
    run = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        assert [task.run_count for task in client.read_task_runs(task_run_filter=run)] == [run_count]


@pytest.mark.usefixtures("standin")
def test_the_watch_is_well_until_something_lasts_and_then_fails_with_the_sentence(home: Path, tmp_path: Path) -> None:
    assert ended(fetch_watch).message == "there is no archive yet; nothing was asked"
    world = World(NOW - timedelta(days=4))
    world.site.put(published(1_900_001, "foreign_policy/news", world.now - timedelta(days=1), "Talk", "The words."))
    with Standin(world.handler) as past:
        fetcher = Fetcher(Desk(home), world, past, [row("news", NEWS)])
        assert fetcher.pages().is_good
    (tmp_path / "sources.csv").write_text(registry_text({"speeches": "https://mid.ru/en/press_service/speeches/"}))
    assert ended(fetch_watch).message == "nothing has been in trouble for 2 days"
    (tmp_path / "sources.csv").write_text(registry_text({"news": NEWS}))
    state = ended(fetch_watch)
    assert (state.name, (state.message or "")[:32]) == ("Failed", "source news: was not asked since")
    assert "source news: was not asked since" in artifacts_of(state)["fetch-watch-report"]
