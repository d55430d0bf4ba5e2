"""Withholding: what a person names is taken out of the archive, and who, when and why is kept in its place."""

from dataclasses import dataclass

from flows.pipeline import append_staged, close_run, opened_run, take_out_withheld
from flows.reports import RunReport
from flows.run import Run
from warehouse.withholding import Applied, Asked, Plan, planned


@dataclass(frozen=True, slots=True)
class Withholding:
    """What a withholding took out."""

    plan: Plan
    applied: Applied
    report: RunReport


def withhold(run: Run, asked: Asked) -> Withholding:
    """Note what is withheld, append that as rows of its own, and take it out.

    From the note on it holds: where this is cut off, the next run takes it out.
    """
    with opened_run(run, []):
        with run.archive() as connection:
            plan = planned(connection, asked)
        run.open_batch().note(*plan.rows)
        append_staged(run)
        applied = take_out_withheld(run)
        return Withholding(plan, applied, close_run(run))
