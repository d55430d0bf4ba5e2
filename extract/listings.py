"""Listings of the ministry's site: which documents one names, and where it goes on.

Each layout is data, as in `extract.formats.page_rules`, and was read off programs that read the site. Only an element
that holds a listing proves that one came: a page without it is no empty listing, whatever its status.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.addresses import is_domino, is_ministry, resolved
from extract.blocks import folded
from extract.dates import date_line
from extract.encoding import borne_out
from extract.errors import BrokenOff, ExtractError, NoDocument, TooLarge, UnreadableInput
from extract.formats.page_rules import BODIES
from extract.formats.page_verdicts import challenge_in, has_end, is_error, is_telegram, what_it_is
from extract.found import Directory, Found, documents_in
from extract.markup import declared_in_markup, parsed

LISTING_VERSION = 1  # goes up with each change that alters what is read

_MOST_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a listing has what; the first rule of several that finds something counts."""

    mark: str  # the element that proves it, also where it is empty
    entries: str
    links: tuple[str, ...]
    dates: tuple[str, ...]  # pieces of one date, in their order
    tags: str | None = None


_LAYOUTS = (
    _Layout(
        mark="ul.announce",
        entries="ul.announce > li.announce__item",
        links=("a.announce__link", "a[href]"),
        dates=(".announce__date", ".announce__time"),
        tags=".announce__meta-tags",
    ),
    _Layout(
        mark="section.page-block.news-articles",
        entries="section.page-block.news-articles ul > li",
        links=("a.anons-title",),
        dates=(".anons-status-line", ".article-status-line", ".anons-date"),
    ),
)
# Views of the site before 2015: a row of a table each.
_DOMINO = _Layout(
    mark="#content > div > div > table",
    entries="#content > div > div > table tr",
    links=("td > font > a", "td a"),
    dates=("td > b > font", "td > font"),
)
_ARTICLES = tuple(rule for rule in BODIES if rule != "ul.announcements")
_PAGERS = ("div.paginates a[href]", "[rel=next]", "a[href*=PAGEN_]", "#content > div > div > a[href]")
_DOMINO_NEXT = "вперед"
_PAGE_NUMBER = re.compile(r"[?&]((?:PAGEN_|_101_INSTANCE_)\w+)=([0-9]{1,6})(?=&|#|$)")
_CURRENT = re.compile(r"PAGEN_\w+|_101_INSTANCE_\w+_cur")


def listing_in(data: bytes, address: str, declared: str | None = None) -> Directory:
    """Return what a page of a listing names; nothing for one past the end.

    `address` is its own, `declared` the encoding that its server names. Raises `ChallengePage`, `NoDocument` for a page
    without a listing, `BrokenOff`, `UnreadableInput` for another form, `UndecodableInput`, `TooLarge`.
    """
    said = declared_in_markup(data) if declared is None else declared
    tree = parsed(data, borne_out(data, said))
    _refuse_other_forms(tree, data)
    layout = _layout_of(tree, address)
    if layout is None or is_error(tree):
        raise _without_listing(tree, data)
    if not has_end(data):
        raise BrokenOff("a listing that breaks off", "a page up to its end", "fetch it again")
    entries = list(_entries(tree, layout, address))
    return Directory(documents_in(entries), _next(tree, address))


def _refuse_other_forms(tree: LexborHTMLParser, data: bytes) -> None:
    expected, remedy = "a listing of the ministry's site", "look at its address"
    if b"<" not in data or is_telegram(data):
        raise UnreadableInput("no markup of the site", expected, remedy)
    if any(folded(node.text()) for rule in _ARTICLES for node in tree.css(rule)[:1]):
        raise UnreadableInput(f"the page of a document ({what_it_is(tree)})", expected, remedy)


def _layout_of(tree: LexborHTMLParser, address: str) -> _Layout | None:
    layouts = (*_LAYOUTS, _DOMINO) if is_domino(address) else _LAYOUTS
    return next((layout for layout in layouts if tree.css_first(layout.mark) is not None), None)


def _without_listing(tree: LexborHTMLParser, data: bytes) -> ExtractError:
    challenge = challenge_in(data)
    if challenge is not None:
        return challenge
    if not has_end(data):
        return BrokenOff("a page that ends before any listing", "a page up to its end", "fetch it again")
    return NoDocument(
        what_it_is(tree),
        f"an element that holds a listing: {', '.join(layout.mark for layout in _LAYOUTS)}",
        "look at its address; if it is right, the site has a new layout",
    )


def _entries(tree: LexborHTMLParser, layout: _Layout, address: str) -> Iterator[Found]:
    nodes = tree.css(layout.entries)
    if len(nodes) > _MOST_ENTRIES:
        raise TooLarge(f"a listing of {len(nodes):,} entries", f"at most {_MOST_ENTRIES:,}", "look at the page")
    for node in nodes:
        link = _first(node, layout.links)
        href = "" if link is None else (link.attributes.get("href") or "").strip()
        if link is not None and href and not href.startswith("#"):
            to = resolved(href, address).partition("#")[0]
            yield Found(to, folded(link.text()) or None, _date(node, layout), _tags(node, layout))


def _first(node: LexborNode, rules: tuple[str, ...]) -> LexborNode | None:
    return next((found for rule in rules if (found := node.css_first(rule)) is not None), None)


def _date(node: LexborNode, layout: _Layout) -> str | None:
    """Return the date as printed by its rules, else the one piece of text that is a date."""
    said = " ".join(filter(None, (_text(node.css_first(rule)) for rule in layout.dates)))
    if said and (layout is not _DOMINO or date_line(said) is not None):
        return said
    pieces = (folded(one.text_content or "") for one in node.traverse(include_text=True) if one.tag == "-text")
    return next((piece for piece in pieces if (line := date_line(piece)) is not None and line.day), None)


def _tags(node: LexborNode, layout: _Layout) -> tuple[str, ...]:
    said = "" if layout.tags is None else _text(node.css_first(layout.tags))
    return tuple(dict.fromkeys(filter(None, (tag.strip() for tag in said.split(",")))))


def _text(node: LexborNode | None) -> str:
    return "" if node is None else " ".join(folded(node.text(separator=" ")).split())


def _next(tree: LexborHTMLParser, address: str) -> str | None:
    """Return the address of the page after this one, where a link leads to it.

    Its number is one more than this page's, which is the first where the address tells none.
    """
    name, number = _numbered(address) or (None, 1)
    path = _path(address)
    for link in (link for rule in _PAGERS for link in tree.css(rule)):
        to = resolved(link.attributes.get("href") or "", address)
        if not is_ministry(to):
            continue
        its = _numbered(to)
        if its is not None and its[1] == number + 1 and name in (None, its[0]) and _path(to) == path:
            return to
        if its is None and _leads_on(link):
            return to
    return None


def page_after(address: str) -> str | None:
    """Return the address of the page after a numbered one, by its number alone; None where it has none."""
    found = _counted(address)
    return None if found is None else f"{address[: found.start(2)]}{int(found[2]) + 1}{address[found.end(2) :]}"


def first_page_of(address: str) -> str:
    """Return the address of the listing that a page belongs to: without the page's number."""
    found = _counted(address)
    if found is None:
        return address
    rest = address[found.end() :]
    return f"{address[: found.start()]}{found[0][0] + rest[1:] if rest.startswith('&') else rest}"


def _path(address: str) -> str:
    return address.partition("//")[2].partition("/")[2].partition("?")[0].strip("/")


def _numbered(address: str) -> tuple[str, int] | None:
    """Return the parameter that counts pages in an address, and what it says."""
    found = _counted(address)
    return None if found is None else (found[1], int(found[2]))


def _counted(address: str) -> re.Match[str] | None:
    found = [match for match in _PAGE_NUMBER.finditer(address) if _CURRENT.fullmatch(match[1])]
    return found[-1] if found else None


def _leads_on(link: LexborNode) -> bool:
    """Say whether a link without a number says itself that it leads to the next page."""
    if link.attributes.get("rel") == "next":
        return True
    image = link.css_first("img[alt]")
    return image is not None and folded(image.attributes.get("alt") or "").casefold() == _DOMINO_NEXT
