"""The flows that fetch, on Prefect's test server against the stand-in: how each ends, and what can be seen of it."""

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

from flows import fetches
from flows.fetches import fetch_channel, fetch_pages, fetch_wayback
from flows.fetching.turns import turn_at
from flows.watch import fetch_watch
from tests.conftest import Desk
from tests.fetching.fetcher import Fetcher, row
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.world import World
from warehouse.layout import Layout

NEWS = "https://mid.ru/en/foreign_policy/news/"
FEED = "https://mid.ru/en/rss.php"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def standin() -> Iterator[Standin]:
    """The site with three documents on one listing and in its feed."""
    world = World(NOW)
    for number in (1, 2, 3):
        words = f"The ministers met in the capital and spoke of the talks, and of {number} other things."
        paper = published(1_900_000 + number, "foreign_policy/news", NOW - timedelta(days=1), f"Talk {number}", words)
        world.site.put(paper)
    with Standin(world.handler) as standin:
        yield standin


@pytest.fixture
def home(tmp_path: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an archive of its own, and a registry of a listing and a feed of the stand-in."""
    registry = tmp_path / "sources.csv"
    registry.write_text(registry_text({"news": NEWS, "feed": FEED}))
    settings = {
        "HOME": tmp_path / "data",
        "SOURCES": registry,
        "LOCK_WAIT_S": "0",
        "CONTACT": "archive@example.org",
        "PAUSES": "mid.ru=0,t.me=0,web.archive.org=0",
        "CA_FILE": standin.ca_file,
        "CONNECT_TO": standin.connect_to,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"MFA_ARCHIVE_{name}", str(value))
    return tmp_path / "data"


def registry_text(sources: dict[str, str]) -> str:
    lines = [f"{key},mid_page_html,{address},Ministry,en,Europe/Moscow,unknown,1,," for key, address in sources.items()]
    return "\n".join(
        ["source_key,format,locator,publisher,language,time_zone,coverage,minimum,maximum,note", *lines, ""]
    )


def ended(flow: Any, **parameters: Any) -> State[Any]:
    state: State[Any] = flow(**parameters, return_state=True)
    return state


def artifacts_of(state: State[Any]) -> dict[str, str]:
    run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return {artifact.key or "": str(artifact.data) for artifact in client.read_artifacts(artifact_filter=run)}


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
