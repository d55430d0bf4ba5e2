"""The index of a web archive: which captures of an address it holds, as its CDX server answers in JSON.

Read row by row, so that an answer takes no more memory than its bytes. A row that can't be read is a rejection of its
own; all others are taken.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from extract.errors import BrokenOff, TooLarge, UnreadableInput
from extract.formats.page_verdicts import challenge_in
from extract.model import Reason, Rejection

INDEX_VERSION = 1  # goes up with each change that alters what is read

_MOST_BYTES = 256 << 20
_MOST_REJECTIONS = 1_000
_NEEDED = ("timestamp", "original", "mimetype", "statuscode", "digest")
_STAMP_DIGITS = 14
_EXPECTED = "a list of rows of strings in JSON, the first with the names of the fields"
_REMEDY = "ask again; if it stays so, the service has another form"
_EXPECTED_ROW = "a row of strings, one for each field, with a time of 14 digits"
_REMEDY_ROW = "nothing; the other rows were read; ask for the copy by its own address if it matters"
_EXCERPT = 80
_ROW = re.compile(rb'\s*+(\[(?:[^\[\]"]++|"(?:[^"\\\n]++|\\.)*+")*+\])\s*+(?:,|(?=\]))')
_NEXT_ROW = re.compile(rb"[\]}]\s*+,\s*+(?=\[)")  # where a row can't be told: where the one after it begins
_LAST = re.compile(rb"\s*+\]\s*+\Z")


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One capture that a web archive holds."""

    captured_at: datetime  # aware, UTC
    stamp: str  # 14 digits, as the address of its copy has it
    address: str
    mime_type: str
    status: int | None  # None: not known, as of a capture that repeats another
    digest: str  # SHA-1 of the body in base 32


@dataclass(frozen=True, slots=True)
class Index:
    """One answer of an index."""

    data: bytes
    rejections: tuple[Rejection, ...]  # rows that can't be read
    count: int  # of those that can
    key: str | None  # to go on with, as the service wrote it; None where there is no more

    def rows(self) -> Iterator[IndexRow]:
        """Yield the captures in the order of the answer; each is made as it is wanted."""
        return (value for value in _values(self.data) if isinstance(value, IndexRow))


@dataclass(frozen=True, slots=True)
class _Key:
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """The bytes of one row, and its place."""

    at: int
    data: bytes

    def rejected(self, found: str) -> Rejection:
        """Return the rejection of this row."""
        return Rejection(
            byte_from=self.at,
            byte_to=self.at + len(self.data),
            reason=Reason.NOT_THIS_FORMAT,
            found=found,
            expected=_EXPECTED_ROW,
            remedy=_REMEDY_ROW,
            excerpt=_excerpt(self.data, 2 * _EXCERPT),
        )


def index_in(data: bytes) -> Index:
    """Return what one answer holds, once it was read to its end.

    Raises `BrokenOff`, `ChallengePage`, `TooLarge`, and `UnreadableInput` for what is no index, and for one none of
    whose rows can be read, or very many can't.
    """
    if len(data) > _MOST_BYTES:
        raise TooLarge(f"an answer of {len(data):,} bytes", f"at most {_MOST_BYTES:,}", "ask for fewer rows")
    rejections: list[Rejection] = []
    count, key = 0, None
    for value in _values(data):
        match value:
            case IndexRow():
                count += 1
            case _Key(text):
                key = text
            case Rejection():
                rejections.append(value)
        if len(rejections) > _MOST_REJECTIONS:
            raise _no_index(
                f"more than {_MOST_REJECTIONS:,} rows that can't be read; the first is {rejections[0].found}"
            )
    if rejections and not count:
        raise _no_index(f"no row that can be read; the first is {rejections[0].found}")
    return Index(data, tuple(rejections), count, key)


def _values(data: bytes) -> Iterator[IndexRow | Rejection | _Key]:
    pieces = _pieces(data)
    head = next(pieces, None)
    if head is None:
        return
    names = _strings(head)
    missing = [name for name in _NEEDED if name not in (names or ())]
    if names is None or missing:
        what = "no names of fields" if names is None else f"rows without the fields {', '.join(missing)}"
        raise UnreadableInput(f"{what} ({_excerpt(head.data)!r})", _EXPECTED, "ask for all of its fields")
    places = [names.index(name) for name in _NEEDED]
    for piece in pieces:
        row = _strings(piece)
        if row == []:
            yield from _key(pieces)
            return
        yield piece.rejected("no strings of JSON") if row is None else _row(piece, row, len(names), places)


def _pieces(data: bytes) -> Iterator[_Piece]:
    """Yield the rows of a list, the names of the fields first."""
    text = data.strip()
    if not text or text == b"[]":
        return
    if not text.startswith(b"["):
        raise challenge_in(data) or _no_index(f"no list in JSON ({_excerpt(text)!r})")
    at = data.index(b"[") + 1
    while _LAST.match(data, at) is None:
        found = _ROW.match(data, at)
        if found is not None:
            yield _Piece(found.start(1), found[1])
            at = found.end()
            continue
        after = _NEXT_ROW.search(data, at)
        if after is None:
            yield from _rest(data, at)
            return
        odd = data[at : after.start() + 1].lstrip()
        yield _Piece(after.start() + 1 - len(odd), odd)
        at = after.end()


def _rest(data: bytes, at: int) -> Iterator[_Piece]:
    """Yield a last row that is none. Raises `BrokenOff` where the list has no end, `UnreadableInput` behind its end."""
    rest = data[at:].strip()
    if rest.startswith(b"]"):
        raise _no_index(f"something behind the list ({_excerpt(rest)!r})")
    piece = _Piece(data.index(rest, at), rest[:-1])
    if not rest.endswith(b"]") or _strings(_Piece(at, rest)) is not None:
        raise BrokenOff("an answer that breaks off", "a whole list", "ask again")
    yield piece


def _strings(piece: _Piece) -> list[str] | None:
    try:
        row: Any = orjson.loads(piece.data)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, list) and all(isinstance(value, str) for value in row) else None


def _key(rest: Iterator[_Piece]) -> Iterator[_Key]:
    """Yield the key, which stands behind an empty row, and alone."""
    behind = [_strings(piece) for piece, _ in zip(rest, range(2), strict=False)]
    if len(behind) != 1 or behind[0] is None or len(behind[0]) != 1:
        raise _no_index("something else than one key behind the empty row")
    yield _Key(behind[0][0])


def _row(piece: _Piece, row: list[str], width: int, places: list[int]) -> IndexRow | Rejection:
    if len(row) != width:
        return piece.rejected(f"a row of {len(row)} fields where {width} are named")
    stamp, address, mime_type, status, digest = (row[place] for place in places)
    captured_at = _instant(stamp)
    if captured_at is None:
        return piece.rejected(f"the time {stamp[:_EXCERPT]!r}, which no calendar has")
    return IndexRow(captured_at, stamp, address, mime_type, _status(status), digest)


def _instant(stamp: str) -> datetime | None:
    if len(stamp) == _STAMP_DIGITS and stamp.isascii() and stamp.isdigit():
        with suppress(ValueError):
            return datetime.fromisoformat(f"{stamp[:8]}T{stamp[8:]}+00:00")
    return None


def _status(said: str) -> int | None:
    return int(said) if len(said) == 3 and said.isascii() and said.isdigit() else None


def _no_index(found: str) -> UnreadableInput:
    return UnreadableInput(found, _EXPECTED, _REMEDY)


def _excerpt(data: bytes, count: int = _EXCERPT) -> str:
    return data[:count].decode("utf-8", "replace")
