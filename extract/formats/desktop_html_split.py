"""Telegram Desktop's HTML cut into stretches of whole messages, while it streams by.

Knows where a message begins and what must go along with it; what a message says is read elsewhere.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from extract.encoding import codec_of
from extract.errors import UnreadableInput
from extract.formats.desktop_html_dates import day_of
from extract.model import Hints, Stretch
from extract.telegram import channel_of

# The exporter writes attributes in the order of their names and `<` in texts as `&lt;`, so this stands nowhere else.
BEGINNING = b'<div class="message '
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
STRETCH_BYTES = 1 << 19
# Of one message: its text has at most 4,096 characters and 100 entities, so this is a hundred times a large one.
MOST_BYTES = 2 << 20
_KEPT_BYTES = 1 << 12  # of a message that is larger, to be shown

_JOINED = re.compile(rb'<div class="message [^"<>]*\bjoined\b')
_DIVIDER = re.compile(
    rb'<div class="message service" id="message-\d+">\s*<div class="body details">\s*([0-9A-Za-z ]{1,40}?)\s*</div>'
)
_TITLE = re.compile(rb'<div class="page_header">.{0,2000}?<div class="text bold">(.{0,2000}?)</div>', re.DOTALL)
# Files of an account-wide export lie two folders below its top, and print paths from there.
_TO_TOP = re.compile(rb'<link href="((?:\.\./){1,2})css/style\.css"')
_MARKS = (b'class="page_wrap"', b'class="page_header"')
_CHAT_MARKS = (
    b'class="history"',
    b'class="page_body chat_page"',
    b'<div class="message service"',
    BEGINNING + b"default",
)
_EXPECTED = "a messages.html of Telegram Desktop: a page_wrap with a page_header and messages"


@dataclass(frozen=True, slots=True)
class Context:
    """What stands above a stretch, or is known of it, and is needed to read it."""

    title: str | None = None  # of the channel
    to_top: str = ""  # "../../" in a file of an account-wide export
    day: str | None = None  # the last divider above, as printed
    is_first: bool = True  # nothing but the head of the page stands above
    is_last: bool = False  # the input ends with it
    is_too_large: bool = False  # one message, of which only the beginning is at hand

    def to_bytes(self) -> bytes:
        """Return the context as it travels with a stretch."""
        return json.dumps(asdict(self)).encode()


def context_of(stretch: Stretch) -> Context:
    """Return what travels with a stretch."""
    return Context(**json.loads(stretch.context)) if stretch.context else Context()


@dataclass(frozen=True, slots=True)
class _Piece:
    """The bytes from the beginning of one message to that of the next."""

    byte_from: int
    byte_to: int  # exclusive
    data: bytes  # only the first of them where they are too many
    is_last: bool

    @property
    def is_too_large(self) -> bool:
        return len(self.data) < self.byte_to - self.byte_from


def shows_messages(head: bytes) -> bool:
    """Tell whether the head of an input is that of a chat in Telegram Desktop's HTML."""
    return all(mark in head for mark in _MARKS) and any(mark in head for mark in _CHAT_MARKS)


def stretches(stream: BinaryIO, hints: Hints, chunk_bytes: int, stretch_bytes: int) -> Iterator[Stretch]:
    """Yield whole messages, about `stretch_bytes` at a time; where the cuts are doesn't depend on `chunk_bytes`.

    Together they are the input but for its head. A message that is joined to the one above stays with it, since it
    says less of its origin. Raises `UndecodableInput`, `UnreadableInput` and `UnknownChannel`.
    """
    head = _read_fully(stream, HEAD_BYTES)
    _refuse_other_forms(head, hints.encoding)
    channel_of(None, hints)
    pieces = _pieces(stream, head, chunk_bytes)
    above = next(pieces)
    context = Context(_title(above.data, hints.encoding), _to_top(above.data))
    if above.is_last:
        yield Stretch(0, above.byte_to, above.data, replace(context, is_last=True).to_bytes())
        return
    waiting: list[_Piece] = []
    size = 0
    for piece in pieces:
        if waiting and _is_cut_before(piece, waiting[-1], size, stretch_bytes):
            yield _stretch(waiting, context)
            context = replace(context, day=_day(waiting, context.day), is_first=False)
            waiting, size = [], 0
        waiting.append(piece)
        size += len(piece.data)
    yield _stretch(waiting, context)


def _is_cut_before(piece: _Piece, above: _Piece, size: int, stretch_bytes: int) -> bool:
    if piece.is_too_large or above.is_too_large or size >= MOST_BYTES + stretch_bytes:
        return True
    return size >= stretch_bytes and _JOINED.match(piece.data) is None


def _stretch(pieces: list[_Piece], context: Context) -> Stretch:
    first, last = pieces[0], pieces[-1]
    own = replace(context, is_last=last.is_last, is_too_large=last.is_too_large)
    return Stretch(first.byte_from, last.byte_to, b"".join(piece.data for piece in pieces), own.to_bytes())


def _pieces(stream: BinaryIO, data: bytes, chunk_bytes: int) -> Iterator[_Piece]:
    """Yield what stands above the first message, then each message; `data` is what was read already."""
    place = byte_from = start = searched = 0  # `place` is where `data` begins in the input
    kept = b""
    while True:
        found = data.find(BEGINNING, searched)
        if found < 0:
            chunk = _read_fully(stream, chunk_bytes)
            if not chunk:
                break
            if place + len(data) - byte_from > MOST_BYTES:
                kept = kept or data[start : start + _KEPT_BYTES]
                start = len(data) - len(BEGINNING) + 1
            searched = max(len(data) - start - len(BEGINNING) + 1, searched - start, 0)
            place, data, start = place + start, data[start:] + chunk, 0
            continue
        yield _piece(byte_from, place + found, kept or data[start:found], is_last=False)
        byte_from, start, searched, kept = place + found, found, found + len(BEGINNING), b""
    yield _piece(byte_from, place + len(data), kept or data[start:], is_last=True)


def _piece(byte_from: int, byte_to: int, data: bytes, *, is_last: bool) -> _Piece:
    if byte_to - byte_from > MOST_BYTES:
        data = data[:_KEPT_BYTES]
    return _Piece(byte_from, byte_to, data, is_last)


def _read_fully(stream: BinaryIO, count: int) -> bytes:
    """Read so many bytes, fewer only at the end: a pipe may give less at a time."""
    chunks: list[bytes] = []
    while count > 0 and (chunk := stream.read(count)):
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


def _refuse_other_forms(head: bytes, declared: str | None) -> None:
    codec = codec_of(head, declared)
    if BEGINNING.decode().encode(codec, "replace") != BEGINNING:
        raise UnreadableInput(f"HTML in {codec}", "UTF-8, which Telegram Desktop writes", "save it as UTF-8")
    if not shows_messages(head):
        begins = head.decode(codec, "replace").replace("\0", "\N{SYMBOL FOR NULL}")[:80]
        raise UnreadableInput(
            f"an input that begins {begins!r}",
            _EXPECTED,
            "name the right format with --format, or in the column `format` of the registry",
        )


def _title(head: bytes, declared: str | None) -> str | None:
    match = _TITLE.search(head)
    if match is None:
        return None
    return html.unescape(match[1].decode(codec_of(head, declared), "replace")).strip() or None


def _to_top(head: bytes) -> str:
    match = _TO_TOP.search(head)
    return "" if match is None else match[1].decode()


def divider(message: bytes) -> str | None:
    """Return the day that a message is a divider for, as printed; None for any other message."""
    match = _DIVIDER.match(message)
    if match is None:
        return None
    printed = match[1].decode()
    return None if day_of(printed) is None else printed


def _day(pieces: list[_Piece], above: str | None) -> str | None:
    return next((printed for piece in reversed(pieces) if (printed := divider(piece.data))), above)
