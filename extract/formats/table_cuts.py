"""Where the rows of a table end: found in bytes as they stream by, without reading what stands in them.

Each way of writing rows has its cutter; all are asked in the same way. `next_end(data, pos)` is the place right after
the row that is open at `pos`, or None where the row goes on after `data`; the cutter then remembers its state, and the
next call goes on in the bytes that follow.
"""

import re
from enum import Enum, auto
from typing import Protocol

_LINE_FEED, _RETURN, _QUOTE = 0x0A, 0x0D, 0x22


class Cutter(Protocol):
    """Finds the ends of rows, one after another."""

    def next_end(self, data: bytes, pos: int) -> int | None:
        """Return the place after the row that is open at `pos`; None: it goes on after `data`."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether the bytes so far end inside of something that must be closed, such as a quotation."""
        ...


class _State(Enum):
    FIELD_START = auto()
    FIELD = auto()  # a quotation mark in here is one
    QUOTED = auto()
    QUOTE = auto()  # after a quotation mark in a quoted field: its end, or the first of two that stand for one
    RETURN = auto()  # after a carriage return: a line feed still belongs to the row


class DelimitedRows:
    """Rows of delimited fields (CSV, TSV): a line break within quotation marks belongs to its field."""

    def __init__(self, delimiter: bytes) -> None:
        """Begin at the start of a row."""
        self._state = _State.FIELD_START
        # Of the delimiters only those matter after which a quoted field may begin.
        self._plain_end = re.compile(rb"[\r\n]|" + re.escape(delimiter) + rb'(?="|\Z)')

    @property
    def is_open(self) -> bool:
        """Whether a quoted field has not been closed."""
        return self._state is _State.QUOTED

    def next_end(self, data: bytes, pos: int) -> int | None:
        """Return the place after the row's line break."""
        while pos < len(data):
            if self._state is _State.RETURN:
                self._state = _State.FIELD_START
                return pos + 1 if data[pos] == _LINE_FEED else pos
            if self._state is _State.QUOTED:
                pos = self._after_quote(data, pos)
            elif self._state is _State.QUOTE:
                pos = self._after_second_quote(data, pos)
            elif self._state is _State.FIELD_START and data[pos] == _QUOTE:
                self._state = _State.QUOTED
                pos += 1
            else:
                end = self._plain_end.search(data, pos)
                self._state = _State.FIELD if end is None else _State.FIELD_START
                pos = len(data) if end is None else end.end()
                if end is not None and data[end.start()] == _LINE_FEED:
                    return pos
                if end is not None and data[end.start()] == _RETURN:
                    self._state = _State.RETURN
        return None

    def _after_quote(self, data: bytes, pos: int) -> int:
        quote = data.find(b'"', pos)
        if quote < 0:
            return len(data)
        self._state = _State.QUOTE
        return quote + 1

    def _after_second_quote(self, data: bytes, pos: int) -> int:
        is_second = data[pos] == _QUOTE
        self._state = _State.QUOTED if is_second else _State.FIELD
        return pos + is_second


class Lines:
    """One row a line (JSON Lines): a line break within a row is written as an escape."""

    is_open = False

    def next_end(self, data: bytes, pos: int) -> int | None:
        """Return the place after the line feed."""
        end = data.find(b"\n", pos)
        return None if end < 0 else end + 1


_IN_STRING = re.compile(rb'["\\]')
_BETWEEN = re.compile(rb'["{}\[\]]')


class ArrayElements:
    """The elements of one JSON array; what stands before an element (a comma, white space) is cut with it."""

    def __init__(self, *, is_inside: bool = False) -> None:
        """Begin before the array, or between two of its elements."""
        self._depth = int(is_inside)
        self._is_in_string = False
        self._is_escaped = False

    @property
    def is_open(self) -> bool:
        """Whether the array has not been closed."""
        return self._depth > 0

    def next_end(self, data: bytes, pos: int) -> int | None:
        """Return the place after the bracket that ends an element, or after the one that ends the array."""
        if self._is_escaped and pos < len(data):
            self._is_escaped = False
            pos += 1
        while (match := (_IN_STRING if self._is_in_string else _BETWEEN).search(data, pos)) is not None:
            pos, sign = match.end(), match[0]
            if sign == b"\\":
                self._is_escaped = pos == len(data)
                pos += 1
            elif sign == b'"':
                self._is_in_string = not self._is_in_string
            elif sign in b"{[":
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth <= 1:
                    return pos
        return None
