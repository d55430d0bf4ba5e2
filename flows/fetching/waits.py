"""Instants that a server tells, and until when it asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from flows.fetching.values import Answer

LONGEST = timedelta(days=7)  # a server that asks for more is asked again then


def not_before(answer: Answer, now: datetime) -> datetime | None:
    """Return the instant that Retry-After names, at most a week from now; None where it names none to come."""
    text = (answer.header("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text.lstrip("0")[:9] or 0)  # longer numbers are above the limit too, and may not fit
        return now + min(timedelta(seconds=seconds), LONGEST) if seconds else None
    instant = instant_of(text)
    return min(instant, now + LONGEST).astimezone(UTC) if instant is not None and instant > now else None


def instant_of(text: str) -> datetime | None:
    """Return the instant of a date as HTTP writes it; None for what is none."""
    try:
        named = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second of a zone beyond all bounds
        return None
    return named if named.tzinfo is not None else named.replace(tzinfo=UTC)  # "-0000" is UTC too
