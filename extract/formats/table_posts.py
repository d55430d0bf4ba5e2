"""Rows of a table or a database as posts.

Knows which value is what by a `Plan`, and nothing of how the rows are written. No links are read: the form keeps bare
addresses and has lost those of the words that were links, and half of the links would look like an edit.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import orjson

from extract.formats.table_columns import DECLARED, Field, first_seen_column
from extract.formats.table_rows import Row, excerpt_of
from extract.formats.table_values import (
    When,
    at_path,
    count,
    flag,
    is_missing,
    is_there,
    message_id,
    named_channel,
    named_post,
    printed,
    when,
)
from extract.model import (
    NOT_PROVEN_WHOLE,
    Counts,
    Hints,
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
)
from extract.notices import SHARED
from extract.posts import PostText, post_record
from extract.telegram import channel_of, without_odd_characters

NOTICES: Mapping[str, str] = MappingProxyType(
    {
        "first_seen_claim": SHARED["first_seen_claim"],
        "marked_deleted": "The tool that wrote the table marks the post as deleted.",
        "local_time": "The time of the post stands there without a zone, so that it is no instant.",
        "unclear_date": SHARED["unclear_date"],
        "no_date": SHARED["no_date"],
        "unread_count": "A count that is no number was left out.",
        "odd_characters": SHARED["odd_characters"],
        NOT_PROVEN_WHOLE: SHARED["no_repeat"],
    }
)

_MEDIA = {
    "messagemediaphoto": MediaKind.PHOTO,
    "messagemediapoll": MediaKind.POLL,
    "messagemediacontact": MediaKind.CONTACT,
    "messagemediageo": MediaKind.LOCATION,
    "messagemediageolive": MediaKind.LOCATION,
    "messagemediavenue": MediaKind.LOCATION,
    "geo": MediaKind.LOCATION,
    "geo_live": MediaKind.LOCATION,
    "geolive": MediaKind.LOCATION,
    "venue": MediaKind.LOCATION,
    "photo": MediaKind.PHOTO,
    "poll": MediaKind.POLL,
    "contact": MediaKind.CONTACT,
    "document.sticker": MediaKind.STICKER,
    "document.voice": MediaKind.VOICE,
    "document.audio": MediaKind.AUDIO,
}
# The preview of a link is no media.
_NO_MEDIA = frozenset({"messagemediawebpage", "messagemediaempty", "webpage", "url", "empty"})
_ACTIONS = {
    "channel.create": "create_channel",
    "channel.migratefrom": "migrate_from_group",
    "chat.edittitle": "edit_group_title",
    "chat.editphoto": "edit_group_photo",
    "chat.deletephoto": "delete_group_photo",
    "chat.migrateto": "migrate_to_supergroup",
    "pin.message": "pin_message",
    "messageactionchannelcreate": "create_channel",
    "messageactionchatedittitle": "edit_group_title",
    "messageactionchateditphoto": "edit_group_photo",
    "messageactionchatdeletephoto": "delete_group_photo",
    "messageactionpinmessage": "pin_message",
    "messageactionsetmessagesttl": "set_messages_ttl",
}
_NO_SERVICE = "message"
_REACTION = re.compile(r"(\S+) (\d{1,18})(?:\s|\Z)")
_CHANNEL_REMEDY = "name the channel with --channel, or take the rows of each channel into a table of its own"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column is what, and what the table keeps of a text."""

    columns: Mapping[Field, str]
    layout: str = DECLARED
    carries_paragraphs: bool = False
    carries_punctuation: bool = False
    is_utc: bool = False
    username: str | None = None  # of the channel in the first row, where rows name it and have no id of it
    first_seen: str | None = None  # a column that nobody declared, by its plain name

    def packed(self) -> bytes:
        """Return the plan as it goes along with a stretch."""
        return orjson.dumps(asdict(self), option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def unpacked(cls, data: bytes) -> "Plan":
        """Return a plan that went along with a stretch."""
        fields = orjson.loads(data)
        return cls(**(fields | {"columns": {Field(name): column for name, column in fields["columns"].items()}}))


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row by what its columns are; a column that the row lacks is not in it."""

    found: Mapping[Field, Any]
    plan: Plan

    def __getitem__(self, field: Field) -> Any:
        return self.found.get(field)

    def has(self, field: Field) -> bool:
        return field in self.found


def _cells(values: Mapping[str, Any], plan: Plan) -> _Cells:
    """Return the cells of a row; of a column that may have several names the first with something in it."""
    found: dict[Field, Any] = {}
    for field, column in plan.columns.items():
        for name in (column,) if plan.layout == DECLARED else column.split("|"):
            if found.get(field) in (None, "") and is_there(values, name):
                found[field] = at_path(values, name)
    return _Cells(found, plan)


def with_first_row(plan: Plan, names: tuple[str, ...], first: Mapping[str, Any] | None) -> Plan:
    """Return a plan with what the first row tells of the channel, and with a column of first sights."""
    named = None if first is None else _named_channel(_cells(first, plan))[1]
    seen = None if Field.FIRST_SEEN in plan.columns else first_seen_column(names)
    return replace(plan, username=named, first_seen=seen)


def post_of(row: Row, plan: Plan, hints: Hints) -> Record | Rejection:
    """Return a row as a post. Raises `UnknownChannel` where neither the table nor a person tells the channel's id."""
    cells = _cells(row.values, plan)
    number = _message_id(cells)
    if number is None:
        return _rejected(row, Reason.MISSING_ID, f"no message id in {printed(cells[Field.ID])!r}")
    if not (cells.has(Field.TEXT) or _service(cells)) or isinstance(cells[Field.TEXT], dict | list):
        return _rejected(row, Reason.MISSING_TEXT, f"message {number} without a text")
    channel_id, username = _named_channel(cells)
    stranger = _stranger(channel_id, username, plan, hints)
    if stranger is not None:
        return _rejected(row, Reason.UNKNOWN_CHANNEL, f"message {number} of {stranger}")
    known = replace(hints, channel=hints.channel or username)
    return _record(row, cells, Post(channel_of(channel_id, known), number, username=username), hints)


def _rejected(row: Row, reason: Reason, found: str) -> Rejection:
    expected = {
        Reason.MISSING_ID: "a message id, or an address that ends with it",
        Reason.MISSING_TEXT: "a text, if an empty one",
        Reason.UNKNOWN_CHANNEL: "posts of the one channel whose number is known",
    }[reason]
    remedy = _CHANNEL_REMEDY if reason is Reason.UNKNOWN_CHANNEL else "look at the row in the input"
    shown = ", ".join(f"{name}={value}" for name, value in row.values.items() if not is_missing(value))
    return Rejection(row.byte_from, row.byte_to, reason, found, expected, remedy, excerpt_of(shown))


def _message_id(cells: _Cells) -> int | None:
    for field in (Field.ID, Field.URL):
        number = message_id(cells[field]) if field is Field.ID else None
        named = named_post(cells[field])
        if number is not None or named is not None:
            return number if named is None else named[1]
    return None


def _named_channel(cells: _Cells) -> tuple[int | None, str | None]:
    """Return the channel's id and username, as far as the row has them."""
    posts = (named_post(cells[field]) for field in (Field.ID, Field.URL))
    named = [named_channel(cells[Field.CHANNEL_ID]), named_channel(cells[Field.CHANNEL])]
    named += [post[0] for post in posts if post is not None]
    numbers = (one for one in named if isinstance(one, int))
    usernames = (one for one in named if isinstance(one, str))
    return next(numbers, None), next(usernames, None)


def _stranger(channel_id: int | None, username: str | None, plan: Plan, hints: Hints) -> str | None:
    """Return of which channel a row is, if not of the one whose id a person gives; None where all is well."""
    if channel_id is not None:
        return None
    expected = hints.channel or plan.username
    if username is not None and expected is not None and username != expected.lower():
        return f"@{username} in a table of @{expected}"
    return "a channel not named" if Field.CHANNEL_ID in plan.columns and hints.channel_id is None else None


def _record(row: Row, cells: _Cells, post: Post, hints: Hints) -> Record:
    plan = cells.plan
    service = _service(cells)
    text, odd_count = _text(cells, is_service=service is not None)
    published = when(cells[Field.DATE], hints, is_utc=plan.is_utc) or When()
    media, poll, poll_counts = _media(cells)
    is_edited, edited_at = _edited(cells, hints)
    counts, unread = _counts(cells, poll_counts)
    origin = _origin(cells, hints)
    return post_record(
        PostText(
            row.byte_from,
            row.byte_to,
            text,
            forwarded_from=printed(cells[Field.FORWARDED_FROM]) if origin is not None else None,
            furniture=_preview(cells[Field.PREVIEW]),
            notices=(*_notices(row, cells, published, odd_count), *unread),
            post=replace(
                post,
                kind=PostKind.MESSAGE if service is None else PostKind.SERVICE,
                channel_title=printed(cells[Field.CHANNEL_TITLE]),
                author=printed(cells[Field.AUTHOR]),
                is_edited=is_edited,
                edited_at=None if edited_at is None else edited_at.at,
                reply_to=message_id(cells[Field.REPLY_TO]),
                album=printed(cells[Field.ALBUM]),
                origin=origin,
                service=service,
            ),
            published_at=published.at,
            published_basis=published.basis,
            published_text=published.printed,
            published_within=published.within,
            media=media,
            poll=poll,
            counts=counts,
            carries_paragraphs=plan.carries_paragraphs,
            carries_punctuation=plan.carries_punctuation,
        ),
        hints,
    )


def _text(cells: _Cells, *, is_service: bool) -> tuple[str, int]:
    value = cells[Field.TEXT]
    if is_service or value is None:
        return "", 0
    return without_odd_characters(str(value).replace("\r\n", "\n").replace("\r", "\n").strip())


def _notices(row: Row, cells: _Cells, published: When, odd_count: int) -> Iterator[Notice]:
    plan = cells.plan
    if published.within is not None:
        yield Notice("local_time", published.printed or "")
    elif published.printed is not None:
        yield Notice("unclear_date", published.printed)
    elif published.at is None and Field.DATE in plan.columns:
        yield Notice("no_date", "")
    seen = printed(cells[Field.FIRST_SEEN] if plan.first_seen is None else row.values.get(plan.first_seen))
    if seen is not None:
        yield Notice("first_seen_claim", seen)
    deleted = cells[Field.DELETED]
    if flag(deleted) is not False:
        yield Notice("marked_deleted", printed(deleted) or "")
    if odd_count:
        yield Notice("odd_characters", str(odd_count))
    if not row.is_ended:
        yield Notice(NOT_PROVEN_WHOLE, "the input ends without a line break")


def _edited(cells: _Cells, hints: Hints) -> tuple[bool | None, When | None]:
    """Whether and when: an empty cell of a known tool says that the post was not edited."""
    value = cells[Field.EDITED]
    if not cells.has(Field.EDITED):
        return None, None
    if is_missing(value):
        return (None if cells.plan.layout == DECLARED else False), None
    said = flag(value)
    return (True, when(value, hints, is_utc=cells.plan.is_utc)) if said is None else (said, None)


def _origin(cells: _Cells, hints: Hints) -> Origin | None:
    named = named_post(cells[Field.FORWARDED_MESSAGE_ID])
    number = message_id(cells[Field.FORWARDED_MESSAGE_ID]) if named is None else named[1]
    peer = printed(cells[Field.FORWARDED_FROM_PEER])
    places = [None if named is None else named[0], named_channel(cells[Field.FORWARDED_FROM_USERNAME])]
    if peer is None or "channel" in peer.lower():
        places.append(named_channel(cells[Field.FORWARDED_FROM_ID]))
    channel_id = next((one for one in places if isinstance(one, int)), None)
    username = next((one for one in places if isinstance(one, str)), None)
    at = when(cells[Field.FORWARDED_DATE], hints, is_utc=cells.plan.is_utc)
    name = printed(cells[Field.FORWARDED_FROM])
    if name is not None and flag(name) is False:
        name = None
    if name is None and channel_id is None and username is None and number is None and at is None and peer is None:
        return None
    return Origin(channel_id, username, number, None if at is None else at.at)


def _service(cells: _Cells) -> Service | None:
    value = cells[Field.SERVICE]
    said = flag(value)
    word = "" if said is not None else printed(value) or ""
    if said is False or word.lower() == _NO_SERVICE:
        return None
    # A plain yes leaves only the words of the row to tell what it was.
    shown = word or (printed(cells[Field.TEXT]) or "")
    return Service(_ACTIONS.get(word.lower()), printed(cells[Field.SERVICE_DETAIL]), shown)


def _media(cells: _Cells) -> tuple[tuple[Media, ...] | None, Poll | None, Mapping[str, Any]]:
    """Return media where their kinds are certain: what a tool calls a document may be a film or a voice as well."""
    if not cells.has(Field.MEDIA):
        return None, None, {}
    word = (printed(cells[Field.MEDIA]) or "").lower()
    if not word or word in _NO_MEDIA:
        return (), None, {}
    kind = _MEDIA.get(word)
    if kind is None and cells.plan.layout == DECLARED and word in set(MediaKind):
        kind = MediaKind(word)
    if kind is None:
        return None, None, {}
    poll, counts = _poll(cells[Field.POLL]) if kind is MediaKind.POLL else (None, {})
    return (Media(kind),), poll, counts


def _poll(value: object) -> tuple[Poll | None, Mapping[str, Any]]:
    """Return a poll written as {"question", "answers": [{"answer", "votes"}], "voters"}; votes of -1 are not known."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None, {}
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        return None, {}
    answers = value.get("answers")
    if not isinstance(answers, list) or not all(
        isinstance(one, dict) and isinstance(one.get("answer"), str) for one in answers
    ):
        return None, {}
    votes = [count(one.get("votes"))[0] for one in answers]
    known = tuple(one for one in votes if one is not None)
    counts: dict[str, Any] = {"poll_votes": known} if known and len(known) == len(votes) else {}
    voters = count(value.get("voters"))[0]
    question, *options = (
        without_odd_characters(text)[0] for text in (value["question"], *(one["answer"] for one in answers))
    )
    poll = Poll(question, tuple(options))
    return poll, counts if voters is None else counts | {"poll_voters": voters}


def _counts(cells: _Cells, poll_counts: Mapping[str, Any]) -> tuple[Counts | None, list[Notice]]:
    fields = {"views": Field.VIEWS, "forwards": Field.FORWARDS, "replies": Field.REPLIES}
    found = {name: count(cells[field]) for name, field in fields.items()}
    unread = [
        Notice("unread_count", f"{name}: {(printed(cells[field]) or 'an object')[:60]}")
        for name, field in fields.items()
        if found[name][0] is None and not is_missing(cells[field])
    ]
    reactions = tuple((sign, int(number)) for sign, number in _REACTION.findall(printed(cells[Field.REACTIONS]) or ""))
    counts = Counts(
        found["views"][0],
        found["views"][1],
        found["forwards"][0],
        found["replies"][0],
        reactions or None,
        poll_counts.get("poll_votes"),
        poll_counts.get("poll_voters"),
    )
    return (None if counts == Counts() else counts), unread


def _preview(value: object) -> tuple[str, ...]:
    """Return the site and the title of a link's preview, which stand around the text."""
    parts = [value.get("siteName"), value.get("title")] if isinstance(value, dict) else [value]
    return tuple(filter(None, map(printed, parts)))
