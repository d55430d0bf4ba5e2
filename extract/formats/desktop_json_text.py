"""The words of a message in Telegram Desktop's JSON, with their links.

A text is a string, or a list of strings and of objects with one type each; since 2026 also blocks (`rich_message`),
whose texts are objects within objects. There are no offsets: the pieces stand in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from extract.model import Link, Media, MediaKind

DEEPEST = 64  # blocks within blocks; Telegram's own limit is far below
_EMAIL = "mailto:"
_SILENT_BLOCKS = frozenset({"anchor", "divider"})
# Where a block keeps its words, in the order in which they are shown; a caption stands below all else.
_WORDS_FIRST = ("title", "author", "text", "formula")
_KNOWN_BLOCKS = frozenset(
    {
        *("heading", "paragraph", "footer", "thinking", "author_date", "code", "list", "quote", "photo", "video"),
        *("cover", "embed", "embed_post", "collage", "slideshow", "channel", "audio", "file", "math", "table"),
        *("details", "related_articles", "map", "input_map", "button_row", "item"),
    }
)


@dataclass(slots=True)
class Words:
    """A text as it is put together."""

    lines: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    media_fields: list[dict[str, object]] = field(default_factory=list)  # of blocks, as a message has them
    media: list[Media] = field(default_factory=list)
    buttons: list[Link] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)  # types of blocks whose words are not known

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def text_of(value: object) -> str:
    """Return a text without its links: of a poll, a button, a list of things to do."""
    return value if isinstance(value, str) else linked_text(value)[0]


def linked_text(value: object, entities: object = None) -> tuple[str, tuple[Link, ...]]:
    """Return a text as a string, and its links in order; `entities` are its pieces where it is a plain string."""
    if isinstance(value, list):
        return _joined(value)
    if not isinstance(value, str):
        return "", ()
    if not isinstance(entities, list) or len(entities) < 2:
        return value, ()
    text, links = _joined(entities)
    return value, links if text == value else ()


def _joined(pieces: list[object]) -> tuple[str, tuple[Link, ...]]:
    texts: list[str] = []
    links: list[Link] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
        elif isinstance(piece, dict):
            text = piece.get("text")
            if isinstance(text, str):
                texts.append(text)
                address = _address(piece, text)
                if address:
                    links.append(Link(text, address))
    return "".join(texts), tuple(links)


def _address(piece: dict[str, object], text: str) -> str | None:
    """Address that a piece leads to; hashtags, mentions and the like lead to none."""
    kind = piece.get("type")
    if kind == "link":
        return text
    if kind == "text_link":
        href = piece.get("href")
        return href if isinstance(href, str) else None
    if kind == "email":
        named = piece.get("email")
        return _EMAIL + (named if isinstance(named, str) else text)
    return None


def rich_words(value: object) -> Words:
    """Return the words of a `rich_message`: a line for each heading, paragraph, item of a list or row of a table."""
    words = Words()
    blocks = value.get("blocks") if isinstance(value, dict) else None
    for block in blocks if isinstance(blocks, list) else ():
        _block(words, block, DEEPEST)
    if isinstance(value, dict) and value.get("part") is True:
        words.not_shown.append("the rest of it")
    return words


def _block(words: Words, block: object, depth: int) -> None:
    if not isinstance(block, dict) or not depth:
        words.not_shown.append("deeper blocks" if isinstance(block, dict) else "no block")
        return
    kind = block.get("type", "item")
    if kind in _SILENT_BLOCKS:
        return
    if kind == "related_articles":
        _related(words, block)
        return
    if kind not in _KNOWN_BLOCKS:
        words.not_shown.append(str(kind)[:40])
    _add_media(words, block, str(kind))
    for key in _WORDS_FIRST:
        _line(words, block.get(key), depth)
    for row in _listed(block.get("rows")):
        _row(words, row, depth)
    for one in _inner_blocks(block):
        _block(words, one, depth - 1)
    for button in _listed(block.get("buttons")):
        _button(words, button, depth)
    _caption(words, block.get("caption"), depth)


def _inner_blocks(block: dict[str, object]) -> list[object]:
    only = block.get("block")
    return [*_listed(block.get("blocks")), *_listed(block.get("items")), *([] if only is None else [only])]


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _add_media(words: Words, block: dict[str, object], kind: str) -> None:
    if kind == "photo":
        words.media_fields.append({"photo": block.get("photo", "")} | block)
    elif kind in ("video", "audio", "file"):
        usual = {"video": "video_file", "audio": "audio_file"}
        words.media_fields.append(
            {"file": block.get("file", "")} | ({"media_type": usual[kind]} if kind in usual else {}) | block
        )
    elif kind in ("map", "input_map"):
        words.media.append(Media(MediaKind.LOCATION))
    elif kind == "embed":
        address = block.get("url")
        words.media.append(Media(MediaKind.OTHER, address=address if isinstance(address, str) else None))


def _related(words: Words, block: dict[str, object]) -> None:
    """Links to other pages with their titles, which stand below a text like the preview of a link."""
    words.furniture.append(_inline(Words(), block.get("title"), DEEPEST))
    for article in _listed(block.get("articles")):
        title = article.get("title") if isinstance(article, dict) else None
        if isinstance(title, str):
            words.furniture.append(title)
    words.furniture[:] = [line for line in words.furniture if line]


def _line(words: Words, value: object, depth: int) -> None:
    text = _inline(words, value, depth)
    if text:
        words.lines.append(text)


def _row(words: Words, row: object, depth: int) -> None:
    cells = _listed(row.get("cells")) if isinstance(row, dict) else ()
    texts = [_inline(words, cell.get("text"), depth) if isinstance(cell, dict) else "" for cell in cells]
    if any(texts):
        words.lines.append("\t".join(texts))


def _caption(words: Words, value: object, depth: int) -> None:
    if isinstance(value, dict) and "type" not in value:
        _line(words, value.get("text"), depth)
        _line(words, value.get("credit"), depth)
    else:
        _line(words, value, depth)


def _button(words: Words, value: object, depth: int) -> None:
    if isinstance(value, dict):
        action = value.get("button")
        address = action.get("url") if isinstance(action, dict) else None
        label = _inline(Words(), value.get("text"), depth)
        words.buttons.append(Link(label, address if isinstance(address, str) else ""))


def _inline(words: Words, value: object, depth: int) -> str:
    """Text of a piece with all pieces in it; its links and buttons are put down on the way."""
    if isinstance(value, str):
        return value
    if not depth:
        return ""
    if isinstance(value, list):
        return "".join(_inline(words, piece, depth - 1) for piece in value)
    return _piece(words, value, depth - 1) if isinstance(value, dict) else ""


def _piece(words: Words, piece: dict[str, object], depth: int) -> str:
    kind = piece.get("type")
    if kind == "button":
        _button(words, piece, depth)
        return ""
    if kind == "inline_image":
        words.media_fields.append({"file": piece.get("file", "")} | piece)
    at = len(words.links)
    text = _inline(words, piece.get("source" if kind == "math" else "text"), depth)
    address = _address(piece, text)
    if address:
        words.links.insert(at, Link(text, address))
    return text
