"""Printed dates of Telegram Desktop's HTML as instants, as far as they can be told.

Clocks there are the exporter's. Until 3.7.5 no zone is printed. Later ones print a label, and it is wrong in summer:
it is the standard offset of the exporter's zone all the year (Berlin prints 26 July 2024 15:20 as UTC+01:00, where
clocks showed UTC+02:00). So a labelled instant is right to within an hour, and only a person who names the zone can
mend it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from extract.dates import date_line, instants
from extract.model import Hints, Notice, PublishedBasis

_PRINTED = re.compile(
    r"(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{4}) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?P<label> UTC(?:(?P<sign>[+\-\u2212])(?P<hours>\d\d):?(?P<minutes>\d\d))?)?"
)
_DAY = timedelta(days=1)
_MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was published, as far as its printed date tells."""

    at: datetime | None = None  # aware, UTC
    basis: PublishedBasis | None = None
    within: tuple[date, date] | None = None  # first and last day in Moscow, where there is no instant
    notices: tuple[Notice, ...] = ()


def moment_of(printed: str, hints: Hints) -> Moment:
    """Return the instant of a date like "26.07.2024 15:20:11 UTC+01:00", and the days that bound one without a zone."""
    match = _PRINTED.fullmatch(printed)
    try:
        local = None if match is None else _local(match)
        labelled = None if match is None or local is None else _labelled(match, local)
    except (ValueError, OverflowError):  # no calendar has it
        local = labelled = None
    if local is None:
        return Moment(notices=(Notice("unclear_date", printed),))
    if hints.is_zone_given:
        return _in_zone(local, labelled, printed, hints.time_zone)
    if labelled is not None:
        return Moment(labelled, PublishedBasis.LABELLED_ZONE)
    return Moment(within=around(local.date()), notices=(Notice("no_time_zone", printed),))


def _local(match: re.Match[str]) -> datetime:
    """Return the time as clocks showed it, written down as if it were UTC."""
    year, month, day, hour, minute, second = map(int, match.group("year", "month", "day", "hour", "minute", "second"))
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _labelled(match: re.Match[str], local: datetime) -> datetime | None:
    if match["label"] is None:
        return None
    offset = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    return local - offset if match["sign"] == "+" else local + offset


def _in_zone(local: datetime, labelled: datetime | None, printed: str, zone: str) -> Moment:
    """Read a local time in the zone that a person gave; where clocks were set back, the label decides if there is one.

    A label that is neither the zone's offset nor its standard offset speaks against the person, and is told.
    """
    found = instants(local.date(), local.time(), zone)
    if len(found) != 1:
        unclear = (Notice("unclear_local_time", printed),)
        if labelled is not None:
            return Moment(labelled, PublishedBasis.LABELLED_ZONE, None, unclear)
        return Moment(within=days_of(local.date(), zone), notices=unclear)
    if labelled is None or local - labelled in _labels(found[0], zone):
        return Moment(found[0], PublishedBasis.ASSUMED_ZONE)
    return Moment(found[0], PublishedBasis.ASSUMED_ZONE, None, (Notice("zone_and_label_differ", printed),))


def _labels(at: datetime, zone: str) -> tuple[timedelta, timedelta]:
    """Return the offset of a zone at an instant, and its standard offset then, which is what the exporter prints."""
    there = at.astimezone(ZoneInfo(zone))
    offset, summer = there.utcoffset() or timedelta(), there.dst() or timedelta()
    return offset, offset - summer


def day_of(divider: str) -> date | None:
    """Return the day of a divider like "26 July 2024"; None for any other line."""
    found = date_line(divider)
    return None if found is None else found.day


def around(day: date) -> tuple[date, date]:
    """Return the days in Moscow on which something can have been published that has this day in some zone."""
    return (day - _DAY if day > date.min else day, day + _DAY if day < date.max else day)


def days_of(day: date, zone: str) -> tuple[date, date]:
    """Return the days in Moscow that a day in a zone touches."""
    try:
        first, last = (
            datetime.combine(day, at, ZoneInfo(zone)).astimezone(_MOSCOW).date() for at in (time.min, time.max)
        )
    except OverflowError:  # the first and the last day of the calendar
        return around(day)
    return first, last


def within_day(day: date | None, hints: Hints) -> tuple[date, date] | None:
    """Return the days in Moscow for what stands under a divider and has no date of its own."""
    if day is None:
        return None
    return days_of(day, hints.time_zone) if hints.is_zone_given else around(day)
