"""Tables as rows: CSV, TSV, JSON Lines and arrays of JSON objects, cut while they stream and read stretch by stretch.

Knows nothing of what the columns mean. A stretch is many rows; each row keeps its own place in the input. UTF-16 and
UTF-32 are cut as UTF-8, in which the signs of a table can't be part of another character, and counted as they stand.
"""

import codecs
import csv
import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, BinaryIO

import orjson

from extract.encoding import breaks_off, codec_of, mark_length
from extract.errors import UndecodableInput, UnreadableInput
from extract.formats.table_cuts import ArrayElements, Cutter, DelimitedRows, Lines
from extract.model import Reason, Rejection, Stretch
from extract.telegram import without_odd_characters

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
STRETCH_BYTES = 1 << 20  # a stretch is cut after the first row that ends further on
ROW_BYTES = 16 << 20  # no post and no page comes near it
EXCERPT = 200
_MOST_FIRST_ROWS = 1_000  # that are asked for their keys
_MOST_NESTED = 2

_WIDE = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_ASCII = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_DELIMITERS = (",", ";", "\t")
_SEP_LINE = re.compile(r"sep=([,;\t])\r?\n?")  # by which Excel is told the delimiter
_SEPARATORS = b" \t\r\n,"
_AROUND = _SEPARATORS + b"[]"


class Writing(StrEnum):
    """How the rows of a table are written."""

    DELIMITED = "delimited"
    LINES = "lines"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is written, which each of its stretches must know."""

    writing: Writing
    codec: str
    delimiter: str  # "" where there is none
    names: tuple[str, ...]  # of the columns, in order; of a JSON table the keys of its first objects

    def cutter(self, *, is_inside: bool = False) -> Cutter:
        """Return a new cutter of its rows; `is_inside` says that the bytes begin between two elements of an array."""
        if self.writing is Writing.DELIMITED:
            return DelimitedRows(self.delimiter.encode())
        return Lines() if self.writing is Writing.LINES else ArrayElements(is_inside=is_inside)


@dataclass(frozen=True, slots=True)
class Row:
    """One row and its place in the input."""

    byte_from: int
    byte_to: int  # exclusive
    values: Mapping[str, Any]  # by the names of the columns
    is_ended: bool = True  # False where the input ends with this row, and nothing shows that it was to end there


Plan = Callable[[Table, Mapping[str, Any] | None], bytes]


def split_rows(stream: BinaryIO, declared: str | None, plan: Plan) -> Iterator[Stretch]:
    """Yield stretches of many rows. `plan` sees the table and its first row, and says what goes along with each.

    Raises `UndecodableInput`, `UnreadableInput` for what is no table, and whatever `plan` raises.
    """
    head = _read_fully(stream, CHUNK_BYTES)
    table, rows_from = opened(head, declared)
    coding = _Coding(table.codec)
    first = next(_first_rows(coding.whole(head[rows_from:]), table), None)
    context = orjson.dumps(asdict(table)) + b"\n" + plan(table, first)
    chunks = chain([head[rows_from:]], iter(lambda: stream.read(CHUNK_BYTES), b""))
    yield from _Cutting(table, coding, context, rows_from).stretches(chunks)


def opened(head: bytes, declared: str | None) -> tuple[Table, int]:
    """Return how a table is written by the beginning of it, and where its rows begin.

    Raises `UndecodableInput`, and `UnreadableInput` for what is no table.
    """
    codec = codec_of(head, declared)
    if codec not in _WIDE and not _keeps_ascii(codec):
        raise UndecodableInput(
            f"a table in the declared encoding {declared}",
            "an encoding in which a comma and a line break are themselves, such as utf-8 or windows-1251",
            "write the table anew in UTF-8",
        )
    start = mark_length(head)
    body = _Coding(codec).whole(head[start:])
    first = body.lstrip()[:1]
    if first == b"{":
        return Table(Writing.LINES, codec, "", _keys(body, Table(Writing.LINES, codec, "", ()))), start
    if first == b"[":
        return Table(Writing.ARRAY, codec, "", _keys(body, Table(Writing.ARRAY, codec, "", ()))), start
    delimiter, names, length = _header(body, codec)
    return Table(Writing.DELIMITED, codec, delimiter, names), start + length


def sampled(head: bytes) -> tuple[Table, dict[str, Any] | None]:
    """Return a table by its beginning, and its first row if that can be read. Raises as `opened` does."""
    table, rows_from = opened(head, None)
    return table, next(_first_rows(_Coding(table.codec).whole(head[rows_from:]), table), None)


def _keeps_ascii(codec: str) -> bool:
    if codec.startswith(("iso2022", "utf-7", "hz")):
        return False
    try:
        return _ASCII.decode(codec).encode("ascii") == _ASCII
    except UnicodeError:
        return False


def _keys(body: bytes, table: Table) -> tuple[str, ...]:
    """Return the keys of the first objects, those of objects in them as `outer.inner`; most writers leave out nulls."""
    names: dict[str, None] = {}
    first, line_feed, _ = body.lstrip().partition(b"\n")
    is_pretty = table.writing is Writing.LINES and line_feed and not first.rstrip().endswith(b"}")
    for row in () if is_pretty else _first_rows(body, table):
        names |= dict.fromkeys(_paths(row, _MOST_NESTED))
    if not names:
        found = body[:80].decode("utf-8", "replace")
        raise UnreadableInput(
            f"JSON that begins {found!r}",
            "an array of objects, or one object a line, each of which is a row",
            "name the right format with --format, or in the column `format` of the registry",
        )
    return tuple(without_odd_characters(name)[0] for name in names)


def _paths(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in values.items():
        yield key
        if isinstance(value, dict) and depth:
            yield from (f"{key}.{inner}" for inner in _paths(value, depth - 1))


def _header(body: bytes, codec: str) -> tuple[str, tuple[str, ...], int]:
    """Return the delimiter, the names, and how many bytes of the input the header takes."""
    coding = _Coding(codec)
    text, before = _without_sep_line(body, codec)
    line = text.split(b"\n", 1)[0].split(b"\r", 1)[0].decode(coding.inner, "replace")
    delimiter = max(_DELIMITERS, key=line.count)
    told = _SEP_LINE.fullmatch(body[:before].decode(coding.inner, "replace"))
    delimiter = told[1] if told else delimiter
    cutter = DelimitedRows(delimiter.encode())
    end = cutter.next_end(text, 0)
    if end is None and (cutter.is_open or len(text) >= HEAD_BYTES // 2):
        raise _no_table(line, "a first row that doesn't end")
    row = text[:end]
    try:
        names = tuple(name.strip() for name in _fields(row.decode(coding.inner), delimiter))
    except (UnicodeError, csv.Error) as error:
        raise _no_table(line, f"a first row that can't be read ({error})") from error
    if len(names) < 2 or "\0" in line or line.lstrip().startswith("<"):
        raise _no_table(line, "no columns in the first row")
    return delimiter, names, coding.length(body[:before]) + coding.length(row)


def _without_sep_line(body: bytes, codec: str) -> tuple[bytes, int]:
    line = body[: body.find(b"\n") + 1]
    is_sep = _SEP_LINE.fullmatch(line.decode(_Coding(codec).inner, "replace")) is not None
    before = len(line) if is_sep else 0
    return body[before:], before


def _no_table(line: str, found: str) -> UnreadableInput:
    return UnreadableInput(
        f"{found}: {line[:80]!r}",
        "a first row with the names of the columns, parted by commas, semicolons or tabs; or JSON objects",
        "name the right format with --format, or in the column `format` of the registry",
    )


def _first_rows(body: bytes, table: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of the beginning of a table, without those that can't be read or don't end there."""
    cutter, codec = table.cutter(), _Coding(table.codec).inner
    end: int | None = 0
    for _ in range(_MOST_FIRST_ROWS):
        start, end = end or 0, cutter.next_end(body, end or 0)
        is_open = end is None and (cutter.is_open or table.writing is Writing.ARRAY)
        row = body[start:end]
        if not is_open and row.strip(_AROUND):
            with suppress(UnicodeError, csv.Error, ValueError):
                yield _values(row, table, codec)
        if end is None:
            return


def _read_fully(stream: BinaryIO, count: int) -> bytes:
    """Read so many bytes, fewer only at the end: a pipe may give less at a time."""
    data = b""
    while len(data) < count and (chunk := stream.read(count - len(data))):
        data += chunk
    return data


class _Coding:
    """A codec in which signs can be found: its own bytes, or UTF-8 in the place of UTF-16 and UTF-32."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._is_wide = codec in _WIDE
        self.inner = "utf-8" if self._is_wide else codec
        self._decoder = codecs.getincrementaldecoder(codec)("surrogatepass") if self._is_wide else None

    def more(self, chunk: bytes) -> bytes:
        """Return the next chunk as it can be cut; half a character waits for the next."""
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decode(chunk).encode("utf-8", "surrogatepass")
        except UnicodeError as error:
            raise UndecodableInput(f"bytes that are no {self._codec}", "text", "fetch or copy it again") from error

    def pending(self) -> bytes:
        """Return the half of a character that an input ends with."""
        return b"" if self._decoder is None else bytes(self._decoder.getstate()[0])

    def whole(self, data: bytes) -> bytes:
        """Return the beginning of an input as it can be cut."""
        return _Coding(self._codec).more(data)

    def raw(self, data: bytes) -> bytes:
        """Return bytes that were cut as they stand in the input."""
        if not self._is_wide:
            return data
        return data.decode("utf-8", "surrogatepass").encode(self._codec, "surrogatepass")

    def length(self, data: bytes) -> int:
        """Return how many bytes of the input these are."""
        return len(self.raw(data))


class _Cutting:
    """One table while it is cut."""

    def __init__(self, table: Table, coding: _Coding, context: bytes, byte_from: int) -> None:
        self._cutter = table.cutter()
        self._coding = coding
        self._context = context
        self._at = byte_from  # where in the input the next stretch begins

    def stretches(self, chunks: Iterator[bytes]) -> Iterator[Stretch]:
        """Yield the stretches; a row that is too long is one of its own, of which only the beginning is kept."""
        data, row, pos = b"", 0, 0  # the bytes since the last stretch, where the open row begins, what was looked at
        while True:
            end = self._cutter.next_end(data, pos)
            if end is None and len(data) - row <= ROW_BYTES:
                chunk = next(chunks, b"")
                if not chunk:
                    break
                pos, data = len(data), data + self._coding.more(chunk)
            elif end is None or end - row > ROW_BYTES:
                if row:
                    yield self._stretch(data[:row])
                data = yield from self._too_long(data[row:], None if end is None else end - row, chunks)
                row = pos = 0
            else:
                row = pos = end
                if row >= STRETCH_BYTES:
                    yield self._stretch(data[:row])
                    data, row, pos = data[row:], 0, 0
        pending = self._coding.pending()
        if data or pending:
            yield self._stretch(data, pending)
        if row == len(data) and self._cutter.is_open:
            yield self._stretch(b"")  # an array that lacks its end

    def _stretch(self, data: bytes, pending: bytes = b"") -> Stretch:
        raw = self._coding.raw(data) + pending
        stretch = Stretch(self._at, self._at + len(raw), raw, self._context)
        self._at = stretch.byte_to
        return stretch

    def _too_long(self, data: bytes, end: int | None, chunks: Iterator[bytes]) -> Generator[Stretch, None, bytes]:
        """Yield the beginning of a row, pass over the rest of it, and return the bytes after it."""
        kept = self._coding.raw(data[: 4 * EXCERPT])
        byte_from = self._at
        while end is None:
            self._at += self._coding.length(data)
            data = self._coding.more(next(chunks, b""))
            if not data:
                break
            end = self._cutter.next_end(data, 0)
        self._at += self._coding.length(data[:end])
        yield Stretch(byte_from, self._at, kept, self._context)
        return data[end:] if end is not None else b""


def rows_in(stretch: Stretch) -> tuple[bytes, Iterator[Row | Rejection]]:
    """Return what `plan` gave along, and the rows of a stretch; blank lines are none."""
    head, _, plan = stretch.context.partition(b"\n")
    fields = orjson.loads(head)
    table = Table(Writing(fields["writing"]), fields["codec"], fields["delimiter"], tuple(fields["names"]))
    if len(stretch.data) < stretch.byte_to - stretch.byte_from:
        return plan, iter((_too_large(stretch, table),))
    return plan, _rows(stretch, table)


def _too_large(stretch: Stretch, table: Table) -> Rejection:
    size = stretch.byte_to - stretch.byte_from
    return Rejection(
        stretch.byte_from,
        stretch.byte_to,
        Reason.TOO_LARGE,
        f"a row of {size:,} bytes",
        f"at most {ROW_BYTES:,}",
        "look at the row: a quotation mark in it may lack its second one, so that it swallows the rows that follow",
        excerpt_of(stretch.data.decode(table.codec, "replace")),
    )


def excerpt_of(text: str) -> str:
    """Return the beginning of what was found, in characters that every program can hold."""
    return without_odd_characters(text.strip()[:EXCERPT])[0]


def _rows(stretch: Stretch, table: Table) -> Iterator[Row | Rejection]:
    coding = _Coding(table.codec)
    data = coding.more(stretch.data)
    if not stretch.data:
        yield _rejected(_Cut(b"", stretch.byte_from, stretch.byte_to, is_last=True), Reason.BROKEN_OFF, "an open array")
        return
    is_half = bool(coding.pending())
    cutter, start, at = table.cutter(is_inside=not data.lstrip().startswith(b"[")), 0, stretch.byte_from
    while start < len(data) or is_half:
        end = cutter.next_end(data, start)
        row = data[start:end]
        is_last = end is None
        cut = _Cut(row, at, stretch.byte_to if is_last else at + coding.length(row), is_last=is_last)
        found = _broken(cut) if is_last and (is_half or cutter.is_open) else _row(cut, table, coding.inner)
        if found is not None:
            yield found
        if end is None:
            return
        start, at = end, cut.byte_to


@dataclass(frozen=True, slots=True)
class _Cut:
    """The bytes of a row and their place in the input."""

    data: bytes
    byte_from: int
    byte_to: int
    is_last: bool  # the input ends with it


def _broken(cut: _Cut) -> Rejection:
    return _rejected(cut, Reason.BROKEN_OFF, "a row, or an array of them, that isn't closed")


def _rejected(cut: _Cut, reason: Reason, found: str, codec: str = "utf-8") -> Rejection:
    excerpt = excerpt_of(cut.data[: 4 * EXCERPT].decode(codec, "replace"))
    remedy = "look at the row in the input; if it is cut or torn, fetch or copy the input again"
    return Rejection(cut.byte_from, cut.byte_to, reason, found, "a whole row of the table", remedy, excerpt)


def _row(cut: _Cut, table: Table, codec: str) -> Row | Rejection | None:
    """Row, or the rejection of one that can't be read; None for a blank one and for the end of an array."""
    is_delimited = table.writing is Writing.DELIMITED
    if not cut.data.strip(b" \t\r\n" if is_delimited else _AROUND):
        return None
    try:
        values = _values(cut.data, table, codec)
    except UnicodeDecodeError as error:
        is_half = cut.is_last and breaks_off(cut.data, codec)
        reason = Reason.BROKEN_OFF if is_half else Reason.UNDECODABLE
        return _rejected(cut, reason, f"bytes that are no {table.codec} ({error.reason})", codec)
    except csv.Error as error:
        return _rejected(cut, Reason.NOT_THIS_FORMAT, f"a row that can't be read ({error})", codec)
    except ValueError as error:
        return _rejected(cut, Reason.BROKEN_OFF if cut.is_last else Reason.NOT_THIS_FORMAT, str(error), codec)
    # JSON shows that a row is whole; a closing quotation mark may be the first of two that stand for one.
    is_ended = not is_delimited or not cut.is_last or cut.data.endswith(b"\r")
    return Row(cut.byte_from, cut.byte_to, values, is_ended)


def _values(row: bytes, table: Table, codec: str) -> dict[str, Any]:
    """Return the values of a row by name. Raises `UnicodeError`, `csv.Error`, `ValueError`."""
    if table.writing is not Writing.DELIMITED:
        return _object(row, table, codec)
    fields = _fields(row.decode(codec, "surrogatepass") if codec == "utf-8" else row.decode(codec), table.delimiter)
    if len(fields) != len(table.names):
        raise ValueError(f"a row of {len(fields)} fields, where the table has {len(table.names)} columns")
    return dict(zip(table.names, fields, strict=True))


def _fields(row: str, delimiter: str) -> list[str]:
    # The limit is one for the whole program; its default would refuse a long page.
    csv.field_size_limit(ROW_BYTES)
    return next(csv.reader([row], delimiter=delimiter, strict=True), [])


def _object(row: bytes, table: Table, codec: str) -> dict[str, Any]:
    if table.writing is Writing.ARRAY:
        row = row.strip(b" \t\r\n").removeprefix(b"[").strip(_SEPARATORS)
    value = _json(row if codec == "utf-8" else row.decode(codec).encode())
    if isinstance(value, dict):
        return value
    raise ValueError(f"a {type(value).__name__} where an object is expected")


def _json(data: bytes) -> Any:
    """Return a value of JSON. Half characters and NaN, which orjson refuses, are read as they stand."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(data.decode())
        except UnicodeError:
            raise
        except (ValueError, RecursionError):
            raise ValueError(f"no JSON: {error}") from error
