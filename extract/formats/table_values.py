"""The values of a table's cells: instants, numbers, ids, flags. What can't be told is None, and never guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from extract.addresses import telegram_post_of
from extract.dates import instants
from extract.model import Hints, PublishedBasis
from extract.telegram import bare_channel_id, username_of, without_odd_characters

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIX = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}")  # seconds or milliseconds
_MILLISECONDS = 1e11  # as seconds it would be the year 5138
_YEARS = range(1991, 2100)
_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?))?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
)
_DOTTED = re.compile(r"(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d{4})(?:,?\s(?P<time>\d\d:\d\d(?::\d\d)?))?")
_WHOLE = re.compile(r"(\d{1,18})(?:\.0+)?")  # a column with gaps is written as floating-point numbers by some tools
_GROUPED = re.compile(r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+")
_ROUNDED = re.compile(r"(\d+(?:\.\d+)?)\s?([KkMm])")
_NO_VALUE = frozenset({"", "nan", "none", "null", "nat", "<na>", "n/a"})
_FALSE = _NO_VALUE | {"0", "0.0", "false", "no", "f", "n"}
_TRUE = frozenset({"1", "1.0", "true", "yes", "t", "y"})
_POST_KEY = re.compile(r"(?P<channel>-?\d+|[A-Za-z]\w{3,31})-(?P<message>\d{1,18})")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class When:
    """What a cell tells of an instant."""

    at: datetime | None = None  # aware, UTC
    basis: PublishedBasis | None = None
    printed: str | None = None  # where it tells no instant
    within: tuple[date, date] | None = None  # days in Moscow, where it tells no instant


def is_missing(value: object) -> bool:
    """Say whether a cell has nothing: empty, or what tools write for nothing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in _NO_VALUE)


def printed(value: object) -> str | None:
    """Return a cell as text; None where it has nothing."""
    return (
        None if is_missing(value) or isinstance(value, dict | list) else without_odd_characters(str(value).strip())[0]
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """A date, and a time if there is one, as clocks show them."""

    day: date
    at: time | None
    zone: str | None  # "Z", "UTC", "GMT" or an offset


def clock(text: str) -> Clock | None:
    """Return what a date as tools write it says (2023-05-01 10:00:00+03:00, 01.05.2023 10:00); None for any other."""
    match = _ISO.fullmatch(text) or _DOTTED.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        day = date.fromisoformat(parts.get("day") or f"{parts['y']}-{parts['m']}-{parts['d']}")
        at = None if parts["time"] is None else time.fromisoformat(parts["time"].replace(",", "."))
    except ValueError:
        return None
    return Clock(day, at, parts.get("zone")) if day.year in _YEARS else None


def when(value: object, hints: Hints, *, is_utc: bool = False) -> When | None:
    """Return what a cell tells of an instant; None where it has nothing.

    A time without an offset is an instant where the tool writes UTC, or where a person has named the zone.
    """
    text = printed(value)
    if text is None or isinstance(value, bool):
        return None
    if _UNIX.fullmatch(text):
        return _unix(text)
    shown = clock(text)
    if shown is None:
        return When(printed=text)
    if shown.at is not None and (shown.zone or is_utc):
        at = with_offset(shown.day, shown.at, shown.zone)
        return When(printed=text) if at is None else When(at, PublishedBasis.STATED_OFFSET)
    if shown.at is not None and hints.is_zone_given:
        found = instants(shown.day, shown.at, hints.time_zone)
        if len(found) == 1:
            return When(found[0], PublishedBasis.ASSUMED_ZONE)
    return When(printed=text, within=(shown.day - DAY, shown.day + DAY))


def _unix(text: str) -> When:
    seconds = float(text)
    at = _EPOCH + timedelta(seconds=seconds / 1000 if seconds > _MILLISECONDS else seconds)
    return When(at, PublishedBasis.UNIX_TIME) if at.year in _YEARS else When(printed=text)


def with_offset(day: date, at: time, zone: str | None) -> datetime | None:
    """Return an instant by a clock and its offset from UTC; None for an offset that no zone has."""
    offset = zone if zone and zone[0] in "+-" else "+00:00"
    try:
        return datetime.fromisoformat(f"{day}T{at}{offset}").astimezone(UTC)
    except ValueError:
        return None


def message_id(value: object) -> int | None:
    """Return a message's id as a number, or as a number that a tool has written with decimals."""
    whole = None if isinstance(value, bool) else _WHOLE.fullmatch(printed(value) or "")
    return (int(whole[1]) or None) if whole else None


def named_post(value: object) -> tuple[str | int, int] | None:
    """Return channel (username or bare id) and message id of an address of a post, or of "channel-123"."""
    text = printed(value)
    if text is None:
        return None
    key = _POST_KEY.fullmatch(text)
    if key is None:
        return telegram_post_of(text)
    channel = named_channel(key["channel"])
    return None if channel is None or not int(key["message"]) else (channel, int(key["message"]))


def has_message_id(value: object) -> bool:
    """Say whether a cell names a message."""
    return message_id(value) is not None or named_post(value) is not None


def named_channel(value: object) -> str | int | None:
    """Return a channel's bare id or its username in lower case; None for what is neither."""
    text = printed(value)
    if text is None:
        return None
    whole = re.fullmatch(r"(-?\d+)(?:\.0+)?", text)
    return bare_channel_id(whole[1] if whole else text) or username_of(text)


def count(value: object) -> tuple[int | None, bool]:
    """Return a count and whether it is rounded ("5.37K"); None for what is no count."""
    text = printed(value)
    if text is None or isinstance(value, bool):
        return None, False
    whole = _WHOLE.fullmatch(text)
    if whole:
        return int(whole[1]), False
    if _GROUPED.fullmatch(text):
        return int(re.sub(r"\D", "", text)), False
    rounded = _ROUNDED.fullmatch(text)
    if rounded and len(rounded[1]) < 10:
        return round(float(rounded[1]) * {"k": 1_000, "m": 1_000_000}[rounded[2].lower()]), True
    return None, False


def flag(value: object) -> bool | None:
    """Return yes or no; None for what is neither, such as a date or a word."""
    text = "" if is_missing(value) else str(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


def at_path(values: Any, path: str) -> Any:
    """Return the value of a column, or at `outer.inner` of a JSON row; None where it isn't there."""
    if path in values:
        return values[path]
    outer, _, inner = path.partition(".")
    nested = values.get(outer)
    return at_path(nested, inner) if inner and isinstance(nested, dict) else None


def is_there(values: Any, path: str) -> bool:
    """Say whether a row has a column at all, if with nothing in it."""
    outer, _, inner = path.partition(".")
    return path in values or (bool(inner) and isinstance(values.get(outer), dict) and inner in values[outer])
