"""Pages of the ministry's site as rendered text: what a crawler kept of a page, without markup.

Two layouts are read. Of the old portal (2015 to August 2021): the date with the time glued to it, the title, a line of
languages, the text, "Additional materials", a footer. Of the present site: the time alone, the title, the document
number, the text. Each piece may be missing. The text is the publisher's, paragraph by paragraph, with white space
folded and soft hyphens taken out, and nothing else changed; what is not text is kept as furniture.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from extract import pages
from extract.dates import DateLine, date_line
from extract.encoding import decode, decode_head
from extract.errors import ExtractError, TooLarge, UnreadableInput
from extract.markup import MOST_BYTES
from extract.model import Format, Hints, Notice, Reason, Record, Rejection, Stretch
from extract.pages import LANGUAGES, NUMBER, PageText, is_back_link, languages_in, page_record

NOTICES: Mapping[str, str] = MappingProxyType(
    {"no_page_marks": "Neither a date nor a line of languages shows that the first line is a title.", **pages.NOTICES}
)

FOOTER = (
    "Organization for Security and Co-operation in Europe (OSCE)",
    "Council of Europe (CoE)",
    "NATO (North Atlantic Treaty Organization)",
    "European Union (EU)",
    "Advanced settings",
)
_ADDITIONAL = "Additional materials"
_NEW_LINE = re.compile(r"\r\n|\n|\r")
# Inputs of other forms, and the pages that the shield of the site serves in place of an article.
_OTHER_FORMS = (
    (re.compile(r"\s*<[!?A-Za-z]"), "markup"),
    (re.compile(r"\s*[\[{]\s*[\"{\[]"), "JSON"),
    (re.compile(r"\s*Forwarded from "), "a channel dump"),
    (
        re.compile(r"(?s).{0,2000}?(?:Please enable JavaScript to view the page content|Your support ID is|bobcmn)"),
        "a challenge page",
    ),
    (re.compile(r"\s*Data processing\.\.\. Please, wait\."), "a challenge page"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the input that is not blank."""

    raw: str  # as printed
    text: str  # white space folded, soft hyphens taken out


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of a page by what they are for."""

    published_text: str | None
    dated: DateLine | None
    title: str | None
    languages: tuple[Line, ...]
    number: str | None
    body: tuple[str, ...]
    end: tuple[Line, ...]  # furniture below the body, back links among it

    @property
    def has_marks(self) -> bool:
        """Whether anything but a title and a text shows that this is a page of the ministry."""
        is_time_only = self.dated is not None and self.dated.day is None and not self.dated.is_unclear
        return bool(self.languages) or (self.dated is not None and not is_time_only) or self._is_present_site

    @property
    def _is_present_site(self) -> bool:
        return self.dated is not None and self.number is not None


def clean(line: str) -> str:
    """Return a line with runs of white space folded to one space, stripped, and without soft hyphens."""
    return " ".join(line.replace("\u00ad", "").split())


def layout_of(text: str) -> Layout:
    """Return what each line of a page is for; nothing of the text is in more than one place, or in none."""
    lines = [Line(raw, cleaned) for raw in _NEW_LINE.split(text) if (cleaned := clean(raw))]
    rest, end = _without_end(lines)
    published_text, dated, rest = _without_date(rest)
    title = None
    if rest and not _is_head_mark(rest[0].text):
        title, rest = rest[0].text, rest[1:]
    if dated is None and rest and (below := date_line(rest[0].text)) and below.day:
        published_text, dated, rest = rest[0].text, below, rest[1:]
    languages, number, rest = _without_marks(rest)
    if number is None and rest and (match := NUMBER.fullmatch(rest[-1].text)) and match["sequence"]:
        number, rest = rest[-1].text, rest[:-1]
    back_links = tuple(line for line in rest if is_back_link(line.text))
    body = tuple(line.text for line in rest if not is_back_link(line.text))
    return Layout(published_text, dated, title, languages, number, body, (*back_links, *end))


def _without_end(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Part the lines from the furniture that ends a page.

    Only a run that ends in "Advanced settings" is the footer, a form of search filters: a text may well name the OSCE.
    """
    footer_count = 0
    for count in range(1, len(FOOTER) + 1):
        if [line.text for line in lines[-count:]] == list(FOOTER[-count:]):
            footer_count = count
    at = len(lines) - footer_count
    if at and lines[at - 1].text == _ADDITIONAL:
        at -= 1
    return lines[:at], lines[at:]


def _without_date(lines: list[Line]) -> tuple[str | None, DateLine | None, list[Line]]:
    """Part the lines from the date above the title; the present site prints day and time as two pieces."""
    first = date_line(lines[0].text) if lines else None
    if first is None:
        return None, None, lines
    second = date_line(lines[1].text) if len(lines) > 1 else None
    if second is None or first.is_unclear or second.is_unclear:
        return lines[0].text, first, lines[1:]
    if first.at is None and second.day is None:
        return f"{lines[0].text} {lines[1].text}", DateLine(first.day, second.at, is_unclear=False), lines[2:]
    return lines[0].text, first, lines[1:]


def _is_head_mark(text: str) -> bool:
    return LANGUAGES.fullmatch(text) is not None or NUMBER.fullmatch(text) is not None


def _without_marks(lines: list[Line]) -> tuple[tuple[Line, ...], str | None, list[Line]]:
    """Part the lines from the languages and the document number between title and text."""
    languages: list[Line] = []
    number: str | None = None
    for at, line in enumerate(lines):
        if LANGUAGES.fullmatch(line.text):
            languages.append(line)
        elif number is None and NUMBER.fullmatch(line.text):
            number = line.text
        else:
            return tuple(languages), number, lines[at:]
    return tuple(languages), number, []


def claims(head: bytes) -> bool:
    """Tell whether the head of an input is that of a rendered page: a date line, a line of languages, or a number."""
    try:
        layout = layout_of(decode_head(head, None))
    except ExtractError:
        return False
    return layout.has_marks and layout.title is not None and not layout.title.startswith("Forwarded from ")


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield one stretch, the whole input: a page is a file of its own. Raises `TooLarge`."""
    del hints
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a page of more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,}", "look at the file")
    yield Stretch(0, len(data), data)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the page as one record, or the rejection of one without a title or without anything.

    Raises `UndecodableInput`, and `UnreadableInput` for what is plainly of another form.
    """
    text = decode(stretch.data, hints.encoding)
    layout = layout_of(text)
    if not layout.has_marks:
        _refuse_other_forms(text)
    if layout.title is None:
        return (_untitled(stretch, text),)
    if not layout.has_marks and not layout.body:
        return (_unmarked(stretch, text),)
    return (_record(stretch, hints, layout, layout.title),)


def _refuse_other_forms(text: str) -> None:
    for pattern, name in _OTHER_FORMS:
        if pattern.match(text):
            raise UnreadableInput(name, "the text of one page", "declare its format, or fetch the page")


def _untitled(stretch: Stretch, text: str) -> Rejection:
    if text.strip():
        return _rejection(stretch, text, Reason.MISSING_TITLE, "a page without a title")
    return _rejection(stretch, text, Reason.MISSING_TEXT, "nothing but white space")


def _unmarked(stretch: Stretch, text: str) -> Rejection:
    return _rejection(stretch, text, Reason.NOT_THIS_FORMAT, "one line, and neither a date nor a line of languages")


def _rejection(stretch: Stretch, text: str, reason: Reason, found: str) -> Rejection:
    return Rejection(
        stretch.byte_from,
        stretch.byte_to,
        reason,
        found,
        expected="a date line, a title, a line of languages, and the text",
        remedy="look at the page itself and fetch it again",
        excerpt=text.strip()[:200],
    )


def _record(stretch: Stretch, hints: Hints, layout: Layout, title: str) -> Record:
    page = PageText(
        byte_from=stretch.byte_from,
        byte_to=stretch.byte_to,
        title=title,
        paragraphs=layout.body,
        published_text=layout.published_text,
        dated=layout.dated,
        number=layout.number,
        languages=languages_in([line.text for line in layout.languages]),
        furniture=tuple(line.raw for line in (*layout.languages, *layout.end)),
        notices=() if layout.has_marks else (Notice("no_page_marks", ""),),
    )
    return page_record(page, hints)


FORMAT = Format(
    name="mid_page_text",
    extractor_version=2,
    form="rendered text of a page",
    # The old portal's renderings lack the document number too; a present one that has it still counts.
    lost_in_form=("id", "links", "media", "attachments", "number"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
