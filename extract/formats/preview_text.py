"""The words of a preview: texts of its elements as published, their links, and elements by the names of their classes.

Knows HTML as Telegram's preview writes it and nothing of what a post is made of.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from extract.addresses import folded_address
from extract.markup import SILENT
from extract.model import Link, Notice
from extract.telegram import without_odd_characters

NO_BREAKS = "markup_line_breaks"
ODD_CHARACTERS = "odd_characters"

_BLOCKS = frozenset(("blockquote", "pre", "div", "p", "ul", "ol", "li", "table", "tr", "h1", "h2", "h3", "h4"))
# A line break of the markup, which is none of the publisher's, until it is known what stands around it.
_FOLD = "\0"
_MARKUP_BREAK = re.compile(r"[\r\n][ \t\r\n]*")
_BLANK = " \t"
_SECOND_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|#0?39|#33);")
_SCHEME = re.compile(r"(?i)(?:https?|ftp|tg|ton|tonsite|mailto):|//")
_TAG_SIGNS = ("#", "$")
_HASHTAG = re.compile(r"[?&]q=%2[34]", re.IGNORECASE)
_USER = re.compile(r"(?i)(?:https?:)?//(?:t\.me|telegram\.(?:me|dog))/[A-Za-z0-9_]+/?")

Marked = Mapping[str, list[LexborNode]]


CLOSED = ""  # no name of a class


def marked(root: LexborNode, closed: frozenset[str]) -> Marked:
    """Return the elements below a node by each name of their classes, in the order of the page.

    What stands in an element with a name of `closed` is left out; the element itself is not, and stands by the name
    `CLOSED` too.
    """
    found: dict[str, list[LexborNode]] = {}
    stack = [root.first_child]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        stack.append(node.next)
        tag = node.tag
        if tag == "-text" or tag in SILENT:
            continue
        names = (node.attributes.get("class") or "").split()
        for name in names:
            found.setdefault(name, []).append(node)
        if closed.isdisjoint(names):
            stack.append(node.first_child)
        else:
            found.setdefault(CLOSED, []).append(node)
    return found


def first(found: Marked, *names: str) -> LexborNode | None:
    """Return the first element with the first of these names that is there."""
    return next((found[name][0] for name in names if name in found), None)


@dataclass(slots=True)
class _Writer:
    """A text that is being written from the pieces of its markup."""

    pieces: list[str] = field(default_factory=list)
    links: list[tuple[str, int, bool]] = field(default_factory=list)  # address, pieces before it, escaped twice
    done: list[Link] = field(default_factory=list)
    is_block_ended: bool = False
    preformatted: int = 0
    last: str = "\n"  # the last character that is not blank

    def write(self, text: str) -> None:
        """Add text as it stands; line breaks of the markup are told apart, but in preformatted text they count."""
        if self.preformatted:
            text = text.replace("\r\n", "\n")
        elif "\n" in text or "\r" in text:
            text = _MARKUP_BREAK.sub(_FOLD, text)
        visible = text.rstrip(f"{_BLANK}{_FOLD}")
        if visible:
            if self.is_block_ended:
                self.break_line()
            self.last = visible[-1]
        self.pieces.append(text)

    def break_line(self) -> None:
        """Add a line break; one after the end of a block is the one that the block needs."""
        self.is_block_ended = False
        self.last = "\n"
        self.pieces.append("\n")

    def border(self) -> None:
        """Part what follows from what stands there, where no line break does it."""
        self.is_block_ended = self.last != "\n"

    def begin_link(self, node: LexborNode) -> None:
        """Note where a link begins."""
        # Links that ask before they are followed have their address escaped twice, the others once: seen on pages of
        # 2026, where `&` stands as `&amp;amp;` in them.
        attributes = node.attributes
        self.links.append((attributes.get("href") or "", len(self.pieces), "onclick" in attributes))

    def end_link(self) -> None:
        """Keep the link that began last, if it leads anywhere."""
        if not self.links:
            return
        address, start, is_twice = self.links.pop()
        if is_twice:
            address = _SECOND_ESCAPE.sub(lambda match: html.unescape(match[0]), address)
        text = _unfolded("".join(self.pieces[start:]))[0].strip()
        link = external_link(text, address.strip())
        if link is not None:
            self.done.append(link)


def external_link(text: str, address: str) -> Link | None:
    """Return a link of a text; None for hashtags, mentions, commands, and for what leads nowhere or runs a script."""
    if not _SCHEME.match(address):
        return None
    if text.startswith(_TAG_SIGNS) and _HASHTAG.search(address):
        return None
    if text.startswith("@") and (_USER.fullmatch(address) or address.startswith("tg:")):
        return None
    if address.startswith("tg:") and text.startswith("/"):
        return None
    text, address = without_odd_characters(text)[0], without_odd_characters(address)[0]
    return Link(text, text if text == address or _is_bare(text, address) else address)


def _is_bare(text: str, address: str) -> bool:
    """Say whether a text is the address itself, to which the page has added a scheme or escapes."""
    if "." not in text or " " in text or address.startswith("mailto:"):
        return False
    return folded_address(text) == folded_address(address)


def text_of(node: LexborNode) -> tuple[str, tuple[Link, ...], tuple[Notice, ...]]:
    """Return the text of an element as published, its links in the order of the text, and what was odd.

    `<br>` is a line break, a block stands on lines of its own. Telegram writes no line breaks of the markup into a
    text, but programs that save pages do: they are read as browsers show them, as a space or as nothing.
    """
    writer = _Writer()
    stack = [(node.first_child, False)]
    while stack:  # without recursion, and without a list of the children of each element: texts have many
        current, is_end = stack.pop()
        if current is None:
            continue
        tag = current.tag or ""
        if is_end:
            _end(writer, tag)
            continue
        stack.append((current.next, False))
        if tag == "-text":
            writer.write(current.text_content or "")
        elif tag not in SILENT and not tag.startswith("-"):
            _begin(writer, current, tag)
            stack.append((current, True))
            stack.append((current.first_child, False))
    text, folded_count = _unfolded("".join(writer.pieces))
    text, odd_count = without_odd_characters(text.strip())
    notices = []
    if folded_count:
        notices.append(Notice(NO_BREAKS, str(folded_count)))
    if odd_count:
        notices.append(Notice(ODD_CHARACTERS, str(odd_count)))
    return text, tuple(writer.done), tuple(notices)


def _begin(writer: _Writer, node: LexborNode, tag: str) -> None:
    if tag == "br":
        writer.break_line()
    elif tag == "a":
        writer.begin_link(node)
    elif tag in _BLOCKS:
        writer.border()
        writer.preformatted += tag == "pre"
    elif tag == "img" and "emoji" in (node.attributes.get("class") or "").split():
        # Scripts of the page put pictures in place of emoji; the sign stands in `alt`.
        writer.write(node.attributes.get("alt") or "")


def _end(writer: _Writer, tag: str) -> None:
    if tag == "a":
        writer.end_link()
    elif tag in _BLOCKS:
        writer.border()
        writer.preformatted -= tag == "pre"


def _unfolded(text: str) -> tuple[str, int]:
    """Return a text with the line breaks of its markup as browsers show them, and how many stood within its lines."""
    if _FOLD not in text:
        return text, 0
    above, *below = text.split(_FOLD)
    pieces, count, last = [above.rstrip(_BLANK)], 0, above.rstrip(_BLANK)[-1:] or "\n"
    for number, piece in enumerate(below, start=1):
        kept = piece.lstrip(_BLANK) if number == len(below) else piece.strip(_BLANK)
        if not kept:
            continue
        if last != "\n" and kept[0] != "\n":
            pieces.append(" ")
            count += 1
        pieces.append(kept)
        last = kept[-1]
    return "".join(pieces), count


def label_of(node: LexborNode | None) -> str | None:
    """Return a name or a label, as printed; None where there is none."""
    return None if node is None else text_of(node)[0] or None


def labels_of(nodes: Iterable[LexborNode]) -> list[str]:
    """Return the labels of elements, those without words left out."""
    return [label for node in nodes if (label := label_of(node))]
