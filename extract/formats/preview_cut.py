"""Where the posts of a saved preview page stand in its bytes: found by their marks, without reading the page.

Knows the frame of a page and nothing of what is in a post. Marks are ASCII, so that they are looked for in the bytes
themselves wherever the encoding leaves ASCII alone; in the others in a view of one byte for each character.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from extract.encoding import borne_out, codec_of, decode_head, mark_length
from extract.errors import UndecodableInput
from extract.markup import declared_in_markup, leaves_ascii_alone
from extract.model import Stretch
from extract.telegram import bare_channel_id, username_of

_FRAME = re.compile(rb"""<div\b[^<>]*?\bclass\s*=\s*["'](?:[^"'<>]*\s)?tgme_widget_message(_wrap)?[\s"']""")
_DIV = re.compile(rb"<(/?)div\b", re.IGNORECASE)
_TAG_END = re.compile(rb"[^<>]*+>")
_ATTRIBUTE = re.compile(rb"""\b(data-(?:post|view|peer))\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
_PEER = re.compile(r"c([0-9]{1,18})_")
_BEGIN_OF_PAGE = re.compile(rb"(?i)<(?:!doctype|html)\b")
_END_OF_PAGE = re.compile(rb"(?i)</html\s*>")
_MOST_ID = 10**18 - 1  # beyond all ids of Telegram, and below what 64 bits hold
_HEAD_BYTES = 1 << 16
_WIDEST = 4  # bytes of a character; the last one may be cut
# The link of one item of an album, `https://t.me/name/85?single`, in the element that shows the item.
_ITEM = re.compile(
    rb"""<([a-zA-Z]{1,10})\b[^<>]*?\bhref\s*=\s*["'][^"'<>?]{0,300}/([0-9]{1,18})\?([^"'<>]{0,100})["']"""
)
_WIDGET = b"tgme_widget_message_"
_TEXT_MARK = re.compile(rb"""\bclass\s*=\s*["'][^"'<>]*\bjs-message_text\b""")


@dataclass(frozen=True, slots=True)
class Head:
    """What the frame of a post tells before the post is read."""

    username: str | None  # in lower case
    message_id: int | None
    channel_id: int | None  # bare and positive


@dataclass(frozen=True, slots=True)
class Context:
    """What is needed of the page to read one of its posts."""

    codec: str
    channels: dict[str, int]  # the ids that the page pairs with its usernames
    is_rest: bool = False  # the stretch is no whole post: the page breaks off in it
    belied: str | None = None  # an encoding that is declared, though the page is UTF-8

    def packed(self) -> bytes:
        """Return it as bytes, for `Stretch.context`."""
        return json.dumps([self.codec, self.channels, self.is_rest, self.belied]).encode()


def context_of(stretch: Stretch) -> Context:
    """Return what `Context.packed` packed."""
    return Context(*json.loads(stretch.context))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a post stands in the view: from its wrapping to its end, or to the next post where it has no end."""

    start: int
    tag: int  # where its own tag begins
    end: int
    is_closed: bool


def codec_in(data: bytes, declared: str | None) -> tuple[str, str | None]:
    """Return the codec by mark, by declaration, or by the page's own markup, else UTF-8.

    With it stands the declaration where the page is UTF-8 all the same. Raises `UndecodableInput`.
    """
    if declared is None:
        declared = declared_in_markup(data)
    encoding = borne_out(data, declared)
    return codec_of(data[:_HEAD_BYTES], encoding), declared if encoding is None else None


def stretches(data: bytes, codec: str, belied: str | None = None) -> Iterator[Stretch]:
    """Yield a stretch for each post of a page, and one for the rest of a page that breaks off; nothing without posts.

    `belied` is an encoding that is declared and that the page is not in. Raises `UndecodableInput` where the encoding
    does not leave ASCII alone and the bytes are not in it.
    """
    view, place = _view(data, codec)
    frames = list(_frames(view))
    if not frames:
        return
    packed = Context(codec, _channels(view, frames), belied=belied).packed()
    is_cut = _END_OF_PAGE.search(view, frames[-1].start) is None
    is_page = _BEGIN_OF_PAGE.search(view, 0, frames[0].start) is not None
    whole = frames[:-1] if is_cut and not frames[-1].is_closed else frames
    for frame in whole:
        byte_from, byte_to = place(frame.start), place(frame.end)
        yield Stretch(byte_from, byte_to, data[byte_from:byte_to], packed)
    if is_cut and (is_page or whole is not frames):
        byte_from = place(whole[-1].end) if whole else place(frames[0].start)
        rest = Context(codec, {}, is_rest=True)
        yield Stretch(byte_from, len(data), data[byte_from:], rest.packed())


class _Places:
    """Where characters of a text begin in the input; asked for in ascending order."""

    def __init__(self, text: str, codec: str, start: int) -> None:
        """Begin behind the byte order mark."""
        self._text, self._codec, self._at, self._byte = text, codec, 0, start

    def __call__(self, position: int) -> int:
        """Return the byte at which a character begins."""
        self._byte += len(self._text[self._at : position].encode(self._codec))
        self._at = position
        return self._byte


def _view(data: bytes, codec: str) -> tuple[bytes, Callable[[int], int]]:
    """Return bytes in which marks can be looked for, and what turns a place in them into one of the input."""
    if leaves_ascii_alone(codec):
        return data, int
    text = decode_head(data, None if mark_length(data) else codec)
    if abs(len(text.encode(codec)) + mark_length(data) - len(data)) >= _WIDEST:
        raise UndecodableInput(f"a page in {codec}", "an encoding in which places can be told", "convert it to UTF-8")
    return text.encode("ascii", "replace"), _Places(text, codec, mark_length(data))


def _frames(view: bytes) -> Iterator[_Frame]:
    starts = list(_starts(view))
    for (start, tag), (limit, _) in pairwise([*starts, (len(view), 0)]):
        end = _balanced_end(view, start, limit)
        yield _Frame(start, tag, limit if end is None else end, is_closed=end is not None)


def _starts(view: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each post begins with its wrapping, and where its own tag begins."""
    wrap: int | None = None
    for match in _FRAME.finditer(view):
        if match[1]:
            wrap = match.start()
            continue
        is_wrapped = wrap is not None and _is_right_above(view, wrap, match.start())
        yield (wrap if is_wrapped and wrap is not None else match.start()), match.start()
        wrap = None


def _is_right_above(view: bytes, wrap: int, tag: int) -> bool:
    end = _TAG_END.match(view, wrap + 1, tag)
    return end is not None and not view[end.end() : tag].strip()


def _balanced_end(view: bytes, start: int, limit: int) -> int | None:
    """Return where the element ends that begins at `start`; None where it doesn't before the limit."""
    depth = 0
    for match in _DIV.finditer(view, start, limit):
        depth += -1 if match[1] else 1
        if depth == 0:
            end = _TAG_END.match(view, match.end(), limit)
            return None if end is None else end.end()
    return None


def _channels(view: bytes, frames: list[_Frame]) -> dict[str, int]:
    """Return the ids that the page pairs with usernames; one that it pairs with two is left out."""
    found: dict[str, set[int]] = {}
    for frame in frames:
        end = _TAG_END.match(view, frame.tag + 1)
        head = head_of(attributes_in(view[frame.tag : end.end() if end else frame.tag]))
        if head.username is not None and head.channel_id is not None:
            found.setdefault(head.username, set()).add(head.channel_id)
    return {username: ids.pop() for username, ids in found.items() if len(ids) == 1}


def attributes_in(tag: bytes) -> dict[str, str]:
    """Return those attributes of a post's tag that tell its ids."""
    return {
        match[1].decode("ascii"): (match[2] or match[3] or b"").decode("ascii", "replace")
        for match in _ATTRIBUTE.finditer(tag)
    }


def head_of(attributes: dict[str, str]) -> Head:
    """Return what `data-post`, `data-view` and `data-peer` tell; what is broken in them is not told."""
    name, slash, number = attributes.get("data-post", "").partition("/")
    is_number = slash and number.isascii() and number.isdigit() and len(number) <= 18
    view = _view_of(attributes.get("data-view", ""))
    peer = _PEER.match(attributes.get("data-peer", ""))
    channel_id = bare_channel_id(view.get("c"))
    if channel_id is None and peer is not None:
        channel_id = bare_channel_id(peer[1])
    return Head(
        username=username_of(name),
        message_id=(int(number) or None) if is_number else None,
        channel_id=channel_id if channel_id is not None and channel_id <= _MOST_ID else None,
    )


def _view_of(value: str) -> dict[str, object]:
    """Return what `data-view` holds: base64 for addresses, without padding, of a JSON object."""
    try:
        view = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return view if isinstance(view, dict) else {}


@dataclass(frozen=True, slots=True)
class Item:
    """Where one item of an album stands in the bytes of its post."""

    message_id: int
    byte_from: int
    byte_to: int  # exclusive


@dataclass(frozen=True, slots=True)
class Album:
    """Where the parts of a post stand in its bytes; no two of them overlap."""

    items: tuple[Item, ...]  # those of `item_ids` that are found, in order
    byte_from: int  # of the post itself
    byte_to: int  # exclusive


def album_in(data: bytes, codec: str, item_ids: frozenset[int]) -> Album:
    """Return the parts of a post: the items by their own links, each once, and the part with the post's own words.

    A page shows the items of a set in one block, the first post of the set standing for all, and its text mostly below
    them. The post itself so gets what stands before the items or after them: that which holds its text; where there is
    none, what stands before, with its ids.
    """
    if not item_ids:
        return Album((), 0, len(data))
    view, place = _view(data, codec)
    spans = [(number, start, end) for number, start, end in _items(view) if number in item_ids]
    if not spans:
        return Album((), 0, len(data))
    text = _TEXT_MARK.search(view, spans[-1][2])
    items = tuple(Item(number, place(start), place(end)) for number, start, end in spans)
    if text is None:
        return Album(items, 0, items[0].byte_from)
    return Album(items, items[-1].byte_to, len(data))


def _items(view: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the id of each item of an album and where its element stands; ids that come again are links to the same."""
    seen: set[int] = set()
    at = 0
    for match in _ITEM.finditer(view):
        number = int(match[2])
        if b"single" not in match[3] or number in seen or match.start() < at:
            continue
        tag = _TAG_END.match(view, match.start() + 1)
        if tag is None or _WIDGET not in tag[0]:  # a link in a text may lead to an item too
            continue
        seen.add(number)
        at = _element_end(view, match)
        yield number, match.start(), at


def _element_end(view: bytes, match: re.Match[bytes]) -> int:
    """Return where the element ends that begins with a match, by counting those of its name."""
    depth = 0
    for tag in re.compile(rb"<(/?)" + match[1] + rb"\b").finditer(view, match.start()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            end = _TAG_END.match(view, tag.end())
            return len(view) if end is None else end.end()
    return len(view)
