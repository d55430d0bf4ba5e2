"""Where the values of a large JSON text begin and end, found in bytes as they stream by.

Knows brackets and strings of JSON and nothing of chats; what is between them is not looked at, so that a damaged value
has an end like any other.
"""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
_SCALAR_BYTES = 1 << 10

# Everything up to the next bracket, strings as a whole; it stops before a string whose end is not there yet.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BLANK = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,:{}\[\]\"]++")
_QUOTE, _OPEN, _OPEN_LIST = b'"'[0], b"{"[0], b"["[0]


@dataclass(slots=True)
class Source:
    """A stream that is read by pieces, of which only what is still needed stays in memory."""

    stream: BinaryIO
    data: bytes = b""
    base: int = 0  # where `data` begins in the stream
    is_ended: bool = False

    def more(self) -> bool:
        """Read on; say whether there was anything."""
        chunk = b"" if self.is_ended else self.stream.read(CHUNK_BYTES)
        self.is_ended = not chunk
        self.data = self.data + chunk if self.data else chunk
        return bool(chunk)

    def drop(self, count: int) -> None:
        """Forget the first bytes of what is in memory."""
        self.data = self.data[count:]
        self.base += count

    def past_blank(self, at: int) -> int:
        """Return the place of the next byte that is no white space, or the end of the stream.

        Where white space goes on beyond what is in memory, everything before it is forgotten.
        """
        while True:
            match = _BLANK.match(self.data, at)
            at = match.end() if match else at
            if at < len(self.data):
                return at
            self.drop(at)
            at = 0
            if not self.more():
                return at

    def byte(self, at: int) -> bytes:
        """Return the byte at a place, b"" at the end of the stream."""
        while at >= len(self.data):
            if not self.more():
                return b""
        return self.data[at : at + 1]


@dataclass(slots=True)
class Nesting:
    """How deep a scan is in brackets, kept from one piece of the bytes to the next."""

    depth: int = 0
    is_in_string: bool = False
    at: int = field(default=0)  # how far the bytes are done with

    def close(self, data: bytes, at: int) -> int:
        """Return the place behind the bracket that brings the depth to 0, or -1 if it isn't there; `at` tells on."""
        while True:
            if self.is_in_string:
                match = _IN_STRING.match(data, at)
                at = match.end() if match else at
                if at >= len(data) or data[at] != _QUOTE:  # a lone backslash waits for what it escapes
                    self.at = at
                    return -1
                self.is_in_string = False
                at += 1
            match = _TO_BRACKET.match(data, at)
            at = match.end() if match else at
            if at >= len(data):
                self.at = at
                return -1
            mark = data[at]
            at += 1
            if mark == _QUOTE:
                self.is_in_string = True
            elif mark in (_OPEN, _OPEN_LIST):
                self.depth += 1
            else:
                self.depth -= 1
                if self.depth <= 0:
                    self.at = at
                    return at


def end_of_value(source: Source, start: int, most: int) -> int:
    """Return the place behind the object or list that begins at `start`; -1 if it has no end within `most` bytes."""
    nesting, at = Nesting(), start
    while True:
        end = nesting.close(source.data, at)
        if end >= 0:
            return end
        at = nesting.at
        if len(source.data) - start > most or not source.more():
            return -1


def past_value(source: Source, start: int) -> int:
    """Forget the value that begins at `start`, of any size; return the place behind it, or -1 if it has no end."""
    first = source.byte(start)
    if first in (b"{", b"["):
        return past_brackets(source, start, 0)
    if first == b'"':
        return _past_string(source, start)
    while True:
        match = _SCALAR.match(source.data, start)
        if match is None:
            return -1
        if match.end() < len(source.data):
            return match.end()
        source.drop(match.end() - 1)
        start = 0
        if not source.more():
            return -1


def past_brackets(source: Source, at: int, depth: int) -> int:
    """Forget what stands from a place on, so many brackets deep, until all are closed; -1 if they never are."""
    nesting = Nesting(depth)
    while True:
        end = nesting.close(source.data, at)
        if end >= 0:
            return end
        source.drop(nesting.at)
        at = 0
        if not source.more():
            return -1


def _past_string(source: Source, start: int) -> int:
    at = start + 1
    while True:
        match = _IN_STRING.match(source.data, at)
        at = match.end() if match else at
        if at < len(source.data) and source.data[at] == _QUOTE:
            return at + 1
        source.drop(at)
        at = 0
        if not source.more():
            return -1


def string_at(source: Source, start: int, most: int) -> tuple[bytes, int] | None:
    """Return the string that begins at a place, with its quotes, and the place behind it; None if there is none."""
    if source.byte(start) != b'"':
        return None
    while True:
        match = _STRING.match(source.data, start)
        if match is not None:
            return match[0], match.end()
        if len(source.data) - start > most or not source.more():
            return None


def scalar_at(source: Source, start: int) -> tuple[bytes, int] | None:
    """Return the number or word that begins at a place, and the place behind it; None if there is none."""
    while True:
        match = _SCALAR.match(source.data, start)
        if match is None and start < len(source.data):
            return None
        if match is not None and match.end() < len(source.data):
            return match[0], match.end()
        if len(source.data) - start > _SCALAR_BYTES or not source.more():
            return None
