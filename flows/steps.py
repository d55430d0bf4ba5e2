"""The pipeline as Prefect tasks: one for each source, one for the append.

Nothing here is cached, and no result is written down: what makes a second run idle is the archive, not Prefect. A
retry is made only where another process holds the archive or asks the same host: reading the same bytes again would
give the same.
"""

from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import deployment
from prefect.states import Completed, Failed
from prefect.utilities.annotations import quote

from flows.artifacts import headline, keep_report
from flows.errors import HostBusy
from flows.inputs import Job
from flows.intake import take_in
from flows.pipeline import append_staged, append_waiting, close_run, opened_run
from flows.reports import RunReport
from flows.run import Run
from warehouse.errors import ArchiveBusy
from warehouse.room import check_room

MESSAGE_LENGTH = 2_000
RETRIES = 2
RETRY_DELAY_S = 60  # on top of the wait for the lock, MFA_ARCHIVE_LOCK_WAIT_S


def is_worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Say whether a task failed because another process is in the way, and nobody sits and waits for an answer."""
    return deployment.id is not None and isinstance(state.result(raise_on_failure=False), ArchiveBusy | HostBusy)


@task(
    task_run_name="reach the archive",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAY_S,
    retry_condition_fn=is_worth_retrying,
)
def reach_archive(run: Run) -> None:
    """See that the archive can be written to before anything is begun."""
    check_room(run.layout, 0)
    with run.archive():
        pass


@task(
    task_run_name="take in {source_key}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAY_S,
    retry_condition_fn=is_worth_retrying,
)
def take_in_source(source_key: str, run: Run, job: Job) -> State[None]:
    """Stage what is new in the inputs of one source."""
    report = run.report_of(source_key)
    inputs_before, problems_before = report.input_count, len(report.problems)
    try:
        take_in(run, job)
    except ArchiveBusy:
        report.input_count = inputs_before
        raise
    return _ended(report.problems[problems_before:])


@task(task_run_name="append what is new", cache_policy=NO_CACHE, persist_result=False)
def append(run: Run) -> State[None]:
    """Append what was staged, in one transaction. What can't be appended now stays staged for the next run."""
    problems_before = len(run.problems)
    append_staged(run)
    append_waiting(run)
    return _ended(run.problems[problems_before:])


def _ended(problems: list[str]) -> State[None]:
    return Failed(message="; ".join(problems)[:MESSAGE_LENGTH]) if problems else Completed()


def execute(run: Run, jobs: list[Job]) -> tuple[RunReport, list[bool]]:
    """Take in every job, append what is new, publish, keep the report as artifacts, and return it.

    A job that fails doesn't stop the others; it stands in the report. The second value says of each job whether it was
    looked at to its end, whatever was found.
    """
    reach_archive(run=quote(run), return_state=False)
    with opened_run(run, jobs):
        is_done = [_take_in(run, job) for job in jobs]
        problems_before = len(run.problems)
        appended = append(quote(run), return_state=True)
        if len(run.problems) == problems_before:
            appended.result()  # raises what was not foreseen: without an append there is nothing to report
        report = close_run(run)
    keep_report(report)
    return report, is_done


def _take_in(run: Run, job: Job) -> bool:
    report = run.report_of(job.source.source_key)
    problems_before = len(report.problems)
    state = take_in_source(job.source.source_key, quote(run), quote(job), return_state=True)
    is_done = state.is_completed() or len(report.problems) > problems_before
    if not is_done:
        report.is_failed = True
        report.problems.append(f"{job.source.source_key}: {state.message}")
    return is_done


def final_state(report: RunReport) -> State[RunReport]:
    """Return the state in which a flow ends: failed where something was rejected or failed."""
    make = Completed if report.is_good else Failed
    return make(message=headline(report), data=report)
