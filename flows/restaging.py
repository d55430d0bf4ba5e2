"""A batch made again from what the raw store's log holds of it: after a cut, by newer code, or for a rebuild."""

from dataclasses import dataclass, field

from extract.model import Reason
from flows.errors import ReadingStopped
from flows.fetching.keeping import read_fetched
from flows.intake import newly_read
from flows.run import Run
from flows.taking import as_line, bounds_refusal, on_one_line, out_of_bounds, read_by
from warehouse.staging import (
    Batch,
    CaptureFacts,
    ExtractionFacts,
    Noted,
    RejectionFacts,
    RequestFacts,
    SourceFacts,
    noted,
)


@dataclass(slots=True)
class _NotedJob:
    """What the raw store's log holds of one job of a batch."""

    source: SourceFacts
    captures: list[CaptureFacts] = field(default_factory=list)
    fetches: dict[str, RequestFacts] = field(default_factory=dict)  # by capture
    refused: set[bytes] = field(default_factory=set)  # bytes that were refused for the count of their records


def restage(run: Run, batch: Batch) -> None:
    """Fill a batch again from what the raw store's log holds of it."""
    log = list(noted(run.layout, batch.batch_key))
    for facts in log:
        batch.stage(facts)
    for job in _noted_jobs(log):
        read = [
            facts
            for capture in job.captures
            if capture.raw_sha256 not in job.refused
            for facts in _read_again(run, batch, job, capture)
            if capture.reread_cause is None  # of what is read again the number was right before
        ]
        new = [facts for facts in read if facts.record_count]
        count = job.source.held_count + sum(facts.record_count for facts in new)
        # Where something was refused for its count, that was decided before; what was withheld counted then.
        if new and not job.refused and not _is_any_withheld(batch) and out_of_bounds(job.source, count):
            for extraction in new:
                batch.take_back(extraction)
            refusals = [bounds_refusal(extraction, job.source, count) for extraction in new]
            batch.note(*refusals)
            report = run.report_of(job.source.source_key)
            report.is_failed = True
            report.problems.extend(as_line(facts.locator, facts) for facts in refusals)


def _is_any_withheld(batch: Batch) -> bool:
    return any(facts.reason == Reason.WITHHELD for facts in batch.rejections())


def _read_again(run: Run, batch: Batch, job: _NotedJob, capture: CaptureFacts) -> list[ExtractionFacts]:
    """Read a noted capture; one whose reading comes to no end is told, and the others go on."""
    source = read_by(job.source, capture.reread_hints)
    fetch = job.fetches.get(capture.capture_key)
    try:
        if fetch is not None:
            return read_fetched(run, batch, capture, fetch, source)
        return newly_read(run, batch, capture, source)
    except ReadingStopped as error:
        run.problems.append(on_one_line(f"{capture.locator}: {error}"))
        return []


def _noted_jobs(log: list[Noted]) -> list[_NotedJob]:
    """Return the jobs of a batch, in their order: each begins with its source.

    Those of a fetch take turns: what is noted belongs to the newest job of its source.
    """
    jobs: list[_NotedJob] = []
    newest: dict[str, _NotedJob] = {}  # by source
    by_capture: dict[str, _NotedJob] = {}
    for facts in log:
        if isinstance(facts, SourceFacts):
            newest[facts.source_key] = _NotedJob(facts)
            jobs.append(newest[facts.source_key])
        elif isinstance(facts, CaptureFacts):
            by_capture[facts.capture_key] = newest[facts.source_key]
            by_capture[facts.capture_key].captures.append(facts)
        elif isinstance(facts, RequestFacts):
            by_capture[facts.capture_key].fetches[facts.capture_key] = facts
        elif isinstance(facts, RejectionFacts) and facts.raw_sha256 is not None:
            newest[facts.source_key].refused.add(facts.raw_sha256)
    return jobs
