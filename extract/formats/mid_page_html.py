"""Pages of the ministry's site as markup: one page an input, as a server sent it or a browser saved it.

Three generations are read: the present site, the portal of 2015 to 2021, and what a few elements tell of the site
before that. Where a page has what is data (`page_rules`); `Page.matched` says which rule found each field. The text is
the publisher's, line by line as a browser shows it; nothing outside the body's own element comes into it.

What is not known: the language switch, attachments and related items of a live page, which no source shows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import BinaryIO

from selectolax.lexbor import LexborHTMLParser

from extract import pages
from extract.addresses import Generation, PageAddress, is_domino, is_ministry, original, page_of
from extract.blocks import Body, Line, body_of
from extract.encoding import borne_out, breaks_off, codec_of, mark_length
from extract.errors import NoDocument, TooLarge, UndecodableInput, UnreadableInput, WrongLanguage
from extract.formats.page_rules import Found, Place, found_around, place_of
from extract.formats.page_verdicts import (
    claims,
    has_end,
    is_listing,
    is_telegram,
    own_addresses,
    without_document,
)
from extract.kinds import kind_of
from extract.language import language_of
from extract.markup import MOST_BYTES, declared_in_markup, parsed
from extract.model import Block, Format, Hints, Kind, Notice, Page, Reason, Record, Rejection, Stretch
from extract.notices import SHARED
from extract.pages import PageText, is_answers_heading, is_back_link, is_contents_heading, languages_in, page_record
from extract.symbols import has_letters
from extract.telegram import without_odd_characters

NOTICES: Mapping[str, str] = MappingProxyType(
    {
        "no_address": "Nothing tells the address of the page, so it has no key of the publisher's.",
        "no_site_number": "The address of the page holds no number of the site, so it has no key of the publisher's.",
        "address_contradiction": "The page names itself as another document than the address that it was found at.",
        "no_language_in_address": "The address tells no language; that of the text stands in the key.",
        "language_differs": "The text is in another language than the address says.",
        "title_from_head": "No heading holds the title; it was taken from the head of the page.",
        "several_bodies": "The text stands in several elements, which were joined.",
        "soft_hyphens": "Soft hyphens were taken out of words.",
        "charset_contradiction": SHARED["charset_contradiction"],
        "odd_characters": SHARED["odd_characters"],
        **pages.NOTICES,
    }
)

_FIRST_BYTES = 65_536  # the head of a page, in which it names its address
_END = re.compile(rb"(?i)</html\s*>")
_END_WITHIN = 1_024  # bytes at the end where it nearly always stands
_SENTINEL = "mfa-archive-end-of-input"
_CONTENTS_WITHIN = 20  # lines from the top in which a table of contents begins
_HEADING_CHARS = 300
_LEAST_CHARS_OF_LANGUAGE = 200  # a shorter text may be a name or a quotation
_EXCERPT_CHARS = 200
_HREF_START = re.compile(rb"(?i)href\s*=\s*[\"']?([^\"'\s<>]{0,200})$")
_HREF_CHARS = 220
_HREF_END = re.compile(rb"[^\"'\s<>]{0,200}")
_MOST_SWITCHES = 200


@dataclass(frozen=True, slots=True)
class _Named:
    """What is known of the address of a page."""

    address: str | None
    page: PageAddress | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """The lines of a body by what they are for."""

    lines: tuple[Line, ...]
    contents: tuple[str, ...]
    back_links: tuple[str, ...]
    odd_count: int


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield one stretch, the whole input: a page is a file of its own. Raises `TooLarge`."""
    del hints
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"a page of more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,}", "look at the file: it is hardly one"
        )
    yield Stretch(0, len(data), data)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the page as one record, or the rejection of one that breaks off or has no title.

    Raises `ChallengePage`, `NoDocument`, `TooLarge`, `UndecodableInput`, `WrongLanguage`, and `UnreadableInput` for
    another form.
    """
    data = stretch.data
    said = declared_in_markup(data) if hints.encoding is None else hints.encoding
    declared = borne_out(data, said)
    codec = codec_of(data, declared)
    try:
        tree = parsed(data, declared)
    except UndecodableInput:
        if b"<" in data and breaks_off(data[mark_length(data) :], codec):
            return (_rejection(stretch, Reason.BROKEN_OFF, "a page that ends within a character"),)
        raise
    _refuse_other_forms(data, codec)
    place = place_of(tree)
    if place is None:
        return _without_place(stretch, tree)
    if _breaks_off(data, declared, codec, place):
        return (_rejection(stretch, Reason.BROKEN_OFF, "a page that ends within its text"),)
    contradiction = () if declared == said else (Notice("charset_contradiction", said or ""),)
    return (_value(stretch, hints, tree, place, contradiction),)


def _refuse_other_forms(data: bytes, codec: str) -> None:
    expected, remedy = "the markup of one page of the ministry's site", "declare its format, or fetch the page"
    if "<".encode(codec) not in data:
        raise UnreadableInput("text without markup", expected, remedy)
    if is_telegram(data):
        raise UnreadableInput("markup of Telegram", expected, remedy)


def _without_place(stretch: Stretch, tree: LexborHTMLParser) -> tuple[Rejection, ...]:
    error = without_document(tree, stretch.data)
    is_ours = claims(stretch.data[:_FIRST_BYTES])
    if error.reason == Reason.NO_DOCUMENT and is_ours and not has_end(stretch.data):
        return (_rejection(stretch, Reason.BROKEN_OFF, "a page that ends before its text"),)
    raise error


def _breaks_off(data: bytes, declared: str | None, codec: str, place: Place) -> bool:
    """Say whether the element of the text is still open where the input ends: what is added there stands in it."""
    if _END.search(data, max(len(data) - _END_WITHIN, 0)) is not None or _END.search(data) is not None:
        return False
    tree = parsed(data + f"<i id={_SENTINEL}></i>".encode(codec), declared)
    node = tree.css_first(f"i#{_SENTINEL}")
    if node is None:  # swallowed by a tag, a comment or a script that doesn't end
        return True
    longer = place_of(tree)
    return (
        longer is None
        or any(part.css_first(f"i#{_SENTINEL}") is not None for part in longer.nodes)
        or (longer.rule != place.rule)
    )


def _value(
    stretch: Stretch, hints: Hints, tree: LexborHTMLParser, place: Place, notices: tuple[Notice, ...]
) -> Record | Rejection:
    named = _named(stretch.data, hints)
    named = replace(named, notices=(*notices, *named.notices))
    found = found_around(tree, place)
    body = body_of(list(place.nodes), None if named.address is None else original(named.address))
    if not body.lines and is_listing(tree) and named.page is None:
        raise without_document(tree, stretch.data)
    if found.title is None:
        return _rejection(stretch, Reason.MISSING_TITLE, "a page without a title")
    _refuse_another_document(named, hints)
    text = _text(body, has_centred_headings=_is_old(place, named) and kind_of(found.title) is Kind.BRIEFING)
    _refuse_an_empty_body(body, text, hints)
    _refuse_another_language(text, hints.expects_language)
    return page_record(_page(stretch, found, place, named, body, text), hints)


def _refuse_another_document(named: _Named, hints: Hints) -> None:
    """Raise `NoDocument` for a page that was asked for and names itself as another one: a cache may mix them up."""
    contradiction = next((one.detail for one in named.notices if one.code == "address_contradiction"), None)
    if contradiction is not None and hints.is_asked_for:
        raise NoDocument(
            f"a page that names itself as another document ({contradiction})",
            "the document that was asked for",
            "nothing; the next look asks again",
        )


def _refuse_an_empty_body(body: Body, text: _Text, hints: Hints) -> None:
    """Raise `NoDocument` for a page that was asked for and shows nothing where its text stands.

    Five in 25,943 English pages are like that from the beginning. A server that fails shows all others so, too.
    """
    has_words = any(letter.isalnum() for line in text.lines for letter in line.text)
    if hints.is_asked_for and not has_words and not body.links and not body.media:
        raise NoDocument(
            "a page on which the element of the text holds nothing",
            "a text, a picture or a file in it",
            "nothing; the next look asks again; if a browser shows no more than the title, save the page and take it "
            "in with mfa-archive ingest",
        )


def _refuse_another_language(text: _Text, expected: str | None) -> None:
    """Raise `WrongLanguage` for a text that is surely in another language than the one that was asked for."""
    words = "\n".join(line.text for line in text.lines)
    recognised = None if expected is None or len(words) < _LEAST_CHARS_OF_LANGUAGE else language_of(words)
    if recognised not in (None, expected):
        raise WrongLanguage(
            f"a text in the language {recognised!r}",
            f"one in {expected!r}, as the address says",
            "nothing; the site shows another language where it has no translation, or answers so in error",
        )


def _page(stretch: Stretch, found: Found, place: Place, named: _Named, body: Body, text: _Text) -> PageText:
    title, odd_title_count = without_odd_characters(found.title or "")
    paragraphs = tuple(line.text for line in text.lines)
    recognised = language_of("\n".join(paragraphs) or title)
    address = named.page
    return PageText(
        byte_from=stretch.byte_from,
        byte_to=stretch.byte_to,
        title=title,
        paragraphs=paragraphs,
        published_text=found.published_text,
        dated=found.dated,
        number=found.number,
        languages=languages_in(found.language_lines) or _switch(stretch.data, address),
        furniture=(*found.furniture, *text.back_links),
        notices=(
            *named.notices,
            *_language_notices(address, recognised),
            *_text_notices(found, place, body, text.odd_count + odd_title_count),
        ),
        key=None if address is None else address.key(recognised),
        lang=None if address is None else address.lang,
        blocks=tuple(line.block for line in text.lines),
        links=body.links,
        media=body.media,
        page=Page(
            address=named.address,
            site_number=None if address is None else address.number,
            section=None if address is None else address.section,
            contents=text.contents,
            matched=found.matched,
        ),
    )


def _named(data: bytes, hints: Hints) -> _Named:
    """Address of the page: the one that it was found at, else the one that it names as its own."""
    own = own_addresses(data[:_FIRST_BYTES])
    addresses = [hints.address, *own] if hints.address else own
    named = [(address, page) for address in addresses if (page := page_of(address)) is not None]
    if not named:
        address = next((one for one in addresses if is_ministry(one)), addresses[0] if addresses else None)
        notice = Notice("no_address", "") if address is None else Notice("no_site_number", address)
        return _Named(address, None, (notice,))
    address, page = named[0]
    others = [other for other, its in named[1:] if (its.generation, its.number) != (page.generation, page.number)]
    notices = (Notice("address_contradiction", f"{address} and {others[0]}"),) if others else ()
    return _Named(address, page, notices)


def _is_old(place: Place, named: _Named) -> bool:
    is_old_address = named.page is not None and named.page.generation is Generation.OLD_PORTAL
    return place.is_old or is_old_address or (named.address is not None and is_domino(named.address))


def _text(body: Body, *, has_centred_headings: bool) -> _Text:
    """Return the lines of a text without its table of contents and the links back to it."""
    lines = [_heading_if_centred(line) for line in body.lines] if has_centred_headings else list(body.lines)
    back_links = tuple(line.text for line in lines if is_back_link(line.text))
    lines = [line for line in lines if not is_back_link(line.text)]
    start, end = _contents(lines)
    cleaned = [without_odd_characters(line.text) for line in lines]
    odd_count = sum(count for _, count in cleaned)
    contents = tuple(text for text, _ in cleaned[start:end])
    if odd_count:
        lines = [Line(text, line.block) for line, (text, _) in zip(lines, cleaned, strict=True)]
    return _Text((*lines[:start], *lines[end:]), contents, back_links, odd_count)


def _heading_if_centred(line: Line) -> Line:
    """Return a line as a heading where the old portal's briefings have one: centred, and short."""
    is_heading = line.is_centred and line.block is Block.PARAGRAPH and len(line.text) <= _HEADING_CHARS
    return (
        Line(line.text, Block.HEADING, line.is_centred, line.is_inner_link)
        if is_heading and has_letters(line.text)
        else line
    )


def _contents(lines: Sequence[Line]) -> tuple[int, int]:
    """Return where the table of contents begins and ends; an empty stretch where there is none.

    It is a heading with items below it that lead to places on the page, or are items of a list; a heading of the
    answers may stand among them.
    """
    start = next((at for at, line in enumerate(lines[:_CONTENTS_WITHIN]) if is_contents_heading(line.text)), None)
    if start is None:
        return 0, 0
    end = at = start + 1
    while at < len(lines):
        if _is_item(lines[at]):
            end = at + 1
        elif not is_answers_heading(lines[at].text):
            break
        at += 1
    return (start, end) if end > start + 1 else (0, 0)


def _is_item(line: Line) -> bool:
    return line.is_inner_link or line.block is Block.LIST_ITEM


def _switch(data: bytes, address: PageAddress | None) -> tuple[str, ...]:
    """Languages in which the page links to itself: a switch, where there are two or more."""
    if address is None:
        return ()
    found = {address.lang}
    for href in _hrefs(data, b"%d" % address.number):
        page = page_of(f"https://mid.ru{href}" if href.startswith("/") and not href.startswith("//") else href)
        if page is not None and (page.generation, page.number) == (address.generation, address.number):
            found.add(page.lang)
    languages = sorted(language for language in found if language is not None)
    return tuple(languages) if len(languages) > 1 else ()


def _hrefs(data: bytes, part: bytes) -> Iterator[str]:
    """Yield the first of the addresses that a page links to and that hold `part`."""
    at = data.find(part)
    for _ in range(_MOST_SWITCHES):
        if at < 0:
            return
        start = _HREF_START.search(data[max(at - _HREF_CHARS, 0) : at])
        end = _HREF_END.match(data, at)
        if start is not None and end is not None:
            yield (start[1] + end[0]).decode("utf-8", "replace").replace("&amp;", "&")
        at = data.find(part, at + len(part))


def _language_notices(address: PageAddress | None, recognised: str | None) -> Iterator[Notice]:
    if address is None:
        return
    if address.lang is None:
        yield Notice("no_language_in_address", recognised or "")
    elif recognised is not None and recognised != address.lang:
        yield Notice("language_differs", f"{recognised}, not {address.lang}")


def _text_notices(found: Found, place: Place, body: Body, odd_count: int) -> Iterator[Notice]:
    if found.is_title_from_head:
        yield Notice("title_from_head", "")
    if place.rule.startswith("div.") and len(place.nodes) > 1:
        yield Notice("several_bodies", str(len(place.nodes)))
    if body.soft_hyphen_count:
        yield Notice("soft_hyphens", str(body.soft_hyphen_count))
    if odd_count:
        yield Notice("odd_characters", str(odd_count))


def _rejection(stretch: Stretch, reason: Reason, found: str) -> Rejection:
    return Rejection(
        stretch.byte_from,
        stretch.byte_to,
        reason,
        found,
        expected="a whole page with a title and the element of its text",
        remedy="fetch the page again",
        excerpt=stretch.data[-_EXCERPT_CHARS:].decode("utf-8", "replace").strip(),
    )


FORMAT = Format(
    name="mid_page_html",
    extractor_version=2,
    form="markup of a page",
    lost_in_form=("attachments' bytes",),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
