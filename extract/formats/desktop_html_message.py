"""One message of Telegram Desktop's HTML as its parts.

Knows neither where its bytes are nor what the parts make together. The exporter's own words around a post are told
from the publisher's by the classes of the elements; what has a class that is not known is kept as furniture.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from selectolax.lexbor import LexborNode

from extract.formats.desktop_html_media import attached, classes, elements, line_of
from extract.markup import inline_text, walked
from extract.model import Link, Media, Notice, Poll

_VIA = re.compile(r" via @[A-Za-z0-9_]+$")
_TARGET = re.compile(r"#go_to_message(-?\d{1,18})$")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# A phone number is none of the links that other forms carry; the others are none that a post can have.
_NO_LINK_SCHEMES = frozenset(("tel", "javascript", "vbscript", "data", "file"))
_EXPORTED = re.compile(r"(?:\.\./)*(?:chats/chat_\d+/)?(?:stickers|files|photos|video_files)/|#")
_NO_NAME = "Deleted Account"
_BLOCKS = frozenset(
    ("article", "aside", "blockquote", "details", "div", "figcaption", "figure", "footer", "header", "hr", "p", "pre")
)
_ROWS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "section", "summary", "table", "tr", "ul"))
_RICH_MEDIA = frozenset(("media_wrap", "rich_diff_previous"))  # what stands in a rich text and is none of its words
_WHITE = re.compile(r"[ \t\n\r]+")


@dataclass(slots=True)
class Parts:
    """What was found of a message so far."""

    to_top: str  # "../../" where paths start at the top of an account-wide export
    printed_date: str | None = None
    sender: str | None = None  # the name above the message, which is the channel's own title
    texts: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    poll: Poll | None = None
    poll_votes: tuple[int, ...] | None = None
    poll_voters: int | None = None
    reply_to: int | None = None
    author: str | None = None
    is_forwarded: bool = False
    has_forwarded_name: bool = False
    forwarded_from: str | None = None
    forwarded_date: str | None = None
    buttons: list[Link] = field(default_factory=list)
    reactions: dict[str, int] = field(default_factory=dict)
    furniture: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that a publisher can have sent."""
        return not (any(self.texts) or self.media or self.buttons)


def parts_of(message: LexborNode, to_top: str) -> Parts:
    """Return what the element of a default message holds."""
    parts = Parts(to_top)
    for node in elements(message):
        if "body" in classes(node):
            _read_body(node, parts)
    return parts


def linked_message(node: LexborNode) -> int | None:
    """Return the id of the message of this chat that a line links to."""
    for part in elements(node):
        match = _TARGET.search(part.attributes.get("href") or "")
        if match is not None:
            return int(match[1])
    return None


def _read_body(body: LexborNode, parts: Parts) -> None:
    for node in elements(body):
        names = classes(node)
        if "userpic_wrap" in names:
            continue
        reader = next((_READERS[name] for name in names if name in _READERS), None)
        if reader is not None:
            reader(node, parts)
        elif any(name.startswith("rich_") for name in names):
            _read_rich(node, parts)
        else:
            parts.notices.append(Notice("unknown_part", " ".join(names)[:100] or node.tag or ""))
            parts.furniture.extend(filter(None, (line_of(node),)))


def _read_date(node: LexborNode, parts: Parts) -> None:
    parts.printed_date = (node.attributes.get("title") or "").strip()


def _read_name(node: LexborNode, parts: Parts) -> None:
    """Read the name above a message. A bot's is kept as furniture.

    Above a forwarded one it is the origin's, with the date of the original.
    """
    name, _ = inline_text(node)
    for part in elements(node):
        if "date" in classes(part):
            parts.forwarded_date = (part.attributes.get("title") or "").strip()
            name = name.rstrip().removesuffix(inline_text(part)[0].rstrip())
    name = name.strip()
    via = _VIA.search(name)
    if via is not None:
        name = name[: via.start()].strip()
        parts.furniture.append(via[0].strip())
    if parts.is_forwarded:
        parts.has_forwarded_name = True
        parts.forwarded_from = None if name in ("", _NO_NAME) else name
    else:
        parts.sender = name or None


def _read_forwarded(node: LexborNode, parts: Parts) -> None:
    parts.is_forwarded = True
    _read_body(node, parts)


def _read_reply(node: LexborNode, parts: Parts) -> None:
    parts.reply_to = linked_message(node)


def _read_media(node: LexborNode, parts: Parts) -> None:
    for one in attached(node, parts.to_top):
        parts.media.append(one.media)
        parts.notices.extend(one.notices)
        if one.poll is not None:
            parts.poll, parts.poll_votes, parts.poll_voters = one.poll, one.votes, one.voters


def _read_text(node: LexborNode, parts: Parts) -> None:
    text, links = inline_text(node)
    parts.texts.append(text.strip())
    parts.links.extend(_outward(links))


def _outward(links: tuple[Link, ...]) -> Iterator[Link]:
    """Leave out what leads nowhere outside: hashtags and commands have no address, mentions one made of their name.

    A custom emoji links to its own file in the export.
    """
    for link in links:
        scheme = _SCHEME.match(link.address)
        is_mention = link.text.startswith("@") and link.address.endswith(f"/{link.text[1:]}")
        if is_mention or (scheme is not None and scheme[1].lower() in _NO_LINK_SCHEMES):
            continue
        if link.address and not _EXPORTED.match(link.address):
            yield link


def _read_author(node: LexborNode, parts: Parts) -> None:
    parts.author = line_of(node) or None


def _read_buttons(node: LexborNode, parts: Parts) -> None:
    """Read the buttons of a bot. Only one that opens a page has an address; what others do stands in a script."""
    for button in node.css(".bot_button"):
        link = button.css_first("a[href]")
        parts.buttons.append(Link(line_of(button), "" if link is None else link.attributes.get("href") or ""))


def _read_reactions(node: LexborNode, parts: Parts) -> None:
    """Count reactions. Where those who reacted are shown with their pictures in place of a count, these are counted."""
    for reaction in elements(node):
        names = classes(reaction)
        if "reaction" not in names:
            continue
        by_class = {name: part for part in elements(reaction) for name in classes(part)}
        emoji, count, people = (by_class.get(name) for name in ("emoji", "count", "userpics"))
        if emoji is None:
            continue
        name = "paid" if "paid" in names else "custom_emoji" if any(elements(emoji)) else line_of(emoji)
        printed = line_of(count)
        if printed.isdecimal() and len(printed) <= 12:
            parts.reactions[name] = parts.reactions.get(name, 0) + int(printed)
        elif people is not None:
            parts.reactions[name] = parts.reactions.get(name, 0) + sum(1 for _ in elements(people))


def _read_rich(node: LexborNode, parts: Parts) -> None:
    """Read a text in blocks, as builds of 2026 write it in place of `div.text`: one line for each block."""
    pieces: list[str] = []
    links: list[tuple[str, int]] = []
    outside = 0  # how many elements are open that are none of the words
    for current, is_end in walked(node):
        tag = current.tag or ""
        if tag == "-text":
            pieces.append("" if outside else _WHITE.sub(" ", current.text_content or ""))
            continue
        if _RICH_MEDIA.intersection(classes(current)):
            outside += -1 if is_end else 1
            if not is_end and "media_wrap" in classes(current):
                _read_media(current, parts)
        elif tag in _BLOCKS or tag in _ROWS or (tag == "br" and not is_end):
            pieces.append("\n")
        elif tag in ("td", "th") and is_end:
            pieces.append("\t")
        elif tag == "a" and not outside:
            if not is_end:
                links.append((current.attributes.get("href") or "", len(pieces)))
            elif links:
                address, start = links.pop()
                parts.links.extend(_outward((Link("".join(pieces[start:]).strip(), address),)))
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    parts.texts.append("\n".join(line for line in lines if line))
    parts.notices.append(Notice("rich_message", ""))


_READERS: MappingProxyType[str, Callable[[LexborNode, Parts], None]] = MappingProxyType(
    {
        "date": _read_date,
        "from_name": _read_name,
        "forwarded": _read_forwarded,
        "reply_to": _read_reply,
        "media_wrap": _read_media,
        "text": _read_text,
        "signature": _read_author,
        "bot_buttons_table": _read_buttons,
        "reactions": _read_reactions,
    }
)
