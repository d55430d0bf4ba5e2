"""What is attached to a post of a preview: kinds by the names of classes, addresses and sizes as the page shows them.

A size is that at which the page shows a picture or a film, not that of the publisher's file; addresses expire.
"""

import re

from selectolax.lexbor import LexborNode

from extract.formats.preview_text import CLOSED, Marked, first, label_of, labels_of, marked, text_of
from extract.model import Media, MediaKind, Poll
from extract.telegram import without_odd_characters

_WIDGET = "tgme_widget_message_"
POLL = f"{_WIDGET}poll"
# The elements that hold one attachment, the outer ones before those that stand in them.
_HOLDERS = {
    f"{_WIDGET}photo_wrap": MediaKind.PHOTO,
    f"{_WIDGET}video_player": MediaKind.VIDEO,
    f"{_WIDGET}roundvideo_player": MediaKind.ROUND_VIDEO,
    f"{_WIDGET}roundvideo_wrap": MediaKind.ROUND_VIDEO,
    f"{_WIDGET}roundvideo": MediaKind.ROUND_VIDEO,
    f"{_WIDGET}video_wrap": MediaKind.VIDEO,
    f"{_WIDGET}voice_player": MediaKind.VOICE,
    f"{_WIDGET}voice": MediaKind.VOICE,
    f"{_WIDGET}audio_player": MediaKind.AUDIO,
    f"{_WIDGET}audio": MediaKind.AUDIO,
    f"{_WIDGET}document_wrap": MediaKind.DOCUMENT,
    f"{_WIDGET}document": MediaKind.DOCUMENT,
    f"{_WIDGET}sticker_wrap": MediaKind.STICKER,
    f"{_WIDGET}sticker": MediaKind.STICKER,
    f"{_WIDGET}tgsticker": MediaKind.STICKER,
    f"{_WIDGET}videosticker": MediaKind.STICKER,
    f"{_WIDGET}location_wrap": MediaKind.LOCATION,
    f"{_WIDGET}venue_wrap": MediaKind.LOCATION,
    f"{_WIDGET}contact_wrap": MediaKind.CONTACT,
    f"{_WIDGET}contact": MediaKind.CONTACT,
    POLL: MediaKind.POLL,
    f"{_WIDGET}game": MediaKind.OTHER,
    f"{_WIDGET}invoice": MediaKind.OTHER,
}
HOLDERS = frozenset(_HOLDERS)
LABEL = "message_media_not_supported_label"
BUTTON = "message_media_view_in_telegram"
_NONE: frozenset[str] = frozenset()
_PICTURE = re.compile(r"""background-image\s*:\s*url\(\s*["']?([^"')]{1,4096})""")
_WIDTH = re.compile(r"(?<![-\w])width\s*:\s*([0-9]{1,5})(?:\.[0-9]{1,9})?px")
_RATIO = re.compile(r"padding-top\s*:\s*([0-9]{1,5}(?:\.[0-9]{1,20})?)%")
_DURATION = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2})")
_ITEM = re.compile(r"/([0-9]{1,18})\?(?:[^#]{0,100}&)?single\b")
_ADDRESS = re.compile(r"(?i)(?:https?:)?//|(?:geo|tel):")


_CAPTIONS = ("title", "address", "name", "phone", "type")


def holders_in(found: Marked) -> list[LexborNode]:
    """Return the elements that hold an attachment each, in the order of the page."""
    return [node for node in found.get(CLOSED, ()) if _kind(node) is not None]


def _names(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def _kind(node: LexborNode) -> MediaKind | None:
    return next((_HOLDERS[name] for name in _names(node) if name in HOLDERS), None)


def item_id(holder: LexborNode) -> int | None:
    """Return the id that the link of an album's item tells; None where it tells none."""
    match = _ITEM.search(holder.attributes.get("href") or "")
    return None if match is None else int(match[1])


def is_item(holder: LexborNode) -> bool:
    """Say whether an attachment is laid out as one of a set."""
    return "grouped_media_wrap" in _names(holder)


def has_placeholder(holder: LexborNode) -> bool:
    """Say whether an attachment holds the words that stand for what a browser can't show."""
    return LABEL in marked(holder, _NONE)


def media_of(holder: LexborNode) -> Media:
    """Return the attachment that an element holds."""
    kind = _kind(holder) or MediaKind.OTHER
    found = marked(holder, _NONE)
    if kind is MediaKind.PHOTO:
        return _photo(holder, found)
    if kind in (MediaKind.VIDEO, MediaKind.ROUND_VIDEO):
        return _film(holder, found, kind)
    if kind in (MediaKind.VOICE, MediaKind.AUDIO):
        duration = first(found, f"{_WIDGET}voice_duration", f"{_WIDGET}audio_duration")
        return Media(kind, address=_source(holder, "audio"), duration_s=_duration(duration))
    if kind is MediaKind.DOCUMENT:
        return _document(found)
    if kind is MediaKind.STICKER:
        return Media(kind, address=_sticker_address(holder, found))
    address = _outside(holder.attributes.get("href")) if kind is MediaKind.LOCATION else None
    return Media(kind, address=address, caption=_caption(found, kind))


def _photo(holder: LexborNode, found: Marked) -> Media:
    width, height = (None, None) if is_item(holder) else _shown(holder, first(found, f"{_WIDGET}photo"))
    return Media(MediaKind.PHOTO, address=_picture(holder), width=width, height=height)


def _film(holder: LexborNode, found: Marked, kind: MediaKind) -> Media:
    duration = first(found, "message_video_duration", f"{_WIDGET}roundvideo_duration")
    # The page plays animations in the element of videos, which then has neither a length nor a button: seen on pages of
    # 2026, with and without their bytes.
    is_player = f"{_WIDGET}video_player" in _names(holder)
    if kind is MediaKind.VIDEO and is_player and duration is None and "message_video_play" not in found:
        kind = MediaKind.ANIMATION
    frame = first(found, f"{_WIDGET}video_wrap")
    width, height = (None, None) if frame is None or is_item(holder) else _shown(frame, frame)
    return Media(kind, address=_source(holder, "video"), width=width, height=height, duration_s=_duration(duration))


def _document(found: Marked) -> Media:
    title = label_of(first(found, f"{_WIDGET}document_title"))
    extra = label_of(first(found, f"{_WIDGET}document_extra"))
    icon = first(found, f"{_WIDGET}document_icon")
    if icon is not None and "audio" in _names(icon):
        # Of music the page prints the title and the performer in place of the name and the size of the file.
        return Media(MediaKind.AUDIO, caption=", ".join(part for part in (title, extra) if part) or None)
    return Media(MediaKind.DOCUMENT, name=title, caption=extra)


def _caption(found: Marked, kind: MediaKind) -> str | None:
    stem = f"{_WIDGET}{kind.value}_"
    parts = [label for name in _CAPTIONS for label in labels_of(found.get(stem + name, ()))]
    return ", ".join(parts) or None


def poll_of(holder: LexborNode) -> Poll | None:
    """Return what a poll asks; None for what is no poll."""
    if _kind(holder) is not MediaKind.POLL:
        return None
    found = marked(holder, _NONE)
    question = label_of(first(found, f"{POLL}_question")) or ""
    return Poll(question, tuple(text_of(option)[0] for option in found.get(f"{POLL}_option_text", ())))


def _shown(outer: LexborNode, inner: LexborNode | None) -> tuple[int | None, int | None]:
    """Width and height by the style of a frame: so many pixels wide, and so many hundredths of that high."""
    width = _WIDTH.search(outer.attributes.get("style") or "")
    ratio = None if inner is None else _RATIO.search(inner.attributes.get("style") or "")
    if width is None:
        return None, None
    return int(width[1]), None if ratio is None else round(int(width[1]) * float(ratio[1]) / 100)


def _picture(node: LexborNode) -> str | None:
    match = _PICTURE.search(node.attributes.get("style") or "")
    return None if match is None else _outside(match[1])


def _source(holder: LexborNode, tag: str) -> str | None:
    if holder.tag == tag:
        return _outside(holder.attributes.get("src"))
    node = holder.css_first(f"{tag}[src]")
    return None if node is None else _outside(node.attributes.get("src"))


def _sticker_address(holder: LexborNode, found: Marked) -> str | None:
    still = first(found, f"{_WIDGET}sticker") or holder
    moving = holder.css_first("source[srcset]")
    candidates = (
        still.attributes.get("data-webp"),
        None if moving is None else moving.attributes.get("srcset"),
    )
    return next((address for address in map(_outside, candidates) if address), None) or _source(holder, "video")


def _outside(address: str | None) -> str | None:
    """Return an address of something out there; None for data within the page and for scripts."""
    address = without_odd_characters((address or "").strip())[0]
    return address if _ADDRESS.match(address) else None


def _duration(node: LexborNode | None) -> int | None:
    match = _DURATION.fullmatch(label_of(node) or "")
    return None if match is None else (int(match[1] or 0) * 60 + int(match[2])) * 60 + int(match[3])
