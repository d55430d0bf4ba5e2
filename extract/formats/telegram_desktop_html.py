"""Channels as Telegram Desktop exports them to HTML: messages.html, messages2.html and so on, 1,000 messages each.

Each file is an input of its own. The form tells neither the channel's id nor that a post was edited, and its instants
are right to within an hour (see `extract.formats.desktop_html_dates`); a post has the same key as in the exporter's
JSON, which knows more. Service messages have no date at all: they were published on the day of the divider above them.
A message that is joined to the one above names no origin where that is the same person's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import BinaryIO

from selectolax.lexbor import LexborNode

from extract.errors import NoDocument, TooLarge, UndecodableInput
from extract.formats.desktop_html_dates import Moment, day_of, moment_of, within_day
from extract.formats.desktop_html_media import classes, elements, line_of
from extract.formats.desktop_html_message import Parts, linked_message, parts_of
from extract.formats.desktop_html_service import is_unsupported, service_of
from extract.formats.desktop_html_split import (
    BEGINNING,
    CHUNK_BYTES,
    MOST_BYTES,
    STRETCH_BYTES,
    Context,
    context_of,
    divider,
    shows_messages,
    stretches,
)
from extract.markup import parsed
from extract.model import (
    WORDS_NOT_SHOWN,
    Counts,
    Format,
    Hints,
    Notice,
    Origin,
    Post,
    PostKind,
    Reason,
    Record,
    Rejection,
    Stretch,
)
from extract.notices import SHARED
from extract.posts import PostText, post_record
from extract.telegram import channel_of, without_odd_characters

NOTICES: Mapping[str, str] = MappingProxyType(
    {
        WORDS_NOT_SHOWN: SHARED["words_not_shown"],
        "odd_characters": SHARED["odd_characters"],
        "no_date": SHARED["no_date"],
        "no_time_zone": SHARED["no_time_zone"],
        "unclear_date": SHARED["unclear_date"],
        "unclear_local_time": SHARED["unclear_local_time"],
        "zone_and_label_differ": "The printed label is no offset of the zone that a person gave.",
        "migrated_group": SHARED["migrated_group"],
        "sender_not_channel": "The name above the message is not the title of the chat, which may be no channel.",
        "origin_not_named": "The post was forwarded, and the form does not say from whom.",
        "path_leads_out": SHARED["path_leads_out"],
        "unknown_media": "Something is attached in a way that is not known.",
        "unknown_part": "A part of the message has a class that is not known; its words are furniture.",
        "rich_message": SHARED["rich_message"],
    }
)

_DIV = re.compile(rb"<div(?=[\s>])|</div\s*>")
_OPENING = re.compile(rb'<div class="message ((?:default|service)[^"<>]*)"[^<>]*? id="message(-?\d{1,18})"')
_END = b"</html>"
_EXCERPT = 200
_REMEDY = "export the channel again, or copy the file again"


@dataclass(frozen=True, slots=True)
class _Above:
    """What the messages above say of one that is silent about it."""

    day: date | None = None  # of the divider
    forwarded_from: str | None = None


def claims(head: bytes) -> bool:
    """Tell whether the head of an input is that of a chat in Telegram Desktop's HTML."""
    return shows_messages(head)


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of whole messages, in order; the last one goes on to the end of the input."""
    return stretches(stream, hints, CHUNK_BYTES, STRETCH_BYTES)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the messages of a stretch; dividers are none.

    Raises `NoDocument` for an export without messages. Of one that breaks off, what is left is one rejection.
    """
    context = context_of(stretch)
    if context.is_too_large:
        size = f"a message of {stretch.byte_to - stretch.byte_from:,} bytes"
        return (_too_large(stretch.byte_from, stretch.byte_to, size, f"at most {MOST_BYTES:,}", stretch.data),)
    values = list(_values(stretch, context, hints))
    if not values and context.is_first and context.is_last:
        raise NoDocument("an export without messages", "at least one message", "look at the dates of the export")
    return tuple(values)


def _values(stretch: Stretch, context: Context, hints: Hints) -> Iterator[Record | Rejection]:
    channel_id = channel_of(None, hints)
    above = _Above(None if context.day is None else day_of(context.day))
    data, end = stretch.data, 0
    for start, after in pairwise([*_beginnings(data), len(data)]):
        piece = data[start:after]
        length = _length(piece)
        if length is None:
            is_end = context.is_last and after == len(data)
            yield _broken_off(stretch.byte_from + start, stretch.byte_from + after, piece, is_end=is_end)
            if is_end:
                return
            continue
        end = start + length
        day = divider(piece)
        if day is not None:
            above = _Above(day_of(day))
            continue
        message = _Message(stretch.byte_from + start, piece[:length], context, channel_id, above)
        value, above = _value(message, hints)
        if value is not None:
            yield value
    if context.is_last and _END not in data[end:]:
        yield _broken_off(stretch.byte_from + end, stretch.byte_to, data[end:], is_end=True)


def _beginnings(data: bytes) -> Iterator[int]:
    found = data.find(BEGINNING)
    while found >= 0:
        yield found
        found = data.find(BEGINNING, found + 1)


def _length(piece: bytes) -> int | None:
    """Return how many bytes the element takes that a piece begins with; None where it is not closed."""
    stripped = piece.rstrip()
    if stripped.endswith(b"</div>") and piece.count(b"<div") == piece.count(b"</div"):
        return len(stripped)
    depth = 0
    for match in _DIV.finditer(piece):
        depth += -1 if match[0].startswith(b"</") else 1
        if depth == 0:
            return match.end()
    return None


@dataclass(frozen=True, slots=True)
class _Message:
    """The bytes of one message, and what is known without reading them."""

    byte_from: int
    data: bytes
    context: Context
    channel_id: int
    above: _Above

    @property
    def byte_to(self) -> int:
        return self.byte_from + len(self.data)


def _value(message: _Message, hints: Hints) -> tuple[Record | Rejection | None, _Above]:
    """Return what a message says, and what is above the next one."""
    start, end, data = message.byte_from, message.byte_to, message.data
    opening = _OPENING.match(data)
    if opening is None:
        return _rejection(
            start, end, Reason.MISSING_ID, "a message without a known class and an id", data
        ), message.above
    names, message_id = opening[1].split(), int(opening[2])
    if b"service" in names and -_SHIFTED < message_id < 0:
        return None, message.above  # "No exported messages"
    try:
        node = _parsed(data, hints.encoding)
    except TooLarge as error:
        return _too_large(start, end, error.found, error.expected, data), message.above
    except UndecodableInput as error:
        return _rejection(start, end, Reason.UNDECODABLE, error.found, data), message.above
    if b"service" in names:
        return post_record(_service(message, message_id, node, hints), hints), _Above(message.above.day)
    parts = parts_of(node, message.context.to_top)
    name = _origin_name(parts, message.above, is_joined=b"joined" in names)
    return post_record(_post(message, message_id, parts, name, hints), hints), replace(
        message.above, forwarded_from=name
    )


# Messages of the group that a supergroup was made of have their ids shifted by this; dividers are numbered from -1.
_SHIFTED = 500_000_000


def _parsed(data: bytes, declared: str | None) -> LexborNode:
    """Return the element of a message. Raises `TooLarge` and `UndecodableInput`."""
    # A piece has no byte order mark of its own, and was found by its ASCII letters.
    body = parsed(data, declared).body
    node = None if body is None else next(elements(body), None)
    if node is None:
        raise UndecodableInput("markup without elements", "a message", _REMEDY)
    return node


def _service(message: _Message, message_id: int, node: LexborNode, hints: Hints) -> PostText:
    body = next((part for part in elements(node) if "body" in classes(part)), node)
    printed = line_of(body)
    is_shown = not is_unsupported(printed)
    service = service_of(printed, linked_message(body)) if is_shown else None
    return PostText(
        byte_from=message.byte_from,
        byte_to=message.byte_to,
        text="",
        forwarded_from=None,
        notices=(*_id_notices(message_id), *(() if is_shown else (Notice(WORDS_NOT_SHOWN, printed[:_EXCERPT]),))),
        post=Post(
            message.channel_id,
            message_id,
            PostKind.SERVICE if is_shown else PostKind.UNSUPPORTED,
            channel_title=message.context.title,
            service=service,
        ),
        published_within=within_day(message.above.day, hints),
        carries_paragraphs=True,
    )


def _id_notices(message_id: int) -> tuple[Notice, ...]:
    return () if message_id > 0 else (Notice("migrated_group", str(message_id)),)


def _origin_name(parts: Parts, above: _Above, *, is_joined: bool) -> str | None:
    """Return from whom a post was forwarded; a joined one that doesn't say it is from the same as the one above."""
    if not parts.is_forwarded:
        return None
    if not parts.has_forwarded_name and is_joined:
        return above.forwarded_from
    return parts.forwarded_from


def _post(message: _Message, message_id: int, parts: Parts, forwarded_from: str | None, hints: Hints) -> PostText:
    moment = _moment(parts.printed_date, message.above.day, hints)
    origin, origin_notices = _origin(parts, forwarded_from, hints)
    text, odd_count = without_odd_characters("\n".join(filter(None, parts.texts)))
    notices = [*moment.notices, *_id_notices(message_id), *origin_notices, *parts.notices]
    if None not in (parts.sender, message.context.title) and parts.sender != message.context.title:
        notices.append(Notice("sender_not_channel", ""))
    if odd_count:
        notices.append(Notice("odd_characters", str(odd_count)))
    if parts.is_empty:
        # No such post can be sent, so that the exporter did not know what it was.
        notices.append(Notice(WORDS_NOT_SHOWN, "neither text nor media nor buttons"))
    return PostText(
        byte_from=message.byte_from,
        byte_to=message.byte_to,
        text=text,
        forwarded_from=forwarded_from,
        furniture=tuple(parts.furniture),
        notices=tuple(notices),
        post=Post(
            message.channel_id,
            message_id,
            channel_title=message.context.title,
            author=parts.author,
            reply_to=parts.reply_to,
            origin=origin,
            buttons=tuple(parts.buttons),
        ),
        published_at=moment.at,
        published_basis=moment.basis,
        published_text=parts.printed_date,
        published_within=moment.within,
        links=tuple(parts.links),
        media=tuple(parts.media),
        poll=parts.poll,
        counts=_counts(parts),
        carries_paragraphs=True,
    )


def _moment(printed: str | None, day: date | None, hints: Hints) -> Moment:
    moment = moment_of(printed, hints) if printed else Moment(notices=(Notice("no_date", ""),))
    if moment.at is None and moment.within is None:
        return replace(moment, within=within_day(day, hints))
    return moment


def _origin(parts: Parts, name: str | None, hints: Hints) -> tuple[Origin | None, tuple[Notice, ...]]:
    if not parts.is_forwarded:
        return None, ()
    moment = moment_of(parts.forwarded_date, hints) if parts.forwarded_date else Moment()
    unnamed = () if name else (Notice("origin_not_named", ""),)
    return Origin(published_at=moment.at), (*moment.notices, *unnamed)


def _counts(parts: Parts) -> Counts | None:
    if not parts.reactions and parts.poll_votes is None and parts.poll_voters is None:
        return None
    return Counts(
        reactions=tuple(parts.reactions.items()) or None,
        poll_votes=parts.poll_votes,
        poll_voters=parts.poll_voters,
    )


def _broken_off(byte_from: int, byte_to: int, data: bytes, *, is_end: bool) -> Rejection:
    found = "an export that breaks off" if is_end else "a message that breaks off where the next one begins"
    return _rejection(byte_from, byte_to, Reason.BROKEN_OFF, found, data)


def _too_large(byte_from: int, byte_to: int, found: str, expected: str, data: bytes) -> Rejection:
    return replace(_rejection(byte_from, byte_to, Reason.TOO_LARGE, found, data), expected=expected)


def _rejection(byte_from: int, byte_to: int, reason: Reason, found: str, data: bytes) -> Rejection:
    text = data[: 4 * _EXCERPT].decode("utf-8", "replace").replace("\0", "\N{SYMBOL FOR NULL}")
    return Rejection(
        byte_from=byte_from,
        byte_to=byte_to,
        reason=reason,
        found=found,
        expected="a message of Telegram Desktop's HTML, closed, with its id",
        remedy=_REMEDY,
        excerpt=" ".join(text.split())[:_EXCERPT],
    )


FORMAT = Format(
    name="telegram_desktop_html",
    extractor_version=1,
    form="Telegram Desktop's HTML export of a channel, one messages*.html of it",
    lost_in_form=(
        "id of the channel",
        "username of the channel",
        "edit mark",
        "views",
        "forwards",
        "albums",
        "zone in summer",
        "dates of service messages",
        "ids of origins",
        "link previews",
        "rounded sizes of files",
    ),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
