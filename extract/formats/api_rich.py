"""Rich messages, which Telegram has had since 2026: blocks with a markup of their own, in place of a plain text.

The words are taken in the order in which they are shown, one line for each block, cells of a table parted by tabs.
"""

from dataclasses import dataclass, field
from typing import Any

from extract.formats.api_json import Json
from extract.formats.api_names import type_of
from extract.formats.api_values import items, members, string
from extract.model import Link

# Where a block keeps its words, in the order in which they are shown.
_TITLES = ("title", "text", "author", "source")
_NESTED = ("cover", "blocks", "items", "rows")
_ENDINGS = ("caption", "credit")
_NO_BLOCKS = frozenset({"pageblockrelatedarticles", "pageblockanchor"})


@dataclass(frozen=True, slots=True)
class RichText:
    """The words of a rich message, and where they lead."""

    text: str
    links: tuple[Link, ...]


@dataclass(slots=True)
class _Gathered:
    lines: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def rich_text(rich: Json) -> RichText:
    """Return the words of a rich message."""
    gathered = _Gathered()
    for block in items(rich.get("blocks")):
        _gather(block, gathered)
    return RichText("\n".join(gathered.lines), tuple(gathered.links))


def _gather(block: Json, gathered: _Gathered) -> None:
    if type_of(block) in _NO_BLOCKS:
        return
    if isinstance(block.get("cells"), list):
        cells = [_words(cell.get("text"), gathered) for cell in items(block["cells"])]
        gathered.lines.append("\t".join(cells))
        return
    for name in _TITLES:
        _add_line(block.get(name), gathered)
    for name in _NESTED:
        inner = block.get(name)
        for one in [inner] if isinstance(inner, dict) else items(inner):
            _gather(one, gathered)
    for name in _ENDINGS:
        ending = block.get(name)
        if type_of(members(ending)) == "pagecaption":
            _gather(members(ending), gathered)
        else:
            _add_line(ending, gathered)


def _add_line(value: Any, gathered: _Gathered) -> None:
    words = _words(value, gathered)
    if words.strip():
        gathered.lines.append(words)


def _words(value: Any, gathered: _Gathered) -> str:
    """Return the words of a rich text, which is a string or nested objects; note where they lead."""
    if isinstance(value, str):
        return value
    text = members(value)
    if isinstance(text.get("texts"), list):
        return "".join(_words(one, gathered) for one in text["texts"])
    words = _words(text.get("text"), gathered) if "text" in text else string(text.get("alt")) or ""
    address = _address(text, words)
    if address and words:
        gathered.links.append(Link(words, address))
    return words


def _address(text: Json, words: str) -> str | None:
    kind = type_of(text)
    if kind in {"textemail", "textautoemail"}:
        return f"mailto:{string(text.get('email')) or words}"
    return words if kind == "textautourl" else string(text.get("url"))
