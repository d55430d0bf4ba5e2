"""The stretches of a chat in Telegram Desktop's JSON: its header, and where its messages begin and end.

Knows no field of a message. Desktop writes one value a line, and a line break can't stand within a string of JSON, so
that the lines of the first message tell the boundaries of all others; JSON laid out otherwise is scanned by brackets.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import orjson

from extract.formats.desktop_json_scan import (
    CHUNK_BYTES,
    Source,
    end_of_value,
    past_brackets,
    past_value,
    scalar_at,
    string_at,
)
from extract.model import Stretch

MESSAGE_BYTES = 16 << 20  # of one message; Telegram's longest text has 4,096 characters
_NAME_BYTES = 1 << 16  # of one value in a header
_EXCERPT_BYTES = 800
_WASTED_BYTES = 256 << 20
_FEW = 8  # times that the bytes of a damaged message are searched at the most

_FIRST_LINES = re.compile(rb'(\r?\n[ \t]+)\{\r?\n([ \t]+)"')
_LIST_END = re.compile(rb"[ \t\r\n]*+(\]|\Z)")
_CLOSING = re.compile(rb"\][ \t\r\n]*+\}?[ \t\r\n]*+\Z")  # of the list and the chat
_BETWEEN = re.compile(rb"[ \t\r\n,]*+")
# Where a message begins, in Desktop's order of keys. Quotes within a string are escaped, so no text looks like it.
_MESSAGE = re.compile(rb'\{[ \t\r\n]*"id"[ \t\r\n]*:[ \t\r\n]*-?\d{1,19}[ \t\r\n]*,[ \t\r\n]*"type"[ \t\r\n]*:')
_MESSAGE_HEAD_BYTES = 512  # that pattern, with all the white space that a layout may have


class Fault(StrEnum):
    """Why a stretch holds no message that can be read."""

    BROKEN_OFF = "broken_off"
    TOO_LARGE = "too_large"
    NO_MESSAGE = "no_message"
    AFTER_END = "after_end"


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the messages of a chat."""

    name: str | None = None
    type: str | None = None
    id: int | str | None = None
    messages_at: int | None = None  # the place behind the bracket that opens the list; None: there is no list
    is_cut: bool = False  # the bytes end within the header
    key_count: int = 0


@dataclass(slots=True)
class Members:
    """The keys of an object one after another; `at` is the place of the value, and the caller sets it behind that."""

    source: Source
    at: int
    is_closed: bool = False
    is_cut: bool = False

    def next(self) -> str | None:
        """Return the next key; None at the end of the object, of the bytes, or of what is JSON."""
        source = self.source
        self.at = source.past_blank(self.at)
        if source.byte(self.at) in (b",", b"{"):
            self.at = source.past_blank(self.at + 1)
        found = string_at(source, self.at, _NAME_BYTES)
        if found is None:
            self.is_closed = source.byte(self.at) == b"}"
            self.is_cut = source.is_ended and source.byte(self.at) in (b"", b'"')
            return None
        key, at = found
        at = source.past_blank(at)
        if source.byte(at) != b":":
            self.at, self.is_cut = at, source.byte(at) == b""
            return None
        self.at = source.past_blank(at + 1)
        value = _loaded(key)
        return value if isinstance(value, str) else key.decode("utf-8", "replace")


def header_of(source: Source, at: int) -> Header:
    """Return what stands above the messages of the chat that begins at a place."""
    found: dict[str, int | str | None] = {}
    if source.byte(at) != b"{":
        return Header(is_cut=source.byte(at) == b"")
    members, count, messages_at = Members(source, at), 0, None
    while (key := members.next()) is not None:
        count += 1
        if key == "messages" and source.byte(members.at) == b"[":
            messages_at = members.at + 1
            break
        value, after = _value(source, members.at, is_kept=key in ("name", "type", "id"))
        if after < 0:
            members.is_cut = source.is_ended
            break
        if key in ("name", "type", "id"):
            found[key] = value
        members.at = after
    name, kind = found.get("name"), found.get("type")
    return Header(
        name if isinstance(name, str) else None,
        kind if isinstance(kind, str) else None,
        found.get("id"),
        messages_at,
        is_cut=members.is_cut,
        key_count=count,
    )


def _value(source: Source, at: int, *, is_kept: bool) -> tuple[int | str | None, int]:
    """Return a value that is kept, and the place behind it; -1 if it has no end."""
    if not is_kept or source.byte(at) in (b"{", b"["):
        return None, past_value(source, at)
    found = string_at(source, at, _NAME_BYTES) or scalar_at(source, at)
    if found is None:
        return None, -1
    value = _loaded(found[0])
    return (value if isinstance(value, int | str) and not isinstance(value, bool) else None), found[1]


def _loaded(data: bytes) -> object:
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return value


@dataclass(frozen=True, slots=True)
class Lines:
    """How the lines look with which messages end and begin."""

    end: bytes  # line break, indent, bracket
    between: bytes  # the same, a comma, line break, indent, bracket

    @classmethod
    def of(cls, before: bytes) -> "Lines":
        """Return the lines of a chat whose messages have this line break and indent before them."""
        return cls(before + b"}", before + b"}," + before + b"{")


def line_before(source: Source, at: int) -> bytes:
    """Return the line break and indent before the messages of a list, b"" where lines may not tell their ends."""
    while len(source.data) - at < _NAME_BYTES and source.more():
        pass
    match = _FIRST_LINES.match(source.data, at)
    if match is None or len(match[2]) < len(match[1].lstrip(b"\r\n")) + 1:
        return b""
    before = match[1]
    end = end_of_value(source, at + len(before), MESSAGE_BYTES)
    is_like_lines = source.data.startswith(before + b"}", end - len(before) - 1)
    after = source.data[end : end + len(before) + 2]
    if end >= 0 and not (is_like_lines and (after.startswith(b"," + before) or _LIST_END.match(source.data, end))):
        return b""
    return before


@dataclass(slots=True)
class Objects:
    """The messages of a list, found by brackets."""

    source: Source
    at: int
    is_closed: bool = False
    most_wasted: int = _WASTED_BYTES
    wasted: int = 0  # bytes that were searched for the end of something that has none

    def next(self) -> tuple[int, int] | None:
        """Return where the next message begins and ends, -1 if it has no end; None at the end of the list."""
        source = self.source
        while True:
            match = _BETWEEN.match(source.data, self.at)
            at = match.end() if match else self.at
            if at < len(source.data):
                self.at = at
                break
            if at - self.at > _NAME_BYTES:  # so much of nothing is no layout
                return self.at, -1
            if not source.more():
                self.at = at
                break
        start = self.at
        first = source.byte(start)
        if first in (b"", b"]"):
            self.is_closed = first == b"]"
            return None
        end = end_of_value(source, start, MESSAGE_BYTES) if first == b"{" else -1
        if end - start > MESSAGE_BYTES:
            end = -1
        if end < 0:
            self.wasted += len(source.data) - start
        self.at = end if end >= 0 else start
        return start, end

    def drop(self, count: int) -> None:
        """Forget the first bytes of what is in memory."""
        self.source.drop(count)
        self.at -= count

    def _message(self, searched: int) -> re.Match[bytes] | None:
        """Where a message begins; none is looked for where too much was searched in vain, so that it ends."""
        return None if self.wasted > self.most_wasted else _MESSAGE.search(self.source.data, searched)

    def skip(self) -> tuple[int, int, bytes, Fault]:
        """Pass over what has no end to where a message begins; return its place in the stream, its head, and why."""
        source = self.source
        self.drop(self.at)
        start, head, searched = source.base, source.data[:_EXCERPT_BYTES], 1
        is_large = False
        while (match := self._message(searched)) is None:
            searched = max(1, len(source.data) - _MESSAGE_HEAD_BYTES)
            if len(source.data) > MESSAGE_BYTES:
                is_large = True
                self.drop(searched)
                searched = 0
            if not source.more():
                break
        self.at = len(source.data) if match is None else match.start()
        end = source.base + self.at
        if is_large or end - start > MESSAGE_BYTES:
            return start, end, head, Fault.TOO_LARGE
        is_cut = match is None and head[:1] == b"{"
        return start, end, source.data[: self.at], Fault.BROKEN_OFF if is_cut else Fault.NO_MESSAGE


def stretches(source: Source, header: Header, context: dict[str, object]) -> Iterator[Stretch]:
    """Yield the messages of a chat by about 1 MB, and a stretch for each place where none can be read.

    `context` goes with each of them; with it go how lines are laid out, or what is wrong.
    """
    at = header.messages_at or 0
    before = line_before(source, at)
    whole = orjson.dumps(context | {"line_before": before.decode()})
    objects = Objects(source, at)
    if before:
        yield from _by_lines(objects, len(before), Lines.of(before), whole, context)
    yield from _by_brackets(objects, whole, context)
    yield from _ended(objects, context)


def _faulty(place: tuple[int, int], data: bytes, fault: Fault, context: dict[str, object]) -> Stretch:
    return Stretch(*place, data, orjson.dumps(context | {"fault": fault.value}))


def _by_lines(objects: Objects, lead: int, lines: Lines, whole: bytes, context: dict[str, object]) -> Iterator[Stretch]:
    """Yield stretches that end where a line says so; what follows the last such line is left to be scanned."""
    source = objects.source
    source.drop(objects.at + lead)
    objects.at = searched = 0
    while True:
        last = _last_end(source, lines, searched)
        if last >= 0:
            yield Stretch(source.base, source.base + last, source.data[:last], whole)
            source.drop(last)
            return
        found = source.data.rfind(lines.between, max(0, searched - len(lines.between)))
        if found >= 0:
            end = found + len(lines.end)
            yield Stretch(source.base, source.base + end, source.data[:end], whole)
            source.drop(found + len(lines.between) - 1)
        elif len(source.data) > MESSAGE_BYTES + CHUNK_BYTES:
            start, end, head, fault = objects.skip()
            objects.drop(objects.at)
            yield _faulty((start, end), head, fault, context)
            found = 0
        searched = 0 if found >= 0 else max(0, len(source.data) - len(lines.between))
        if not source.more():
            return


def _last_end(source: Source, lines: Lines, searched: int) -> int:
    """Return the place behind the last message of the list, -1 if it is not in memory."""
    line_break = lines.end[:1]
    found = source.data.find(lines.end + line_break, searched)
    while found >= 0:
        behind = found + len(lines.end)
        match = _LIST_END.match(source.data, behind)
        if match is not None and match[1]:
            return behind
        if match is not None and source.more():
            continue
        found = source.data.find(lines.end + line_break, behind)
    return -1


def _by_brackets(objects: Objects, whole: bytes, context: dict[str, object]) -> Iterator[Stretch]:
    source = objects.source
    start = end = -1
    while True:
        place = objects.next()
        is_whole = place is not None and place[1] >= 0
        if start >= 0 and (not is_whole or end - start >= CHUNK_BYTES):
            yield Stretch(source.base + start, source.base + end, source.data[start:end], whole)
            objects.drop(end)
            place = place if place is None else (place[0] - end, place[1] - end if is_whole else -1)
            start = -1
        if place is None:
            return
        if is_whole:
            start, end = (place[0] if start < 0 else start), place[1]
        else:
            begin, stop, data, fault = objects.skip()
            yield _faulty((begin, stop), data, fault, context)
            if fault is Fault.BROKEN_OFF or (source.is_ended and objects.at >= len(source.data)):
                objects.is_closed, objects.at = True, -1
                return


def _ended(objects: Objects, context: dict[str, object]) -> Iterator[Stretch]:
    """Yield what is wrong behind the messages: nothing closes the list, or something follows the chat."""
    source = objects.source
    if objects.at < 0:  # the last stretch went to the end
        return
    begin, fault = source.base + objects.at, Fault.BROKEN_OFF
    after = past_brackets(source, objects.at + 1, 1) if objects.is_closed else -1
    if after >= 0:
        after = source.past_blank(after)
        if not source.byte(after):
            return
        begin, fault = source.base + after, Fault.AFTER_END
    head = source.data[max(0, after) :][:_EXCERPT_BYTES]
    while source.more():
        source.drop(max(0, len(source.data) - CHUNK_BYTES))
    yield _faulty((begin, source.base + len(source.data)), head, fault, context)


def messages_in(stretch: Stretch, before: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each message of a stretch begins and ends in its bytes, by lines or else by brackets."""
    if not before:
        yield from objects_in(stretch.data)
        return
    lines = Lines.of(before)
    start, data = 0, stretch.data
    while (found := data.find(lines.between, start)) >= 0:
        yield start, found + len(lines.end)
        start = found + len(lines.between) - 1
    yield start, len(data)


def objects_in(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each message of some bytes begins and ends, found by brackets; what is none is yielded too."""
    source = Source(io.BytesIO(data))
    objects = Objects(source, 0, most_wasted=_FEW * len(data))
    while (place := objects.next()) is not None:
        if place[1] >= 0:
            yield source.base + place[0], source.base + place[1]
        else:
            start, end, _, _ = objects.skip()
            yield start, end
    if objects.is_closed and not _CLOSING.match(source.data, objects.at):
        yield source.base + objects.at, len(data)


def next_message(data: bytes) -> int | None:
    """Return where another message begins in the bytes of a damaged one, None if there is none."""
    match = _MESSAGE.search(data, 1)
    return None if match is None else match.start()
