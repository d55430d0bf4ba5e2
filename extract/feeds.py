"""Feeds of the ministry's site, RSS and Atom: which documents one names.

Read by expat, event by event. A feed that declares entities is refused before any is used, so that nothing can grow.
Ampersands that begin no reference, and names of HTML's characters, are mended first: feeds have both.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.entities import html5
from xml.parsers import expat

from extract.addresses import is_ministry, resolved
from extract.blocks import folded
from extract.encoding import borne_out, decode, mark_length
from extract.errors import BrokenOff, ExtractError, TooLarge, UnreadableInput
from extract.formats.page_verdicts import challenge_in
from extract.found import Directory, Found, documents_in
from extract.markup import MOST_BYTES, leaves_ascii_alone

FEED_VERSION = 1  # goes up with each change that alters what is read

_MOST_DEPTH = 200
_MOST_ENTRIES = 50_000
_EXPECTED = "a feed in RSS or Atom"
_REMEDY = "look at its address"
_ROOTS = frozenset(("rss", "feed", "RDF"))
_ENTRIES = frozenset(("item", "entry"))
# Elements of an entry by what they tell, in the order in which they are believed.
_DATES = ("pubDate", "published", "issued", "date", "updated", "modified")
_TEXTS = frozenset(("title", "link", "guid", "category", "subject", *_DATES))
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_XML_BASE = "http://www.w3.org/XML/1998/namespace base"
_DECLARED = re.compile(rb"\s*<\?xml\b[^<>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})[\"']")
_HTML = re.compile(
    r"(?i)\s*(?:<\?xml\b[^<>]{0,200}\?>\s*)?(?>(?:<!--(?>.{0,2000}?-->)\s*)*)<(?:!doctype\s+html|html|head|body|script|meta|div|title)\b",
    re.DOTALL,
)
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#([0-9]{1,8}|x[0-9A-Fa-f]{1,7});|([A-Za-z][A-Za-z0-9]{1,31});)?", re.DOTALL
)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"<[^<>]*>")
_ENDS_EARLY = frozenset(
    (
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    )
)


def feed_in(data: bytes, address: str, declared: str | None = None) -> Directory:
    """Return what a feed names; nothing for one without entries.

    `address` is its own, `declared` the encoding that its server names. Raises `ChallengePage`, `UnreadableInput` for
    HTML and other forms, `BrokenOff`, `UndecodableInput`, `TooLarge`.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a feed of {len(data):,} bytes", f"at most {MOST_BYTES:,}", _REMEDY)
    text = _text(data, declared)
    if _HTML.match(text) is not None or "<" not in text:
        raise _no_feed(data, "a page in HTML" if "<" in text else "text without markup")
    reading = _Reading(address)
    try:
        _parser(reading).Parse(_mended(text).encode(), True)  # noqa: FBT003 -- expat takes it by place
    except expat.ExpatError as error:
        raise _broken(data, error, has_begun=bool(reading.open or reading.has_root)) from error
    return Directory(documents_in(reading.found), reading.next_address)


def _text(data: bytes, declared: str | None) -> str:
    """Return the text by byte order mark, by what the server or the feed declares where the bytes bear it out."""
    if declared is None and not mark_length(data):
        found = _DECLARED.match(data)
        name = None if found is None else found[1].decode("ascii")
        declared = name if name is not None and leaves_ascii_alone(name) else None
    return decode(data, borne_out(data, declared))


def _mended(text: str) -> str:
    """Return the text of a feed with every reference known to XML, and without what XML can't hold."""
    return _AMPERSAND.sub(_reference, _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _reference(match: re.Match[str]) -> str:
    number, name = match[1], match[2]
    if match[0].startswith("<") or name in _XML_NAMES:
        return match[0]
    if number is not None:
        code = int(number[1:], 16) if number[0] == "x" else int(number)
        is_sound = code <= 0x10FFFF and _NO_XML.match(chr(code)) is None
        return f"&#{code};" if is_sound else "\N{REPLACEMENT CHARACTER}"
    character = html5.get(f"{name};") if name is not None else None
    return f"&amp;{match[0][1:]}" if character is None else "".join(f"&#{ord(sign)};" for sign in character)


@dataclass(slots=True)
class _Element:
    """One element that is open."""

    name: str  # without its namespace
    attributes: Mapping[str, str]
    base: str  # against which its addresses are resolved
    pieces: list[str] | None  # of its text; None where nothing is made of it


@dataclass(slots=True)
class _Entry:
    """What an entry has told so far."""

    depth: int
    base: str
    texts: dict[str, str] = field(default_factory=dict)  # the first of each name
    links: dict[str, str] = field(default_factory=dict)  # by their relation
    tags: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """A feed while it is read."""

    address: str
    open: list[_Element] = field(default_factory=list)
    entry: _Entry | None = None
    found: list[Found] = field(default_factory=list)
    next_address: str | None = None
    has_root: bool = False

    def start(self, printed: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        name = printed.rpartition(" ")[2]
        if not self.has_root and name not in _ROOTS:
            raise UnreadableInput(f"markup whose outermost element is {name[:40]!r}", _EXPECTED, _REMEDY)
        self.has_root = True
        if len(self.open) >= _MOST_DEPTH:
            raise TooLarge(f"elements that are nested more than {_MOST_DEPTH} deep", _EXPECTED, _REMEDY)
        above = self.open[-1].base if self.open else self.address
        base = resolved(attributes[_XML_BASE], above) if _XML_BASE in attributes else above
        is_of_entry = self.entry is not None and len(self.open) == self.entry.depth + 1
        self.open.append(_Element(name, attributes, base, [] if is_of_entry and name in _TEXTS else None))
        if self.entry is None and name in _ENTRIES:
            self.entry = _Entry(len(self.open) - 1, base)
        elif name == "link" and "href" in attributes:
            self._link(self.open[-1], is_of_entry=is_of_entry)

    def _link(self, element: _Element, *, is_of_entry: bool) -> None:
        relation = element.attributes.get("rel", "alternate")
        to = resolved(element.attributes["href"], element.base)
        if is_of_entry and self.entry is not None:
            self.entry.links.setdefault(relation, to)
        elif self.entry is None and relation == "next" and is_ministry(to):
            self.next_address = to

    def text(self, piece: str) -> None:
        """Take in a piece of text, for the element of an entry that it stands in or below."""
        if self.entry is None:
            return
        depth = self.entry.depth + 1
        if len(self.open) > depth and (pieces := self.open[depth].pieces) is not None:
            pieces.append(piece)

    def end(self, _: str) -> None:
        """Take in the end of an element."""
        element = self.open.pop()
        entry = self.entry
        if entry is None:
            return
        if len(self.open) == entry.depth:
            self.entry = None
            self.found.append(_found(entry, element))
            if len(self.found) > _MOST_ENTRIES:
                raise TooLarge(f"a feed of more than {_MOST_ENTRIES:,} entries", "one that a reader takes", _REMEDY)
        elif element.pieces is not None:
            _take(entry, element, "".join(element.pieces))


def _take(entry: _Entry, element: _Element, text: str) -> None:
    """Keep what an element of an entry tells."""
    if element.attributes.get("type") == "html":
        text = html.unescape(_TAG.sub("", text))
    said = folded(text)
    if element.name in ("category", "subject"):
        tag = folded(element.attributes.get("label") or element.attributes.get("term") or said)
        if tag:
            entry.tags.setdefault(tag)
    elif element.name == "guid" and element.attributes.get("isPermaLink", "true").lower() != "true":
        return
    elif said:
        value = resolved(said, element.base) if element.name in ("link", "guid") else said
        entry.texts.setdefault(element.name, value)


def _found(entry: _Entry, element: _Element) -> Found:
    about = element.attributes.get("http://www.w3.org/1999/02/22-rdf-syntax-ns# about")
    addresses = (entry.texts.get("link"), entry.links.get("alternate"), entry.texts.get("guid"), about)
    return Found(
        next(filter(None, addresses), "").partition("#")[0],
        entry.texts.get("title"),
        next((entry.texts[name] for name in _DATES if name in entry.texts), None),
        tuple(entry.tags),
    )


def _parser(reading: _Reading) -> expat.XMLParserType:
    """Return a parser that hands on what it reads; the encoding is settled, whatever the feed declares."""
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse_entities
    return parser


def _refuse_entities(name: str, _system: str | None, _public: str | None, has_declarations: int) -> None:
    """Raise `UnreadableInput` for a document type that declares something of its own."""
    if has_declarations:
        raise UnreadableInput(
            f"a document type {name[:40]!r} that declares entities or elements", f"{_EXPECTED} without any", _REMEDY
        )


def _no_feed(data: bytes, found: str) -> ExtractError:
    return challenge_in(data) or UnreadableInput(found, _EXPECTED, _REMEDY)


def _broken(data: bytes, error: expat.ExpatError, *, has_begun: bool) -> ExtractError:
    if has_begun and error.code in _ENDS_EARLY:
        return BrokenOff("a feed that breaks off", "a feed up to its end", "fetch it again")
    what = expat.ErrorString(error.code)
    return _no_feed(data, f"what is no sound XML (line {error.lineno}, column {error.offset}: {what})")
