"""Pages of the ministry's site as a table, one row a page, as castarter writes its corpora.

The corpora of tadadit have an address, a title, a text, day and time as the page prints them, the ministry's number
and the languages in which a document is there. Of any other table a person must say which column is what.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, BinaryIO

from extract.addresses import LANGUAGES, Generation, PageAddress, page_of
from extract.dates import DateLine
from extract.errors import ExtractError
from extract.formats.mid_page_text import clean
from extract.formats.table_columns import (
    DECLARED,
    PAGE_NEEDS,
    Field,
    first_seen_column,
    known_layout,
    layout,
    layout_columns,
    proposed_columns,
    resolved_declaration,
    unconfirmed,
)
from extract.formats.table_posts import Plan
from extract.formats.table_rows import Row, Table, excerpt_of, opened, rows_in, split_rows
from extract.formats.table_values import DAY, Clock, at_path, clock, printed, with_offset
from extract.model import (
    NOT_PROVEN_WHOLE,
    Format,
    Hints,
    Notice,
    Page,
    PublishedBasis,
    Reason,
    Record,
    Rejection,
    Stretch,
)
from extract.notices import SHARED
from extract.pages import NOTICES as _PAGE_NOTICES
from extract.pages import PageText, page_record
from extract.telegram import without_odd_characters

NOTICES: Mapping[str, str] = MappingProxyType(
    {
        **_PAGE_NOTICES,
        "first_seen_claim": SHARED["first_seen_claim"],
        "number_differs": "The row's own column has another number of the page than its address.",
        "zone_of_the_tool": "The time is marked as UTC, as tools mark local times too, so that it is no instant.",
        "odd_characters": SHARED["odd_characters"],
        NOT_PROVEN_WHOLE: SHARED["no_repeat"],
    }
)

_CASTARTER = (
    layout(
        "castarter",
        "id=url_id|doc_id url=url|link title=title text=text date=date time=datetime|time number=internal_id "
        "languages=translations",
        required="url title text date url_id internal_id",
        carries_punctuation=True,
    ),
    layout(
        "castarter",
        "id=doc_id url=link title=title text=text date=date time=datetime|time number=internal_id "
        "languages=translations",
        required="link title text date internal_id",
        carries_punctuation=True,
    ),
)
_SITE = b"mid.ru/"
_DOC_ID = re.compile(r"(?:mid\.ru_(?P<lang>[a-z]{2})_)?(?P<number>\d{6,8})(?:\.0+)?")
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of many rows. Raises `UnconfirmedColumns` for a table whose columns nobody has named."""

    def plan(table: Table, _: Mapping[str, Any] | None) -> bytes:
        made = _plan(table.names, hints.columns)
        seen = None if Field.FIRST_SEEN in made.columns else first_seen_column(table.names)
        return replace(made, first_seen=seen).packed()

    return split_rows(stream, hints.encoding, plan)


def _plan(names: tuple[str, ...], declared: str | None) -> Plan:
    if declared is not None:
        return Plan(resolved_declaration(declared, names, PAGE_NEEDS))
    known = known_layout(_CASTARTER, names)
    if known is None:
        raise unconfirmed(names, PAGE_NEEDS)
    return Plan(layout_columns(known, names), known.name, carries_punctuation=known.carries_punctuation)


def claims(head: bytes) -> bool:
    """Tell whether an input is a table with addresses of the ministry's site, titles and texts."""
    if _SITE not in head and _SITE not in head.replace(b"\0", b""):
        return False
    try:
        table, _ = opened(head, None)
    except ExtractError:
        return False
    proposed = proposed_columns(table.names)
    return known_layout(_CASTARTER, table.names) is not None or all(need in proposed for need in PAGE_NEEDS)


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the pages of a stretch, and the rejections of rows that are none."""
    packed, rows = rows_in(stretch)
    plan = Plan.unpacked(packed)
    return tuple(row if isinstance(row, Rejection) else _page(row, plan, hints) for row in rows)


def _page(row: Row, plan: Plan, hints: Hints) -> Record | Rejection:
    cells = {field: _cell(row, column, plan) for field, column in plan.columns.items()}
    address = _address(cells)
    key = None if address is None else address.key(hints.language)
    title, title_odd_count = without_odd_characters(clean(printed(cells[Field.TITLE]) or ""))
    if address is None or key is None:
        return _rejected(row, Reason.MISSING_ID, "a page without its number and language", cells)
    if not title:
        return _rejected(row, Reason.MISSING_TITLE, f"page {address.number} without a title", cells)
    if isinstance(cells[Field.TEXT], dict | list):
        return _rejected(row, Reason.MISSING_TEXT, f"page {address.number} without a text", cells)
    text, odd_count = without_odd_characters(_LINE_BREAK.sub("\n", str(cells[Field.TEXT] or "")))
    shown, notices = _clock(cells)
    record = page_record(
        PageText(
            row.byte_from,
            row.byte_to,
            title,
            tuple(line for one in text.split("\n") if (line := clean(one))),
            # What the page itself printed is lost: a table has a tool's date, which is no facet of the page.
            published_text=None,
            dated=_dated(cells, shown),
            number=printed(cells.get(Field.NUMBER)),
            languages=_languages(cells),
            notices=(*notices, *_notices(row, plan, cells, address, odd_count + title_odd_count)),
            key=key,
            lang=address.lang,
            page=Page(_url(cells), address.number, address.section, (), _matched(plan)),
        ),
        hints,
    )
    return _dated_record(replace(record, carries_paragraphs=False), plan, shown)


def _cell(row: Row, column: str, plan: Plan) -> object:
    columns = [column] if plan.layout == DECLARED else column.split("|")
    found = (at_path(row.values, one) for one in columns)
    return next((value for value in found if value not in (None, "")), None)


def _rejected(row: Row, reason: Reason, found: str, cells: Mapping[Field, Any]) -> Rejection:
    return Rejection(
        row.byte_from,
        row.byte_to,
        reason,
        found,
        "an address of a document on the ministry's site, or its number and the source's language; and a title",
        "look at the row in the input; name the language in the column `language` of the registry",
        excerpt_of(", ".join(f"{field}={value}" for field, value in cells.items() if value)),
    )


def _url(cells: Mapping[Field, Any]) -> str | None:
    urls = (printed(cells.get(field)) for field in (Field.URL, Field.ID))
    return next((url for url in urls if url is not None and "/" in url), None)


def _address(cells: Mapping[Field, Any]) -> PageAddress | None:
    """Return which page a row is: by its address, else by its number, which may tell no language."""
    url = _url(cells)
    if url is not None:
        return page_of(url)
    number = _number(cells)
    if number is None:
        return None
    lang = LANGUAGES.get(number[1] or "")
    return PageAddress(Generation.PRESENT, number[0], lang, None, "")


def _number(cells: Mapping[Field, Any]) -> tuple[int, str | None] | None:
    match = _DOC_ID.fullmatch(printed(cells.get(Field.ID)) or "")
    return None if match is None else (int(match["number"]), match["lang"])


def _matched(plan: Plan) -> tuple[str, ...]:
    return tuple(f"{field}: column {column}" for field, column in plan.columns.items())


def _languages(cells: Mapping[Field, Any]) -> tuple[str, ...]:
    named = re.split(r"[;,\s]+", printed(cells.get(Field.LANGUAGES)) or "")
    return tuple(sorted({LANGUAGES[one] for one in named if one in LANGUAGES}))


def _clock(cells: Mapping[Field, Any]) -> tuple[Clock | None, list[Notice]]:
    """Return the day and the time that a row has, in one column or in two."""
    day_text, time_text = (printed(cells.get(field)) for field in (Field.DATE, Field.TIME))
    day = None if day_text is None else clock(day_text)
    both = None if time_text is None else clock(time_text)
    if both is not None and both.at is not None:
        found: Clock | None = both
    elif day is not None and day.at is None and time_text is not None and _TIME.fullmatch(time_text):
        found = clock(f"{day.day} {time_text.rjust(5, '0')}")
    else:
        found = day or both
    is_marked = found is not None and found.at is not None and found.zone is not None and found.zone[0] not in "+-"
    return found, [Notice("zone_of_the_tool", time_text or day_text or "")] if is_marked else []


def _dated(cells: Mapping[Field, Any], shown: Clock | None) -> DateLine | None:
    """Return what the page prints; a time with an offset or a tool's mark of UTC is not the page's own."""
    if shown is None:
        told = printed(cells.get(Field.DATE)) or printed(cells.get(Field.TIME))
        return None if told is None else DateLine(None, None, is_unclear=True)
    if shown.zone is not None:
        return DateLine(shown.day, None, is_unclear=False)
    return DateLine(shown.day, shown.at, is_unclear=False)


def _dated_record(record: Record, plan: Plan, shown: Clock | None) -> Record:
    """Return a record with the instant of an offset, or with the days between which the page was published."""
    record = replace(record, carries_punctuation=plan.layout != DECLARED)
    if shown is None or record.published_at is not None:
        return record
    if shown.at is not None:  # the row has a time, if none of the page's own
        kept = tuple(notice for notice in record.notices if notice.code != "date_without_time")
        record = replace(record, notices=kept)
    if shown.zone is not None and shown.at is not None and shown.zone[0] in "+-":
        at = with_offset(shown.day, shown.at, shown.zone)
        return replace(record, published_at=at, published_basis=None if at is None else PublishedBasis.STATED_OFFSET)
    margin = DAY if shown.zone is not None else 0 * DAY
    return replace(record, published_within=(shown.day - margin, shown.day + margin))


def _notices(
    row: Row, plan: Plan, cells: Mapping[Field, Any], address: PageAddress, odd_count: int
) -> Iterator[Notice]:
    number = _number(cells)
    if number is not None and number[0] != address.number:
        yield Notice("number_differs", str(number[0]))
    seen = printed(cells.get(Field.FIRST_SEEN) if plan.first_seen is None else row.values.get(plan.first_seen))
    if seen is not None:
        yield Notice("first_seen_claim", seen)
    if odd_count:
        yield Notice("odd_characters", str(odd_count))
    if not row.is_ended:
        yield Notice(NOT_PROVEN_WHOLE, "the input ends without a line break")


FORMAT = Format(
    name="page_table",
    extractor_version=1,
    form="table of pages",
    lost_in_form=("paragraphs", "links", "media", "printed date"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
