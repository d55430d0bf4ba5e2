"""Points in time as people say them to a command: an instant, a day of the publisher's, or so long ago."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

PUBLISHER = ZoneInfo("Europe/Moscow")  # days are the publisher's
_AGO = re.compile(r"(\d{1,5})\s*(minute|hour|day|week)s?(?:\s+ago)?", re.IGNORECASE)
_EXPECTED = "an instant with its zone (2026-11-22T10:00:00Z), a day (2026-11-22, Moscow's)"


def ago(value: str, now: datetime) -> datetime | None:
    """Return the instant that `7 days` or `24 hours` before now is; None where the words say no such thing."""
    match = _AGO.fullmatch(value.strip())
    if match is None:
        return None
    return now - timedelta(**{f"{match[2].lower()}s": int(match[1])})


def moment(value: str, *, is_end: bool = False, more: str = "") -> datetime:
    """Return the instant in UTC of what a person wrote. A day is its first moment; as an end, the first after it.

    Raises `BadParameter`; `more` is what else the option takes.
    """
    words = value.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            day = date.fromisoformat(words) + timedelta(days=is_end)
            return datetime.combine(day, time(), PUBLISHER).astimezone(UTC)
        found = datetime.fromisoformat(words)
        in_utc = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{value!r} is no point in time; expected {_EXPECTED}{more}") from error
    if found.tzinfo is None:
        raise click.BadParameter(f"{value!r} says no time zone; expected one, such as {words}Z; add it")
    return in_utc
