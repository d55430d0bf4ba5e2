"""Taking in the inputs of one source: look, keep the bytes, note the capture, read.

Whatever is wrong with an input becomes a rejection of that input; the others go on.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from extract.encoding import encoding_of
from extract.errors import ExtractError, UnknownFormat
from extract.formats import claimants, formats
from extract.model import Reason, Rejection
from extract.text import CLEANING_VERSION
from flows.container_members import NO_DOCUMENTS, Unpacking, unpacking
from flows.containers import Wants, arrivals
from flows.errors import ReadingStopped
from flows.gaps import Gaps, gaps_of
from flows.input_facts import Input, Told, unreadable
from flows.inputs import Job, size_of
from flows.never_kept import never_kept
from flows.reading import Part, Read, extraction_key, read_blob
from flows.run import Run
from flows.takeover import taken_over
from flows.taking import (
    Taking,
    as_line,
    ask_known,
    base_key,
    batch_of,
    capture_key,
    check_bounds,
    hints_of,
    look_of,
    on_one_line,
    refuse,
    tell_known,
    way_of,
    with_channel_number,
)
from warehouse.errors import InputFailed, WarehouseError
from warehouse.known import Known
from warehouse.raw_store import Blob, keep, opened, sha256_of
from warehouse.room import full_disk_told
from warehouse.staging import (
    Batch,
    CaptureFacts,
    ExtractionFacts,
    RejectionFacts,
    SourceFacts,
)

HEAD_BYTES = 65_536
PORTION_BYTES = 500_000_000
PORTION_COUNT = 5_000
LOOKED_AT_ONCE_BYTES = 64_000_000  # others wait for the archive meanwhile, which takes no time
MOST_TOLD = 8  # kinds of what was passed over


def take_in(run: Run, job: Job) -> None:
    """Stage what is new in the inputs of one source, and count what is known."""
    count = len(job.inputs)
    run.listener.say(f"{job.source.source_key}: looking at {count} file{'s' * (count != 1)}")
    if size_of([job]) > LOOKED_AT_ONCE_BYTES:
        run.let_go()
    job = with_channel_number(run, job)
    taking = Taking(run, job, Known(None))

    def opening(line: str) -> None:
        run.let_go()  # what a container unpacks to is not known before
        run.listener.say(line)

    with full_disk_told(run.layout), unpacking(run.layout, opening) as place:
        for portion in _portions(job, place):
            _take_portion(taking, portion)
        check_bounds(taking)
        if job.passed_over_count:
            place.passed_over[NO_DOCUMENTS] += job.passed_over_count
        _tell_passed_over(run, job.source.source_key, place.passed_over)


def _portions(job: Job, place: Unpacking) -> Iterator[list[Input]]:
    """Yield inputs as they arrive, as many at once as may lie unpacked on the disk.

    A source whose records are counted is one portion: what the archive holds of it must be known first.
    """
    wants = Wants(job.source.channel_id, job.captured_pattern, job.source.time_zone)
    is_counted = job.source.minimum is not None or job.source.maximum is not None
    portion: list[Input] = []
    size = 0
    for given in job.inputs:
        for one in arrivals(given, wants, place):
            portion.append(one)
            size += one.path.stat().st_size if one.is_unpacked else 0
            if not is_counted and (size > PORTION_BYTES or len(portion) >= PORTION_COUNT):
                yield portion
                portion, size = [], 0
    if portion:
        yield portion


def _take_portion(taking: Taking, portion: list[Input]) -> None:
    run, source_key = taking.run, taking.source.source_key
    run.report_of(source_key).input_count += len(portion)
    looked = [_looked_at(one) for one in portion]
    taking.known = ask_known(run, source_key, [(one.locator, sha256) for one, sha256 in looked])
    new = [one for one, sha256 in looked if not _is_held(taking, one, sha256)]
    for one in new:
        _take_new(taking, one)
    for one in portion:
        if one.is_unpacked:
            one.path.unlink(missing_ok=True)


def _tell_passed_over(run: Run, source_key: str, passed_over: Counter[str]) -> None:
    for what, count in passed_over.most_common(MOST_TOLD):
        line = on_one_line(f"{source_key}: passed over {what}: {count:,}")
        run.listener.say(line)
        run.report_of(source_key).notes.append(line)
    others = passed_over.total() - sum(count for _, count in passed_over.most_common(MOST_TOLD))
    if others:
        run.report_of(source_key).notes.append(f"{source_key}: passed over others: {others:,}")


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
    look = look_of(taking.job, one)
    held = taking.known.reading_of(sha256, base_key(taking.source, sha256, look))
    if held is not None and held.waited:
        held = taking.known.held[sha256][0]
    elif held is not None and way_of(held.extraction_key) != way_of(taking.known.held[sha256][0].extraction_key):
        report = taking.run.report_of(taking.source.source_key)
        report.problems.append(
            on_one_line(
                f"{one.locator}: these bytes were read in this way before, and in another way since, which stands; "
                "expected one way; take them in as a source of another name to have both"
            )
        )
    key = capture_key(taking, one.locator, sha256, look)
    if held is None or (key is not None and key not in taking.known.capture_keys):
        return False
    report = taking.run.report_of(taking.source.source_key)
    report.read_count += held.record_count + len(held.rejections)
    report.unchanged_count += held.record_count
    report.rejected_count += len(held.rejections)
    tell_known(taking, one.locator, held.rejections)
    taking.held_count += held.record_count
    return True


def _take_new(taking: Taking, one: Input) -> None:
    if one.problem is not None:
        refuse(taking, one)
        return
    run = taking.run
    try:
        run.let_go_to_read(one.path.stat().st_size)
        stream = one.path.open("rb")
    except OSError as error:
        refuse(taking, unreadable(one, error))
        return
    try:
        with stream:
            private = never_kept(stream, one, taking.source)
            blob = keep(run.layout.raw, stream) if private is None else None
    except InputFailed as error:
        refuse(taking, replace(one, problem=str(error)))
        return
    if blob is None:
        refuse(taking, private or one)
        return
    batch = batch_of(taking)
    capture = _capture(taking, one, blob, len(batch.rows[CaptureFacts]))
    taking.looks[one.locator, blob.raw_sha256] = Told(capture.captured_at, address=capture.address)
    batch.note(capture)
    held = taking.known.reading_of(blob.raw_sha256, base_key(taking.source, blob.raw_sha256, capture))
    if held is not None:
        taking.held_count += held.record_count
        tell_known(taking, one.locator, held.rejections)
        return
    run.listener.say(f"{taking.source.source_key}: reading {one.locator} ({blob.size_bytes:,} bytes)")
    try:
        taking.staged.extend(newly_read(run, batch, capture, taking.source, is_new=True))
    except ReadingStopped as error:
        report = run.report_of(taking.source.source_key)
        report.is_failed = True
        report.problems.append(on_one_line(f"{one.locator}: {error}"))


def newly_read(
    run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts, *, is_new: bool = False
) -> list[ExtractionFacts]:
    """Read a capture, and return what came of it unless the batch held it already. Raises `ReadingStopped`."""
    earlier = batch.reading_of(base_key(source, capture.raw_sha256, capture))
    if earlier is None:
        return [read_capture(run, batch, capture, source, is_new=is_new)]
    report = run.report_of(source.source_key)
    rejections = [facts for facts in batch.rejections() if facts.extraction_key == earlier.extraction_key]
    report.problems.extend(as_line(capture.locator, facts) for facts in rejections)
    return []


def _capture(taking: Taking, one: Input, blob: Blob, order: int) -> CaptureFacts:
    source = taking.source
    look = look_of(taking.job, one)
    last_key, *_ = taking.known.last_at.get(one.locator, ("",))
    return CaptureFacts(
        # The key of the last look stands where the bytes were looked at before but never read.
        capture_key=capture_key(taking, one.locator, blob.raw_sha256, look) or last_key,
        source_key=source.source_key,
        locator=one.locator,
        captured_via=look.captured_via or "file",
        captured_at=look.captured_at,
        captured_basis=look.captured_basis or "unknown",
        raw_sha256=blob.raw_sha256,
        size_bytes=blob.size_bytes,
        blocks_root=blob.blocks_root,
        coverage=source.coverage,
        coverage_basis=taking.job.claim_basis,
        recorded_order=order,
        address=look.address,
        http_status=look.http_status,
        content_type=look.content_type,
        note=look.note,
    )


def read_capture(
    run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts, *, is_new: bool = False
) -> ExtractionFacts:
    """Read the bytes of a capture into a batch, unless it holds them read already, and return what became of it.

    Of a new capture, records that were read before are taken over. What is read again is read wholly: a rebuild is a
    proof that leans on nothing but the bytes.
    """
    name = f"{capture.recorded_order:06d}"
    base = base_key(source, capture.raw_sha256, capture)
    if (earlier := batch.reading_of(base)) is not None:
        return earlier
    run.let_go_to_read(capture.size_bytes)
    format_name: str | None = source.format
    read = Read()
    failure: ExtractError | None = None
    gaps: Gaps | None = None
    try:
        gaps = gaps_of(run.layout.raw, capture.raw_sha256)
        with opened(run.layout.raw, capture.raw_sha256) as stream:
            hints = hints_of(source, capture)
            head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
            format_name = format_name or (gaps.format if gaps else None) or claimed_format(head, hints.encoding)
            part = Part(batch.folder, name, extraction_key(base, format_name), format_name, hints)
            form = formats()[format_name]
            left = taken_over(run, batch, capture, source, part) if is_new and gaps is None else None
            stretches = form.split(stream, hints)
            if gaps is not None:
                stretches = gaps.trimmed(stretches)
            if left is not None:
                stretches = left.stretches(form, stretches, run.listener.advance)
            read = read_blob(batch, part, stretches, run.listener.advance)
            if left is not None:
                read.add_taken(left.taken)
            read.claim = form.shows(head)
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
    if gaps is not None:
        read.rejections = gaps.rejections(read.rejections)
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
        claim=read.claim.value,
    )


def _stage_rejections(run: Run, batch: Batch, facts: ExtractionFacts, read: Read, failure: ExtractError | None) -> None:
    report = run.report_of(facts.source_key)
    for rejection in read.rejections:
        batch.stage(rejection_facts(facts, rejection))
        where = "" if rejection.byte_from is None else f", bytes {rejection.byte_from}-{rejection.byte_to}"
        told = report.notes if rejection.reason is Reason.NOT_FOUND else report.problems
        told.append(as_line(f"{facts.locator}{where}", rejection))
    # That the source hasn't got it is no fault of anybody's.
    report.is_failed = report.is_failed or (failure is not None and failure.reason != Reason.NOT_FOUND)


def rejection_facts(facts: ExtractionFacts, rejection: Rejection) -> RejectionFacts:
    """Return a rejection as a row of the extraction that it came of."""
    return RejectionFacts(
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
