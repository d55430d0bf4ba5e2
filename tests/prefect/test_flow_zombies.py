"""Which runs count as gone."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from flows.zombies import GRACE, UnderWay, gone

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def run(run_id: UUID, age: timedelta = 2 * GRACE, pid: int | None = None) -> UnderWay:
    return UnderWay(run_id, "name", "Running", NOW - age, pid)


def process(processes: Path, pid: int, *variables: str) -> None:
    (processes / str(pid)).mkdir(parents=True)
    (processes / str(pid) / "environ").write_bytes(b"\0".join(variable.encode() for variable in variables) + b"\0")


def test_a_run_is_gone_when_no_process_works_on_it(tmp_path: Path) -> None:
    here, lost = run(uuid4()), run(uuid4())
    process(tmp_path, 10, "PATH=/bin", f"PREFECT__FLOW_RUN_ID={here.run_id}")
    process(tmp_path, 11, "PATH=/bin")
    assert gone([here, lost], NOW, tmp_path) == [lost]


def test_a_run_that_was_only_just_handed_to_a_process_is_left_alone(tmp_path: Path) -> None:
    assert gone([run(uuid4(), GRACE)], NOW, tmp_path) == []


def test_another_process_under_the_old_number_does_not_keep_a_run_alive(tmp_path: Path) -> None:
    lost = run(uuid4(), pid=10)
    process(tmp_path, 10, f"PREFECT__FLOW_RUN_ID={uuid4()}")
    assert gone([lost], NOW, tmp_path) == [lost]


def test_the_processes_of_this_machine_are_seen() -> None:
    there = run(uuid4())
    command = [sys.executable, "-c", "print('begun', flush=True); input()"]
    environment = {**os.environ, "PREFECT__FLOW_RUN_ID": str(there.run_id)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # its environment is not there to be read before it runs
        assert gone([there], NOW) == []
        process.communicate(b"\n")
    assert gone([there], NOW) == [there]


def test_without_a_list_of_processes_the_number_decides(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here, lost, unknown = run(uuid4(), pid=os.getpid()), run(uuid4(), pid=ended.pid), run(uuid4())
    assert gone([here, lost, unknown], NOW, nowhere) == [lost, unknown]
