"""Messages as Telegram's API has them: dumps of Telethon, and of tdl, tg_history_dumper and GramJS.

    message := {"_": "Message", "id", "peer_id": {"channel_id"}, "date", "message", "entities": […], …}

in lines, in an array, one after another, or in `"messages": […]`. Names differ between layers (`to_id` is the older
`peer_id`) and between programs (`api_names`). Places in texts count UTF-16 code units. Dates of Telethon are UTC
throughout. Only posts of channels are read: whoever writes in a chat or a group is a private person.

What no such dump tells: whether it is complete, which is why none proves that a post is absent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from extract.errors import UnknownChannel
from extract.formats.api_json import Json, Piece, loaded, pieces_of, split_messages
from extract.formats.api_media import is_unsupported, media_of, poll_counts, poll_of, preview_lines, rich_media
from extract.formats.api_names import is_foreign, renamed, type_of, typed
from extract.formats.api_rich import rich_text
from extract.formats.api_values import (
    Span,
    When,
    count_of,
    items,
    links_of,
    loaded_message,
    members,
    not_json,
    odd_notices,
    rejected,
    rejection,
    span_of,
    string,
    when,
    whole,
)
from extract.model import (
    NOT_PROVEN_WHOLE,
    WORDS_NOT_SHOWN,
    Counts,
    Format,
    Hints,
    Link,
    Media,
    Notice,
    Origin,
    Post,
    PostKind,
    Reason,
    Record,
    Rejection,
    Service,
    Stretch,
)
from extract.notices import SHARED
from extract.posts import PostText, post_record
from extract.telegram import bare_channel_id, channel_of

NOTICES = MappingProxyType(
    {
        "odd_characters": SHARED["odd_characters"],
        WORDS_NOT_SHOWN: SHARED["words_not_shown"],
        "no_content": "The message has neither text nor anything attached, and the form doesn't say why.",
        "no_date": SHARED["no_date"],
        "rich_message": SHARED["rich_message"],
        NOT_PROVEN_WHOLE: SHARED["no_repeat"],
        "untyped_links": "The form doesn't say what its entities are: an address is a link because it looks like one.",
    }
)

EXPECTED = "a message of Telegram's API"
_TYPES = frozenset({"message", "messageservice", "messageempty"})
_TYPE = re.compile(rb'"(?:_|className)"\s*+:\s*+"(?:types\.)?(?:TL_)?[Mm]essage(?:Service|Empty)?"')
_PEER = re.compile(rb'"(?:peer_id|to_id|peerId|toId|PeerID|ToID)"\s*+:')
_TDL = re.compile(
    rb'\s*+\{\s*+"id"\s*+:\s*+-?\d++\s*+,\s*+"messages"\s*+:\s*+\[\s*+'
    rb'(?:\]|\{\s*+"id"\s*+:\s*+\d++\s*+,\s*+"type"\s*+:\s*+"message"\s*+,\s*+"file"\s*+:)'
)
# Of a message that can't be taken apart. Within a text its quotation marks would be escaped.
_PRIVATE_PEER = re.compile(
    rb'"(?:peer_?id|to_?id)"\s*+:\s*+\{[^{}]*?"(?:[a-z.]*+peer(?:user|chat)"|(?:user|chat)_?id"\s*+:)', re.IGNORECASE
)
_MARK = rb'\{"_": ?"(?:TL_m|M)essage(?:Service|Empty)?"'
# The words of Telegram Desktop's export for the actions of the API.
_ACTIONS = {
    "channelcreate": "create_channel",
    "chatedittitle": "edit_group_title",
    "chateditphoto": "edit_group_photo",
    "chatdeletephoto": "delete_group_photo",
    "pinmessage": "pin_message",
    "channelmigratefrom": "migrate_from_group",
    "chatmigrateto": "migrate_to_supergroup",
    "setmessagesttl": "set_messages_ttl",
    "groupcall": "group_call",
    "groupcallscheduled": "group_call_scheduled",
    "boostapply": "boost_apply",
    "giveawaylaunch": "giveaway_launch",
    "giveawayresults": "giveaway_results",
    "topiccreate": "topic_created",
    "topicedit": "topic_edit",
    "setchattheme": "edit_chat_theme",
    "setchatwallpaper": "set_chat_wallpaper",
}


def claims(head: bytes) -> bool:
    """Tell whether the head of an input shows a message with its peer, or tdl's list of messages."""
    data = head.removeprefix(b"\xef\xbb\xbf")
    if data[:1].isspace():
        data = data.lstrip()
    if data[:1] not in (b"{", b"["):
        return False
    return _TDL.match(data) is not None or (_TYPE.search(data) is not None and _PEER.search(data) is not None)


def _holds_messages(head: bytes) -> bool:
    return _TYPE.search(head) is not None or _TDL.match(head) is not None


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of many messages. Raises `UnreadableInput` for what holds no messages of the API."""
    del hints
    return split_messages(stream, _holds_messages, _MARK)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the posts of a stretch. Raises `UnknownChannel`, and `UnreadableInput` where none is a message."""
    around, pieces = pieces_of(stretch)
    values: list[Record | Rejection] = []
    for piece in pieces:
        data = stretch.data[piece.byte_from - stretch.byte_from : piece.byte_to - stretch.byte_from]
        values.append(rejected(piece) if piece.flaw else _value(data, piece, around, hints))
    return tuple(values)


def _value(data: bytes, piece: Piece, around: Json, hints: Hints) -> Record | Rejection:
    try:
        found, odd_count = loaded_message(data)
    except ValueError as error:
        return not_json(piece, error)
    message, notices = _told(found, around, hints)
    if type_of(message) not in _TYPES:
        return rejection(piece, Reason.NOT_THIS_FORMAT, "an object that is no message of the API", EXPECTED)
    if type_of(message) == "messageempty":
        remedy = "nothing is to be done: there is no message with this id, or it may not be seen"
        return rejection(piece, Reason.NO_DOCUMENT, "an empty message", "a message with content", remedy)
    if _is_private(message):
        remedy = "leave such chats out of the export: only posts of channels are kept"
        return rejection(piece, Reason.NOT_THIS_FORMAT, "a message of a private chat or a group", "a channel", remedy)
    message_id = whole(message.get("id"))
    if message_id is None or message_id <= 0:
        return rejection(piece, Reason.MISSING_ID, "a message without its id", EXPECTED)
    channel_id = channel_of(_channel_id(message), hints)
    return post_record(_post_text(_Message(message, piece, channel_id, message_id, hints), odd_count, notices), hints)


def is_private(data: bytes) -> bool:
    """Tell whether the bytes of one message, which may be broken, are of a chat that is no channel."""
    try:
        found = members(loaded(data))
    except (ValueError, RecursionError):
        return _PRIVATE_PEER.search(data) is not None
    if not (type_of(found) or is_foreign(found) or "raw" in found):
        return False  # of tdl's bare messages nothing tells it
    message, _ = _told(found, {}, _NO_HINTS)
    return type_of(message) in _TYPES and _is_private(message)


def _told(found: Json, around: Json, hints: Hints) -> tuple[Json, tuple[Notice, ...]]:
    """Return a message with the names of Telethon, and what is to be said about that."""
    if type_of(found):
        return (renamed(found) if is_foreign(found) else found), ()
    if is_foreign(found):
        return renamed(found), ()
    if "raw" in found and isinstance(found["raw"], dict):
        message = typed(renamed(found["raw"]))
        is_told = bool(message["entities"])
        return message, (Notice("untyped_links", str(len(message["entities"]))),) if is_told else ()
    if found.get("type") == "message" and "file" in found:
        return _bare(found, around, hints), ()
    return {}, ()


def _bare(found: Json, around: Json, hints: Hints) -> Json:
    """Return a message of a tdl export that has little but ids.

    Raises `UnknownChannel` where nobody says that the chat is a channel, since it may as well be a private one.
    """
    chat_id = bare_channel_id(whole(around.get("id")))
    is_named = hints.channel_id == chat_id or (hints.channel_id is None and hints.channel is not None)
    if chat_id is None or not is_named:
        raise UnknownChannel(
            f"a tdl export of chat {around.get('id')}, of which nothing shows that it is a channel",
            "a channel that was asked for",
            "name the channel with --channel, or export with --raw",
        )
    peer = {"_": "PeerChannel", "channel_id": chat_id}
    # Without --with-content there are neither dates nor words.
    text = found.get("text", "") if "date" in found else None
    return {"_": "Message", "id": found.get("id"), "peer_id": peer, "date": found.get("date"), "message": text} | _BARE


_NO_HINTS = Hints("")
_BARE: Json = {"is_bare": True}


def _is_private(message: Json) -> bool:
    """Tell whether a message is a person's: its peer is a person or a chat, or it is a person's in a group."""
    peer = _peer(message)
    if any(peer.get(name) is not None for name in ("user_id", "chat_id")) or type_of(peer) in {"peeruser", "peerchat"}:
        return True
    sender = message.get("from_id")
    is_person = members(sender).get("user_id") is not None or whole(sender) is not None
    return is_person and message.get("post") is not True


def _peer(message: Json) -> Json:
    return members(message.get("peer_id")) or members(message.get("to_id"))


def _channel_id(message: Json) -> int | None:
    return bare_channel_id(whole(_peer(message).get("channel_id")) or whole(message.get("channel_id")))


@dataclass(frozen=True, slots=True)
class _Message:
    """A post with its names as Telethon has them, and where it stands."""

    json: Json
    piece: Piece
    channel_id: int
    message_id: int
    hints: Hints

    @property
    def media(self) -> Json:
        return members(self.json.get("media"))

    @property
    def rich(self) -> Json:
        return members(self.json.get("rich_message"))

    @property
    def is_bare(self) -> bool:
        """Whether the form carries nothing but id, date and text."""
        return self.json.get("is_bare") is True

    @property
    def is_service(self) -> bool:
        return type_of(self.json) == "messageservice"

    def when(self, value: object) -> When:
        """Return an instant of this message; dates of Telethon are UTC throughout."""
        return when(value, self.hints, is_utc=True)


def _post_text(message: _Message, odd_count: int, notices: tuple[Notice, ...]) -> PostText:
    text, links, said = _words(message)
    published = message.when(message.json.get("date"))
    media = None if message.is_bare else (*media_of(message.media), *rich_media(message.rich))
    kind, shown = _kind(message, text, media)
    if published.at is None:
        shown = (*shown, Notice("no_date", ""))
    forward = members(message.json.get("fwd_from"))
    poll = poll_of(message.media)
    return PostText(
        message.piece.byte_from,
        message.piece.byte_to,
        text,
        string(forward.get("from_name")),
        furniture=tuple(preview_lines(members(message.media.get("webpage")))),
        notices=(*odd_notices(odd_count), *notices, *said, *shown),
        post=_post(message, kind, forward),
        published_at=published.at,
        published_basis=published.basis,
        links=None if message.is_bare else links,
        media=media,
        poll=poll,
        counts=_counts(message, poll_counts(message.media, poll)),
        carries_paragraphs=True,
    )


def _words(message: _Message) -> tuple[str, tuple[Link, ...], tuple[Notice, ...]]:
    """Return the text of a message and its links, and what is to be said about it."""
    if message.is_service:
        return "", (), ()
    blocks = rich_text(message.rich)
    if blocks.text:
        notices: tuple[Notice, ...] = (Notice("rich_message", ""),)
        if message.rich.get("part") is True:
            notices = (*notices, Notice(NOT_PROVEN_WHOLE, "part of a rich message"))
        return blocks.text, blocks.links, notices
    text = message.json.get("message")
    if not isinstance(text, str):
        return "", (), ()
    return text, links_of(text, _spans(message.json)), ()


def _spans(message: Json) -> Iterator[Span]:
    """Yield the places of links; hashtags, mentions and commands are none."""
    for entity in items(message.get("entities")):
        kind = type_of(entity)
        if kind == "messageentitytexturl" and string(entity.get("url")):
            yield span_of(entity, entity["url"])
        elif kind == "messageentityurl":
            yield span_of(entity)
        elif kind == "messageentityemail":
            yield span_of(entity, scheme="mailto:")


def _kind(message: _Message, text: str, media: tuple[Media, ...] | None) -> tuple[PostKind, tuple[Notice, ...]]:
    if message.is_service:
        return PostKind.SERVICE, ()
    if text.strip() or media:
        return PostKind.MESSAGE, ()
    is_left_out = message.is_bare and message.json.get("message") is None
    if is_left_out or message.rich or is_unsupported(message.media):
        return PostKind.UNSUPPORTED, (Notice(WORDS_NOT_SHOWN, "not exported" if is_left_out else "unsupported"),)
    return PostKind.MESSAGE, () if message.media else (Notice("no_content", ""),)


def _post(message: _Message, kind: PostKind, forward: Json) -> Post:
    json = message.json
    edited_at = message.when(json.get("edit_date")).at
    reply_to = count_of(members(json.get("reply_to")).get("reply_to_msg_id")) or count_of(json.get("reply_to_msg_id"))
    service = _service(json, reply_to) if message.is_service else None
    album = whole(json.get("grouped_id"))
    return Post(
        channel_id=message.channel_id,
        message_id=message.message_id,
        kind=kind,
        author=string(json.get("post_author")),
        is_edited=None if message.is_bare else edited_at is not None and json.get("edit_hide") is not True,
        edited_at=edited_at,
        reply_to=None if service else reply_to or None,
        album=str(album) if album else None,
        origin=_origin(message, forward) if forward else None,
        service=service,
        buttons=tuple(_buttons(members(json.get("reply_markup")))),
    )


def _origin(message: _Message, forward: Json) -> Origin:
    """Return where a forwarded post came from; older layers have the channel's id itself, and persons' as numbers."""
    newer, older = whole(members(forward.get("from_id")).get("channel_id")), whole(forward.get("channel_id"))
    channel_id = bare_channel_id(newer or older)
    return Origin(
        channel_id=channel_id,
        message_id=None if channel_id is None else count_of(forward.get("channel_post")) or None,
        published_at=message.when(forward.get("date")).at,
    )


def _service(message: Json, reply_to: int | None) -> Service:
    action = members(message.get("action"))
    printed = str(action.get("_") or "")
    name = _ACTIONS.get(type_of(action).removeprefix("messageaction"))
    if name == "pin_message":
        return Service(name, None if reply_to is None else str(reply_to), printed)
    return Service(name, string(action.get("title")), printed)


def _buttons(markup: Json) -> Iterator[Link]:
    for row in items(markup.get("rows")):
        for button in items(row.get("buttons")):
            text, address = string(button.get("text")), string(button.get("url"))
            if text and address:
                yield Link(text, address)


def _counts(message: _Message, poll: Counts) -> Counts:
    json = message.json
    return Counts(
        views=count_of(json.get("views")),
        forwards=count_of(json.get("forwards")),
        replies=count_of(members(json.get("replies")).get("replies")),
        reactions=_reactions(members(json.get("reactions"))),
        poll_votes=poll.poll_votes,
        poll_voters=poll.poll_voters,
    )


def _reactions(reactions: Json) -> tuple[tuple[str, int], ...] | None:
    """Return how often each reaction was given; who gave it is not looked at."""
    if not isinstance(reactions.get("results"), list):
        return None
    counted = [
        (_reaction(result.get("reaction")), count_of(result.get("count"))) for result in items(reactions["results"])
    ]
    return tuple((name, count) for name, count in counted if name and count is not None)


def _reaction(reaction: object) -> str | None:
    """Return an emoji, which is a string in older layers, or what stands for one of the publisher's own."""
    kind = members(reaction)
    if type_of(kind) == "reactionpaid":
        return "paid"
    custom = kind.get("document_id")
    return f"custom_emoji:{custom}" if custom else string(reaction) or string(kind.get("emoticon"))


FORMAT = Format(
    name="telethon",
    extractor_version=1,
    form="Messages of Telegram's API as JSON: Telethon, tdl, tg_history_dumper, GramJS",
    lost_in_form=("the names of channels", "whether the dump is complete"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
