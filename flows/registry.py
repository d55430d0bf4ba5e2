"""The registry of sources: a CSV file with one row for each source."""

import csv
from collections import Counter
from pathlib import Path

from extract.formats import formats
from extract.model import Claim
from flows.captured_pattern import checked_pattern
from flows.errors import RegistryRefused
from flows.fetching.entrances import entrance_of, is_fetched
from flows.input_facts import Registered
from flows.said import channel, instant, zone
from warehouse.staging import SourceFacts

REQUIRED = ("source_key", "format", "locator", "language", "coverage", "minimum", "maximum")
MOST_DIGITS = 15  # of a count of records
OPTIONAL = (
    *("publisher", "channel", "channel_id", "time_zone", "encoding", "columns", "captured_at", "captured_pattern"),
    "note",
)


def read_registry(path: Path) -> list[SourceFacts]:
    """Return the sources of a registry, in its order.

    Raises `RegistryRefused` naming the line and column for a missing column, an unknown format, a duplicate key, or a
    value that is none.
    """
    rows = _rows(path)
    sources = [_source(path, line, row) for line, row in rows]
    for key, count in Counter(source.source_key for source in sources).items():
        if count > 1:
            raise RegistryRefused(
                f"{path}: source_key {key!r} stands {count} times; expected each key once; rename one"
            )
    return sources


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = tuple(reader.fieldnames or ())
            _check_once(path, names)
            _check_columns(path, names)
            return [(reader.line_num, row) for row in reader if any(row.values())]
    except FileNotFoundError as error:
        raise RegistryRefused(
            f"{path}: not there; expected the registry of sources; set MFA_ARCHIVE_SOURCES to its place"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RegistryRefused(
            f"{path}: can't be read ({error}); expected a CSV file in UTF-8; mend the file"
        ) from error


def _check_once(path: Path, names: tuple[str, ...]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise RegistryRefused(
                f"{path}: column {name!r} stands {count} times; expected each column once; remove one"
            )


def _check_columns(path: Path, names: tuple[str, ...]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise RegistryRefused(
            f"{path}: column {missing[0]!r} is missing; expected the columns {', '.join(REQUIRED)} and, if wanted, "
            f"{', '.join(OPTIONAL)}; add it to the first line"
        )
    unknown = [name for name in names if name not in REQUIRED + OPTIONAL]
    if unknown:
        raise RegistryRefused(
            f"{path}: column {unknown[0]!r} is not known; expected only {', '.join(REQUIRED + OPTIONAL)}; remove it"
        )


def _source(path: Path, line: int, row: dict[str, str]) -> SourceFacts:
    where = f"{path}, line {line}"
    if None in row or None in row.values():
        raise RegistryRefused(
            f"{where}: not as many values as columns; expected one for each; quote values with commas"
        )
    values = {name: value.strip() for name, value in row.items()}
    for name in ("source_key", "format", "locator", "coverage", "minimum"):
        if not values[name]:
            raise RegistryRefused(f"{where}: {name} is empty; expected a value; fill it in")
    for name, value in values.items():
        if not value.isprintable() and name != "source_key":
            raise RegistryRefused(
                f"{where}: {name} {value!r} has characters that can't be shown; expected text on one line; correct it"
            )
    if not values["source_key"].isprintable():
        raise RegistryRefused(
            f"{where}: source_key {values['source_key']!r} has characters that can't be shown; expected a name on one "
            "line; rename it"
        )
    _one_of(where, "format", values["format"], sorted(formats()))
    _one_of(where, "coverage", values["coverage"], [claim.value for claim in Claim])
    minimum, maximum = _count(where, "minimum", values["minimum"]), _count(where, "maximum", values["maximum"])
    if minimum is not None and maximum is not None and minimum > maximum:
        raise RegistryRefused(f"{where}: minimum {minimum} is above maximum {maximum}; expected the reverse; swap them")
    username, channel_id = _channel(where, values)
    time_zone = zone(where, values["time_zone"]) if values.get("time_zone") else None
    pattern = values.get("captured_pattern") or None
    source = Registered(
        source_key=values["source_key"],
        format=values["format"],
        locator=values["locator"],
        publisher=values.get("publisher") or None,
        channel=username,
        channel_id=channel_id,
        columns=values.get("columns") or None,
        language=values["language"] or None,
        time_zone=time_zone,
        encoding=values.get("encoding") or None,
        coverage=values["coverage"],
        captured_at=instant(where, values["captured_at"]) if values.get("captured_at") else None,
        minimum=minimum,
        maximum=maximum,
        note=values.get("note") or None,
        captured_pattern=checked_pattern(f"{where}, captured_pattern", pattern, time_zone) if pattern else None,
    )
    if is_fetched(source):
        _check_fetched(where, source)
    return source


def _check_fetched(where: str, source: Registered) -> None:
    """Refuse an address that leads to no new documents, and what a fetch itself knows better than a row."""
    try:
        entrance = entrance_of(source)
    except RegistryRefused as error:
        raise RegistryRefused(f"{where}: {error}") from error
    _one_of(where, "format", source.format or "", [entrance.source.format or ""])
    _one_of(where, "coverage", source.coverage, [Claim.UNKNOWN.value])
    for name in ("columns", "captured_at", "captured_pattern"):
        if getattr(source, name) is not None:
            raise RegistryRefused(f"{where}: {name} is set for a source that is fetched; expected none; remove it")


def _channel(where: str, values: dict[str, str]) -> tuple[str | None, int | None]:
    """Return the username and the number of a row's channel, from its two columns; they must not contradict."""
    said = values.get("channel") or ""
    username, number = channel(f"{where}, channel", said) if said else (None, None)
    if not values.get("channel_id"):
        return username, number
    _, channel_id = channel(f"{where}, channel_id", values["channel_id"])
    if channel_id is None or number not in (None, channel_id):
        raise RegistryRefused(
            f"{where}: channel_id is {values['channel_id']!r}; expected the channel's number, one and the same; "
            "correct it"
        )
    return username, channel_id


def _one_of(where: str, name: str, value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise RegistryRefused(f"{where}: {name} is {value!r}; expected one of {', '.join(allowed)}; correct it")


def _count(where: str, name: str, value: str) -> int | None:
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > MOST_DIGITS:
        raise RegistryRefused(f"{where}: {name} is {value!r}; expected a whole number of records; correct it")
    return int(value)
