"""What a page of the ministry's site says about itself.

Knows the pieces of a page (title, date, number, paragraphs) and nothing of the form in which they came.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from extract.dates import DateLine, instants
from extract.events import page_event
from extract.kinds import fold_title, kind_of
from extract.language import language_of
from extract.model import (
    Block,
    Hints,
    Kind,
    Link,
    Media,
    Medium,
    Notice,
    Page,
    PublishedBasis,
    Record,
)
from extract.notices import SHARED
from extract.people import speakers_in
from extract.turns import turns

NOTICES: Mapping[str, str] = MappingProxyType(
    {
        "no_date_line": "The page prints no date, so it has no instant of publication.",
        "date_without_time": "The page prints a day and no time, so the instant of publication is not known.",
        "time_without_date": "The page prints a time and no day, so the instant of publication is not known.",
        "unclear_date": SHARED["unclear_date"],
        "unclear_local_time": "Clocks in the source's zone showed that time twice, or never.",
        "no_body": "The page has a title and no text.",
        "number_without_sequence": "The document number lacks its yearly sequence number.",
        "table_of_contents": "The text begins with a table of contents, which repeats its headings.",
        "unofficial_translation": "The page calls its text an unofficial translation.",
        "replacement_character": "The text holds U+FFFD, so an earlier reader could not decode part of it.",
        "language_from_source": "The language was not recognised in the text; the source's own stands for it.",
        "language_not_listed": "The language of the text is not among those that the page lists.",
    }
)

LANGUAGES = re.compile(r"(?:• ?)?(?:[a-z]{2}-[A-Z]{2}1(?: |$))+")
NUMBER = re.compile(r"(?P<sequence>\d{1,5}-)?\d{2}-\d{2}-\d{4}")
_BACK = re.compile(r"(?:back to (?:the )?(?:table of )?contents|назад к оглавлению)")
_CONTENTS = re.compile(r"(?:table of )?contents:?|содержание:?|оглавление:?")
_LONGEST_MARK = 60  # characters of a heading or a link of the table of contents
_HEADING = re.compile(r"(?i)(?:from )?answers to (?:media )?questions:?|(?:из )?ответ(?:ы|ов) на вопросы(?: СМИ)?:?")
_UNOFFICIAL = re.compile(r"(?i)unofficial translation|неофициальный перевод")


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as a form hands it over."""

    byte_from: int
    byte_to: int  # exclusive
    title: str
    paragraphs: tuple[str, ...]
    published_text: str | None = None  # the date line as printed
    dated: DateLine | None = None  # what it says
    number: str | None = None
    languages: tuple[str, ...] = ()  # ISO 639-1, sorted
    furniture: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()  # those of the form, which stand before the others
    # What richer forms carry, see `Record`.
    key: str | None = None
    lang: str | None = None  # of the page by its address
    blocks: tuple[Block, ...] | None = None  # one for each paragraph
    links: tuple[Link, ...] | None = None
    media: tuple[Media, ...] | None = None
    page: Page | None = None


def page_record(page: PageText, hints: Hints) -> Record:
    """Return the record of a page as a form hands it over: named, dated, described."""
    text = "\n".join(page.paragraphs)
    kind = kind_of(page.title)
    recognised = language_of(text or page.title)
    declared = page.lang or hints.language
    published_at = _published_at(page.dated, hints.time_zone)
    return Record(
        byte_from=page.byte_from,
        byte_to=page.byte_to,
        medium=Medium.PAGE,
        key=page.key,
        key_date=page.published_text or "",
        title=page.title,
        text=text,
        carries_paragraphs=True,
        published_text=page.published_text,
        document_number=page.number,
        forwarded_from=None,
        published_at=published_at,
        published_basis=PublishedBasis.PAGE_LOCAL_TIME if published_at else None,
        lang=recognised or declared,
        languages_available=page.languages,
        kind=kind or Kind.OTHER,
        kind_basis="title" if kind else "none",
        speakers=speakers_in(page.title),
        event=page_event(page.title, page.paragraphs, None if page.dated is None else page.dated.day),
        hashtags=(),
        flags=(),
        is_excerpt=False,
        has_media_placeholder=False,
        passages=tuple(turns(page.paragraphs, medium=Medium.PAGE, title=page.title, blocks=page.blocks or ())),
        furniture=page.furniture,
        notices=(
            *page.notices,
            *_date_notices(page, published_at),
            *_text_notices(page, text),
            *_language_notices(page, recognised, declared),
        ),
        links=page.links,
        media=page.media,
        page=page.page,
    )


def languages_in(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the ISO 639-1 codes of lines like "• en-GB1 ru-RU1", sorted."""
    return tuple(sorted({locale[:2] for line in lines for locale in line.removeprefix("•").split()}))


def is_back_link(line: str) -> bool:
    """Say whether a line is nothing but a link back to the table of contents."""
    return _is_mark(_BACK, line)


def is_contents_heading(line: str) -> bool:
    """Say whether a line is the heading of a table of contents."""
    return _is_mark(_CONTENTS, line)


def is_answers_heading(line: str) -> bool:
    """Say whether a line is the heading above the questions and answers."""
    return len(line) <= _LONGEST_MARK and _HEADING.fullmatch(line) is not None


def _is_mark(pattern: re.Pattern[str], line: str) -> bool:
    """Compare with letters that look alike folded: the "c" of "contents" is Cyrillic on the page 1906578."""
    is_short = len(line) <= _LONGEST_MARK and line[:1].isalpha()
    return is_short and pattern.fullmatch(fold_title(line)) is not None


def _published_at(dated: DateLine | None, zone: str) -> datetime | None:
    if dated is None or dated.day is None or dated.at is None:
        return None
    found = instants(dated.day, dated.at, zone)
    return found[0] if len(found) == 1 else None


def _date_notices(page: PageText, published_at: datetime | None) -> Iterator[Notice]:
    dated, printed = page.dated, page.published_text or ""
    if dated is None:
        yield Notice("no_date_line", "")
    elif dated.is_unclear:
        yield Notice("unclear_date", printed)
    elif dated.at is None:
        yield Notice("date_without_time", printed)
    elif dated.day is None:
        yield Notice("time_without_date", printed)
    elif published_at is None:
        yield Notice("unclear_local_time", printed)


def _text_notices(page: PageText, text: str) -> Iterator[Notice]:
    if not page.paragraphs:
        yield Notice("no_body", "")
    elif is_contents_heading(page.paragraphs[0]):
        yield Notice("table_of_contents", page.paragraphs[0])
    if page.number is not None and "-" not in page.number[:-10]:
        yield Notice("number_without_sequence", page.number)
    unofficial = _UNOFFICIAL.search(text)
    if unofficial is not None:
        yield Notice("unofficial_translation", unofficial[0])
    replaced_count = text.count("\ufffd")
    if replaced_count:
        yield Notice("replacement_character", str(replaced_count))


def _language_notices(page: PageText, recognised: str | None, declared: str | None) -> Iterator[Notice]:
    if recognised is None and declared is not None:
        yield Notice("language_from_source", declared)
    if recognised is not None and page.languages and recognised not in page.languages:
        yield Notice("language_not_listed", recognised)
