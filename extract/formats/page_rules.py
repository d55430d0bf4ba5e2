"""Where a page in markup has what: the rules of each layout as data, and what they find.

The rules were read off programs that read the site; no live page was asked, so each says on the record when it fired.
Present site (since August 2021): `photo-content`, `announcement`. Old portal (2015 to 2021): `portlet-column`,
`article-status-line`, `anons`. Before 2015: `doc-text`.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.blocks import body_of, folded
from extract.dates import DateLine, date_line
from extract.errors import TooLarge
from extract.markup import SILENT
from extract.pages import LANGUAGES, NUMBER

# In the order in which they are tried.
BODIES = ("div.text.article-content", "ul.announcements", "div.announcement__text", "div.anons-text", "div.doc-text")
OLD_BODIES = frozenset(("div.anons-text", "div.doc-text"))
_OLD_REGION = "portlet-column-first"
_REGIONS = frozenset(("photo-content", "page-body", _OLD_REGION, "page-content"))  # classes of what holds an article
# Titles that stand before the heading of the page where the body has this rule.
_OWN_TITLES = {"div.anons-text": "p.anons-title", "div.announcement__text": "h3.announcement__title"}
_TITLES = ("h1.photo-content__title", "h3.announcement__title", "p.anons-title")
_HEAD_TITLES = (("meta[property='og:title']", "content"), ("title", None))
_SITE_NAMES = frozenset(
    (
        "министерство иностранных дел российской федерации",
        "the ministry of foreign affairs of the russian federation",
        "ministry of foreign affairs of the russian federation",
    )
)
_DATES = (
    ".photo-content__date",
    "div.article-status-line > span > span",
    "span.article-status-line",
    "div.article-status-line",
    "div.anons-status-line > i",
    ".announcement__date",
)
_NUMBERS = (
    "p.article-line__note.article-line__note_small",
    ".article-line__note",
    "div.article-note span.nowrap",
    "div.anons-status-line b.doc-number",
    "div.announcement__doc-num",
)
_BESIDE = "text beside the title"
_PIECES = 40  # pieces of text before the body among which date, time and languages are looked for
_MOST_NODES = 200
_NEAR = 2  # pieces between a date and its time


@dataclass(frozen=True, slots=True)
class Place:
    """The elements that hold a page's text, and what stands around them."""

    rule: str
    nodes: tuple[LexborNode, ...]
    regions: tuple[LexborNode, ...]  # from the innermost to the whole page
    is_old: bool  # a layout of the old portal, or of the site before it
    headings: tuple[LexborNode, ...]  # h1 before the text
    announcement_count: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules find around a text."""

    title: str | None
    published_text: str | None
    dated: DateLine | None
    number: str | None
    language_lines: tuple[str, ...]
    furniture: tuple[str, ...]
    matched: tuple[str, ...]
    is_title_from_head: bool


def place_of(tree: LexborHTMLParser) -> Place | None:
    """Return where a page has its text; None where no rule finds it."""
    root = tree.body or tree.root
    if root is None:
        return None
    for rule in BODIES:
        first = tree.css_first(rule)
        if first is not None:
            return _place(root, rule, first)
    return _country_place(root)


def _place(root: LexborNode, rule: str, first: LexborNode) -> Place:
    named = [node for node in _ancestors(first) if not _REGIONS.isdisjoint(_classes(node))]
    nodes = _outermost((named[0] if named else root).css(rule))
    announcements = [part for node in nodes for part in _items(node) if part.css_first("h3") is not None]
    headings = _headings(root, rule)
    if rule == "ul.announcements":
        nodes = announcements or nodes
        texts = [part for node in nodes for part in node.css("div.announcement__text")]
        if len(announcements) == 1 and texts:
            rule, nodes = "div.announcement__text", _outermost(texts)
    is_old = rule in OLD_BODIES or any(_OLD_REGION in _classes(node) for node in named)
    return Place(rule, tuple(nodes), (*named, root), is_old, headings, len(announcements))


def _country_place(root: LexborNode) -> Place | None:
    """Place of a page with two headings, the country's and its own, and a table below them."""
    headings = tuple(heading for heading in root.css("h1") if folded(heading.text()))
    if len(headings) < 2:
        return None
    nodes = list(_siblings_after(headings[-1]))
    if not any(node.tag == "table" or node.css_first("table") is not None for node in nodes):
        return None
    return Place("h1 + h1 ~ table", tuple(nodes), (root,), is_old=False, headings=headings)


def found_around(tree: LexborHTMLParser, place: Place) -> Found:
    """Return what stands around a text: title, date, number, languages."""
    title, title_rule, skipped = _title(tree, place)
    pieces = _pieces_before(place)
    day_text, day_rule = _date(place, pieces)
    published_text, time_rule = _with_time(day_text, pieces)
    number, number_rule = _number(place)
    languages = tuple(piece for piece in pieces if LANGUAGES.fullmatch(piece))
    rules = {"title": title_rule, "body": place.rule, "date": day_rule, "time": time_rule, "number": number_rule}
    return Found(
        title=title,
        published_text=published_text,
        dated=None if published_text is None else date_line(published_text),
        number=number,
        language_lines=languages,
        furniture=(*skipped, *languages),
        matched=tuple(f"{name}: {rule}" for name, rule in rules.items() if rule is not None),
        is_title_from_head=title_rule is not None and title_rule in [rule for rule, _ in _HEAD_TITLES],
    )


def _title(tree: LexborHTMLParser, place: Place) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Title, the rule that found it, and the headings that are none: the site's name, a country's, a section's."""
    headings = [(text, node) for node in place.headings if (text := shown(node))]
    named = [(text, node) for text, node in headings if text.casefold() not in _SITE_NAMES]
    printed = tuple(text for text, _ in headings)
    own = _OWN_TITLES.get(place.rule)
    if own is not None and (own_text := _first_title(place, own)):
        return own_text, own, printed
    if named:
        text, node = named[-1]
        rule = "h1.photo-content__title" if "photo-content__title" in _classes(node) else "h1"
        skipped = tuple(other for other, heading in headings if heading.mem_id != node.mem_id)
        return text, rule if len(named) == 1 else f"{rule}, the last of {len(named)}", skipped
    for rule in _TITLES:
        if first_text := _first_title(place, rule):
            return first_text, rule, printed
    for rule, attribute in _HEAD_TITLES:
        found = tree.css_first(rule)
        text = "" if found is None else folded((found.attributes.get(attribute) if attribute else found.text()) or "")
        if text and text.casefold() not in _SITE_NAMES:
            return text, rule, printed
    return None, None, printed


def _date(place: Place, pieces: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the day as printed, with a time that stands in the same element, and the rule that found it."""
    for rule in _DATES:
        text = _first_text(place, rule, all_of_them=rule.endswith("> i"))
        if text and date_line(text) is not None:
            return text, rule
    days = {piece for piece in pieces if (said := date_line(piece)) and (said.day or said.is_unclear)}
    return (days.pop(), _BESIDE) if len(days) == 1 else (None, None)


def _with_time(day_text: str | None, pieces: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the date line with a time that stands by itself beside the date, or alone where no date is printed."""
    said = None if day_text is None else date_line(day_text)
    if said is not None and (said.at is not None or said.is_unclear or said.day is None):
        return day_text, None
    times = [at for at, piece in enumerate(pieces) if (one := date_line(piece)) and one.at and one.day is None]
    if day_text is None:
        return (pieces[times[0]], _BESIDE) if len({pieces[at] for at in times}) == 1 else (None, None)
    days = [at for at, piece in enumerate(pieces) if piece == day_text]
    near = [(abs(at - day), at < day, at) for at in times for day in days if abs(at - day) <= _NEAR]
    return (f"{day_text} {pieces[min(near)[2]]}", _BESIDE) if near else (day_text, None)


def _number(place: Place) -> tuple[str | None, str | None]:
    if place.announcement_count > 1:
        return None, None  # each has its own, which stays in the text
    for rule in _NUMBERS:
        for region in place.regions:
            for node in region.css(rule):
                found = NUMBER.search(folded(node.text()))
                if found is not None:
                    return found[0], rule
    return None, None


def _first_title(place: Place, rule: str) -> str | None:
    found = (shown(node) for region in place.regions for node in region.css(rule)[:1])
    return next(filter(None, found), None)


def shown(node: LexborNode) -> str:
    """Return the text of an element on one line."""
    return " ".join(line.text for line in body_of([node], None).lines)


def _first_text(place: Place, rule: str, *, all_of_them: bool = False) -> str | None:
    """Text of the first element that a rule finds, looked for in the innermost region first; its pieces are parted."""
    for region in place.regions:
        nodes = region.css(rule)
        pieces = [piece for node in (nodes if all_of_them else nodes[:1]) for piece in _texts(node)]
        if pieces:
            return " ".join(pieces)
    return None


def _pieces_before(place: Place) -> list[str]:
    """Return the last pieces of text before the body, in the outermost named region, else in the whole page."""
    region = place.regions[-2] if len(place.regions) > 1 else place.regions[0]
    ends = {node.mem_id for node in place.nodes}
    pieces: deque[str] = deque(maxlen=_PIECES)
    for node in region.traverse(include_text=True):
        if node.mem_id in ends:
            break
        if node.tag == "-text" and (piece := _piece(node)):
            pieces.append(piece)
    return list(pieces)


def _texts(node: LexborNode) -> list[str]:
    return [piece for one in node.traverse(include_text=True) if one.tag == "-text" and (piece := _piece(one))]


def _piece(node: LexborNode) -> str:
    is_silent = node.parent is not None and node.parent.tag in SILENT - {"head"}
    return "" if is_silent else " ".join(folded(node.text_content or "").split())


def _headings(root: LexborNode, rule: str) -> tuple[LexborNode, ...]:
    """Return the headings before the first element that a rule finds."""
    return tuple(takewhile(lambda node: node.tag == "h1", root.css(f"h1, {rule}")))


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and parent.tag not in ("body", "html"):
        yield parent
        parent = parent.parent


def _items(node: LexborNode) -> Iterator[LexborNode]:
    return (child for child in node.iter() if child.tag == "li")


def _siblings_after(node: LexborNode) -> Iterator[LexborNode]:
    sibling = node.next
    while sibling is not None:
        yield sibling
        sibling = sibling.next


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def _outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Return the nodes that stand in none of the others.

    Raises `TooLarge` for more of them than a page has.
    """
    if len(nodes) > _MOST_NODES:
        raise TooLarge(
            f"{len(nodes):,} elements that hold a document's text", f"at most {_MOST_NODES}", "look at the file"
        )
    ids = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(parent.mem_id in ids for parent in _ancestors(node))]
