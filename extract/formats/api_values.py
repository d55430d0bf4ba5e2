"""What the messages of Telegram's API share, whichever library wrote them: values of JSON as values of ours.

Knows numbers, instants, links and rejections, and no library's names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from extract.dates import instants
from extract.formats.api_json import MOST_BYTES, MOST_DEPTH, Flaw, Json, Piece, loaded
from extract.model import Hints, Link, Notice, PublishedBasis, Reason, Rejection
from extract.telegram import Utf16Text, without_odd_characters

_ODD_ESCAPE = re.compile(rb"\\[bfr]|\\u00[01]|\\u007[Ff]|\x7f")
_LONE_SURROGATE = re.compile(rb"\\u[Dd][89A-Fa-f]")
_FIRST_YEAR, _LAST_YEAR = 2013, 2199  # the first year of Telegram, and one that no message is of
_FIRST_SECOND, _LAST_SECOND = 1_356_998_400, 7_258_118_400  # the same, in seconds since 1970
_DAY = timedelta(days=1)
_REMEDY = "export the channel again"


@dataclass(frozen=True, slots=True)
class When:
    """An instant as far as a form tells it."""

    at: datetime | None = None  # aware, UTC
    basis: PublishedBasis | None = None
    text: str | None = None  # a local time of unknown zone, as the form has it
    within: tuple[date, date] | None = None


def members(value: object) -> Json:
    """Return an object of JSON; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Json]:
    """Return the objects in a list of JSON; none for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str | None:
    """Return a string of JSON that says something, as it stands; None for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def whole(value: object) -> int | None:
    """Return a whole number, written as one or in a string; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None


def count_of(value: object) -> int | None:
    """Return a count, which is never below zero; None for anything else."""
    number = whole(value)
    return number if number is not None and number >= 0 else None


def seconds_of(value: object) -> int | None:
    """Return a length of time in whole seconds, the rest dropped, as the older layers have it."""
    return count_of(int(value)) if isinstance(value, float) and abs(value) < _LAST_SECOND else count_of(value)


def when(value: object, hints: Hints, *, is_utc: bool) -> When:
    """Return the instant of a date: seconds since 1970, or a date and time with or without its offset from UTC.

    Without one it is UTC where the form is (`is_utc`), else local, and an instant only if a person gave the zone.
    """
    number = int(value) if isinstance(value, float) and abs(value) < _LAST_SECOND else whole(value)
    if number is not None:
        return _of_seconds(number)
    stamp = _stamp(value)
    if stamp is None:
        return When()
    if stamp.tzinfo is None and not is_utc:
        return _local(stamp, str(value), hints)
    instant = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
    return When(instant, PublishedBasis.STATED_OFFSET)


def _of_seconds(seconds: int) -> When:
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        return When()
    return When(datetime.fromtimestamp(seconds, UTC), PublishedBasis.UNIX_TIME)


def _stamp(value: object) -> datetime | None:
    if not isinstance(value, str) or ":" not in value:
        return None
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        return None
    return stamp if _FIRST_YEAR <= stamp.year <= _LAST_YEAR else None


def _local(stamp: datetime, text: str, hints: Hints) -> When:
    """Return a local time as an instant where its zone tells one, else with the days on which it may be."""
    day = stamp.date()
    found = instants(day, stamp.time(), hints.time_zone) if hints.is_zone_given else ()
    if len(found) == 1:
        return When(found[0], PublishedBasis.ASSUMED_ZONE)
    return When(text=text, within=(day - _DAY, day + _DAY))


@dataclass(frozen=True, slots=True)
class Span:
    """A link as an API marks it: where it stands in the text, in UTF-16 code units, and where it leads."""

    offset: int
    length: int
    address: str | None = None  # None: the text itself is the address
    scheme: str = ""  # that the text lacks, as "mailto:"


def links_of(text: str, spans: Iterable[Span]) -> tuple[Link, ...]:
    """Return the links of a text in its order; those that lie outside it, or lead nowhere, are left out."""
    cutter = Utf16Text(text)
    links: list[Link] = []
    for span in sorted(spans, key=lambda span: span.offset):
        words = cutter.cut(span.offset, span.length) if span.offset >= 0 < span.length else ""
        if words:
            links.append(Link(words, span.scheme + words if span.address is None else span.address))
    return tuple(links)


def span_of(entity: Json, address: str | None = None, scheme: str = "") -> Span:
    """Return where an entity stands; outside any text where it doesn't say."""
    offset, length = whole(entity.get("offset")), whole(entity.get("length"))
    return Span(-1 if offset is None else offset, length or 0, address, scheme)


def loaded_message(data: bytes) -> tuple[Json, int]:
    """Return the object that some bytes are, and how many characters in it no program can hold and were replaced.

    Each is replaced by one character of the same length in UTF-16, so that places in texts stay right. Raises
    `ValueError` for what is no JSON.
    """
    value = loaded(data)
    if _ODD_ESCAPE.search(data) or _LONE_SURROGATE.search(data):
        value, count = _cleaned(value)
    else:
        count = 0
    return members(value), count


def _cleaned(value: Any) -> tuple[Any, int]:
    if isinstance(value, str):
        return without_odd_characters(value)
    if isinstance(value, list):
        cleaned = [_cleaned(one) for one in value]
        return [one for one, _ in cleaned], sum(count for _, count in cleaned)
    if isinstance(value, dict):
        pairs = {without_odd_characters(key)[0]: _cleaned(one) for key, one in value.items()}
        return {key: one for key, (one, _) in pairs.items()}, sum(count for _, count in pairs.values())
    return value, 0


def odd_notices(count: int) -> tuple[Notice, ...]:
    """Return the notice of characters that were replaced."""
    return (Notice("odd_characters", str(count)),) if count else ()


def rejection(piece: Piece, reason: Reason, found: str, expected: str, remedy: str = _REMEDY) -> Rejection:
    """Return the rejection of one message. It quotes nothing, since the words may be a private person's."""
    return Rejection(piece.byte_from, piece.byte_to, reason, found, expected, remedy, excerpt="")


def rejected(piece: Piece) -> Rejection:
    """Return the rejection of what should be a message, by what is wrong with its bytes."""
    reason, found, expected = _FLAWS[piece.flaw]
    return rejection(piece, reason, found, expected)


def not_json(piece: Piece, error: ValueError) -> Rejection:
    """Return the rejection of bytes whose brackets agree and which are no JSON in UTF-8 for all that."""
    if isinstance(error, UnicodeDecodeError):
        at = piece.byte_from + error.start
        return rejection(piece, Reason.UNDECODABLE, f"bytes that are no UTF-8 at byte {at}", "JSON in UTF-8")
    found = f"a message that is no JSON ({str(error)[:100]})"
    return rejection(piece, Reason.NOT_THIS_FORMAT, found, "a JSON object")


_FLAWS = {
    Flaw.BROKEN: (Reason.NOT_THIS_FORMAT, "a message that doesn't end before the next one begins", "a JSON object"),
    Flaw.BROKEN_OFF: (Reason.BROKEN_OFF, "an input that breaks off", "the end of the message and of the export"),
    Flaw.JUNK: (Reason.NOT_THIS_FORMAT, "what stands between messages and is none", "a JSON object"),
    Flaw.TOO_LARGE: (Reason.TOO_LARGE, f"a message of more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,}"),
    Flaw.TOO_DEEP: (
        Reason.TOO_LARGE,
        f"a message that is nested more than {MOST_DEPTH} deep",
        f"at most {MOST_DEPTH} levels",
    ),
}
