"""One source while its inputs are taken in: what is known of them, by what they are told apart, what is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from extract.addresses import is_ministry, page_of
from extract.directories import charset_in
from extract.fields import made_key
from extract.model import Hints, Reason, Rejection
from flows.input_facts import Input, Told
from flows.inputs import Job, parted
from flows.run import Run
from warehouse.archive import opened_for_reading
from warehouse.errors import ArchiveBusy
from warehouse.known import Known, known_channels, known_of
from warehouse.staging import (
    Batch,
    CaptureFacts,
    ExtractionFacts,
    RejectionFacts,
    SourceFacts,
    noted,
    sealed_batches,
)

_BOUNDS_REMEDY = "look at the file; correct minimum and maximum if it is right"
_SAID = ("format", "language", "time_zone", "encoding", "channel", "channel_id", "columns")
FETCHED = ("clock", "web_archive")  # who says when: of what this program asked a server for
_ZONE = "Europe/Moscow"  # in which the ministry prints dates


@dataclass(slots=True)
class Taking:
    """One source while its inputs are taken in."""

    run: Run
    job: Job
    known: Known
    staged: list[ExtractionFacts] = field(default_factory=list)
    held_count: int = 0  # records that the archive holds of these inputs already
    is_noted: bool = False  # the source stands in the batch
    looks: dict[tuple[str, bytes], Told] = field(default_factory=dict)  # what is known of each new look

    @property
    def source(self) -> SourceFacts:
        """The source."""
        return self.job.source


def ask_known(run: Run, source_key: str, looked: Sequence[tuple[str, bytes | None]]) -> Known:
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
    last_at = {facts.locator: (facts.capture_key, facts.raw_sha256, facts.address) for facts in captures}
    return replace(
        known,
        last_at=known.last_at | last_at,
        capture_keys=known.capture_keys | {facts.capture_key for facts in captures},
    )


def with_channel_number(run: Run, job: Job) -> Job:
    """Return the job with the number of its channel, where the archive has seen it with its username."""
    source = job.source
    if source.channel is None or source.channel_id is not None:
        return job
    try:
        with run.archive() as connection:
            channel_id = known_channels(connection).get(source.channel)
    except ArchiveBusy as error:
        run.note_busy(error)
        return job
    return replace(job, source=replace(source, channel_id=channel_id))


def tell_known(taking: Taking, locator: str, rejections: Sequence[str]) -> None:
    """Tell again what is known to be wrong with these bytes."""
    report = taking.run.report_of(taking.source.source_key)
    report.problems.extend(on_one_line(f"{locator}: {line} (known already)") for line in rejections)


def look_of(job: Job, one: Input) -> Told:
    """Return what is known of one look: its own container, manifest or name tell better than its source, a page less.

    How and by whom it is known are always told.
    """
    told = one.told
    is_weak = told.captured_at is None or told.captured_basis == "page"
    if is_weak and job.source.captured_at is not None:
        told = replace(told, captured_at=job.source.captured_at, captured_basis=job.time_basis)
    basis = "unknown" if told.captured_at is None else told.captured_basis
    return replace(told, captured_basis=basis, captured_via=told.captured_via or "file")


def capture_key(taking: Taking, locator: str, sha256: bytes, look: Told) -> str | None:
    """Return the key of a look that gave these bytes; None where it adds nothing to the last look here.

    A look at an unknown time is told apart by the look before it.
    """
    source_key = taking.source.source_key
    last_key, last_sha256, last_address = taking.known.last_at.get(locator, (None, None, None))
    found_at = () if look.address is None else (look.address,)
    if look.captured_at is not None:
        return made_key("capture/1", source_key, locator, look.captured_at.isoformat(), sha256.hex(), *found_at)
    if last_sha256 == sha256 and last_address == look.address:
        return None
    return made_key("capture/1", source_key, locator, None, sha256.hex(), last_key, *found_at)


def hints_of(source: SourceFacts, told: Told | CaptureFacts) -> Hints:
    """Return what a source and one look at it say of how its bytes are to be read."""
    fetched_at = told.address if told.captured_basis in FETCHED else None
    page = None if fetched_at is None else page_of(fetched_at)
    return Hints(
        source.source_key,
        source.language,
        source.time_zone or _ZONE,
        source.encoding or charset_in(told.content_type),
        is_zone_given=source.time_zone is not None,
        channel=source.channel,
        channel_id=source.channel_id,
        address=told.address,
        columns=source.columns,
        is_asked_for=fetched_at is not None and is_ministry(fetched_at),
        expects_language=None if page is None else page.lang,
        expects_channel_id=None if fetched_at is None else source.channel_id,
    )


def hints_text(source: SourceFacts) -> str:
    """Return what a source's facts say of how its bytes are to be read, as JSON without what they leave open."""
    said = {name: value for name in _SAID if (value := getattr(source, name)) is not None}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def read_by(source: SourceFacts, hints: str | None) -> SourceFacts:
    """Return a source's facts with what such JSON says in their place; None says nothing."""
    if hints is None:
        return source
    said = orjson.loads(hints)
    return replace(source, **{name: said.get(name) for name in _SAID})


def base_key(source: SourceFacts, sha256: bytes, told: Told | CaptureFacts) -> str:
    """Return the key of a reading of these bytes with these hints, whatever the versions that make it.

    Hints that came later are part of it only where they say something, so that keys that were made before them hold.
    """
    hints = hints_of(source, told)
    more = {
        "channel": hints.channel,
        "channel_id": None if hints.channel_id is None else str(hints.channel_id),
        "columns": hints.columns,
        # The language that is expected says so too.
        "asked": "for" if hints.is_asked_for and hints.expects_language is None else None,
        "expects": hints.expects_language,
        "expects_channel": None if hints.expects_channel_id is None else str(hints.expects_channel_id),
        "zone": "given" if hints.is_zone_given else None,
    }
    key = made_key(
        "extraction/1",
        sha256.hex(),
        source.source_key,
        source.format,
        source.language,
        hints.time_zone,
        hints.encoding,
        *(f"{name}={value}" for name, value in more.items() if value is not None),
    )
    return key if hints.address is None else f"{key}@{made_key(hints.address)}"


def way_of(key: str) -> str:
    """Return what of a reading's key is the same wherever the bytes were found and whichever version read them."""
    return re.split("[@:]", key, maxsplit=1)[0]


def batch_of(taking: Taking) -> Batch:
    """Return the run's batch, with the source noted before what is noted of it: `restage` reads by the same hints."""
    batch = taking.run.open_batch()
    if not taking.is_noted:
        taking.is_noted = True
        batch.note(replace(parted(taking.source)[0], held_count=taking.held_count))
    return batch


def refuse(taking: Taking, one: Input) -> None:
    """Reject an input of which there are no bytes."""
    reason, remedy = refusal_of(one)
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
        expected=one.expected,
        remedy=remedy,
        excerpt="",
    )
    note_refusals(taking, [facts])


def refusal_of(one: Input) -> tuple[Reason, str]:
    """Return why there are no bytes of an input, and what is to be done."""
    reason = one.reason or (Reason.MISSING_INPUT if one.is_missing else Reason.UNREADABLE_INPUT)
    remedy = "put it there, or correct the locator" if one.is_missing else "make it a file that this user may read"
    return reason, one.remedy or remedy


def note_refusals(taking: Taking, refusals: list[RejectionFacts]) -> None:
    """Tell of refusals, count those that the archive knows, and note the others in one go."""
    report = taking.run.report_of(taking.source.source_key)
    new: list[RejectionFacts] = []
    for facts in refusals:
        report.problems.append(as_line(facts.locator, facts))
        if _is_known_refusal(taking, facts):
            report.read_count += 1
            report.rejected_count += 1
        else:
            new.append(facts)
    if new:
        batch_of(taking).note(*new)


def _is_known_refusal(taking: Taking, facts: RejectionFacts) -> bool:
    """Say whether the same was refused before, for the same reason."""
    if (facts.locator, facts.reason, facts.found) not in taking.known.refused:
        return False
    if facts.raw_sha256 is None:
        return True
    look = taking.looks.get((facts.locator, facts.raw_sha256), Told(taking.source.captured_at))
    key = capture_key(taking, facts.locator, facts.raw_sha256, look)
    return key is None or key in taking.known.capture_keys


def as_line(where: str, rejection: Rejection | RejectionFacts) -> str:
    """Return a rejection as one line: where, what was found, what was expected, what to do."""
    return on_one_line(
        f"{where}: {rejection.reason}: {rejection.found}; expected {rejection.expected}; {rejection.remedy}"
    )


def on_one_line(text: str) -> str:
    """Return a text with escapes for what would break its line; the name of a file may hold anything."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def check_bounds(taking: Taking) -> None:
    """Take back what was staged of a source that has fewer or more records than its row allows."""
    source = taking.source
    count = taking.held_count + sum(facts.record_count for facts in taking.staged)
    problem = out_of_bounds(source, count)
    if problem is None or not taking.job.inputs:
        return
    report = taking.run.report_of(source.source_key)
    report.is_failed = True
    new = [facts for facts in taking.staged if facts.record_count]  # what could not be read says so itself
    if not new:
        report.problems.append(on_one_line(f"{source.source_key}: {problem}"))
    for facts in new:
        taking.run.open_batch().take_back(facts)
    note_refusals(taking, [bounds_refusal(facts, source, count) for facts in new])


def out_of_bounds(source: SourceFacts, count: int) -> str | None:
    """Return what is wrong with the number of a source's records; None where its row allows it."""
    low, high = source.minimum or 0, source.maximum
    if low <= count and (high is None or count <= high):
        return None
    return f"{Reason.OUT_OF_BOUNDS}: {count} records; expected {_bounds(source)}, by its registry row; {_BOUNDS_REMEDY}"


def _bounds(source: SourceFacts) -> str:
    return f"{source.minimum or 0} to {source.maximum if source.maximum is not None else 'any number'}"


def bounds_refusal(facts: ExtractionFacts, source: SourceFacts, count: int) -> RejectionFacts:
    """Return the rejection of one input of a source that has fewer or more records than its row allows."""
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
