"""The flow `inbox`: takes in what people have dropped into the inbox folder since the last round.

A round in which nothing is new ends after a look at each file's size and times, without opening the archive.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.execution import begun, now, say
from flows.inbox_files import Look, Round, jobs_of, look_into, read_journal, write_journal
from flows.inputs import Job
from flows.registry import read_registry
from flows.settings import Settings, settings_from
from flows.steps import execute, final_state
from warehouse.layout import Layout
from warehouse.runs import interrupted_runs
from warehouse.staging import cut_off_batches, sealed_batches

TIMEOUT_S = 60 * 60


@flow(name="inbox", timeout_seconds=TIMEOUT_S, persist_result=False)
def inbox() -> State[Any]:
    """Take in the files that people have dropped into the inbox: new ones, and those that changed.

    A file's source is its subfolder (`inbox/<source key>/`) or what `<file>.source.json` beside it says. Files that
    changed within the last minute, are hidden or end in `.part` wait for the next round.
    """
    settings = settings_from()
    journal = settings.home / "inbox.jsonl"
    if not settings.inbox.is_dir():
        return Completed(message=f"{settings.inbox}: not there yet; the next round looks again")
    found = look_into(settings.inbox, read_journal(journal), now())
    for look in found.waiting:
        say(f"{look.locator} waits for the next round")
    if not found.new and not has_pending(settings.layout):
        return Completed(message=f"nothing new: {_counted(found)}")
    jobs = _jobs(settings, found)
    report, is_done = execute(begun("inbox", settings), [job for _, job in jobs])
    done = [look for (look, _), is_one_done in zip(jobs, is_done, strict=True) if is_one_done]
    write_journal(journal, [*found.known, *done])
    return final_state(report)


def _jobs(settings: Settings, found: Round) -> list[tuple[Look, Job]]:
    # Whoever hands in files needs no registry, but one that is there must be sound.
    registered = read_registry(settings.sources) if settings.sources.exists() else []
    return jobs_of(settings.inbox, found.new, registered)


def _counted(found: Round) -> str:
    return f"{len(found.known)} files known, {len(found.waiting)} waiting"


def has_pending(layout: Layout) -> bool:
    """Say whether an earlier run left something to be finished."""
    return bool(sealed_batches(layout) or cut_off_batches(layout) or interrupted_runs(layout))
