"""Trying again what was rejected, after a mend of the code, of the registry or of what a person says of an input."""

from dataclasses import dataclass

from flows.pipeline import append_staged, append_waiting, close_run, opened_run
from flows.reports import RunReport
from flows.rereading import portions
from flows.run import Run
from flows.waiting import Mended, mended_inputs, stage_mended
from warehouse.rereading import answers_of_run


@dataclass(frozen=True, slots=True)
class Answered:
    """What later readings made of rejections of one source and reason."""

    source_key: str
    reason: str
    outcome: str  # see the view terms, list answer
    count: int


@dataclass(frozen=True, slots=True)
class Retry:
    """What came of trying again."""

    tried_count: int  # inputs that were read again
    left_count: int  # inputs of which nothing else is known than when they were rejected
    answered: tuple[Answered, ...]
    report: RunReport


def retry(run: Run, mended: Mended) -> Retry:
    """Read rejected inputs again where that can give something else, append it, and return what became of them."""
    with opened_run(run, []):
        again, left_count = mended_inputs(run, mended)
        for portion in portions(again):
            stage_mended(run, portion)
            append_staged(run)
        append_waiting(run)
        with run.archive() as connection:
            answered = tuple(Answered(*row) for row in answers_of_run(connection, run.start.run_key))
        report = close_run(run)
    return Retry(len(again), left_count, answered, report)
