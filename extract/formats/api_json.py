"""JSON messages out of a stream, whatever holds them: lines, an array, one object after another, or `"messages": […]`.

Knows JSON and nothing of messages. A message is found by counting brackets, so that only one at a time is held; where
each message begins on a line of its own (as every writer of JSON Lines and of indented JSON has it), the next such
line also ends one that is broken, and those after it stand. Brackets within strings don't count.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

import orjson

from extract.encoding import codec_of, mark_length
from extract.errors import NoDocument, UndecodableInput, UnreadableInput
from extract.model import Stretch

Json = dict[str, Any]

HEAD_BYTES = 1 << 16
CHUNK_BYTES = 1 << 20
STRETCH_BYTES = 1 << 20
STRETCH_PIECES = 4_096
MOST_BYTES = 16 << 20  # of one message; Telegram allows 4,096 characters and a hundred entities
MOST_DEPTH = 256  # the deepest rich message that Telegram takes has about a hundred levels

# Possessive, so that a head of any bytes is seen through once.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:' + _STRING + rb'[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*+")
_WRAPPER = re.compile(
    rb'\{(?P<scalars>(?:\s*+"(?!messages")[^"\\]*+"\s*+:\s*+(?:' + _STRING + rb"|[-+.0-9a-zA-Z]++)\s*+,)*+)"
    rb'\s*+"messages"\s*+:\s*+\[',
    re.DOTALL,
)
_PRETTY = re.compile(rb'\{[ \t]*+\r?\n([ \t]*+)"')
_LINE = re.compile(rb"[^\n]*+\n")
_INDENT = re.compile(rb"(?:\A|\n)([ \t]*)\Z")
_FIRST = re.compile(rb"\s*+[\[{]")
_NEXT_LINE = re.compile(rb"\n[ \t]*+[{\[\]]")
_LOOKBACK = 256
_ENDLESS_DEPTH = 64 * MOST_DEPTH  # nobody waits for the end of such a message


class Flaw(StrEnum):
    """What is wrong with a stretch of bytes that should be a message."""

    NONE = ""
    BROKEN = "broken"  # it doesn't end before the next one begins
    BROKEN_OFF = "broken_off"
    JUNK = "junk"  # between messages, and none
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class Piece:
    """Where one message stands in the input."""

    byte_from: int
    byte_to: int  # exclusive
    flaw: Flaw


def split_messages(
    stream: BinaryIO, holds_messages: Callable[[bytes], bool], fallback_mark: bytes | None = None
) -> Iterator[Stretch]:
    """Yield stretches of many messages each, in order; `pieces_of` takes one apart.

    `holds_messages` tells of the first 64 KiB whether there are messages of the format in it.
    `fallback_mark` is a pattern of how a message begins, which is leant on where nothing else shows where the one after
    a broken one begins. Raises `UndecodableInput`, `UnreadableInput` for what is no JSON, `NoDocument` for JSON without
    a message.
    """
    return _Splitter(stream, holds_messages, fallback_mark).stretches()


def pieces_of(stretch: Stretch) -> tuple[Json, list[Piece]]:
    """Return what stands around the messages of a stretch (as the id of the channel), and their places in the input."""
    around, pieces = orjson.loads(stretch.context)
    return around, [Piece(start, end, Flaw(flaw)) for start, end, flaw in pieces]


def loaded(data: bytes) -> Any:
    """Return the JSON value of some bytes; surrogates that stand alone stay as they are. Raises `ValueError`."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # The standard library reads what orjson refuses: surrogates that stand alone, NaN, integers beyond 64 bits.
        return json.loads(data.decode("utf-8"))


@dataclass(slots=True)
class _Splitter:
    """One pass over a stream. `data` begins at `base` of the input, and `at` is the place in it that is read next."""

    stream: BinaryIO
    holds_messages: Callable[[bytes], bool]
    fallback: bytes | None
    data: bytes = b""
    base: int = 0
    at: int = 0
    is_last: bool = False
    pieces: list[Piece] = field(default_factory=list)  # that are being gathered
    around: Json = field(default_factory=dict)
    inside: bytes = b""  # "[" in an array, "{" in the array of an object
    mark: re.Pattern[bytes] | None = None
    has_layout: bool = False
    count: int = 0

    def stretches(self) -> Iterator[Stretch]:
        """Yield the stretches of the whole stream."""
        self._begin()
        while self._to_next():
            yield from self._one()
            if self._is_full():
                yield from self._flush()
        if self.inside:
            self._add(len(self.data), Flaw.BROKEN_OFF)
        yield from self._flush()
        if not self.count:
            raise NoDocument("JSON without a message", "at least one message", "export the channel again")

    def _begin(self) -> None:
        self._more()
        codec = codec_of(self.data[:HEAD_BYTES], None)
        if codec != "utf-8":
            raise UndecodableInput(f"JSON in {codec}", "JSON in UTF-8", "convert the file to UTF-8")
        self.at = mark_length(self.data)
        found = None
        if not _FIRST.match(self.data, self.at):
            found = "what is no JSON" if self.data[self.at :].strip() else "nothing but white space"
        elif not self.holds_messages(self.data[self.at : self.at + HEAD_BYTES]):
            found = "JSON without such a message in its first 64 KiB"
        if found is not None:
            expected = "messages of Telegram's API as JSON objects"
            raise UnreadableInput(found, expected, "declare its format, or export the channel again")

    def _more(self) -> None:
        chunk = self.stream.read(CHUNK_BYTES)
        self.is_last = not chunk
        self.data += chunk

    def _ahead(self) -> None:
        """Have the head of what begins here in hand."""
        while len(self.data) - self.at < HEAD_BYTES and not self.is_last:
            self._more()

    def _drop(self) -> None:
        """Let go of what lies before the place that is read next."""
        self.base += self.at
        self.data, self.at = self.data[self.at :], 0

    def _to_next(self) -> bool:
        """Go to what follows white space and commas; tell whether there is anything."""
        while True:
            match = _BETWEEN.match(self.data, self.at)
            self.at = self.at if match is None else match.end()
            if self.at < len(self.data):
                return True
            if self.is_last:
                return False
            if not self.pieces:
                self._drop()
            self._more()

    def _one(self) -> Iterator[Stretch]:
        """Read what begins here: a message, the brackets around messages, or something else."""
        first = self.data[self.at : self.at + 1]
        wrapper = self._wrapper() if first == b"{" and not self.inside else None
        if wrapper is not None:
            yield from self._flush()
            self.around = _scalars(wrapper["scalars"])
            self.inside, self.at = first, self.at + wrapper.end() - wrapper.start()
        elif first == b"{":
            yield from self._message()
        elif first == b"[" and not self.inside:
            self.inside, self.at = first, self.at + 1
        elif first == b"]" and self.inside:
            yield from self._close()
        else:
            yield from self._skip(Flaw.JUNK)

    def _wrapper(self) -> re.Match[bytes] | None:
        self._ahead()
        return _WRAPPER.match(self.data, self.at, self.at + HEAD_BYTES)

    def _close(self) -> Iterator[Stretch]:
        """Leave an array; of an object that holds one, what stands behind it is passed over."""
        was, self.inside = self.inside, b""
        self.at += 1
        if was == b"{":
            yield from self._flush()
            yield from self._pass_over_rest()
            self.around = {}

    def _pass_over_rest(self) -> Iterator[Stretch]:
        depth = 1
        while depth:
            match = _BRACKET.match(self.data, self.at)
            if match is not None:
                self.at = match.end()
                depth += 1 if match[1] in b"{[" else -1
            if depth > _ENDLESS_DEPTH or len(self.data) - self.at > MOST_BYTES + CHUNK_BYTES:
                yield from self._skip(Flaw.TOO_LARGE)
                return
            if match is not None:
                continue
            if self.is_last:
                self._add(len(self.data), Flaw.BROKEN_OFF)
                return
            self._drop()
            self._more()

    def _message(self) -> Iterator[Stretch]:
        """Gather the message that begins here."""
        if not self.has_layout:
            self._ahead()
            self.mark, self.has_layout = _layout_mark(self.data, self.at), True
        end, flaw = self._end_of_message()
        if flaw in {Flaw.BROKEN_OFF, Flaw.TOO_LARGE} and self.mark is None and self.fallback is not None:
            self.mark = re.compile(self.fallback)
            end, flaw = self._end_of_message()
        if flaw is Flaw.TOO_LARGE:
            yield from self._skip(flaw)
        else:
            self._add(end, flaw)
            self.inside = b"" if flaw is Flaw.BROKEN_OFF else self.inside

    def _end_of_message(self) -> tuple[int, Flaw]:
        """Return where the message ends, and what is wrong with it."""
        position, depth, deepest = self.at, 0, 0
        while True:
            limit = self._next_mark()
            stop = len(self.data) if limit is None else limit
            while (match := _BRACKET.match(self.data, position, stop)) is not None:
                position = match.end()
                depth += 1 if match[1] in b"{[" else -1
                deepest = max(deepest, depth)
                if not depth:
                    return position, Flaw.TOO_DEEP if deepest > MOST_DEPTH else Flaw.NONE
            if limit is not None:
                return self.at + len(self.data[self.at : limit].rstrip(b" \t\r\n,")), Flaw.BROKEN
            if len(self.data) - self.at > MOST_BYTES or deepest > _ENDLESS_DEPTH:
                return stop, Flaw.TOO_LARGE
            if self.is_last:
                return stop, Flaw.BROKEN_OFF
            self._more()

    def _next_mark(self) -> int | None:
        match = None if self.mark is None else self.mark.search(self.data, self.at + 1)
        return None if match is None else match.start()

    def _skip(self, flaw: Flaw) -> Iterator[Stretch]:
        """Pass over what can't be read, up to where the next message begins; it may be of any length."""
        yield from self._flush()
        begin = self.base
        if self.mark is None and self.fallback is not None:
            self.mark = re.compile(self.fallback)
        mark = self.mark or _NEXT_LINE
        match = mark.search(self.data, 1)
        while match is None and not self.is_last:
            self.at = max(len(self.data) - _LOOKBACK, 0)
            self._drop()
            self._more()
            match = mark.search(self.data, 1)
        self.at = len(self.data) if match is None else match.start()
        self.count += 1
        end = self.base + self.at
        yield Stretch(begin, end, b"", self._context([Piece(begin, end, flaw)]))

    def _add(self, end: int, flaw: Flaw) -> None:
        """Gather the piece from here to a place in `data`."""
        self.count += 1
        self.pieces.append(Piece(self.base + self.at, self.base + end, flaw))
        self.at = end

    def _is_full(self) -> bool:
        if not self.pieces:
            return False
        size = self.pieces[-1].byte_to - self.pieces[0].byte_from
        return size >= STRETCH_BYTES or len(self.pieces) >= STRETCH_PIECES

    def _flush(self) -> Iterator[Stretch]:
        """Yield what is gathered, and let go of its bytes."""
        if self.pieces:
            start, end = self.pieces[0].byte_from, self.pieces[-1].byte_to
            yield Stretch(start, end, self.data[start - self.base : end - self.base], self._context(self.pieces))
            self.pieces = []
        self._drop()

    def _context(self, pieces: list[Piece]) -> bytes:
        return orjson.dumps([self.around, [[piece.byte_from, piece.byte_to, piece.flaw] for piece in pieces]])


def _scalars(members: bytes) -> Json:
    """Return what stands before `"messages"` in the object that holds them; nothing where it is odd."""
    try:
        found = loaded(b"{" + members.rstrip().removesuffix(b",") + b"}")
        orjson.dumps(found)
    except (ValueError, TypeError):
        return {}
    return {key: value for key, value in found.items() if key in {"id", "_"}}


def _layout_mark(data: bytes, at: int) -> re.Pattern[bytes] | None:
    """Return how each message begins, if each begins on a line of its own, as the first one shows."""
    before = _INDENT.search(data[max(at - _LOOKBACK, 0) : at].removeprefix(codecs.BOM_UTF8))
    if before is None:
        return None
    indent = b"\n" + before[1]
    pretty = _PRETTY.match(data, at)
    if pretty is not None:
        return re.compile(indent + rb"\{[ \t]*\r?\n") if len(pretty[1]) > len(before[1]) else None
    line = _LINE.match(data, at)
    if line is None:
        return None
    is_whole = line[0].rstrip(b" \t\r\n,").endswith(b"}")
    return re.compile(indent + rb'\{[ \t]*"') if is_whole or data.startswith(before[1] + b"{", line.end()) else None
