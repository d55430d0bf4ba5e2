"""HTML as text: parsed once by lexbor (selectolax), walked without recursion, scripts and styles never read."""

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.encoding import decode, mark_length
from extract.errors import TooLarge
from extract.model import Link

MOST_BYTES = 64 << 20  # of one page; the largest that the ministry's site is known to serve are below 1 MB
MOST_DEPTH = 2_000  # lexbor's time grows with the square of the depth; browsers give up at 512
_FEW_TAGS = 300  # so few are neither deep nor many
# A browser opens formatting that was left open anew in each element below: 1,900 open `<b>` above 5,000 paragraphs,
# 60 KB, took 10 s and 3.8 GB. So many take less than a second.
_MOST_REOPENED = 500_000
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# lexbor compares each attribute of a tag with those before it: 100,000 of them, 700 KB, took 18 s, so many 0.3 s.
_MOST_ATTRIBUTES = 10_000
_ATTRIBUTE = rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG_WITH_ATTRIBUTES = re.compile(rb"<[a-zA-Z][^\s/>]*+((?:" + _ATTRIBUTE + rb")*+)")
_FEW_BYTES = 200  # so many hold no more than 100 attributes
# Elements that hold nothing, and those that another of their kind ends: none of them is nested by itself.
_FLAT = frozenset(b"area base br col embed hr img input link meta source track wbr".split()) | frozenset(
    b"p li dt dd td th tr option thead tbody tfoot".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_CHARSET = re.compile(rb"(?i)<meta\b[^<>]{0,500}?\bcharset\s*=\s*[\"']?\s*([a-z0-9_:.-]{1,40})")
_CHARSET_WITHIN = 4_096  # HTML allows it in the first 1,024; comments of those who save pages stand above it
_ASCII = bytes(range(0x20, 0x7F))
_REMEDY = "look at the file: it is hardly a page"
SILENT = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "textarea", "select"))


def declared_in_markup(data: bytes) -> str | None:
    """Return the encoding that a page declares in its head; None for one that can't be right, since it was read."""
    found = None if mark_length(data) else _CHARSET.search(data, 0, _CHARSET_WITHIN)
    name = None if found is None else found[1].decode("ascii")
    return name if name is not None and leaves_ascii_alone(name) else None


def leaves_ascii_alone(encoding: str) -> bool:
    """Say whether each character of ASCII is the same byte in an encoding; no for a name that is not known."""
    try:
        codec = codecs.lookup(encoding).name
        return _ASCII.decode().encode(codec) == _ASCII
    except (LookupError, UnicodeError):
        return False


def parsed(data: bytes, declared: str | None) -> LexborHTMLParser:
    """Return the tree of a page or of a piece of one.

    Raises `TooLarge` for more bytes or deeper nesting than a page has, `UndecodableInput` for what is no text.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a page of {len(data):,} bytes", f"at most {MOST_BYTES:,}", _REMEDY)
    text = decode(data, declared)
    if b"\0" in data:  # two bytes a sign, in which no tag would be found
        data = text.encode()
    if data.count(b"<") > _FEW_TAGS:
        _refuse_a_bomb(data)
    _refuse_endless_tags(data)
    return LexborHTMLParser(text)


def _refuse_endless_tags(data: bytes) -> None:
    """Raise `TooLarge` for tags whose attributes would be compared with one another for very long."""
    if len(data) < 2 * _MOST_ATTRIBUTES:
        return
    tags = (tag[1] for tag in _TAG_WITH_ATTRIBUTES.finditer(data))
    counts = [len(_ATTRIBUTES.findall(tag)) for tag in tags if len(tag) > _FEW_BYTES]
    if sum(count * count for count in counts) > _MOST_ATTRIBUTES * _MOST_ATTRIBUTES:
        found = f"{sum(counts):,} attributes in {len(counts):,} of its tags"
        raise TooLarge(found, f"at most {_MOST_ATTRIBUTES:,} in one, and fewer in several", _REMEDY)


def _refuse_a_bomb(data: bytes) -> None:
    """Raise `TooLarge` for markup that would become very many elements, or be walked for very long."""
    depth = reopened = now = 0
    is_open: dict[bytes, int] = {}
    for slash, printed in _TAG.findall(data):
        name = printed.lower()
        if name in _FORMATTING:
            change = -1 if slash else 1
            if change > 0 or is_open.get(name, 0):
                is_open[name] = is_open.get(name, 0) + change
                now += change
        elif not slash:
            reopened += now
            if name not in _FLAT:
                depth += 1
        elif name not in _FLAT and depth:
            depth -= 1
        if depth + now > MOST_DEPTH:
            raise TooLarge(
                f"markup that is nested more than {MOST_DEPTH:,} deep", "a page that a browser can show", _REMEDY
            )
    if reopened > _MOST_REOPENED:
        raise TooLarge(
            f"{reopened:,} elements below formatting that is left open", "formatting that is closed", _REMEDY
        )


def walked(node: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node below a node in the order of the page, elements twice: when they begin, and when they end (True).

    What is never text (scripts, styles …) is left out with all below it. White space stands as in the markup.
    """
    stack: list[tuple[LexborNode, bool]] = [(child, False) for child in _children(node)][::-1]
    while stack:
        current, is_end = stack.pop()
        if current.tag in SILENT:
            continue
        yield current, is_end
        if not is_end and current.tag and not current.tag.startswith("-"):
            stack.append((current, True))
            stack.extend([(child, False) for child in _children(current)][::-1])


def _children(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    child = node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def inline_text(node: LexborNode) -> tuple[str, tuple[Link, ...]]:
    """Return the text of a post's element, `<br>` as a line break and all else as it stands, and its links in order."""
    pieces: list[str] = []
    links: list[Link] = []
    open_links: list[tuple[str, int]] = []  # address, and the number of pieces before it
    for current, is_end in walked(node):
        tag = current.tag
        if tag == "-text":
            pieces.append(current.text_content or "")
        elif tag == "br" and not is_end:
            pieces.append("\n")
        elif tag == "a":
            if not is_end:
                open_links.append((current.attributes.get("href") or "", len(pieces)))
            elif open_links:
                address, start = open_links.pop()
                if address:
                    links.append(Link("".join(pieces[start:]), address))
    return "".join(pieces), tuple(links)
