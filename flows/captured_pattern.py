"""Times of capture in the names of files, by a pattern that a person gives, such as `%Y-%m-%d_%H%M`."""

import re
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from flows.errors import RegistryRefused
from flows.input_facts import NOTHING, Told

_PLACES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{2}",
    "d": "[0-9]{2}",
    "j": "[0-9]{3}",
    "H": "[0-9]{2}",
    "M": "[0-9]{2}",
    "S": "[0-9]{2}",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    "%": "%",
}
_DIRECTIVE = re.compile("%(.)", re.DOTALL)


def checked_pattern(where: str, pattern: str, time_zone: str | None) -> str:
    """Return a pattern that gives an instant. Raises `RegistryRefused` for one that doesn't."""
    names = [name for name in _DIRECTIVE.findall(pattern) if name != "%"]
    is_odd = any(name not in _PLACES for name in names) or "%" in _DIRECTIVE.sub("", pattern)
    if is_odd or len(set(names)) < len(names) or not pattern.isprintable():
        raise RegistryRefused(
            f"{where}: {pattern!r} is no pattern of a time; expected %Y %m %d %H %M %S %z, each at most once, such as "
            "%Y-%m-%d_%H%M; correct it"
        )
    has_day = {"Y", "m", "d"} <= set(names) or {"y", "m", "d"} <= set(names) or {"Y", "j"} <= set(names)
    if not has_day or "H" not in names:
        raise RegistryRefused(
            f"{where}: {pattern!r} tells no instant; expected year, month, day and hour; a day alone is no time of "
            "capture: give it with --captured-at or in a manifest"
        )
    if not _is_utc(pattern) and "z" not in names and time_zone is None:
        raise RegistryRefused(
            f"{where}: {pattern!r} tells no time zone; expected a final Z, %z, or the zone of the names; add "
            "--time-zone, in the registry the column time_zone"
        )
    return pattern


def told_by_name(name: str, pattern: str | None, time_zone: str | None) -> Told:
    """Return the time that stands in a name; nothing where there is none."""
    if pattern is None:
        return NOTHING
    found = _expression(pattern).search(name)
    if found is None:
        return NOTHING
    try:
        moment = datetime.strptime(found[0], pattern)  # noqa: DTZ007 -- the zone comes next
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if _is_utc(pattern) else ZoneInfo(time_zone or "UTC"))
        return Told(moment.astimezone(UTC), "file_name")
    except (ValueError, OverflowError):  # digits that are no time, such as 2024-13-45
        return NOTHING


def _is_utc(pattern: str) -> bool:
    return pattern.endswith("Z")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    pieces = _DIRECTIVE.split(pattern)
    parts = (_PLACES[piece] if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re.compile(f"(?<![0-9]){''.join(parts)}(?![0-9])")
