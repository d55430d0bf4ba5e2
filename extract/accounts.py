"""Where the chats lie in a Telegram Desktop export of a whole account.

Such an export holds a person's contacts, sessions and private chats beside the channels. What is told here is places,
so that the caller copies the wanted chats byte for byte, each a whole export of its own, and nothing else is kept.
"""

import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from extract.encoding import mark_length
from extract.formats.desktop_json_layout import Header, Members, header_of
from extract.formats.desktop_json_scan import Nesting, Source, past_value
from extract.telegram import bare_channel_id

HEAD_BYTES = 1 << 16  # a chat's name, type and id stand within these

_LISTS = frozenset({"chats", "left_chats"})
_ACCOUNT_KEYS = _LISTS | {
    *("personal_information", "profile_pictures", "stories", "profile_music", "contacts", "frequent_contacts"),
    *("sessions", "web_sessions", "other_data"),
}
_CHAT_LINES = re.compile(rb'\r?\n([ \t]+)\{\r?\n([ \t]+)"')
_CHANNELS = frozenset({"public_channel", "private_channel", "public_supergroup", "private_supergroup"})


@dataclass(frozen=True, slots=True)
class ChatSlice:
    """One chat of an account export: an object of JSON that stands for itself."""

    byte_from: int
    byte_to: int  # exclusive
    type: str  # "" where the export doesn't tell it above the messages
    name: str | None
    channel_id: int | None  # bare and positive; None for a chat with a person
    is_whole: bool  # False where the chat has no end: the export breaks off, or is damaged there


def is_account_export(head: bytes) -> bool:
    """Tell whether the beginning of an input, 64 KiB or all of it, has keys of an account at its top level."""
    return is_account_stream(io.BytesIO(head))


def is_account_stream(stream: BinaryIO) -> bool:
    """Do as `is_account_export` says, and read on as far as it takes: up to the first key that only one of them has."""
    source = _source(stream)
    members = Members(source, source.past_blank(0))
    if source.byte(members.at) != b"{":
        return False
    while (key := members.next()) is not None:
        if key in _ACCOUNT_KEYS or key == "messages":
            return key != "messages"
        members.at = past_value(source, members.at)
        if members.at < 0:
            return False
    return False


def chats_in(stream: BinaryIO) -> Iterator[ChatSlice]:
    """Yield the place of each chat, of those that were left too, in their order; memory doesn't grow with the export.

    A chat in which the export breaks off is the last one, and goes to the end of the input.
    """
    source = _source(stream)
    members = Members(source, source.past_blank(0))
    if source.byte(members.at) != b"{":
        return
    while (key := members.next()) is not None:
        if key in _LISTS and source.byte(members.at) == b"{":
            members.at = yield from _listed(source, members.at)
        else:
            members.at = past_value(source, members.at)
        if members.at < 0:
            return


def _source(stream: BinaryIO) -> Source:
    source = Source(stream)
    while len(source.data) < HEAD_BYTES and source.more():
        pass
    source.drop(mark_length(source.data))
    return source


def _listed(source: Source, at: int) -> Generator[ChatSlice, None, int]:
    """Yield the chats of an object with a list; return the place behind it, -1 if there is no end."""
    members = Members(source, at)
    while (key := members.next()) is not None:
        if key == "list" and source.byte(members.at) == b"[":
            members.at = yield from _chats(source, members.at + 1)
        else:
            members.at = past_value(source, members.at)
        if members.at < 0:
            return -1
    return members.at + 1 if members.is_closed else -1


def _chats(source: Source, at: int) -> Generator[ChatSlice, None, int]:
    """Yield the chats of a list; return the place behind it, -1 if there is no end."""
    while True:
        source.drop(at)
        while len(source.data) < HEAD_BYTES and source.more():
            pass
        lines = _CHAT_LINES.match(source.data)
        start = source.past_blank(0)
        first = source.byte(start)
        if first == b",":
            at = start + 1
            continue
        if first != b"{":
            return start + 1 if first == b"]" else -1
        is_by_lines = lines is not None and len(lines[2]) > len(lines[1])
        source.drop(start)
        indent = len(lines[1]) if lines is not None and is_by_lines else None
        begin, header = source.base, header_of(Source(io.BytesIO(source.data[:HEAD_BYTES])), 0)
        at, is_whole = _end(source) if indent is None else _end_by_lines(source, indent)
        yield _slice(header, begin, source.base + at, is_whole=is_whole)
        if not is_whole and source.is_ended:
            return -1


def _slice(header: Header, begin: int, end: int, *, is_whole: bool) -> ChatSlice:
    kind = header.type or ""
    return ChatSlice(begin, end, kind, header.name, bare_channel_id(header.id) if kind in _CHANNELS else None, is_whole)


def _end(source: Source) -> tuple[int, bool]:
    """Return the place behind the chat that begins in memory, found by brackets, and whether it has an end."""
    nesting, at = Nesting(), 0
    while (end := nesting.close(source.data, at)) < 0:
        source.drop(nesting.at)
        at = 0
        if not source.more():
            return len(source.data), False
    return end, True


def _end_by_lines(source: Source, indent: int) -> tuple[int, bool]:
    """Return the place behind the chat that begins in memory: the next line that is indented no deeper than it.

    A line break can't stand within a string, so that this holds for damaged chats too. It comes with whether that line
    closes the chat; if not, the chat ends above it.
    """
    shallow = re.compile(rb"\n[ \t]{0,%d}(?=[^ \t\r\n])" % indent)
    while (match := shallow.search(source.data)) is None:
        source.drop(max(0, len(source.data) - indent - 3))
        if not source.more():
            return len(source.data), False
    is_closed = source.data[match.end() : match.end() + 1] == b"}" and len(match[0]) == indent + 1
    return (match.end() + 1, True) if is_closed else (match.start(), False)
