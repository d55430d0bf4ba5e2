"""The columns of what only richer forms carry, and how they are hashed.

Facets of the words (`facets_of`) stand in the hash of a content by their names, so that a form without them has the
hash that it always had. Of a description they are hashed together with the hash of its plain values. Folds are what
two forms of one post have alike: the addresses of its links as a set, its media by coarse kinds.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from extract.addresses import folded_address
from extract.fields import laid_out
from extract.model import Counts, Link, Media, MediaKind, Page, Passage, Post, Record
from extract.text import folds

DESCRIPTION_VERSION = "description/2"

_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())
_LINKS = pa.list_(pa.struct([("text", pa.string()), ("address", pa.string())]))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SHORT = (1 << 31) - 1

RICHER_CONTENT = [
    ("links", _LINKS),
    ("links_sha256", pa.binary(16)),
    ("media", pa.list_(pa.struct([("kind", pa.string()), ("name", pa.string())]))),
    ("media_kinds", pa.string()),
    ("media_names", pa.string()),
    ("origin_channel", pa.string()),
    ("origin_message_id", pa.int64()),
    ("poll", _TEXTS),
    ("poll_sha256", pa.binary(16)),
    ("service_action", pa.string()),
    ("service_detail", pa.string()),
]
_MEDIA_DETAILS = [
    ("kind", pa.string()),
    ("name", pa.string()),
    ("mime_type", pa.string()),
    ("size_bytes", pa.int64()),
    ("address", pa.string()),
    ("is_held", pa.bool_()),
    ("width", pa.int32()),
    ("height", pa.int32()),
    ("duration_s", pa.int32()),
    ("caption", pa.string()),
]
RICHER_DESCRIPTION = [
    ("passage_names", _TEXTS),
    ("passage_outlets", _TEXTS),
    ("passage_blocks", _TEXTS),
    ("media_details", pa.list_(pa.struct(_MEDIA_DETAILS))),
    ("post_kind", pa.string()),
    ("author", pa.string()),
    ("is_edited", pa.bool_()),
    ("edited_at", _INSTANT),
    ("reply_to", pa.int64()),
    ("album", pa.string()),
    ("origin_at", _INSTANT),
    ("channel_username", pa.string()),
    ("channel_title", pa.string()),
    ("service_printed", pa.string()),
    ("local_time", pa.string()),
    ("buttons", _LINKS),
    ("address", pa.string()),
    ("site_number", pa.int64()),
    ("section", pa.string()),
    ("contents", _TEXTS),
    ("matched", _TEXTS),
]
COUNTS = [
    ("views", pa.int64()),
    ("views_are_rounded", pa.bool_()),
    ("forwards", pa.int64()),
    ("replies", pa.int64()),
    ("reactions", pa.list_(pa.struct([("reaction", pa.string()), ("count", pa.int64())]))),
    ("poll_votes", pa.list_(pa.int64())),
    ("poll_voters", pa.int64()),
]
NO_COUNTS: tuple[Any, ...] = (None,) * len(COUNTS)
NO_DESCRIPTION: tuple[Any, ...] = (None,) * len(RICHER_DESCRIPTION)
_NO_CONTENT: tuple[Any, ...] = (None,) * len(RICHER_CONTENT)
_NO_POST: tuple[Any, ...] = (None,) * 12
_NO_PAGE: tuple[Any, ...] = (None,) * 5

# Forms disagree on these: the preview shows an animation as a video, some exports a round video as one.
_COARSE = {
    MediaKind.ANIMATION: "video",
    MediaKind.ROUND_VIDEO: "video",
    MediaKind.VOICE: "audio",
}


def facets_of(record: Record) -> list[tuple[str, str | bytes | None]]:
    """Return the facets of the words that only richer forms carry, by name, each as it is hashed."""
    found: list[tuple[str, str | bytes | None]] = []
    if record.links is not None:
        found.append(("links", _flat((link.text, link.address) for link in record.links)))
    if record.media is not None:
        found.append(("media", _flat((media.kind, media.name) for media in record.media)))
    if record.poll is not None:
        found.append(("poll", laid_out((record.poll.question, *record.poll.options))))
    post = record.post
    if post is not None:
        found.extend((name, laid_out(pair)) for name, pair in _pairs(post) if pair != (None, None))
    return found


def _pairs(post: Post) -> list[tuple[str, tuple[str | None, str | None]]]:
    service = (None, None) if post.service is None else (post.service.action, post.service.detail)
    return [("origin", _origin(post)), ("service", service)]


def _flat(rows: Iterable[tuple[str | None, ...]]) -> bytes:
    return b"".join(laid_out(row) for row in rows)


def _origin(post: Post) -> tuple[str | None, str | None]:
    origin = post.origin
    if origin is None:
        return None, None
    channel = str(origin.channel_id) if origin.channel_id is not None else None
    if channel is None and origin.username is not None:
        channel = f"@{origin.username}"
    return channel, None if origin.message_id is None else str(origin.message_id)


def richer_content(record: Record) -> tuple[Any, ...]:
    """Return the columns of `RICHER_CONTENT`."""
    post = record.post
    if record.links is None and record.media is None and record.poll is None and post is None:
        return _NO_CONTENT
    poll = None if record.poll is None else (record.poll.question, *record.poll.options)
    channel, message_id = (None, None) if post is None else _origin(post)
    service = None if post is None else post.service
    return (
        _links(record.links),
        None if record.links is None else links_fold(record.links),
        None if record.media is None else [{"kind": one.kind, "name": one.name} for one in record.media],
        media_kinds(record.media),
        _media_names(record.media),
        channel,
        None if message_id is None else int(message_id),
        poll,
        None if poll is None else hashlib.sha256(folds("\n".join(poll)).letters).digest()[:16],
        None if service is None else service.action,
        None if service is None else service.detail,
    )


def _links(links: tuple[Link, ...] | None) -> list[dict[str, str]] | None:
    return None if links is None else [{"text": link.text, "address": link.address} for link in links]


def links_fold(links: tuple[Link, ...]) -> bytes:
    """Return a hash of the addresses as a set, 16 bytes."""
    return hashlib.sha256(laid_out(sorted({folded_address(link.address) for link in links}))).digest()[:16]


def media_kinds(media: tuple[Media, ...] | None) -> str | None:
    """Return the coarse kinds in alphabetical order; None where the form doesn't carry them or names none it knows."""
    if media is None or any(one.kind is MediaKind.OTHER for one in media):
        return None
    return ",".join(sorted(_COARSE.get(one.kind, one.kind.value) for one in media))


def _media_names(media: tuple[Media, ...] | None) -> str | None:
    """Return the names of the documents, a line each, in alphabetical order; None where one has no name."""
    documents = [one.name for one in media or () if one.kind is MediaKind.DOCUMENT]
    names = sorted(name for name in documents if name is not None)
    return "\n".join(names) if names and len(names) == len(documents) else None


def richer_description(record: Record) -> tuple[Any, ...]:
    """Return the columns of `RICHER_DESCRIPTION`."""
    return (
        *_passages(record.passages),
        None if not record.media else [_media_row(one) for one in record.media],
        *(_NO_POST if record.post is None else _post(record.post, record.published_text)),
        *(_NO_PAGE if record.page is None else _page(record.page)),
    )


def _passages(passages: tuple[Passage, ...]) -> tuple[Any, Any, Any]:
    names = [passage.name for passage in passages]
    outlets = [passage.outlet for passage in passages]
    blocks = [passage.block for passage in passages]
    return (names if any(names) else None, outlets if any(outlets) else None, blocks if any(blocks) else None)


def _media_row(media: Media) -> dict[str, Any]:
    return {name: _fitting(getattr(media, name), kind) for name, kind in _MEDIA_DETAILS}


def _fitting(value: Any, kind: pa.DataType) -> Any:
    """Return a value, and none for a size or a length of time that no file can have: no column holds it."""
    is_too_large = kind == pa.int32() and value is not None and value > _MOST_SHORT
    return None if is_too_large else value


def _post(post: Post, local_time: str | None) -> tuple[Any, ...]:
    return (
        post.kind,
        post.author,
        post.is_edited,
        post.edited_at,
        post.reply_to,
        post.album,
        None if post.origin is None else post.origin.published_at,
        post.username,
        post.channel_title,
        None if post.service is None else post.service.printed,
        local_time,
        _links(post.buttons) or None,
    )


def _page(page: Page) -> tuple[Any, ...]:
    return (page.address, page.site_number, page.section, page.contents or None, page.matched or None)


def described(plain: bytes, richer: tuple[Any, ...]) -> bytes:
    """Return what the hash of a description with richer values is taken of: the hash of the plain ones, and these."""
    return laid_out((DESCRIPTION_VERSION, plain.hex(), *[_field(value) for value in richer]))


def _field(value: Any) -> str | bytes | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(microseconds=1))
    if isinstance(value, dict):
        return laid_out([_field(one) for one in value.values()])
    if isinstance(value, list | tuple):
        return laid_out([_field(one) for one in value])
    return str(value)


def counts_of(counts: Counts) -> tuple[Any, ...]:
    """Return the columns of `COUNTS`."""
    reactions = counts.reactions
    return (
        counts.views,
        counts.views_are_rounded if counts.views is not None else None,
        counts.forwards,
        counts.replies,
        None if reactions is None else [{"reaction": name, "count": count} for name, count in reactions],
        counts.poll_votes,
        counts.poll_voters,
    )
