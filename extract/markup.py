"""HTML as text: parsed once by lexbor (selectolax), walked without recursion, scripts and styles never read."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.encoding import decode
from extract.errors import TooLarge
from extract.model import Link

MOST_BYTES = 64 << 20  # of one page; the largest that the ministry's site is known to serve are below 1 MB
MOST_DEPTH = 2_000  # lexbor's time grows with the square of the depth; browsers give up at 512
_FEW_TAGS = 4_000  # fewer can't be nested too deep
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_VOID = frozenset(
    (b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source", b"track", b"wbr")
)
SILENT = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "textarea", "select"))


def parsed(data: bytes, declared: str | None) -> LexborHTMLParser:
    """Return the tree of a page or of a piece of one.

    Raises `TooLarge` for more bytes or deeper nesting than a page has, `UndecodableInput` for what is no text.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"a page of {len(data):,} bytes", f"at most {MOST_BYTES:,}", "look at the file: it is hardly a page"
        )
    if is_too_deep(data):
        raise TooLarge(
            f"markup that is nested more than {MOST_DEPTH:,} deep", "a page that a browser can show", "look at the file"
        )
    return LexborHTMLParser(decode(data, declared))


def is_too_deep(data: bytes) -> bool:
    """Say whether more elements are open at one place than any browser shows."""
    if data.count(b"<") <= _FEW_TAGS:
        return False
    depth = 0
    for match in _TAG.finditer(data):
        if match[1]:
            depth = max(depth - 1, 0)
        elif match[2].lower() not in _VOID:
            depth += 1
            if depth > MOST_DEPTH:
                return True
    return False


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
