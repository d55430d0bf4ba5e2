"""A real server and a real worker: everything is deployed, run and read back, as flows/README.md says."""

import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conftest import PROJECT
from tests.standin.http import Response
from tests.standin.server import Standin
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout

START_S, COMMAND_S, RUN_S, BUSY_S = 90.0, 60.0, 60.0, 30.0  # bounds for a machine that does other things as well
PREFECT = (sys.executable, "-m", "prefect")


# Imports Prefect once, and runs each command that it reads in a child, which is what a shell would start otherwise.
_COMMANDS = """
import json, os, sys
import prefect.cli.automation, prefect.cli.deploy, prefect.cli.deployment, prefect.cli.work_pool
from prefect.cli import app

for line in sys.stdin:
    arguments, printed = json.loads(line)
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
        sys.argv = ["prefect", *arguments]
        app()
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Command:
    """A command of Prefect's that has begun."""

    commands: subprocess.Popen[str]
    printed: Path

    def ended(self, status: int = 0) -> str:
        """Return what it printed at its end, which must come with this status."""
        assert self.commands.stdout is not None
        if not select.select([self.commands.stdout], [], [], COMMAND_S)[0]:
            pytest.fail(f"not ended after {COMMAND_S:.0f} s:\n{self.printed.read_text()}")
        ended = self.commands.stdout.readline()
        printed = self.printed.read_text()
        assert ended == f"{status}\n", printed
        return printed


@dataclass(frozen=True)
class Commands:
    """What runs commands of Prefect's in the project's folder, one after another."""

    process: subprocess.Popen[str]
    folder: Path

    def begun(self, arguments: Sequence[str]) -> Command:
        """Begin one."""
        number = len(list(self.folder.glob("*.out")))
        command = Command(self.process, self.folder / f"{number}.out")
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([arguments, str(command.printed)]) + "\n")
        self.process.stdin.flush()
        until(command.printed.exists, COMMAND_S)
        return command


@contextmanager
def commands_in(environment: dict[str, str], folder: Path) -> Iterator[Commands]:
    """Let commands be run until it is left."""
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", _COMMANDS],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Commands(process, folder)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Server:
    """A server that is up, and the environment in which its worker and commands run."""

    environment: dict[str, str]
    home: Path
    log: Path  # of its worker
    commands: Commands

    def begun(self, *arguments: str) -> Command:
        """Begin a command of Prefect's."""
        return self.commands.begun(arguments)

    def prefect(self, *arguments: str, status: int = 0) -> str:
        """Run a command of Prefect's to its end, which must come with this status, and return what it printed."""
        return self.begun(*arguments).ended(status)

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


def until(is_so: Callable[[], bool], bound_s: float, log: Path | None = None) -> None:
    deadline = time.monotonic() + bound_s
    while not is_so():
        if time.monotonic() > deadline:
            told = "" if log is None else log.read_text(errors="replace")[-4000:]
            pytest.fail(f"not so after {bound_s:.0f} s:\n{told}")
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server to which everything is deployed, and a worker, for all tests: they take ten seconds."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT", "MFA_ARCHIVE", "PYTEST"))
        },
        "HOME": str(folder),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",  # the only one that is used here is made known as it is saved
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "MFA_ARCHIVE_HOME": str(folder / "data"),
        "MFA_ARCHIVE_SOURCES": str(PROJECT / "seeds" / "sources.csv"),
        "MFA_ARCHIVE_INBOX": str(folder / "inbox"),
    }
    log = folder / "server.log"
    command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    worker = [*PREFECT, "worker", "start", "--pool", "mfa-archive", "--name", "worker"]
    with running(command, environment, log, folder), commands_in(environment, folder / "commands") as commands:
        until(lambda: is_up(url), START_S, log)
        server = Server(environment, folder / "data", folder / "worker.log", commands)
        server.prefect("work-pool", "create", "mfa-archive", "--type", "process")
        server.prefect("--no-prompt", "deploy", "--all")
        # The worker's folder is another than the project's: nothing may depend on where it was started.
        with running(worker, environment, server.log, folder):
            yield server


@pytest.fixture
def server(begun: Server) -> Server:
    """The server, before an archive is there."""
    shutil.rmtree(begun.home, ignore_errors=True)
    return begun


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_everything_is_deployed_and_a_deployment_runs_to_its_end(server: Server) -> None:
    deployed = {one["name"]: one for one in server.asked("POST", "deployments/filter")}
    assert len(deployed) == len(yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]) == 9
    assert {one["concurrency_options"]["collision_strategy"] for one in deployed.values()} == {"CANCEL_NEW"}
    assert not any(one["pull_steps"] for one in deployed.values())
    lock = Layout(server.home).lock
    lock.parent.mkdir(parents=True)
    with lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run = server.begun("deployment", "run", "ingest/seeds", "--watch")
        what_collides_is_skipped(server, deployed["seeds"]["id"])
    assert "Completed" in run.ended()
    the_archive_and_the_report_are_there(server)


def what_collides_is_skipped(server: Server, deployment_id: str) -> None:
    """While one run waits for the archive, another of the same deployment is cancelled; the first goes on."""

    def states() -> list[str]:
        of_it = {"id": {"any_": [deployment_id]}}
        return [one["state_type"] for one in server.asked("POST", "flow_runs/filter", deployments=of_it)]

    until(lambda: states() == ["RUNNING"], RUN_S, server.log)
    server.asked("POST", f"deployments/{deployment_id}/create_flow_run", name="again")
    until(lambda: sorted(states()) == ["CANCELLED", "RUNNING"], RUN_S, server.log)


def the_archive_and_the_report_are_there(server: Server) -> None:
    with opened_for_reading(Layout(server.home)) as connection:
        assert connection.execute("select count(*) from documents").fetchall() == [(33,)]
    of_ingest = {"name": {"any_": ["ingest"]}}
    found = {one["key"]: one["data"] for one in server.asked("POST", "artifacts/filter", flows=of_ingest)}
    assert sorted(found) == ["ingest-report", "ingest-sources"]
    assert found["ingest-report"].startswith("# All is well: 33 appended, 0 unchanged, 0 rejected.")
    assert "channel_dump_sco" in found["ingest-sources"]


def test_fetching_is_turned_on_by_hand_and_a_watch_that_fails_notifies_the_operator(
    server: Server, tmp_path: Path
) -> None:
    off = {"fetch-channels", "fetch-feeds", "fetch-listings"}
    assert names_of_those_off(server) == off
    server.prefect("--no-prompt", "deployment", "schedule", "resume", "--all")
    assert names_of_those_off(server) == set()
    # As flows/README.md says: a new deployment puts back what the file says.
    server.prefect("--no-prompt", "deploy", "--all")
    assert names_of_those_off(server) == off
    server.home.mkdir()
    (server.home / "archive.duckdb").write_bytes(b"no archive")  # so that the watch fails
    with Standin(lambda _: Response(200)) as operator:
        take_automation_into_use(server, f"http://127.0.0.1:{operator.plain_port}/", tmp_path)
        assert "Failed" in server.prefect("deployment", "run", "fetch_watch/fetch-watch", "--watch", status=1)
        run = ("deployment", "run", "fetch_wayback/fetch-wayback", "--param", "address=https://mid.ru/", "--watch")
        assert "Failed" in server.prefect(*run, status=1)
        until(lambda: bool(operator.requests), RUN_S, server.log)
    # Of the watch alone: what one fetch met is told by its own run.
    (told,) = operator.requests
    assert told.target.startswith("/?text=mfa-archive%3A+Failed")
    assert "not+a+DuckDB+file" in told.target
    states = {one["state"]["message"] for one in server.asked("POST", "flow_runs/filter") if one["state"]["message"]}
    assert any(message.startswith("MFA_ARCHIVE_CONTACT: not set") for message in states)


def names_of_those_off(server: Server) -> set[str]:
    deployed = server.asked("POST", "deployments/filter")
    return {one["name"] for one in deployed if not all(schedule["active"] for schedule in one["schedules"])}


def take_automation_into_use(server: Server, address: str, folder: Path) -> None:
    """Make a block that asks an address, and the automation that uses it."""
    code = (
        "import sys; from prefect.blocks.notifications import CustomWebhookNotificationBlock as Block; "
        "print(Block(name='operator', url=sys.argv[1], method='GET', params={'text': '{{subject}} {{body}}'})"
        ".save('operator'))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, address],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=True,
    )
    text = (PROJECT / "automations.yaml").read_text(encoding="utf-8")
    path = folder / "automations.yaml"
    path.write_text(text.replace("OPERATOR_BLOCK", made.stdout.strip()), encoding="utf-8")
    server.prefect("automation", "create", "--from-file", str(path))
