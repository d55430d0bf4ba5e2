"""Text dumps of the web preview of a Telegram channel, as some extractors of web text leave them.

    file    := [own posts] (message)*
    message := "Forwarded from NAME" [placeholder of media] [X X[1:]]

Each text stands there twice but for its first line (see `extract.repeats`), the two copies with nothing between them.
What the form has lost is lost: posts without text vanish, a channel's own posts have no header, and no post has an id
or a date. So a dump never proves that a post is absent.
"""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import BinaryIO

from extract.encoding import breaks_off, codec_of, decode_head, mark_length
from extract.errors import UndecodableInput, UnreadableInput
from extract.model import Format, Hints, Notice, Reason, Record, Rejection, Stretch
from extract.notices import SHARED
from extract.posts import PostText, post_record
from extract.repeats import POST_LINES, Repeated, repeats_in, texts_in

NOTICES = MappingProxyType(
    {
        "no_text": "A header with nothing after it: the post had no text, or the form has lost it.",
        "no_repeat": SHARED["no_repeat"],
        "repeat_differs": "The two copies of the text are not the same; the first is the text, what only the second "
        "has is furniture.",
        "repeat_breaks_off": "The second copy of the text ends early; the first is whole.",
        "trailing_lines": "Lines after the second copy, such as the site and the title of a link; they are furniture.",
        "post_without_header": "A text with no header of its own: a post that the channel has not forwarded.",
    }
)

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
# A stretch without a header is cut here, or given up if it shows no repeat: thousands of posts of the largest size.
STRETCH_BYTES = 16 << 20

_HEADER = "Forwarded from"
_HEADER_BYTES = b"Forwarded from "
_SPACES = (" ", "\N{NO-BREAK SPACE}")  # the page has the second, dumps were seen with the first
_PLACEHOLDERS = frozenset(
    {
        "This media is not supported in your browser",
        "Media is too big",
        "Please open Telegram to view this post",
    }
)
_PLACEHOLDER_BUTTON = "VIEW IN TELEGRAM"
_PLACEHOLDER_BYTES = frozenset(line.encode() for line in _PLACEHOLDERS)
_EXCERPT = 200
_WIDE_CODECS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_WIDE_HEADERS = tuple((_HEADER.encode(codec), codec) for codec in _WIDE_CODECS)
_EXPECTED = "a line that begins with 'Forwarded from', or texts that are repeated but for their first line"
_REMEDY = "name the right format with --format, or in the column `format` of the registry"


@dataclass(frozen=True, slots=True)
class _Layout:
    """How line breaks and headers look in one encoding."""

    codec: str
    header_on_new_line: bytes
    header: bytes
    spaces: tuple[bytes, ...]  # one of them follows a header
    width: int  # bytes of one unit; a line break stands at a multiple of it

    @property
    def lookahead(self) -> int:
        """Bytes that must be there to tell whether a header begins."""
        return len(self.header_on_new_line) + max(map(len, self.spaces))


@cache
def _layout(codec: str) -> _Layout:
    spaces = tuple(space for space in (_encoded(character, codec) for character in _SPACES) if space)
    width = len("\n".encode(codec))
    return _Layout(codec, f"\n{_HEADER}".encode(codec), _HEADER.encode(codec), spaces, width)


def _encoded(character: str, codec: str) -> bytes:
    return character.encode(codec, "ignore")


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield the stretches from one header to the next, and before the first one, in order; together they are the input.

    Raises `UndecodableInput` for what is no text, and `UnreadableInput` for text with neither headers nor repeats.
    """
    return stretches(stream, hints.encoding, CHUNK_BYTES, STRETCH_BYTES)


def stretches(stream: BinaryIO, declared: str | None, chunk_bytes: int, stretch_bytes: int) -> Iterator[Stretch]:
    """Do as `split` says; read `chunk_bytes` at a time and give out about `stretch_bytes` at the most.

    Where the cuts are doesn't depend on `chunk_bytes`.
    """
    data = _read_fully(stream, HEAD_BYTES)
    layout = _agreed_layout(data, declared)
    _refuse_what_is_no_text(data, layout)
    is_dump = _begins_with_header(data[mark_length(data) :], layout)
    byte_from = start = searched = 0
    is_last = False
    while True:
        header = _next_header(data, searched, layout)
        end = len(data) if header is None else header
        is_whole = is_last or header is not None
        if end - start > stretch_bytes + (0 if is_whole else layout.lookahead):
            end = start + _own_post_start(data[start : start + stretch_bytes], layout)
        elif not is_whole:
            chunk = stream.read(chunk_bytes)
            is_last = not chunk
            searched = max(0, len(data) - start - layout.lookahead)
            byte_from, data, start = byte_from + start, data[start:] + chunk, 0
            continue
        if end == start:
            return
        stretch = Stretch(byte_from + start, byte_from + end, data[start:end])
        if not is_dump and header != end:
            _refuse_what_has_no_repeat(stretch.data, layout)
        yield stretch
        is_dump = True
        start = searched = end


def _read_fully(stream: BinaryIO, count: int) -> bytes:
    """Read so many bytes, fewer only at the end: a pipe may give less at a time."""
    data = b""
    while len(data) < count and (chunk := stream.read(count - len(data))):
        data += chunk
    return data


def _agreed_layout(head: bytes, declared: str | None) -> _Layout:
    """Layout by mark or declaration, which must not contradict each other: later stretches have no mark."""
    codec = codec_of(head, declared)
    if declared is not None and not codec.startswith(codecs.lookup(declared).name.removesuffix("-sig")):
        raise UndecodableInput(
            f"a byte order mark of {codec}",
            f"the declared encoding {declared}",
            "correct the column `encoding` of the registry",
        )
    return _layout(codec)


def _next_header(data: bytes, searched: int, layout: _Layout) -> int | None:
    """Where the next header begins that stands on a line of its own; None if there is none so far."""
    needle = layout.header_on_new_line
    found = data.find(needle, searched)
    while found >= 0:
        if found % layout.width == 0 and data.startswith(layout.spaces, found + len(needle)):
            return found + layout.width
        found = data.find(needle, found + 1)
    return None


def _begins_with_header(data: bytes, layout: _Layout) -> bool:
    return data.startswith(layout.header) and data.startswith(layout.spaces, len(layout.header))


def _refuse_what_is_no_text(head: bytes, layout: _Layout) -> None:
    """Raise `UndecodableInput` if not one post of the head is text; a post that is not text is rejected by itself."""
    try:
        decode_head(head, layout.codec)
    except UndecodableInput:
        if not any(_is_text(piece, layout.codec) for piece in head.split(layout.header_on_new_line)):
            raise


def _is_text(data: bytes, codec: str) -> bool:
    try:
        return bool(data.strip()) and "\0" not in data.decode(codec)
    except UnicodeError:
        return False


def _refuse_what_has_no_repeat(data: bytes, layout: _Layout) -> None:
    text = data[mark_length(data) :].decode(layout.codec, "replace")
    if not any(repeats_in(text.splitlines())):
        raise UnreadableInput(f"text that begins {text[:80]!r}", _EXPECTED, _REMEDY)


def _own_post_start(data: bytes, layout: _Layout) -> int:
    """Where to cut a stretch that is too long: before the last text that surely has its whole repeat, or a line."""
    lines = data.decode(layout.codec, "replace").split("\n")
    surely = len(lines) - 2 * POST_LINES
    last = max((start for start, _ in repeats_in(lines) if 0 < start < surely), default=len(lines) - 1)
    before = len("".join(f"{line}\n" for line in lines[:last]).encode(layout.codec, "replace"))
    return min(before, len(data)) or len(data)


def claims(head: bytes) -> bool:
    """Tell whether the input has a header, and after it a text with its repeat, or nothing but the next header."""
    try:
        codec = codec_of(head, None)
    except UndecodableInput:
        return False
    if _layout(codec).header not in head:
        return False
    lines = _lines(head[mark_length(head) :].decode(codec, "replace"))
    headers = [index for index, line in enumerate(lines) if _is_header(line)]
    bodies = [lines[start + 1 : end] for start, end in pairwise([*headers, len(lines)])]
    begins_with_header = headers[:1] == [0]
    return any(
        _is_as_promised(body, is_bounded=begins_with_header or index + 1 < len(bodies))
        for index, body in enumerate(bodies)
    )


def _is_as_promised(body: Sequence[str], *, is_bounded: bool) -> bool:
    texts = texts_in(_without_placeholders(_trimmed(body)), has_header=True)
    if not texts or len(texts[0].lines) == 1:
        return is_bounded
    return not any(notice.code == "no_repeat" for notice in texts[0].notices)


def _is_header(line: str) -> bool:
    return line.startswith(_HEADER) and line[len(_HEADER) :].startswith(_SPACES)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def _trimmed(lines: Sequence[str]) -> Sequence[str]:
    """Lines without the empty ones at both ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]


def _without_placeholders(lines: Sequence[str]) -> list[str]:
    left_out = _placeholders(lines)
    return [line for index, line in enumerate(lines) if index not in left_out]


def _placeholders(lines: Sequence[str]) -> frozenset[int]:
    """Return the indices of the lines that stand for media, two for each."""
    pairs = (
        index
        for index, (line, after) in enumerate(pairwise(lines))
        if after == _PLACEHOLDER_BUTTON and line in _PLACEHOLDERS
    )
    return frozenset(position for index in pairs for position in (index, index + 1))


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the post under a header and own posts that follow it, or a rejection; nothing for a blank stretch."""
    data = stretch.data
    codec = _codec_of_stretch(data, hints.encoding)
    ordinary = _ordinary_post(stretch, codec)
    if ordinary is not None:
        return (post_record(ordinary, hints),)
    mark = mark_length(data)
    try:
        text = data[mark:].decode(codec)
    except UnicodeDecodeError as error:
        at = mark + error.start
        return (
            _rejection(
                stretch, codec, f"bytes that are no {codec} at byte {at} of the post ({data[at:][:3].hex(' ')} …)"
            ),
        )
    if "\0" in text:
        return (_rejection(stretch, codec, f"a NUL character at position {text.index(chr(0))} of the post"),)
    return tuple(post_record(post, hints) for post in _posts(stretch, text, codec))


def _ordinary_post(stretch: Stretch, codec: str) -> PostText | None:
    """Post whose body is X + X[1:], read without decoding the copy; None where anything at all is out of the ordinary.

    Of 4 KB for a post, half are the copy: equal bytes are equal text.
    """
    data = stretch.data
    if not data.startswith(_HEADER_BYTES) or b"\r" in data or b"\0" in data:
        return None
    header, _, body = data.rstrip(b"\n").partition(b"\n")
    first, _, after = body.partition(b"\n")
    middle = len(after) // 2  # after the first line the others stand twice, with a line break between
    if not first or first in _PLACEHOLDER_BYTES or after[:middle] != after[middle + 1 :]:
        return None
    if after and after[middle : middle + 1] != b"\n":
        return None
    try:
        name = header[len(_HEADER_BYTES) :].decode(codec)
        text = body[: len(body) - middle - 1 if after else None].decode(codec)
    except UnicodeDecodeError:
        return None
    return PostText(stretch.byte_from, stretch.byte_to, text, name)


def _codec_of_stretch(data: bytes, declared: str | None) -> str:
    """Return the codec by the mark at the beginning of the input, or by the letters of the header, else as declared."""
    if declared is None and data.startswith(_HEADER_BYTES):
        return "utf-8"
    if mark_length(data):
        return codec_of(data, None)
    shown = next((codec for header, codec in _WIDE_HEADERS if data.startswith(header)), None)
    return codec_of(_HEADER_BYTES, declared) if shown is None else shown


def _rejection(stretch: Stretch, codec: str, found: str) -> Rejection:
    is_cut = breaks_off(stretch.data[mark_length(stretch.data) :], codec)
    return Rejection(
        byte_from=stretch.byte_from,
        byte_to=stretch.byte_to,
        reason=Reason.BROKEN_OFF if is_cut else Reason.UNDECODABLE,
        found=f"a post that breaks off in the middle of a character, {found}" if is_cut else found,
        expected=f"a post in {codec}",
        remedy="fetch or copy the input again; if it is in another encoding, name that in the column `encoding` of the "
        "registry",
        excerpt=stretch.data[: 4 * _EXCERPT].decode(codec, "replace").replace("\0", "\N{SYMBOL FOR NULL}")[:_EXCERPT],
    )


def _posts(stretch: Stretch, text: str, codec: str) -> Iterator[PostText]:
    lines = _lines(text)
    name = lines[0][len(_HEADER) + 1 :] if _is_header(lines[0]) else None
    above = 0 if name is None else 1
    left_out = _placeholders(lines)
    kept = [index for index, line in enumerate(lines) if index >= above and index not in left_out]
    while kept and not lines[kept[-1]]:
        kept.pop()
    while kept and not lines[kept[0]]:
        kept.pop(0)
    texts = texts_in([lines[index] for index in kept], has_header=name is not None)
    if not texts and (name is not None or left_out):
        texts = [Repeated(0, [], (), (Notice("no_text", lines[0]),))]
    if not texts:  # nothing but blank lines above the first header
        return
    starts = [0, *(_with_placeholders(kept[text.line_from], left_out) for text in texts[1:])]
    line_starts = _line_starts(stretch, text, codec)
    for repeated, start, end in zip(texts, starts, [*starts[1:], len(lines)], strict=True):
        media = tuple(lines[index] for index in range(start, end) if index in left_out)
        yield PostText(
            byte_from=line_starts[start],
            byte_to=line_starts[end],
            text="\n".join(repeated.lines),
            forwarded_from=name if start == 0 else None,
            has_media_placeholder=bool(media),
            furniture=media + repeated.furniture,
            notices=repeated.notices,
        )


def _with_placeholders(line: int, placeholders: frozenset[int]) -> int:
    """Index of the first of the placeholders right above a line, or of the line."""
    while line - 1 in placeholders:
        line -= 1
    return line


def _line_starts(stretch: Stretch, text: str, codec: str) -> list[int]:
    """Return where each line of a stretch begins in the input, and its end; the first begins with the mark."""
    lengths = (len(f"{line}\n".encode(codec)) for line in text.split("\n")[:-1])
    inner = list(accumulate(lengths, initial=stretch.byte_from + mark_length(stretch.data)))
    return [stretch.byte_from, *inner[1:], stretch.byte_to]


FORMAT = Format(
    name="channel_dump",
    extractor_version=2,
    form="text dump of a channel preview",
    lost_in_form=(
        "paragraphs",
        "links",
        "bold and italics",
        "id",
        "date",
        "edit mark",
        "media",
        "views",
        "reactions",
        "name of the channel",
        "posts without text",
        "headers of own posts",
    ),
    is_ordered=True,
    claims=claims,
    split=split,
    read=read,
)
