"""A manifest beside files: a person's own list of what was captured when, where and how.

`manifest.csv` or `manifest.jsonl`, with the columns path (relative to the manifest), url, captured_at (with a zone),
via and note; path must be there, other columns are passed over.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from extract.model import Reason
from flows.errors import RegistryRefused
from flows.input_facts import VIA_MANIFEST, Refused, Told
from flows.said import instant

NAMES = ("manifest.csv", "manifest.jsonl")
MOST_BYTES = 64_000_000
_COLUMNS = ("path", "url", "captured_at", "via", "note")
_EXPECTED = f"a CSV file with a header, or a JSON object on each line, in UTF-8, with {', '.join(_COLUMNS)}"
_REMEDY = "mend it: without it the times of the files beside it would be wrong, so none of them was taken in"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says of the files beside it."""

    rows: dict[str, tuple[Told, ...]]  # by path as in the manifest, with slashes; more than one: looks at several times
    climbing: tuple[str, ...] = ()  # paths that lead out of its folder


def read_manifest(data: bytes, name: str) -> Manifest:
    """Return what a manifest says. Raises `Refused` for one that can't be understood."""
    if len(data) > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, f"a manifest of more than {MOST_BYTES:,} bytes", _EXPECTED, _REMEDY)
    rows: dict[str, tuple[Told, ...]] = {}
    climbing: list[str] = []
    try:
        for number, row in enumerate(_rows(data.decode("utf-8-sig"), name), 1):
            path, told = _told(row, f"{name}, row {number}")
            if _climbs(path):
                climbing.append(path)
            elif told not in rows.get(path, ()):
                rows[path] = (*rows.get(path, ()), told)
    except (UnicodeDecodeError, csv.Error, orjson.JSONDecodeError, RegistryRefused, ValueError) as error:
        found = f"a manifest that can't be understood ({error})".replace("; expected", ", expected")
        raise Refused(Reason.UNREADABLE_INPUT, found, _EXPECTED, _REMEDY) from error
    return Manifest(rows, tuple(climbing))


def _rows(text: str, name: str) -> Iterator[dict[str, Any]]:
    if name.endswith(".jsonl"):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                row = orjson.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"line {number} is no object")
                yield row
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if "path" not in (reader.fieldnames or ()):
        raise ValueError("its first line names no column 'path'")
    for row in reader:
        if any(row.values()):
            yield row


def _told(row: dict[str, Any], where: str) -> tuple[str, Told]:
    values = {name: row.get(name) for name in _COLUMNS}
    for name, value in values.items():
        if not (value is None or (isinstance(value, str) and value.isprintable())):
            raise ValueError(f"{where}: {name} is no text on one line")
    said = {name: value.strip() for name, value in values.items() if value and value.strip()}
    if "path" not in said:
        raise ValueError(f"{where}: path is empty")
    captured_at = instant(f"{where}, captured_at", said["captured_at"]) if "captured_at" in said else None
    told = Told(captured_at, "manifest" if captured_at else None, address=said.get("url"), note=said.get("note"))
    via = said.get("via")
    if via in VIA_MANIFEST:
        told = replace(told, captured_via=via)
    elif via is not None:  # not of the closed list; the word itself is kept
        told = replace(told, captured_via="file", note="; ".join(filter(None, (f"via {via}", told.note))))
    return _plain(said["path"]), told


def _plain(path: str) -> str:
    return (
        "/".join(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))
        if path[0] != "/"
        else path
    )


def _climbs(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":" or not path
