"""A better reading of what was read by older extractors: first as a rehearsal, then for real.

A rehearsal reads into a folder of its own, compares and forgets; for real the same is appended, a bounded batch at a
time, so that what was appended stands whatever becomes of the rest.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from flows.intake import PORTION_COUNT
from flows.pipeline import append_batch_of, close_run, opened_run
from flows.reports import RunReport, SourceReport
from flows.rereading import Again, again_of, marked, note, portions, present_versions, quiet, read_again
from flows.run import Run
from warehouse.archive import require_archive
from warehouse.known import source_states
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.rereading import (
    Cause,
    Changes,
    Sample,
    Wanted,
    changes,
    compared,
    count_older,
    list_older,
    older_captures,
    samples,
)
from warehouse.room import check_room
from warehouse.staging import Batch, opened_batch

MOST_SAMPLES = 3  # of each kind of change, for each format and source


@dataclass(slots=True)
class Rereading:
    """What a rereading changes, or would change."""

    changes: dict[tuple[str, str], Changes] = field(default_factory=dict)  # by format and source
    samples: list[Sample] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    report: RunReport | None = None  # None of a rehearsal

    def add(self, found: list[Changes], sampled: list[Sample]) -> None:
        """Take in what one batch gave."""
        for one in found:
            key = (one.format, one.source_key)
            self.changes[key] = self.changes[key] + one if key in self.changes else one
        for sample in sampled:
            alike = [
                one
                for one in self.samples
                if (one.format, one.source_key, one.change) == (sample.format, sample.source_key, sample.change)
            ]
            if len(alike) < MOST_SAMPLES:
                self.samples.append(sample)


def due(run: Run, wanted: Wanted) -> tuple[int, int]:
    """Return how many inputs older extractors have read, and their size in bytes."""
    require_archive(run.layout.store)
    with run.archive() as connection:
        return count_older(connection, present_versions(), wanted)


def rehearse(run: Run, wanted: Wanted) -> Rereading:
    """Return what a rereading would change. Nothing is appended, and nothing of it is kept."""
    check_room(run.layout, 0)
    found = Rereading()
    with _aside(run) as aside:
        for portion in _portions(run, wanted):
            with closing(opened_batch(aside, run.start.run_key, run.clock())) as batch:
                _read_and_compare(run, aside, batch, portion, found)
            shutil.rmtree(batch.folder)
    return found


@contextmanager
def _aside(run: Run) -> Iterator[Layout]:
    """Give places of their own to batches that are forgotten; those of a rehearsal that was cut off go too."""
    aside = Layout(run.layout.staging / "rehearsal")
    with locked(run.layout.store.with_name("rehearsal.lock"), run.writing.wait_s):
        shutil.rmtree(aside.home, ignore_errors=True)
        try:
            yield aside
        finally:
            shutil.rmtree(aside.home, ignore_errors=True)


def reread(run: Run, wanted: Wanted) -> Rereading:
    """Read again what older extractors have read, append it, publish, and return what it changed."""
    found = Rereading()
    with opened_run(run, []):
        for portion in _portions(run, wanted):
            with closing(opened_batch(run.layout, run.start.run_key, run.clock())) as batch:
                _read_and_compare(run, run.layout, batch, portion, found)
            append_batch_of(run, batch.batch_key)
        run.problems.extend(found.problems)
        run.reports |= {report.source_key: report for report in _reports(found)}
        found.report = close_run(run)
    return found


def _portions(run: Run, wanted: Wanted) -> Iterator[list[Again]]:
    """Yield what is to be read again, as much at once as one batch may hold."""
    after = ""
    while some := _next(run, wanted, after):
        after = some[-1].older_key or ""
        yield from portions(some)


def _next(run: Run, wanted: Wanted, after: str) -> list[Again]:
    with run.archive() as connection:
        if not list_older(connection, present_versions()):
            return []
        older = older_captures(connection, wanted, after, PORTION_COUNT)
        states = source_states(connection, [one.capture.source_key for one in older])
    return [again_of(one, states[one.capture.source_key]) for one in older]


def _read_and_compare(run: Run, layout: Layout, batch: Batch, portion: list[Again], found: Rereading) -> None:
    """Stage a portion, and add to `found` how it differs from what is held."""
    again = marked(batch, portion, Cause.NEWER_VERSION)
    note(batch, again)
    reading = quiet(run)
    succession = read_again(reading, batch, again)
    found.problems.extend(reading.problems)
    with run.archive() as connection:
        batch.seal()  # under the lock: another run would append it, and it would be gone before it is compared
        with compared(connection, layout, batch.batch_key, succession):
            found.add(changes(connection), samples(connection, MOST_SAMPLES))


def _reports(found: Rereading) -> list[SourceReport]:
    """Return what the run records of each source; what was rejected before is no news."""
    reports: dict[str, SourceReport] = {}
    for one in found.changes.values():
        report = reports.setdefault(one.source_key, SourceReport(one.source_key))
        report.input_count += one.input_count
        report.read_count += one.document_count + one.rejections_gained_count
        report.appended_count += one.gained_count
        report.unchanged_count += one.document_count - one.gained_count
        report.rejected_count += one.rejections_gained_count
    return list(reports.values())
