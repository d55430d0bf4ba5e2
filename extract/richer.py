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
from extract.fields import MISSING, laid_out, length_of
from extract.model import Counts, Link, Media, MediaKind, Origin, Page, Passage, Post, Record
from extract.text import folds

DESCRIPTION_VERSION = "description/2"
_DESCRIPTION_HEAD = laid_out((DESCRIPTION_VERSION,))

_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())
_LINKS = pa.list_(pa.struct([("text", pa.string()), ("address", pa.string())]))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_SHORT = (1 << 31) - 1
_NO_LINKS = hashlib.sha256(b"").digest()[:16]

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
_NO_PAIR = (None, None)

# Forms disagree on these: the preview shows an animation as a video, some exports a round video as one.
_COARSE = {kind: kind.value for kind in MediaKind} | {
    MediaKind.ANIMATION: "video",
    MediaKind.ROUND_VIDEO: "video",
    MediaKind.VOICE: "audio",
}


def facets_of(record: Record) -> list[tuple[str, bytes]]:
    """Return the facets of the words that only richer forms carry, by name, each as it is hashed."""
    found: list[tuple[str, bytes]] = []
    if record.links is not None:
        found.append(("links", laid_out([part for link in record.links for part in (link.text, link.address)])))
    if record.media is not None:
        found.append(("media", laid_out([part for media in record.media for part in (media.kind, media.name)])))
    if record.poll is not None:
        found.append(("poll", laid_out((record.poll.question, *record.poll.options))))
    post = record.post
    if post is not None and post.origin is not None and (pair := _origin(post.origin)) != _NO_PAIR:
        found.append(("origin", laid_out(pair)))
    if post is not None and post.service is not None:
        pair = post.service.action, post.service.detail
        if pair != _NO_PAIR:
            found.append(("service", laid_out(pair)))
    return found


def _origin(origin: Origin) -> tuple[str | None, str | None]:
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
    channel, message_id = _NO_PAIR if post is None or post.origin is None else _origin(post.origin)
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
    if not links:
        return _NO_LINKS
    return hashlib.sha256(laid_out(sorted({folded_address(link.address) for link in links}))).digest()[:16]


def media_kinds(media: tuple[Media, ...] | None) -> str | None:
    """Return the coarse kinds in alphabetical order; None where the form doesn't carry them or names none it knows."""
    kinds = None if media is None else [one.kind for one in media]
    if kinds is None or MediaKind.OTHER in kinds:
        return None
    return ",".join(sorted([_COARSE[kind] for kind in kinds]))


def _media_names(media: tuple[Media, ...] | None) -> str | None:
    """Return the names of the documents, a line each, in alphabetical order; None where one has no name."""
    documents = [one.name for one in media or () if one.kind is MediaKind.DOCUMENT]
    names = sorted([name for name in documents if name is not None])
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
    for passage in passages:
        if passage.name or passage.outlet or passage.block:
            break
    else:
        return None, None, None
    names = [passage.name for passage in passages]
    outlets = [passage.outlet for passage in passages]
    blocks = [passage.block for passage in passages]
    return (names if any(names) else None, outlets if any(outlets) else None, blocks if any(blocks) else None)


def _media_row(media: Media) -> dict[str, Any]:
    return {
        "kind": media.kind,
        "name": media.name,
        "mime_type": media.mime_type,
        "size_bytes": media.size_bytes,
        "address": media.address,
        "is_held": media.is_held,
        "width": _short(media.width),
        "height": _short(media.height),
        "duration_s": _short(media.duration_s),
        "caption": media.caption,
    }


def _short(number: int | None) -> int | None:
    """Return a size or a length of time, None for one that no file can have: no column holds it."""
    return None if number is None or number > _MOST_SHORT else number


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
    return _DESCRIPTION_HEAD + _joined((plain.hex(), *richer))


def _joined(values: Iterable[Any]) -> bytes:
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(MISSING)
        else:
            data = value.encode() if isinstance(value, str) else _field(value)
            parts += length_of(data), data
    return b"".join(parts)


def _field(value: Any) -> bytes:
    if isinstance(value, int):
        return str(value).lower().encode()
    if isinstance(value, dict):
        return _joined(value.values())
    if isinstance(value, datetime):
        return b"%d" % ((value - _EPOCH) // _MICROSECOND)
    return _joined(value)


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
