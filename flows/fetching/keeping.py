"""Keeping what a request brought: its bytes, its capture, and what is read in it.

The bytes are safe and the capture is noted before anything is read, so that a crawl can be cut off at any request.
"""

import io
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from extract.directories import FORMATS, judge
from extract.errors import ExtractError
from extract.fields import made_key
from extract.model import Reason, Rejection
from extract.text import CLEANING_VERSION
from flows.fetching.values import Answer, Ask, Failure, Purpose, Verdict, verdict_of
from flows.fetching.waits import instant_of, not_before
from flows.intake import newly_read, rejection_facts
from flows.run import Run
from flows.taking import as_line, base_key
from warehouse.raw_store import Blob, keep, opened
from warehouse.staging import Batch, CaptureFacts, ExtractionFacts, RequestFacts, SourceFacts

OF_DOCUMENTS = (Purpose.PAGE, Purpose.POST, Purpose.CHANNEL)
_READ_STATUS = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as the archive will have it."""

    capture: CaptureFacts
    fetch: RequestFacts
    verdict: Verdict
    location: str | None = None  # where a redirect leads


@dataclass(slots=True)
class Keeper:
    """Keeps the answers of one run, each in the batch that is open then."""

    run: Run
    vantage: str | None
    _batch: Batch | None = None
    _noted: set[str] | None = None  # the sources that stand in the batch

    def keep(self, source: SourceFacts, ask: Ask, answer: Answer) -> Kept:
        """Keep an answer and read it. What its reading finds wrong is told in the run's report."""
        run = self.run
        run.let_go()
        answer = _vetted(ask, answer)
        blob = self._blob(ask, answer)
        batch = self._batch_of(source)
        capture = _capture(source, ask, answer, blob, len(batch.rows[CaptureFacts]))
        fetch = _fetch(capture, ask, answer, self.vantage)
        batch.note(capture, fetch)
        run.report_of(source.source_key).input_count += 1
        if ask.held is not None and blob.raw_sha256 == ask.held.raw_sha256:
            return Kept(capture, fetch, verdict_of(answer.status, fetch.failure, None))
        read_fetched(run, batch, capture, fetch, source)
        reason = _why_not(batch, base_key(source, blob.raw_sha256, capture))
        verdict = verdict_of(answer.status, fetch.failure, reason)
        return Kept(capture, fetch, verdict, answer.header("location"))

    def _blob(self, ask: Ask, answer: Answer) -> Blob:
        """Return the bytes of an answer; those that one without any confirms."""
        if answer.status == 304 and ask.held is not None:
            return ask.held
        return keep(self.run.layout.raw, io.BytesIO(answer.body))

    def _batch_of(self, source: SourceFacts) -> Batch:
        batch = self.run.open_batch()
        if batch is not self._batch or self._noted is None:
            self._batch, self._noted = batch, set()
        if source.source_key not in self._noted:
            self._noted.add(source.source_key)
            batch.note(source)
        return batch


def _why_not(batch: Batch, base: str) -> str | None:
    """Return why nothing could be read in these bytes; None where something was, or they are not read."""
    reading = batch.reading_of(base)
    if reading is None or reading.outcome != "failed":
        return None
    return next((one.reason for one in batch.rejections() if one.extraction_key == reading.extraction_key), None)


def _capture(source: SourceFacts, ask: Ask, answer: Answer, blob: Blob, order: int) -> CaptureFacts:
    is_copy = ask.copy_of is not None and answer.status == _READ_STATUS and answer.failure is None
    captured_at = _stamp(ask, answer) if is_copy else answer.answered_at
    address = ask.copy_of if is_copy else ask.address
    key = made_key(
        *("capture/1", source.source_key, ask.address, None if captured_at is None else captured_at.isoformat()),
        *(blob.raw_sha256.hex(), address),
    )
    return CaptureFacts(
        capture_key=key,
        source_key=source.source_key,
        locator=ask.address,
        captured_via="wayback" if is_copy else "http",
        captured_at=captured_at,
        captured_basis=("unknown" if captured_at is None else "web_archive") if is_copy else "clock",
        raw_sha256=blob.raw_sha256,
        size_bytes=blob.size_bytes,
        blocks_root=blob.blocks_root,
        coverage="unknown",
        coverage_basis="none",
        recorded_order=order,
        address=address,
        http_status=answer.status,
        content_type=_shown(answer.header("content-type")),
    )


def _fetch(capture: CaptureFacts, ask: Ask, answer: Answer, vantage: str | None) -> RequestFacts:
    return RequestFacts(
        capture_key=capture.capture_key,
        asked_at=answer.answered_at,
        purpose=ask.purpose.value,
        looked_for=ask.looked_for,
        failure=None if answer.failure is None else answer.failure.value,
        detail=_shown(answer.detail),
        vantage=vantage,
        etag=_shown(answer.header("etag")),
        last_modified=_shown(answer.header("last-modified")),
        not_before=not_before(answer, answer.answered_at),
        headers=orjson.dumps(answer.headers).decode() if answer.headers else None,
        duration_ms=round((answer.answered_at - answer.asked_at).total_seconds() * 1000),
    )


def _stamp(ask: Ask, answer: Answer) -> datetime | None:
    """Return the instant that the address of a web archive's copy names; None if it is to come."""
    return ask.stamped_at if ask.stamped_at is not None and ask.stamped_at <= answer.answered_at else None


def _vetted(ask: Ask, answer: Answer) -> Answer:
    """Return an answer, as a failure where it is a web archive's copy of another instant than its address names.

    Nothing tells which of the two is right, and a version at a wrong time would be a false history.
    """
    said = answer.header("memento-datetime") or ""
    told = instant_of(said)
    is_copy = ask.copy_of is not None and answer.status == _READ_STATUS and answer.failure is None
    if not is_copy or ask.stamped_at is None or told in (None, ask.stamped_at):
        return answer
    detail = (
        f"Memento-Datetime says {said}, its address {ask.stamped_at:%Y-%m-%d %H:%M:%S} UTC; expected the same instant"
    )
    return replace(answer, failure=Failure.CONTRADICTED, detail=detail)


def _shown(text: str | None) -> str | None:
    """Return a short text of a server without what would break a line."""
    if text is None or text.isprintable():
        return (text or "")[:500] or None
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[:500] or None


def read_fetched(
    run: Run, batch: Batch, capture: CaptureFacts, fetch: RequestFacts, source: SourceFacts
) -> list[ExtractionFacts]:
    """Read a fetched capture by what it was asked for; an answer that isn't whole, or no 200, is not read.

    Raises `ReadingStopped`.
    """
    if fetch.failure is not None or capture.http_status != _READ_STATUS:
        return []
    if fetch.purpose in OF_DOCUMENTS:
        return newly_read(run, batch, capture, source)
    return _judged(run, batch, capture, fetch, source)


def _judged(
    run: Run, batch: Batch, capture: CaptureFacts, fetch: RequestFacts, source: SourceFacts
) -> list[ExtractionFacts]:
    """Note whether the bytes are what leads to documents and was asked for; there are no records in it."""
    base = base_key(source, capture.raw_sha256, capture)
    if batch.reading_of(base) is not None:
        return []
    name, version = FORMATS[fetch.purpose]
    rejections: tuple[Rejection, ...]
    with opened(run.layout.raw, capture.raw_sha256) as stream:
        data = stream.read()
    try:
        rejections = judge(fetch.purpose, data, capture.address or capture.locator, capture.content_type)
        outcome = "read"
    except ExtractError as error:
        rejections = (Rejection(None, None, Reason(error.reason), error.found, error.expected, error.remedy, ""),)
        outcome = "failed"
    facts = ExtractionFacts(
        extraction_key=f"{base}:{version}.{CLEANING_VERSION}",
        raw_sha256=capture.raw_sha256,
        source_key=capture.source_key,
        locator=capture.locator,
        format=name,
        extractor_version=version,
        cleaning_version=CLEANING_VERSION,
        outcome=outcome,
        record_count=0,
        rejection_count=len(rejections),
        told_at=None,
    )
    batch.stage(facts)
    report = run.report_of(source.source_key)
    for rejection in rejections:
        batch.stage(rejection_facts(facts, rejection))
        report.problems.append(as_line(capture.locator, rejection))
    return [facts]
