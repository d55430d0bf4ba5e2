"""What is in an input, without an archive: its format, its documents, what is odd and what can't be read.

The input is read once from front to end. Of each record a few numbers are kept, of the first ones all.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from extract import order
from extract.encoding import encoding_of
from extract.errors import ExtractError
from extract.formats import formats
from extract.model import Hints, Reason, Record, Rejection
from flows.container_members import Unpacking
from flows.containers import Wants, arrivals
from flows.input_facts import Input, unreadable
from flows.inputs import Job
from flows.intake import HEAD_BYTES, claimed_format
from flows.never_kept import never_kept
from flows.taking import hints_of, refusal_of
from warehouse.staging import SourceFacts


@dataclass(frozen=True, slots=True)
class Found:
    """One record as it is read, with the dates that the order of the records settles."""

    number: int  # from 1
    record: Record
    event_from: date | None = None
    event_to: date | None = None
    published_after: date | None = None
    published_before: date | None = None


@dataclass(slots=True)
class Inspection:
    """What is in one input."""

    locator: str  # of a container's member its name follows after "!"
    size_bytes: int = 0
    format: str | None = None
    encoding: str | None = None
    record_count: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    notice_examples: dict[str, str] = field(default_factory=dict)
    first_day: date | None = None  # of all publications and events
    last_day: date | None = None
    found: list[Found] = field(default_factory=list)  # the first ones
    rejections: list[Rejection] = field(default_factory=list)  # the first ones; one of the whole input stands last
    rejection_count: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How an input is to be read, and how many records of it are kept."""

    source: SourceFacts
    kept_count: int


def inspected(job: Job, kept_count: int) -> Iterator[Inspection]:
    """Yield what is in each input of a job, and in each member of a container, as an ingest would read it.

    Members are unpacked into a temporary folder that is no part of an archive.
    """
    source = job.source
    reading = Reading(source, kept_count)
    with TemporaryDirectory(prefix="mfa-archive-") as folder:
        place = Unpacking(Path(folder), lambda _: None)
        try:
            for given in job.inputs:
                for one in arrivals(given, Wants(source.channel_id, job.captured_pattern, source.time_zone), place):
                    yield inspect(one, reading)
                    if one.is_unpacked:
                        one.path.unlink(missing_ok=True)
        finally:
            place.close()


def inspect(one: Input, reading: Reading) -> Inspection:
    """Return what is in an input, or what stands in the way of it."""
    inspection = Inspection(one.locator)
    if one.problem is not None:
        return _refused(inspection, one)
    try:
        with one.path.open("rb") as stream:
            inspection.size_bytes = one.path.stat().st_size
            private = never_kept(stream, one, reading.source)
            if private is not None:
                return _refused(inspection, private)
            _read(stream, hints_of(reading.source, one.told), reading, inspection)
    except OSError as error:
        return _refused(inspection, unreadable(one, error))
    except ExtractError as error:
        whole = Rejection(None, None, Reason(error.reason), error.found, error.expected, error.remedy, "")
        _take_whole(inspection, whole)
    return inspection


def _refused(inspection: Inspection, one: Input) -> Inspection:
    reason, remedy = refusal_of(one)
    _take_whole(inspection, Rejection(None, None, reason, one.problem or "", one.expected, remedy, ""))
    return inspection


def _take_whole(inspection: Inspection, rejection: Rejection) -> None:
    inspection.rejections.append(rejection)
    inspection.rejection_count += 1


def _read(stream: BinaryIO, hints: Hints, reading: Reading, inspection: Inspection) -> None:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    inspection.format = reading.source.format or claimed_format(head, hints.encoding)
    with suppress(ExtractError):  # a database has none; whoever reads a text tells what is wrong with it
        inspection.encoding = encoding_of(head, hints.encoding)
    days = _Days()
    form = formats()[inspection.format]
    for stretch in form.split(stream, hints):
        for value in form.read(stretch, hints):
            if isinstance(value, Rejection):
                _take_rejection(inspection, value, reading.kept_count)
            else:
                _take_record(inspection, value, reading.kept_count)
                days.add(value)
    inspection.found = list(days.settled(inspection.found, is_ordered=form.is_ordered))
    known = [day for day in days.all_days() if day]
    if known:
        inspection.first_day, inspection.last_day = date.fromordinal(min(known)), date.fromordinal(max(known))


def _take_rejection(inspection: Inspection, value: Rejection, kept_count: int) -> None:
    inspection.rejection_count += 1
    if len(inspection.rejections) < kept_count:
        inspection.rejections.append(value)


def _take_record(inspection: Inspection, record: Record, kept_count: int) -> None:
    inspection.record_count += 1
    inspection.kinds[record.kind.value] += 1
    for notice in record.notices:
        inspection.notices[notice.code] += 1
        inspection.notice_examples.setdefault(notice.code, notice.detail)
    if len(inspection.found) < kept_count:
        inspection.found.append(
            Found(inspection.record_count, record, event_from=record.event.date_from, event_to=record.event.date_to)
        )


class _Days:
    """The days of all records, as numbers."""

    def __init__(self) -> None:
        self.date_from, self.date_to, self.month_days = array("i"), array("i"), array("i")
        self.is_ahead, self.published = array("b"), array("i")

    def add(self, record: Record) -> None:
        """Take in one record's days."""
        event = record.event
        self.date_from.append(event.date_from.toordinal() if event.date_from else 0)
        self.date_to.append(event.date_to.toordinal() if event.date_to else 0)
        month_from, day_from, month_to, day_to = event.month_days or (0, 0, 0, 0)
        self.month_days.append(((month_from * 100 + day_from) * 100 + month_to) * 100 + day_to)
        self.is_ahead.append(event.is_ahead)
        self.published.append(record.published_at.astimezone(UTC).toordinal() if record.published_at else 0)

    def all_days(self) -> Iterator[int]:
        """Return every day, 0 for one that is not known."""
        for days in (self.date_from, self.date_to, self.published):
            yield from days

    def settled(self, found: list[Found], *, is_ordered: bool) -> Iterator[Found]:
        """Return the kept records with what the order of all tells of them."""
        if not is_ordered or not self.date_from:
            yield from found
            return
        settled = order.settle(order.EventColumns(self.date_from, self.date_to, self.month_days, self.is_ahead))
        self.date_from, self.date_to = array("i", settled.date_from), array("i", settled.date_to)
        for at, one in enumerate(found):
            yield replace(
                one,
                event_from=_day(settled.date_from[at]),
                event_to=_day(settled.date_to[at]),
                published_after=_day(settled.after[at]),
                published_before=_day(settled.before[at]),
            )


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


NAMES = (
    "path",
    "format",
    "number",
    "byte_from",
    "byte_to",
    "document_key",
    "medium",
    "published_at",
    "published_after",
    "published_before",
    "event_from",
    "event_to",
    "kind",
    "title",
    "word_count",
    "notices",
    "reason",
    "found",
    "expected",
    "remedy",
)


def rows(inspection: Inspection) -> Iterator[dict[str, Any]]:
    """Return one row for each record that was kept, then one for each rejection."""
    base: dict[str, Any] = dict.fromkeys(NAMES)
    base |= {"path": inspection.locator, "format": inspection.format}
    for one in inspection.found:
        yield base | _record_row(one)
    for rejection in inspection.rejections:
        yield base | {
            "byte_from": rejection.byte_from,
            "byte_to": rejection.byte_to,
            "reason": rejection.reason.value,
            "found": rejection.found,
            "expected": rejection.expected,
            "remedy": rejection.remedy,
        }


def _record_row(one: Found) -> dict[str, Any]:
    record = one.record
    published_at: datetime | None = record.published_at
    return {
        "number": one.number,
        "byte_from": record.byte_from,
        "byte_to": record.byte_to,
        "document_key": record.key,
        "medium": record.medium.value,
        "published_at": published_at,
        "published_after": one.published_after,
        "published_before": one.published_before,
        "event_from": one.event_from,
        "event_to": one.event_to,
        "kind": record.kind.value,
        "title": record.title or record.text.partition("\n")[0],
        "word_count": len(record.text.split()),
        "notices": [f"{notice.code}: {notice.detail}" for notice in record.notices],
    }
