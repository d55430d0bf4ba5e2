"""What one message of Telegram Desktop's JSON says, once its bytes are a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from extract.dates import instants
from extract.formats.desktop_json_media import (
    Fields,
    buttons_of,
    climbs_out,
    counts_of,
    media_of,
    poll_of,
    words,
)
from extract.formats.desktop_json_text import Words, linked_text, rich_words
from extract.model import (
    NOT_PROVEN_WHOLE,
    SERVICE_ACTIONS,
    WORDS_NOT_SHOWN,
    Hints,
    Media,
    Notice,
    Origin,
    Post,
    PostKind,
    PublishedBasis,
    Service,
)
from extract.posts import PostText
from extract.telegram import bare_channel_id
from extract.values import value

_OLD_CHANNEL = 8_589_934_592  # up to 2.7.1 a channel's number stands above it, a person's below
_LARGEST = 1 << 63
_UNIX = re.compile(r"[0-9]{1,11}")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NEVER = ("1970-01-01T", "1969-12-31T")  # the epoch in any zone: up to 2.1.8 each message has `edited`
_KINDS = {kind.value: kind for kind in PostKind}
_DAY = timedelta(days=1)
# All that Desktop has written since 2018, whether the archive keeps it or not.
_KEYS = frozenset(
    {
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime"),
        *("from", "from_id", "author", "via_bot", "forwarded_from", "forwarded_from_id", "saved_from"),
        *("reply_to_message_id", "reply_to_peer_id", "text", "text_entities", "rich_message"),
        *("photo", "photo_file_size", "width", "height", "media_spoiler"),
        *("file", "file_name", "file_size", "thumbnail", "thumbnail_file_size", "media_type", "sticker_emoji"),
        *("mime_type", "duration_seconds", "performer", "title", "self_destruct_period_seconds"),
        *("contact_information", "contact_vcard", "contact_vcard_file_size"),
        *("location_information", "live_location_period_seconds", "place_name", "address"),
        *("game_title", "game_description", "game_link", "invoice_information", "poll", "todo_list"),
        *("giveaway_information", "giveaway_results", "paid_stars_amount", "reactions", "inline_bot_buttons"),
    }
)


@dataclass(frozen=True, slots=True)
class Chat:
    """What all messages of an export have alike."""

    channel_id: int
    title: str | None


@value(frozen=True, slots=True)
class _When:
    """An instant as a message tells it."""

    at: datetime | None = None  # aware, UTC
    basis: PublishedBasis | None = None
    text: str | None = None  # the local time as printed, where the instant is not known
    within: tuple[date, date] | None = None
    notice: Notice | None = None


def id_of(fields: Fields) -> int | None:
    """Return a message's id, None where it has none."""
    value = fields.get("id")
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_LARGEST <= value < _LARGEST else None


def kind_of_message(fields: Fields) -> PostKind | None:
    """Return what sort of message it is, None for a sort that no version of Desktop writes."""
    return _KINDS.get(str(fields.get("type")))


def post_text(message_id: int, fields: Fields, chat: Chat, place: tuple[int, int], hints: Hints) -> PostText:
    """Return a message as a post; its kind must be known."""
    kind = _KINDS[str(fields.get("type"))]
    when = _instant(fields, "date", hints)
    post = _post(message_id, kind, fields, chat, hints)
    notices: tuple[Notice, ...] = () if when.notice is None else (when.notice,)
    if message_id < 1:
        notices += (Notice("migrated_group", str(message_id)),)
    if kind is PostKind.MESSAGE:
        return _with_words(place, fields, when, post, notices)
    if kind is PostKind.UNSUPPORTED:
        # Desktop writes no more than the id of such a message, so nothing is known of its date either.
        kept = (one for one in notices if one.code != "no_date")
        notices = (*kept, Notice(WORDS_NOT_SHOWN, "unsupported"))
    return PostText(
        *place,
        text="",
        forwarded_from=None,
        notices=notices,
        post=post,
        published_at=when.at,
        published_basis=when.basis,
        published_text=when.text,
        published_within=when.within,
    )


def _post(message_id: int, kind: PostKind, fields: Fields, chat: Chat, hints: Hints) -> Post:
    is_edited, edited_at = _edit(fields, hints)
    return Post(
        channel_id=chat.channel_id,
        message_id=message_id,
        kind=kind,
        channel_title=chat.title,
        author=words(fields.get("author")),
        is_edited=None if kind is PostKind.UNSUPPORTED else is_edited,
        edited_at=edited_at,
        reply_to=_reply(fields, chat),
        origin=_origin(fields),
        service=_service(fields) if kind is PostKind.SERVICE else None,
        buttons=buttons_of(fields) if "inline_bot_buttons" in fields else (),
    )


def _with_words(place: tuple[int, int], fields: Fields, when: _When, post: Post, known: tuple[Notice, ...]) -> PostText:
    media, furniture = media_of(fields), tuple[str, ...]()
    notices = list(known)
    if "rich_message" in fields:
        found = rich_words(fields["rich_message"])
        text, links, furniture = found.text, tuple(found.links), tuple(found.furniture)
        media += _rich_media(found)
        if found.buttons:
            post = replace(post, buttons=(*found.buttons, *post.buttons))
        if found.not_shown:
            notices.append(Notice(NOT_PROVEN_WHOLE, ", ".join(dict.fromkeys(found.not_shown))[:200]))
    else:
        entities = fields.get("text_entities")
        text, links = linked_text(fields.get("text", entities), entities)
    text = text.strip()
    poll = poll_of(fields) if "poll" in fields else None
    notices.extend(_oddities(fields, media))
    if not text and not media and not post.buttons:
        notices.append(Notice("nothing_shown", ""))
    return PostText(
        *place,
        text=text,
        forwarded_from=_forwarded_from(fields),
        furniture=furniture,
        notices=tuple(notices),
        post=post,
        published_at=when.at,
        published_basis=when.basis,
        published_text=when.text,
        published_within=when.within,
        links=links,
        media=media,
        poll=poll,
        counts=counts_of(fields) if "reactions" in fields or poll is not None else None,
        carries_paragraphs=True,
    )


def _rich_media(found: Words) -> tuple[Media, ...]:
    in_blocks = (_rich_file(one, media) for one in found.media_fields for media in media_of(one))
    return (*in_blocks, *found.media)


def _rich_file(fields: Fields, media: Media) -> Media:
    """Attachment of a block, which says in a key of its own why a file did not come along."""
    is_skipped = "photo_skip_reason" in fields or "file_skip_reason" in fields
    return replace(media, is_held=False, address=None, caption=None) if is_skipped else replace(media, caption=None)


def _oddities(fields: Fields, media: tuple[Media, ...]) -> Iterator[Notice]:
    for one in media:
        if one.address is not None and one.is_held is None and climbs_out(one.address):
            yield Notice("path_leads_out", one.address[:200])
    if not _KEYS.issuperset(fields):
        yield Notice("unknown_keys", ", ".join(sorted(fields.keys() - _KEYS))[:200])


def _forwarded_from(fields: Fields) -> str | None:
    return words(fields.get("forwarded_from")) or words(fields.get("saved_from"))


def _origin(fields: Fields) -> Origin | None:
    """Where a post was forwarded from; one with nothing in it where the form says no more than that it was."""
    if "forwarded_from" not in fields and "forwarded_from_id" not in fields and "saved_from" not in fields:
        return None
    return Origin(channel_id=_channel(fields.get("forwarded_from_id")))


def _channel(value: object) -> int | None:
    """Return a channel's id; None for a person's."""
    is_named = isinstance(value, str) and value.startswith(("channel", "-100"))
    is_old = isinstance(value, int) and (value > _OLD_CHANNEL or value < 0)
    return bare_channel_id(value) if is_named or is_old else None


def _reply(fields: Fields, chat: Chat) -> int | None:
    """Return the id of the message in the same chat that this one answers."""
    value = fields.get("reply_to_message_id")
    peer = fields.get("reply_to_peer_id")
    if isinstance(value, bool) or not isinstance(value, int) or not -_LARGEST <= value < _LARGEST:
        return None
    return value if peer is None or bare_channel_id(peer) == chat.channel_id else None


def _service(fields: Fields) -> Service:
    action = words(fields.get("action")) or ""
    title = words(fields.get("title")) or words(fields.get("new_title"))
    pinned = fields.get("message_id")
    detail = title if title is not None or not isinstance(pinned, int) else str(pinned)
    printed = action or words(fields.get("information_text")) or ""
    return Service(action if action in SERVICE_ACTIONS else None, detail, printed)


def _edit(fields: Fields, hints: Hints) -> tuple[bool, datetime | None]:
    """Whether the message was edited, and when, where the form tells the instant."""
    if "edited" not in fields and "edited_unixtime" not in fields:
        return False, None
    when = _instant(fields, "edited", hints)
    printed = fields.get("edited")
    is_never = when.at is None and (not isinstance(printed, str) or printed.startswith(_NEVER))
    return not is_never, when.at


def _instant(fields: Fields, key: str, hints: Hints) -> _When:
    """Return the instant of a key by its seconds, else by its local time, where somebody has named the zone."""
    seconds = fields.get("date_unixtime" if key == "date" else "edited_unixtime")
    if isinstance(seconds, str) and _UNIX.fullmatch(seconds):
        seconds = int(seconds)
    if isinstance(seconds, int) and 0 < seconds < 10**11 and not isinstance(seconds, bool):
        return _When(datetime.fromtimestamp(seconds, UTC), PublishedBasis.UNIX_TIME)
    printed = fields.get(key)
    local = _local(printed)
    if local is None or not isinstance(printed, str):
        return _When(notice=Notice("no_date", str(printed)[:40] if printed else ""))
    if hints.is_zone_given:
        found = instants(local.date(), local.time(), hints.time_zone)
        if len(found) == 1:
            return _When(found[0], PublishedBasis.ASSUMED_ZONE)
        return _When(None, None, printed, _around(local), Notice("unclear_local_time", printed))
    return _When(None, None, printed, _around(local), Notice("no_time_zone", printed))


def _local(value: object) -> datetime | None:
    """Return the time on the exporter's clock; no zone is known, so it is no instant."""
    if not isinstance(value, str) or not _LOCAL.fullmatch(value) or value.startswith(_NEVER):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _around(local: datetime) -> tuple[date, date] | None:
    """Days in Moscow that the local time can be of, whatever the zone."""
    try:
        return local.date() - _DAY, local.date() + _DAY
    except OverflowError:
        return None
