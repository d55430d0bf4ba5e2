"""The flow `zombies`: runs that the server shows as under way though their process is gone become Crashed.

A process that was killed can't report its end, and Prefect's own server doesn't ask. The runs of one work pool are
looked at, and its worker must be on this machine: whether a process is there is seen in its list of processes. The
archive needs none of this: its lock is let go with the process, and its next run records that one was interrupted.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Completed, Crashed

from flows.execution import now, say

POOL = "mfa-archive"
TIMEOUT_S = 5 * 60
GRACE = timedelta(minutes=2)  # a run that has just been handed to a process need not have one yet
_UNDER_WAY = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
_MARK = b"PREFECT__FLOW_RUN_ID="  # in the environment of each process that Prefect's worker starts


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run that the server shows as under way."""

    run_id: UUID
    name: str
    state: str
    since: datetime
    pid: int | None  # of the process that was started for it


@flow(name="zombies", timeout_seconds=TIMEOUT_S, persist_result=False)
def zombies() -> State[None]:
    """Mark runs whose process is gone as Crashed, so that nobody waits for them."""
    with get_client(sync_client=True) as client:
        found = gone(runs_under_way(client), now())
        for run in found:
            message = f"its process is gone; it was {run.state} since {run.since:%Y-%m-%d %H:%M:%S} UTC"
            client.set_flow_run_state(run.run_id, Crashed(message=message), force=True)
            say(f"{run.name}: {message}")
    return Completed(message=f"{len(found)} marked as crashed")


def runs_under_way(client: SyncPrefectClient) -> list[UnderWay]:
    """Return the runs of the work pool that the server shows as under way."""
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_UNDER_WAY)))
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=state),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
    )
    return [_under_way(run) for run in runs]


def _under_way(run: FlowRun) -> UnderWay:
    pid = run.infrastructure_pid or ""
    state = run.state or Crashed()  # every run has a state; only the type says otherwise
    return UnderWay(run.id, run.name, state.name or state.type, state.timestamp, int(pid) if pid.isdigit() else None)


def gone(runs: Iterable[UnderWay], now: datetime, processes: Path = Path("/proc")) -> list[UnderWay]:
    """Return the runs that have been in their state for a while and have no process on this machine."""
    old = [run for run in runs if now - run.since > GRACE]
    if not old:
        return []
    if not processes.is_dir():
        return [run for run in old if not _is_there(run.pid)]
    living = _living(processes)
    return [run for run in old if str(run.run_id).encode() not in living]


def _living(processes: Path) -> set[bytes]:
    """Return the ids of the runs that some process of this machine works on."""
    found: set[bytes] = set()
    for environment in processes.glob("[0-9]*/environ"):
        with suppress(OSError):  # it ended meanwhile, or is another person's
            variables = environment.read_bytes().split(b"\0")
            found.update(variable[len(_MARK) :] for variable in variables if variable.startswith(_MARK))
    return found


def _is_there(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
