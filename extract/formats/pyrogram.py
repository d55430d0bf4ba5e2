"""Messages as Pyrogram and its forks print them: `str(message)`, in lines, in an array, or one after another.

    message := {"_": "Message", "id", "chat": {"id": -100…, "type", "title", "username"}, "date", "text", …}

Pyrogram 1 has `message_id` for `id` and plain words ("channel") for names ("ChatType.CHANNEL"). Places in texts count
UTF-16 code units. Dates are local times of the machine that ran it and don't say of which zone, so they are instants
only where a person gave the zone. Only posts of channels are read.

What it does not know: whether an edit shows a mark (most versions leave that out), and what it has no name for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from extract.formats.api_json import Json, Piece, loaded, pieces_of, split_messages
from extract.formats.api_media import text_of
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
    seconds_of,
    span_of,
    string,
    when,
    whole,
)
from extract.model import (
    WORDS_NOT_SHOWN,
    Counts,
    Format,
    Hints,
    Link,
    Media,
    MediaKind,
    Notice,
    Origin,
    Poll,
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
from extract.telegram import bare_channel_id, channel_of, username_of

NOTICES = MappingProxyType(
    {
        "odd_characters": SHARED["odd_characters"],
        WORDS_NOT_SHOWN: SHARED["words_not_shown"],
        "no_date": SHARED["no_date"],
        "unknown_zone": "The date is a local time whose zone nobody has named, so the instant is not known.",
    }
)

EXPECTED = "a message as Pyrogram prints it"
_TYPE = re.compile(rb'"_"\s*+:\s*+"(?:pyrogram\.types\.)?Message"')
_CHAT = re.compile(rb'"chat"\s*+:\s*+\{')
_PEER = re.compile(rb'"(?:peer_id|to_id)"\s*+:')
# Of a message that can't be taken apart. Within a text its quotation marks would be escaped.
_CHAT_TYPE = re.compile(rb'"chat"\s*+:\s*+\{[^{}]*?"type"\s*+:\s*+"(?:chattype\.)?+([a-z_]++)"', re.IGNORECASE)
_SUPERGROUP = -1_000_000_000_000  # ids of channels are below
_LEAVE_OUT = "leave such chats out of the export: only posts of channels are kept"

_MEDIA = {
    "photo": MediaKind.PHOTO,
    "animation": MediaKind.ANIMATION,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.ROUND_VIDEO,
    "voice": MediaKind.VOICE,
    "audio": MediaKind.AUDIO,
    "sticker": MediaKind.STICKER,
    "document": MediaKind.DOCUMENT,
    "venue": MediaKind.LOCATION,
    "location": MediaKind.LOCATION,
    "contact": MediaKind.CONTACT,
    "poll": MediaKind.POLL,
    "game": MediaKind.OTHER,
    "dice": MediaKind.OTHER,
    "invoice": MediaKind.OTHER,
    "story": MediaKind.OTHER,
    "giveaway": MediaKind.OTHER,
    "giveaway_winners": MediaKind.OTHER,
    "paid_media": MediaKind.OTHER,
    "checklist": MediaKind.OTHER,
}
# The words of Telegram Desktop's export for the names of services, which are also those of the fields they fill.
_ACTIONS = {
    "channel_chat_created": "create_channel",
    "new_chat_title": "edit_group_title",
    "new_chat_photo": "edit_group_photo",
    "delete_chat_photo": "delete_group_photo",
    "pinned_message": "pin_message",
    "migrate_from_chat_id": "migrate_from_group",
    "migrate_to_chat_id": "migrate_to_supergroup",
    "chat_ttl_period": "set_messages_ttl",
    "chat_ttl_changed": "set_messages_ttl",
    "video_chat_started": "group_call",
    "video_chat_ended": "group_call",
    "voice_chat_started": "group_call",
    "voice_chat_ended": "group_call",
    "video_chat_scheduled": "group_call_scheduled",
    "voice_chat_scheduled": "group_call_scheduled",
    "chat_boost": "boost_apply",
    "giveaway_created": "giveaway_launch",
    "giveaway_completed": "giveaway_results",
    "forum_topic_created": "topic_created",
    "forum_topic_edited": "topic_edit",
    "chat_theme_changed": "edit_chat_theme",
    "chat_wallpaper_changed": "set_chat_wallpaper",
}


def claims(head: bytes) -> bool:
    """Tell whether the head of an input shows a message of Pyrogram, with the chat that it is of."""
    data = head.removeprefix(b"\xef\xbb\xbf")
    data = data.lstrip() if data[:1].isspace() else data
    if data[:1] not in (b"{", b"["):
        return False
    return _holds_messages(data) and _CHAT.search(data) is not None and _PEER.search(data) is None


def _holds_messages(head: bytes) -> bool:
    return _TYPE.search(head) is not None


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of many messages. Raises `UnreadableInput` for what holds no messages of Pyrogram."""
    del hints
    return split_messages(stream, _holds_messages)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the posts of a stretch. Raises `UnknownChannel`."""
    _, pieces = pieces_of(stretch)
    values: list[Record | Rejection] = []
    for piece in pieces:
        data = stretch.data[piece.byte_from - stretch.byte_from : piece.byte_to - stretch.byte_from]
        values.append(rejected(piece) if piece.flaw else _value(data, piece, hints))
    return tuple(values)


def _value(data: bytes, piece: Piece, hints: Hints) -> Record | Rejection:
    try:
        found, odd_count = loaded_message(data)
    except ValueError as error:
        return not_json(piece, error)
    if _word(found.get("_")) != "message":
        return rejection(piece, Reason.NOT_THIS_FORMAT, "an object that is no message", EXPECTED)
    if found.get("empty") is True:
        remedy = "nothing is to be done: there is no message with this id, or it may not be seen"
        return rejection(piece, Reason.NO_DOCUMENT, "an empty message", "a message with content", remedy)
    chat = members(found.get("chat"))
    if not _is_channel(chat):
        return rejection(
            piece, Reason.NOT_THIS_FORMAT, "a message of a private chat or a group", "a channel", _LEAVE_OUT
        )
    message_id = whole(found.get("id")) or whole(found.get("message_id"))
    if message_id is None or message_id <= 0:
        return rejection(piece, Reason.MISSING_ID, "a message without its id", EXPECTED)
    message = _Message(found, piece, channel_of(bare_channel_id(whole(chat.get("id"))), hints), message_id, hints)
    post = _post_text(message, odd_count)
    return post_record(post, hints)


def is_private(data: bytes) -> bool:
    """Tell whether the bytes of one message, which may be broken, are of a chat that is no channel."""
    try:
        found = members(loaded(data))
    except (ValueError, RecursionError):
        kind = _CHAT_TYPE.search(data)
        return kind is not None and kind[1].lower() != b"channel"
    chat = members(found.get("chat"))
    return _word(found.get("_")) == "message" and bool(chat) and not _is_channel(chat)


def _is_channel(chat: Json) -> bool:
    """Tell whether a chat is a channel: by its type, or where there is none by an id that only channels have."""
    kind = _word(chat.get("type"))
    if kind:
        return kind == "channel"
    chat_id = whole(chat.get("id"))
    return chat_id is not None and chat_id < _SUPERGROUP


def _word(value: object) -> str:
    """Return the name of a member of an enumeration as Pyrogram 1 has it: "ChatType.CHANNEL" is "channel"."""
    return value.rpartition(".")[2].lower() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class _Message:
    """A post as Pyrogram has it, and where it stands."""

    json: Json
    piece: Piece
    channel_id: int
    message_id: int
    hints: Hints

    @property
    def service(self) -> str | None:
        """The name of the service, "" where it has none; None for what is no service."""
        value = self.json.get("service")
        if isinstance(value, str):
            return _word(value)
        if value is not True:
            return None
        return next((name for name in _ACTIONS if self.json.get(name)), "")

    def when(self, value: object) -> When:
        """Return an instant of this message; without an offset it is local."""
        return when(value, self.hints, is_utc=False)


def _post_text(message: _Message, odd_count: int) -> PostText:
    json = message.json
    text, links = ("", ()) if message.service is not None else _words(json)
    published = message.when(json.get("date"))
    media = tuple(_media(json)) if message.service is None else ()
    poll = _poll(members(json.get("poll"))) if message.service is None and members(json.get("poll")) else None
    kind = _kind(message, text, media)
    preview = members(json.get("web_page")) or members(members(json.get("web_page_preview")).get("webpage"))
    return PostText(
        message.piece.byte_from,
        message.piece.byte_to,
        text,
        _forwarded_from(json),
        furniture=tuple(dict.fromkeys(filter(None, (string(preview.get("site_name")), string(preview.get("title")))))),
        notices=(*odd_notices(odd_count), *_notices(kind, published)),
        post=_post(message, kind),
        published_at=published.at,
        published_basis=published.basis,
        published_text=published.text,
        published_within=published.within,
        links=links,
        media=media,
        poll=poll,
        counts=_counts(json),
        carries_paragraphs=True,
    )


def _words(message: Json) -> tuple[str, tuple[Link, ...]]:
    """Return the text of a message or the caption of what is attached, with its links."""
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        text = message.get(name)
        if isinstance(text, str) and text:
            return text, links_of(text, _spans(items(message.get(entities))))
    return "", ()


def _spans(entities: list[Json]) -> Iterator[Span]:
    for entity in entities:
        kind = _word(entity.get("type"))
        if kind == "text_link" and string(entity.get("url")):
            yield span_of(entity, entity["url"])
        elif kind == "url":
            yield span_of(entity)
        elif kind == "email":
            yield span_of(entity, scheme="mailto:")


def _kind(message: _Message, text: str, media: tuple[Media, ...]) -> PostKind:
    if message.service is not None:
        return PostKind.SERVICE
    return PostKind.MESSAGE if text or media else PostKind.UNSUPPORTED


def _notices(kind: PostKind, published: When) -> Iterator[Notice]:
    if kind is PostKind.UNSUPPORTED:
        yield Notice(WORDS_NOT_SHOWN, "neither text nor media")
    if published.text is not None:
        yield Notice("unknown_zone", published.text)
    elif published.at is None:
        yield Notice("no_date", "")


def _media(message: Json) -> Iterator[Media]:
    """Yield what is attached; a venue has its place within it."""
    for name, kind in _MEDIA.items():
        found = message.get(name)
        if isinstance(found, dict):
            yield _one_media(kind, found)
            return
    if _word(message.get("media")) not in {"", "web_page", "web_page_preview", "unsupported"}:
        yield Media(MediaKind.OTHER)


def _one_media(kind: MediaKind, found: Json) -> Media:
    return Media(
        kind,
        name=string(found.get("file_name")),
        mime_type=string(found.get("mime_type")),
        size_bytes=count_of(found.get("file_size")),
        width=count_of(found.get("width")) or None,
        height=count_of(found.get("height")) or None,
        duration_s=seconds_of(found.get("duration")),
        caption=_media_caption(kind, found),
    )


def _media_caption(kind: MediaKind, found: Json) -> str | None:
    """Return what an attachment calls itself; a telephone number is not kept."""
    if kind is MediaKind.AUDIO:
        return " – ".join(filter(None, (string(found.get("performer")), string(found.get("title"))))) or None
    if kind is MediaKind.CONTACT:
        return _person(found)
    if kind is MediaKind.STICKER:
        return string(found.get("emoji"))
    if kind is MediaKind.LOCATION:
        named = ", ".join(filter(None, (string(found.get("title")), string(found.get("address")))))
        degrees = (found.get("latitude"), found.get("longitude"))
        is_point = all(isinstance(degree, int | float) for degree in degrees)
        return named or (", ".join(map(str, degrees)) if is_point else None)
    return string(found.get("title")) if kind is MediaKind.OTHER else None


def _person(user: Json) -> str | None:
    return " ".join(filter(None, (string(user.get("first_name")), string(user.get("last_name"))))) or None


def _poll(poll: Json) -> Poll:
    options = tuple(text_of(option.get("text")) or "" for option in items(poll.get("options")))
    return Poll(text_of(poll.get("question")) or "", options)


def _forward(message: Json) -> tuple[Json, Json]:
    """Return what is told of a forward (newer versions have it in an object of its own), and the chat it came from."""
    told = members(message.get("forward_origin"))
    if told:
        return told, members(told.get("chat")) or members(told.get("sender_chat"))
    return message, members(message.get("forward_from_chat"))


def _forwarded_from(message: Json) -> str | None:
    """Return the name of the channel or person that a forwarded post came from, as it was shown."""
    told, chat = _forward(message)
    person = members(told.get("sender_user")) or members(message.get("forward_from"))
    hidden = string(told.get("sender_user_name")) or string(message.get("forward_sender_name"))
    return string(chat.get("title")) or hidden or _person(person)


def _origin(message: _Message) -> Origin | None:
    told, chat = _forward(message.json)
    is_new = told is not message.json
    date = told.get("date") if is_new else told.get("forward_date")
    if date is None and not chat and _forwarded_from(message.json) is None:
        return None
    message_id = count_of(told.get("message_id") if is_new else told.get("forward_from_message_id"))
    is_channel = _is_channel(chat) and bool(chat)
    return Origin(
        channel_id=bare_channel_id(whole(chat.get("id"))) if is_channel else None,
        username=username_of(string(chat.get("username"))) if is_channel else None,
        message_id=message_id or None if is_channel else None,
        published_at=message.when(date).at,
    )


def _post(message: _Message, kind: PostKind) -> Post:
    json = message.json
    chat = members(json.get("chat"))
    album = string(json.get("media_group_id")) or whole(json.get("media_group_id"))
    return Post(
        channel_id=message.channel_id,
        message_id=message.message_id,
        kind=kind,
        username=username_of(string(chat.get("username"))),
        channel_title=string(chat.get("title")),
        author=string(json.get("author_signature")),
        is_edited=_is_edited(json),
        edited_at=message.when(json.get("edit_date")).at,
        reply_to=None if message.service is not None else _reply_to(json),
        album=str(album) if album else None,
        origin=_origin(message),
        service=None if message.service is None else _service(message, message.service),
        buttons=tuple(_buttons(members(json.get("reply_markup")))),
    )


def _is_edited(message: Json) -> bool | None:
    """Tell whether the post shows that it was edited; a date alone may be that of a reaction or of a button."""
    if message.get("edit_date") is None:
        return False
    is_hidden = message.get("edit_hidden", message.get("edit_hide"))
    return not is_hidden if isinstance(is_hidden, bool) else None


def _reply_to(message: Json) -> int | None:
    replied = members(message.get("reply_to_message"))
    found = (message.get("reply_to_message_id"), replied.get("id"), replied.get("message_id"))
    return next((number for number in map(count_of, found) if number), None)


def _service(message: _Message, name: str) -> Service:
    value = message.json.get(name)
    detail = string(value)
    if isinstance(value, dict) and name == "pinned_message":
        pinned = count_of(value.get("id")) or count_of(value.get("message_id"))
        detail = None if pinned is None else str(pinned)
    printed = message.json.get("service")
    return Service(_ACTIONS.get(name), detail, printed if isinstance(printed, str) else name)


def _buttons(markup: Json) -> Iterator[Link]:
    rows = markup.get("inline_keyboard")
    for row in rows if isinstance(rows, list) else []:
        for button in items(row):
            text, address = string(button.get("text")), string(button.get("url"))
            if text and address:
                yield Link(text, address)


def _counts(message: Json) -> Counts:
    poll = members(message.get("poll"))
    options = items(poll.get("options"))
    votes = tuple(count for count in (count_of(option.get("voter_count")) for option in options) if count is not None)
    return Counts(
        views=count_of(message.get("views")),
        forwards=count_of(message.get("forwards")),
        reactions=_reactions(message.get("reactions")),
        poll_votes=votes if votes and len(votes) == len(options) else None,
        poll_voters=count_of(poll.get("total_voter_count")),
    )


def _reactions(value: object) -> tuple[tuple[str, int], ...] | None:
    """Return how often each reaction was given; who gave it is not looked at."""
    listed = members(value).get("reactions", value)
    if not isinstance(listed, list):
        return None
    counted = [(_reaction(reaction), count_of(reaction.get("count"))) for reaction in items(listed)]
    return tuple((name, count) for name, count in counted if name and count is not None)


def _reaction(reaction: Json) -> str | None:
    kind = members(reaction.get("type")) or reaction
    if reaction.get("is_paid") is True or _word(kind.get("_")) == "reactiontypepaid":
        return "paid"
    custom = kind.get("custom_emoji_id")
    return f"custom_emoji:{custom}" if custom else string(kind.get("emoji"))


FORMAT = Format(
    name="pyrogram",
    extractor_version=1,
    form="Messages as Pyrogram and its forks print them (JSON)",
    lost_in_form=("the zone of its dates", "whether an edit shows a mark", "whether the dump is complete"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
