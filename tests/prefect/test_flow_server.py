"""A real server and a real worker: everything is deployed, run and read back, as flows/README.md says."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import PROJECT
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout

START_S, COMMAND_S, RUN_S, BUSY_S = 90.0, 60.0, 60.0, 30.0  # bounds for a machine that does other things as well
PREFECT = (sys.executable, "-m", "prefect")


@dataclass(frozen=True)
class Server:
    """A server that is up, and the environment in which its worker and commands run."""

    environment: dict[str, str]
    home: Path
    logs: Path

    def prefect(self, *arguments: str) -> str:
        """Run a command of Prefect's to its end and return what it printed."""
        ended = subprocess.run(
            [*PREFECT, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def asked(self, method: str, path: str, **body: Any) -> Any:
        """Return the answer of the server's API. While its database is busy, ask again, as Prefect's client does."""
        url = f"{self.environment['PREFECT_API_URL']}/{path}"
        deadline = time.monotonic() + BUSY_S
        while True:
            response = httpx.request(method, url, json=body or None, timeout=20)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                response.raise_for_status()
                return response.json()
            time.sleep(0.5)


@contextmanager
def running(arguments: list[str], environment: dict[str, str], log: Path, folder: Path) -> Iterator[None]:
    """Keep a process running, and end it, by its own number, with what it has started itself."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(is_so: Callable[[], bool], bound_s: float, log: Path) -> None:
    deadline = time.monotonic() + bound_s
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"not so after {bound_s:.0f} s:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, seeds: Path) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT", "MFA_ARCHIVE", "PYTEST"))
        },
        "HOME": str(tmp_path),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "MFA_ARCHIVE_HOME": str(tmp_path / "data"),
        "MFA_ARCHIVE_SOURCES": str(seeds / "sources.csv"),
        "MFA_ARCHIVE_INBOX": str(tmp_path / "inbox"),
    }
    log = tmp_path / "server.log"
    command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, environment, log, tmp_path):
        until(lambda: is_up(url), START_S, log)
        yield Server(environment, tmp_path / "data", tmp_path)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_everything_is_deployed_and_a_deployment_runs_to_its_end(server: Server) -> None:
    server.prefect("work-pool", "create", "mfa-archive", "--type", "process")
    worker = [*PREFECT, "worker", "start", "--pool", "mfa-archive", "--name", "worker"]
    # The worker's folder is another than the project's: nothing may depend on where it was started.
    with running(worker, server.environment, server.logs / "worker.log", server.logs):
        server.prefect("--no-prompt", "deploy", "--all")
        deployed = {one["name"]: one for one in server.asked("POST", "deployments/filter")}
        assert sorted(deployed) == ["inbox", "nightly-snapshot", "seeds", "zombies"]
        assert {one["concurrency_options"]["collision_strategy"] for one in deployed.values()} == {"CANCEL_NEW"}
        assert not any(one["pull_steps"] for one in deployed.values())
        assert "Completed" in server.prefect("deployment", "run", "ingest/seeds", "--watch")
        the_archive_and_the_report_are_there(server)
        what_collides_is_skipped(server, deployed["seeds"]["id"])


def the_archive_and_the_report_are_there(server: Server) -> None:
    with opened_for_reading(Layout(server.home)) as connection:
        assert connection.execute("select count(*) from documents").fetchall() == [(33,)]
    found = {one["key"]: one["data"] for one in server.asked("POST", "artifacts/filter")}
    assert sorted(found) == ["ingest-report", "ingest-sources"]
    assert found["ingest-report"].startswith("# All is well: 33 appended, 0 unchanged, 0 rejected.")
    assert "channel_dump_sco" in found["ingest-sources"]


def what_collides_is_skipped(server: Server, deployment_id: str) -> None:
    """One run waits for the archive; another of the same deployment is cancelled; the first goes on to its end."""

    def started() -> str:
        return str(server.asked("POST", f"deployments/{deployment_id}/create_flow_run", name="again")["id"])

    def state(run_id: str) -> str:
        return str(server.asked("GET", f"flow_runs/{run_id}")["state_type"])

    log = server.logs / "worker.log"
    with Layout(server.home).lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        first = started()
        until(lambda: state(first) == "RUNNING", RUN_S, log)
        second = started()
        until(lambda: state(second) == "CANCELLED", RUN_S, log)
    until(lambda: state(first) == "COMPLETED", RUN_S, log)
