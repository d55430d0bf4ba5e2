"""Values as people write them, in the registry, in a manifest, in a sidecar or as options."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from extract.telegram import bare_channel_id, username_of
from flows.errors import RegistryRefused

_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/(.+)", re.IGNORECASE)
_MOST_CHANNEL_ID = 10**13


def zone(where: str, name: str) -> str:
    """Return the name of a time zone that is known. Raises `RegistryRefused` otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder of zones
        raise RegistryRefused(
            f"{where}: time zone {name!r} is not known; expected an IANA name such as Europe/Moscow; correct it"
        ) from error
    return name


def instant(where: str, value: str) -> datetime:
    """Return an instant in UTC. Raises `RegistryRefused` for what is none, or says no zone."""
    try:
        found = datetime.fromisoformat(value)
        in_utc = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RegistryRefused(
            f"{where}: {value!r} is no instant; expected ISO 8601 such as 2026-11-22T10:00:00Z; correct it"
        ) from error
    if found.tzinfo is None:
        raise RegistryRefused(
            f"{where}: {value!r} says no time zone; expected one, such as 2026-11-22T10:00:00+03:00; add it"
        )
    return in_utc


def channel(where: str, value: str) -> tuple[str | None, int | None]:
    """Return a channel's username and number from one of them, from both as `mid_rus=1101170442`, or from an address.

    Raises `RegistryRefused` for what is neither.
    """
    name, equals, number = value.partition("=")
    if equals and "/" not in name:
        found = _one_channel(name)[0], _one_channel(number)[1]
        is_good = None not in found
    else:
        found = _one_channel(value)
        is_good = found != (None, None)
    if not is_good:
        raise RegistryRefused(
            f"{where}: {value!r} is no channel; expected its username, its t.me address, its number, or both as "
            "mid_rus=1101170442; correct it"
        )
    return found


def _one_channel(value: str) -> tuple[str | None, int | None]:
    """Return what is told by a username, a number in any of its forms, or a t.me address, of a post too."""
    address = _ADDRESS.fullmatch(value.strip())
    if address is not None:
        parts = [part for part in re.split("[/?#]", address[1]) if part]
        if parts[0] == "c" and len(parts) > 1:
            return None, _number(parts[1])
        return username_of(parts[1] if parts[0] == "s" and len(parts) > 1 else parts[0]), None
    number = _number(value)
    return (None, number) if number is not None else (username_of(value) if "/" not in value else None, None)


def _number(value: str) -> int | None:
    number = bare_channel_id(value)
    return number if number is not None and 0 < number < _MOST_CHANNEL_ID else None
