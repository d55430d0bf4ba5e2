"""Taking in the inputs of one source: look, keep the bytes, note the capture, read.

Whatever is wrong with an input becomes a rejection of that input; the others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from extract.encoding import encoding_of
from extract.errors import ExtractError, UnknownFormat
from extract.fields import made_key
from extract.formats import claimants, formats
from extract.model import Hints, Reason, Rejection
from extract.text import CLEANING_VERSION
from flows.errors import ReadingStopped
from flows.inputs import Input, Job, unreadable
from flows.reading import Part, Read, extraction_key, read_blob
from flows.run import Run
from warehouse.archive import opened_for_reading
from warehouse.errors import ArchiveBusy, InputFailed, WarehouseError
from warehouse.known import Known, known_of
from warehouse.raw_store import Blob, keep, opened, sha256_of
from warehouse.room import full_disk_told
from warehouse.staging import (
    Batch,
    CaptureFacts,
    ExtractionFacts,
    RejectionFacts,
    SourceFacts,
    noted,
    sealed_batches,
)

HEAD_BYTES = 65_536
_BOUNDS_REMEDY = "look at the file; correct minimum and maximum if it is right"


@dataclass(slots=True)
class Taking:
    """One source while its inputs are taken in."""

    run: Run
    job: Job
    known: Known
    staged: list[ExtractionFacts] = field(default_factory=list)
    held_count: int = 0  # records that the archive holds of these inputs already
    is_noted: bool = False  # the source stands in the batch

    @property
    def source(self) -> SourceFacts:
        """The source."""
        return self.job.source


def take_in(run: Run, job: Job) -> None:
    """Stage what is new in the inputs of one source, and count what is known."""
    report = run.report_of(job.source.source_key)
    report.input_count += len(job.inputs)
    run.listener.say(f"{job.source.source_key}: looking at {len(job.inputs)} file{'s' * (len(job.inputs) != 1)}")
    looked = [_looked_at(one) for one in job.inputs]
    known = _known(run, job.source.source_key, [(one.locator, sha256) for one, sha256 in looked])
    taking = Taking(run, job, known)
    new = [one for one, sha256 in looked if not _is_held(taking, one, sha256)]
    with full_disk_told(run.layout):
        for one in new:
            _take_new(taking, one)
        _check_bounds(taking)


def _known(run: Run, source_key: str, looked: Sequence[tuple[str, bytes | None]]) -> Known:
    """Return what is known of a source's inputs.

    Where another process keeps the archive the read copy tells, and what waits to be appended: the inputs are captured
    all the same. A look that is taken twice so is found by the append, and adds nothing.
    """
    try:
        with run.archive() as connection:
            return known_of(connection, source_key, looked)
    except ArchiveBusy as error:
        run.note_busy(error)
    known = Known(None)
    if run.layout.published.exists():
        with opened_for_reading(run.layout) as connection:
            known = known_of(connection, source_key, looked)
    waiting = [facts for batch_key in sealed_batches(run.layout) for facts in noted(run.layout, batch_key)]
    captures = [facts for facts in waiting if isinstance(facts, CaptureFacts) and facts.source_key == source_key]
    last_at = {facts.locator: (facts.capture_key, facts.raw_sha256) for facts in captures}
    return replace(
        known,
        last_at=known.last_at | last_at,
        capture_keys=known.capture_keys | {facts.capture_key for facts in captures},
    )


def _looked_at(one: Input) -> tuple[Input, bytes | None]:
    """Return an input and the hash of its bytes, or the input with what stands in the way."""
    if one.problem is not None:
        return one, None
    try:
        with one.path.open("rb") as stream:
            return one, sha256_of(stream)
    except OSError as error:
        return unreadable(one, error), None


def _is_held(taking: Taking, one: Input, sha256: bytes | None) -> bool:
    """Count an input whose look adds nothing: the same bytes as last time here, read already."""
    if sha256 is None:
        return False
    held = taking.known.reading_of(sha256, _base_key(taking.source, sha256))
    if held is not None and held is not taking.known.held[sha256][0]:
        report = taking.run.report_of(taking.source.source_key)
        report.problems.append(
            _on_one_line(
                f"{one.locator}: these bytes were read in this way before, and in another way since, which stands; "
                "expected one way; take them in as a source of another name to have both"
            )
        )
    capture_key = _capture_key(taking, one.locator, sha256)
    if held is None or (capture_key is not None and capture_key not in taking.known.capture_keys):
        return False
    report = taking.run.report_of(taking.source.source_key)
    report.read_count += held.record_count + len(held.rejections)
    report.unchanged_count += held.record_count
    report.rejected_count += len(held.rejections)
    _tell_known(taking, one.locator, held.rejections)
    taking.held_count += held.record_count
    return True


def _tell_known(taking: Taking, locator: str, rejections: Sequence[str]) -> None:
    """Tell again what is known to be wrong with these bytes."""
    report = taking.run.report_of(taking.source.source_key)
    report.problems.extend(_on_one_line(f"{locator}: {line} (known already)") for line in rejections)


def _capture_key(taking: Taking, locator: str, sha256: bytes) -> str | None:
    """Return the key of a look that gave these bytes; None where it adds nothing to the last look here.

    A look at an unknown time is told apart by the look before it.
    """
    source = taking.source
    last_key, last_sha256 = taking.known.last_at.get(locator, (None, None))
    if source.captured_at is not None:
        return made_key("capture/1", source.source_key, locator, source.captured_at.isoformat(), sha256.hex())
    if last_sha256 == sha256:
        return None
    return made_key("capture/1", source.source_key, locator, None, sha256.hex(), last_key)


def _base_key(source: SourceFacts, sha256: bytes) -> str:
    """Return the key of a reading of these bytes with the source's hints, whatever the versions that make it."""
    return made_key(
        "extraction/1",
        sha256.hex(),
        source.source_key,
        source.format,
        source.language,
        source.time_zone,
        source.encoding,
    )


def _take_new(taking: Taking, one: Input) -> None:
    if one.problem is not None:
        _refuse(taking, one)
        return
    run = taking.run
    try:
        stream = one.path.open("rb")
    except OSError as error:
        _refuse(taking, unreadable(one, error))
        return
    try:
        with stream:
            blob = keep(run.layout.raw, stream)
    except InputFailed as error:
        _refuse(taking, replace(one, problem=str(error)))
        return
    batch = _batch_of(taking)
    capture = _capture(taking, one.locator, blob, len(batch.rows[CaptureFacts]))
    batch.note(capture)
    held = taking.known.reading_of(blob.raw_sha256, _base_key(taking.source, blob.raw_sha256))
    if held is not None:
        taking.held_count += held.record_count
        _tell_known(taking, one.locator, held.rejections)
        return
    run.listener.say(f"{taking.source.source_key}: reading {one.locator} ({blob.size_bytes:,} bytes)")
    try:
        taking.staged.extend(_newly_read(run, batch, capture, taking.source))
    except ReadingStopped as error:
        report = run.report_of(taking.source.source_key)
        report.is_failed = True
        report.problems.append(_on_one_line(f"{one.locator}: {error}"))


def _newly_read(run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts) -> list[ExtractionFacts]:
    """Read a capture, and return what came of it unless the batch held it already."""
    earlier = batch.reading_of(_base_key(source, capture.raw_sha256))
    if earlier is None:
        return [read_capture(run, batch, capture, source)]
    report = run.report_of(source.source_key)
    rejections = [facts for facts in batch.rejections() if facts.extraction_key == earlier.extraction_key]
    report.problems.extend(_told(capture.locator, facts) for facts in rejections)
    return []


def _batch_of(taking: Taking) -> Batch:
    """Return the run's batch, with the source noted before what is noted of it: `restage` reads by the same hints."""
    batch = taking.run.open_batch()
    if not taking.is_noted:
        taking.is_noted = True
        batch.note(replace(taking.source, held_count=taking.held_count))
    return batch


def _capture(taking: Taking, locator: str, blob: Blob, order: int) -> CaptureFacts:
    source = taking.source
    last_key, _ = taking.known.last_at.get(locator, ("", None))
    is_known = source.captured_at is not None
    return CaptureFacts(
        # The key of the last look stands where the bytes were looked at before but never read.
        capture_key=_capture_key(taking, locator, blob.raw_sha256) or last_key,
        source_key=source.source_key,
        locator=locator,
        captured_via="file",
        captured_at=source.captured_at,
        captured_basis=taking.job.time_basis if is_known else "unknown",
        raw_sha256=blob.raw_sha256,
        size_bytes=blob.size_bytes,
        blocks_root=blob.blocks_root,
        coverage=source.coverage,
        coverage_basis=taking.job.claim_basis,
        recorded_order=order,
    )


def _refuse(taking: Taking, one: Input) -> None:
    """Reject an input of which there are no bytes."""
    reason = Reason.MISSING_INPUT if one.is_missing else Reason.UNREADABLE_INPUT
    found = one.problem or ""
    facts = RejectionFacts(
        source_key=taking.source.source_key,
        locator=one.locator,
        raw_sha256=None,
        extraction_key=None,
        byte_from=None,
        byte_to=None,
        reason=reason.value,
        found=found,
        expected="a file that can be read",
        remedy="put it there, or correct the locator" if one.is_missing else "make it a file that this user may read",
        excerpt="",
    )
    _note_refusals(taking, [facts])


def _note_refusals(taking: Taking, refusals: list[RejectionFacts]) -> None:
    """Tell of refusals, count those that the archive knows, and note the others in one go."""
    report = taking.run.report_of(taking.source.source_key)
    new: list[RejectionFacts] = []
    for facts in refusals:
        report.problems.append(_told(facts.locator, facts))
        if _is_known_refusal(taking, facts):
            report.read_count += 1
            report.rejected_count += 1
        else:
            new.append(facts)
    if new:
        _batch_of(taking).note(*new)


def _is_known_refusal(taking: Taking, facts: RejectionFacts) -> bool:
    """Say whether the same was refused before, for the same reason."""
    if (facts.locator, facts.reason, facts.found) not in taking.known.refused:
        return False
    if facts.raw_sha256 is None:
        return True
    capture_key = _capture_key(taking, facts.locator, facts.raw_sha256)
    return capture_key is None or capture_key in taking.known.capture_keys


def _told(where: str, rejection: Rejection | RejectionFacts) -> str:
    """Return a rejection as one line: where, what was found, what was expected, what to do."""
    return _on_one_line(
        f"{where}: {rejection.reason}: {rejection.found}; expected {rejection.expected}; {rejection.remedy}"
    )


def _on_one_line(text: str) -> str:
    """Return a text with escapes for what would break its line; the name of a file may hold anything."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _check_bounds(taking: Taking) -> None:
    """Take back what was staged of a source that has fewer or more records than its row allows."""
    source = taking.source
    count = taking.held_count + sum(facts.record_count for facts in taking.staged)
    problem = _out_of_bounds(source, count)
    if problem is None or not taking.job.inputs:
        return
    report = taking.run.report_of(source.source_key)
    report.is_failed = True
    new = [facts for facts in taking.staged if facts.record_count]  # what could not be read says so itself
    if not new:
        report.problems.append(_on_one_line(f"{source.source_key}: {problem}"))
    for facts in new:
        taking.run.open_batch().take_back(facts)
    _note_refusals(taking, [_bounds_refusal(facts, source, count) for facts in new])


def _out_of_bounds(source: SourceFacts, count: int) -> str | None:
    low, high = source.minimum or 0, source.maximum
    if low <= count and (high is None or count <= high):
        return None
    return f"{Reason.OUT_OF_BOUNDS}: {count} records; expected {_bounds(source)}, by its registry row; {_BOUNDS_REMEDY}"


def _bounds(source: SourceFacts) -> str:
    return f"{source.minimum or 0} to {source.maximum if source.maximum is not None else 'any number'}"


def _bounds_refusal(facts: ExtractionFacts, source: SourceFacts, count: int) -> RejectionFacts:
    return RejectionFacts(
        source_key=source.source_key,
        locator=facts.locator,
        raw_sha256=facts.raw_sha256,
        extraction_key=None,
        byte_from=None,
        byte_to=None,
        reason=Reason.OUT_OF_BOUNDS.value,
        found=f"{count} records in the source",
        expected=f"{_bounds(source)}, by its registry row",
        remedy=f"{_BOUNDS_REMEDY}; its bytes are kept, nothing was appended",
        excerpt="",
    )


def read_capture(run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts) -> ExtractionFacts:
    """Read the bytes of a capture into a batch, unless it holds them read already, and return what became of it."""
    name = f"{capture.recorded_order:06d}"
    base = _base_key(source, capture.raw_sha256)
    if (earlier := batch.reading_of(base)) is not None:
        return earlier
    format_name: str | None = source.format
    read = Read()
    failure: ExtractError | None = None
    try:
        with opened(run.layout.raw, capture.raw_sha256) as stream:
            hints = Hints(source.source_key, source.language, source.time_zone, source.encoding)
            format_name = format_name or claimed_format(stream.peek(HEAD_BYTES)[:HEAD_BYTES], source.encoding)
            part = Part(batch.folder, name, extraction_key(base, format_name), format_name, hints)
            read = read_blob(batch, part, formats()[format_name].split(stream, hints), run.listener.advance)
    except (ReadingStopped, WarehouseError):
        batch.drop_parts(name)
        raise
    except ExtractError as error:
        batch.drop_parts(name)
        failure = error
        read = Read(rejections=[_whole(error)])
    except Exception as error:  # a fault of one extractor must not stand in the way of every other input
        batch.drop_parts(name)
        raise ReadingStopped(
            f"its extractor failed ({type(error).__name__}: {error}); expected a reading or a rejection; this is a "
            "fault of mfa-archive, please report it: the bytes are kept, and the next run reads them again"
        ) from error
    facts = _extraction(capture, read, format_name, base)
    batch.stage(facts)
    _stage_rejections(run, batch, facts, read, failure)
    return facts


def claimed_format(head: bytes, encoding: str | None) -> str:
    """Return the one format that claims an input. Raises `UnknownFormat` where none or several do."""
    names = claimants(head)
    if len(names) == 1:
        return names[0]
    if not names:
        encoding_of(head, encoding)
        raise UnknownFormat(
            f"text that no format claims (it begins {head[:60].decode(errors='replace')!r})",
            f"exactly one of {', '.join(formats())}",
            "name the format with --format, or in the registry",
        )
    raise UnknownFormat(
        f"text that {' and '.join(names)} claim", "exactly one format", "name the right one with --format"
    )


def _whole(error: ExtractError) -> Rejection:
    return Rejection(None, None, Reason(error.reason), error.found, error.expected, error.remedy, "")


def _extraction(capture: CaptureFacts, read: Read, format_name: str | None, base: str) -> ExtractionFacts:
    outcome = "read" if read.record_count else "failed"
    if read.record_count and any(rejection.reason is Reason.BROKEN_OFF for rejection in read.rejections):
        outcome = "partial"
    return ExtractionFacts(
        extraction_key=extraction_key(base, format_name),
        raw_sha256=capture.raw_sha256,
        source_key=capture.source_key,
        locator=capture.locator,
        format=format_name,
        extractor_version=formats()[format_name].extractor_version if format_name else 0,
        cleaning_version=CLEANING_VERSION,
        outcome=outcome,
        record_count=read.record_count,
        rejection_count=len(read.rejections),
        told_at=read.told_at,
    )


def _stage_rejections(run: Run, batch: Batch, facts: ExtractionFacts, read: Read, failure: ExtractError | None) -> None:
    report = run.report_of(facts.source_key)
    for rejection in read.rejections:
        batch.stage(
            RejectionFacts(
                source_key=facts.source_key,
                locator=facts.locator,
                raw_sha256=facts.raw_sha256,
                extraction_key=facts.extraction_key,
                byte_from=rejection.byte_from,
                byte_to=rejection.byte_to,
                reason=rejection.reason.value,
                found=rejection.found,
                expected=rejection.expected,
                remedy=rejection.remedy,
                excerpt=rejection.excerpt,
            )
        )
        where = "" if rejection.byte_from is None else f", bytes {rejection.byte_from}-{rejection.byte_to}"
        report.problems.append(_told(f"{facts.locator}{where}", rejection))
    report.is_failed = report.is_failed or failure is not None


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
            for facts in _read_again(run, batch, capture, job.source)
        ]
        new = [facts for facts in read if facts.record_count]
        count = job.source.held_count + sum(facts.record_count for facts in new)
        # Where something was refused for its count, that was decided before.
        if new and not job.refused and _out_of_bounds(job.source, count):
            for extraction in new:
                batch.take_back(extraction)
            refusals = [_bounds_refusal(extraction, job.source, count) for extraction in new]
            batch.note(*refusals)
            report = run.report_of(job.source.source_key)
            report.is_failed = True
            report.problems.extend(_told(facts.locator, facts) for facts in refusals)


def _read_again(run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts) -> list[ExtractionFacts]:
    """Read a noted capture; one whose reading comes to no end is told, and the others go on."""
    try:
        return _newly_read(run, batch, capture, source)
    except ReadingStopped as error:
        run.problems.append(_on_one_line(f"{capture.locator}: {error}"))
        return []


@dataclass(slots=True)
class _NotedJob:
    """What the raw store's log holds of one job of a batch."""

    source: SourceFacts
    captures: list[CaptureFacts] = field(default_factory=list)
    refused: set[bytes] = field(default_factory=set)  # bytes that were refused for the count of their records


def _noted_jobs(log: list[SourceFacts | CaptureFacts | RejectionFacts]) -> list[_NotedJob]:
    """Return the jobs of a batch, in their order: each begins with its source."""
    jobs: list[_NotedJob] = []
    for facts in log:
        if isinstance(facts, SourceFacts):
            jobs.append(_NotedJob(facts))
        elif isinstance(facts, CaptureFacts):
            jobs[-1].captures.append(facts)
        elif facts.raw_sha256 is not None:
            jobs[-1].refused.add(facts.raw_sha256)
    return jobs
