"""The index of a web archive: which captures of an address it holds, as its CDX server answers in JSON."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from extract.errors import BrokenOff, TooLarge, UnreadableInput
from extract.formats.page_verdicts import challenge_in

INDEX_VERSION = 1  # goes up with each change that alters what is read

_MOST_BYTES = 256 << 20
_NEEDED = ("timestamp", "original", "mimetype", "statuscode", "digest")
_STAMP_DIGITS = 14
_EXPECTED = "a list of rows of strings in JSON, the first with the names of the fields"
_REMEDY = "ask again; if it stays so, the service has another form"
_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One capture that a web archive holds."""

    captured_at: datetime  # aware, UTC
    stamp: str  # 14 digits, as the address of its copy has it
    address: str
    mime_type: str
    status: int | None  # None: not known, as of a capture that repeats another
    digest: str  # SHA-1 of the body in base 32


def index_in(data: bytes) -> tuple[tuple[IndexRow, ...], str | None]:
    """Return the captures of one answer in its order, and the key to go on with, where there is more.

    The key stands as the service wrote it. Raises `BrokenOff`, `ChallengePage`, `TooLarge`, and `UnreadableInput` for
    all else.
    """
    if len(data) > _MOST_BYTES:
        raise TooLarge(f"an answer of {len(data):,} bytes", f"at most {_MOST_BYTES:,}", "ask for fewer rows")
    if not data.strip():
        return (), None
    rows, key = _parted(_rows(data))
    if not rows:
        return (), key
    names = rows[0]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise UnreadableInput(f"rows without the fields {', '.join(missing)}", _EXPECTED, "ask for all of its fields")
    places = [names.index(name) for name in _NEEDED]
    return tuple(_row(row, len(names), places) for row in rows[1:]), key


def _rows(data: bytes) -> list[list[str]]:
    try:
        rows: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        text = data.strip()
        if text.startswith(b"[") and not text.endswith(b"]"):
            raise BrokenOff("an answer that breaks off", "a whole list", "ask again") from error
        raise challenge_in(data) or _no_index(f"no JSON ({_excerpt(text)!r})") from error
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _no_index(f"JSON of another form ({_excerpt(data)!r})")
    if not all(isinstance(value, str) for row in rows for value in row):
        raise _no_index("rows that hold something else than strings")
    return rows


def _parted(rows: list[list[str]]) -> tuple[list[list[str]], str | None]:
    """Part the rows from the key, which stands behind an empty one."""
    if [] not in rows:
        return rows, None
    end = rows.index([])
    rest = rows[end + 1 :]
    if len(rest) != 1 or len(rest[0]) != 1:
        raise _no_index(f"{len(rest):,} rows behind the empty one")
    return rows[:end], rest[0][0]


def _row(row: list[str], width: int, places: list[int]) -> IndexRow:
    if len(row) != width:
        raise _no_index(f"a row of {len(row)} fields where {width} are named")
    stamp, address, mime_type, status, digest = (row[place] for place in places)
    return IndexRow(_instant(stamp), stamp, address, mime_type, _status(status), digest)


def _instant(stamp: str) -> datetime:
    if len(stamp) == _STAMP_DIGITS and stamp.isascii() and stamp.isdigit():
        with suppress(ValueError):
            return datetime.fromisoformat(f"{stamp[:8]}T{stamp[8:]}+00:00")
    raise _no_index(f"the time {stamp[:_EXCERPT]!r}, which is not 14 digits of a calendar")


def _status(said: str) -> int | None:
    return int(said) if len(said) == 3 and said.isascii() and said.isdigit() else None


def _no_index(found: str) -> UnreadableInput:
    return UnreadableInput(found, _EXPECTED, _REMEDY)


def _excerpt(data: bytes) -> str:
    return data[:_EXCERPT].decode("utf-8", "replace")
