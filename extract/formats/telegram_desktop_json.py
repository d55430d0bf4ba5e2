"""Telegram Desktop's export of one chat as JSON (`result.json`), in all versions since June 2018.

    chat := {"name": …, "type": …, "id": …, "messages": [message, …]}

Read are public channels, and a chat of another type only where a person names it: an export may hold private
correspondence. Of messages that were deleted before the export, and of earlier wordings, nothing is in it.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import BinaryIO

import orjson

from extract.accounts import is_account_export
from extract.encoding import codec_of, mark_length
from extract.errors import UndecodableInput, UnreadableInput
from extract.formats.desktop_json_layout import (
    MESSAGE_BYTES,
    Fault,
    Header,
    header_of,
    messages_in,
    next_message,
    objects_in,
    stretches,
)
from extract.formats.desktop_json_post import Chat, id_of, kind_of_message, post_text
from extract.formats.desktop_json_repair import Message, message_of
from extract.formats.desktop_json_scan import Source
from extract.model import (
    NOT_PROVEN_WHOLE,
    WORDS_NOT_SHOWN,
    Apart,
    Claim,
    Format,
    Hints,
    Reason,
    Record,
    Rejection,
    Stretch,
)
from extract.notices import SHARED
from extract.posts import post_record
from extract.telegram import bare_channel_id, channel_of

NOTICES = MappingProxyType(
    {
        "odd_characters": SHARED["odd_characters"],
        "control_escape": r"Control characters were written as \x0B, which is no JSON; they were read as meant.",
        "bare_document_id": "The id of a custom emoji had no quotes, as Telegram Desktop 4.1.0 wrote it.",
        "no_date": SHARED["no_date"],
        "no_time_zone": SHARED["no_time_zone"],
        "unclear_local_time": SHARED["unclear_local_time"],
        "migrated_group": SHARED["migrated_group"],
        "path_leads_out": SHARED["path_leads_out"],
        "unknown_keys": "The message has keys that no known version of Telegram Desktop writes; they were not read.",
        "nothing_shown": "The message has neither text nor anything attached.",
        NOT_PROVEN_WHOLE: SHARED["no_repeat"],
        WORDS_NOT_SHOWN: SHARED["words_not_shown"],
    }
)

HEAD_BYTES = 1 << 16
_TYPES = frozenset(
    {
        *("saved_messages", "replies", "verification_codes", "personal_chat", "bot_chat"),
        *("private_group", "private_supergroup", "public_supergroup", "private_channel", "public_channel"),
    }
)
_PUBLIC = "public_channel"
# The first message of a chat whose header stands below its messages.
_FIRST_MESSAGE = re.compile(
    rb'\s*\{\s*"id"\s*:\s*-?\d+\s*,\s*"type"\s*:\s*"(?:message|service)"\s*,'
    rb'\s*"date"\s*:\s*"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"'
)
_EXPECTED = "an export of one chat as Telegram Desktop writes it: name, type, id and messages at the top level"
_REMEDY = "export the chat's history anew as JSON, or name the right format with --format"
_EXPECTED_MESSAGE = "a message as Telegram Desktop writes it"
_EXCERPT = 200
_FEW = 8  # times that the bytes of a damaged message are read at the most
_GAP = b", \t\r\n"  # what may stand between two messages
_FAULTS = {
    Fault.BROKEN_OFF: (
        Reason.BROKEN_OFF,
        "an export that breaks off",
        "the brackets that close the list of messages and the chat",
        "export or copy it again; all messages above were read",
    ),
    Fault.TOO_LARGE: (
        Reason.TOO_LARGE,
        f"a message of more than {MESSAGE_BYTES:,} bytes",
        _EXPECTED_MESSAGE,
        "look at the file at this place",
    ),
    Fault.NO_MESSAGE: (
        Reason.NOT_THIS_FORMAT,
        "something that is no message",
        _EXPECTED_MESSAGE,
        "look at the file at this place",
    ),
    Fault.AFTER_END: (
        Reason.NOT_THIS_FORMAT,
        "something behind the end of the chat",
        "one chat in one file",
        "put what follows into a file of its own",
    ),
}


def claims(head: bytes) -> bool:
    """Tell whether an input begins like a chat: with its name, type and id, or with messages as Desktop has them."""
    data = _utf8_head(head)
    source = Source(io.BytesIO(data))
    header = header_of(source, source.past_blank(0))
    if header.type is not None:
        return header.type in _TYPES and (header.messages_at is not None or header.is_cut)
    return header.messages_at is not None and _FIRST_MESSAGE.match(source.data, header.messages_at) is not None


def _utf8_head(head: bytes) -> bytes:
    """Return the head as UTF-8 without its mark, where a mark tells what it is."""
    mark = mark_length(head)
    if not mark or head.startswith(codecs.BOM_UTF8):
        return head[mark:]
    try:
        return head[mark:].decode(codec_of(head, None), "ignore").encode()
    except UndecodableInput:
        return b""


def shows(head: bytes) -> Claim:
    """Say that an export of a chat shows all its messages between the lowest and the highest id."""
    del head
    return Claim.COMPLETE


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of about 1 MB with whole messages, and one for each place where none can be read.

    Raises `UndecodableInput`, `UnreadableInput` for what is no export of a chat or of a chat that may not be read, and
    `UnknownChannel`.
    """
    source = Source(stream)
    while len(source.data) < HEAD_BYTES and source.more():
        pass
    _refuse_other_encodings(source.data, hints.encoding)
    source.drop(mark_length(source.data))
    if is_account_export(source.data):
        raise UnreadableInput(
            "an export of a whole account", _EXPECTED, "export the channel by itself, or take its slice out of this one"
        )
    header = header_of(source, source.past_blank(0))
    _refuse_other_chats(header, hints, source.data)
    channel_id = channel_of(bare_channel_id(header.id), hints)
    context: dict[str, object] = {"channel_id": channel_id, "title": header.name}
    if header.messages_at is None:
        yield _headless(source, context)
        return
    yield from stretches(source, header, context)


def _refuse_other_encodings(head: bytes, declared: str | None) -> None:
    codec = codec_of(head, declared)
    is_wide = head[:1] == b"\0" or head[1:2] == b"\0"
    if codec not in ("utf-8", "ascii") or is_wide:
        raise UndecodableInput(
            f"an export in {'UTF-16' if is_wide and codec == 'utf-8' else codec}",
            "UTF-8, in which Telegram Desktop writes",
            "convert the file to UTF-8, or correct the column `encoding` of the registry",
        )


def _refuse_other_chats(header: Header, hints: Hints, data: bytes) -> None:
    """Raise `UnreadableInput` unless it is a chat, and one that may be read."""
    if not header.key_count or (header.messages_at is None and not header.is_cut):
        raise UnreadableInput(f"a text that begins {_excerpt(data)[:60]!r}", _EXPECTED, _REMEDY)
    if header.is_cut and (header.type is None or header.id is None):
        raise UnreadableInput("an export that breaks off above its messages", _EXPECTED, "export or copy it again")
    if header.type == _PUBLIC or _is_named(header, hints):
        return
    if header.type is None:
        raise UnreadableInput(
            "a chat whose type does not stand above its messages",
            f"the type {_PUBLIC}",
            "name it with --channel and its number if it is a channel that may be archived",
        )
    raise UnreadableInput(
        f"a chat of the type {header.type[:40]}",
        f"a {_PUBLIC}: others may hold private correspondence",
        "name it with --channel and its number if it may be archived",
    )


def refuse_private_chat(head: bytes, hints: Hints) -> None:
    """Raise `UnreadableInput` where an input begins as a chat that may not be read; anything else passes."""
    source = Source(io.BytesIO(_utf8_head(head)))
    header = header_of(source, source.past_blank(0))
    is_chat = header.type in _TYPES or (header.type is None and header.messages_at is not None)
    if is_chat and header.type != _PUBLIC:
        _refuse_other_chats(header, hints, source.data)


def _is_named(header: Header, hints: Hints) -> bool:
    """Whether a person has named exactly this chat."""
    is_number = hints.channel_id is not None and bare_channel_id(header.id) == hints.channel_id
    name = (header.name or "").casefold()
    return is_number or (hints.channel is not None and hints.channel.casefold() == name)


def _headless(source: Source, context: dict[str, object]) -> Stretch:
    """Stretch of a chat that breaks off above its messages."""
    end = source.base + len(source.data)
    return Stretch(0, end, source.data[:_EXCERPT], orjson.dumps(context | {"fault": Fault.BROKEN_OFF.value}))


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the messages of a stretch as records, and a rejection for each that can't be read."""
    context = orjson.loads(stretch.context)
    if "fault" in context:
        return (_faulty(stretch, Fault(context["fault"])),)
    chat = Chat(context["channel_id"], context["title"])
    before = context["line_before"].encode()
    values: list[Record | Rejection] = []
    for start, end in messages_in(stretch, before):
        data = stretch.data[start:end]
        found = message_of(data) if end - start <= MESSAGE_BYTES else None
        if isinstance(found, Message):  # nearly all
            values.append(_record(found, (stretch.byte_from + start, stretch.byte_from + end), data, chat, hints))
        else:
            values.extend(_values(stretch, (start, end), chat, hints))
    return tuple(values)


def apart(stretch: Stretch) -> Apart | None:
    """Return where the messages of a stretch stand: each is read from its own bytes. None where none can be read.

    How the lines are laid out tells no more than the places.
    """
    context = orjson.loads(stretch.context)
    if "fault" in context:
        return None
    places = messages_in(stretch, context["line_before"].encode())
    return Apart(tuple(places), context["channel_id"], context["title"])


def _values(stretch: Stretch, place: tuple[int, int], chat: Chat, hints: Hints) -> list[Record | Rejection]:
    """Return what stands at a place: a message, or several where a damaged one has taken others along."""
    values: list[Record | Rejection] = []
    waiting, spent = [place], 0
    while waiting:
        start, end = waiting.pop()
        data = stretch.data[start:end]
        spent += len(data)
        found = message_of(data) if len(data) <= MESSAGE_BYTES else "a message that is too large"
        absolute = (stretch.byte_from + start, stretch.byte_from + end)
        if isinstance(found, Message):
            values.append(_record(found, absolute, data, chat, hints))
        elif (cut := next_message(data)) is None or spent > _FEW * (place[1] - place[0]):
            reason = Reason.TOO_LARGE if len(data) > MESSAGE_BYTES else _reason(found)
            values.append(_rejection(absolute, data, reason, found))
        else:
            rest = [(start + cut + one, start + cut + behind) for one, behind in objects_in(data[cut:])]
            waiting.extend([(start, start + len(data[:cut].rstrip(_GAP))), *rest][::-1])
    return values


def _reason(found: str) -> Reason:
    return Reason.UNDECODABLE if found.startswith(("a NUL", "bytes that are no UTF-8")) else Reason.NOT_THIS_FORMAT


def _record(message: Message, place: tuple[int, int], data: bytes, chat: Chat, hints: Hints) -> Record | Rejection:
    fields = message.fields
    message_id = id_of(fields)
    if message_id is None:
        return _rejection(place, data, Reason.MISSING_ID, "a message without an id")
    if kind_of_message(fields) is None:
        return _rejection(place, data, Reason.NOT_THIS_FORMAT, f"a message of the type {fields.get('type')!r:.40}")
    post = post_text(message_id, fields, chat, place, hints)
    if message.notices:
        post = replace(post, notices=(*message.notices, *post.notices))
    return post_record(post, hints)


def _faulty(stretch: Stretch, fault: Fault) -> Rejection:
    reason, found, expected, remedy = _FAULTS[fault]
    return Rejection(stretch.byte_from, stretch.byte_to, reason, found, expected, remedy, _excerpt(stretch.data))


def _rejection(place: tuple[int, int], data: bytes, reason: Reason, found: str) -> Rejection:
    return Rejection(*place, reason, found, _EXPECTED_MESSAGE, "look at the file at this place", _excerpt(data))


def _excerpt(data: bytes) -> str:
    return data[: 4 * _EXCERPT].decode("utf-8", "replace").replace("\0", "\N{SYMBOL FOR NULL}").strip()[:_EXCERPT]


FORMAT = Format(
    name="telegram_desktop_json",
    extractor_version=1,
    form="Telegram Desktop's export of a chat as JSON",
    lost_in_form=(
        "views",
        "number of forwards and of replies",
        "id and date of a forwarded post",
        "which posts make up an album",
        "previews of links",
        "username",
    ),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
    shows=shows,
    apart=apart,
)
