"""A list of quotations as people keep it: CSV in UTF-8 with a header, parted by commas, semicolons or tabs."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.errors import InputRefused

# The names that are looked for, first ones first; case, spaces and dashes don't count.
QUOTE_NAMES = ("quote", "quotation", "quoted", "quoted_text", "citation", "text", "цитата", "текст")
KEY_NAMES = ("ref", "document_key", "key", "document", "version")
URL_NAMES = ("url", "link", "address", "source_url", "ссылка", "адрес")
DATE_NAMES = ("date", "published", "published_date", "day", "дата")
_DELIMITERS = (",", ";", "\t")
_MOST_CHARS = 10_000_000  # in one cell; what is longer is a file with a quotation mark too few
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a list are, by their names; None where there is none."""

    quote: str
    key: str | None
    url: str | None
    day: str | None


@dataclass(frozen=True, slots=True)
class Quotation:
    """One row of a list."""

    number: int  # from 1, in the order of the list
    text: str
    key: str | None  # a ref or a document's key
    url: str | None
    day: date | None
    cells: Mapping[str, str]  # the row as it is


@dataclass(frozen=True, slots=True)
class QuotationList:
    """A list of quotations."""

    names: tuple[str, ...]
    columns: Columns
    quotations: tuple[Quotation, ...]


def read_list(path: Path) -> QuotationList:
    """Return the quotations of a file. Raises `InputRefused` for what is no such list."""
    text = _text(path)
    delimiter = _delimiter(path, text)
    rows = _rows(path, text, delimiter)
    _, header = next(rows)
    columns = _columns(header)
    quotations = [
        _quotation(number, _cells(path, header, line, row), columns) for number, (line, row) in enumerate(rows, 1)
    ]
    if not quotations:
        raise InputRefused(f"{path}: nothing below its header; expected a quotation on each line; add them")
    return QuotationList(tuple(header), columns, tuple(quotations))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused(
            f"{path}: byte {error.start} is no UTF-8; expected CSV in UTF-8; save it as such (in a spreadsheet: "
            "CSV UTF-8)"
        ) from error


def _delimiter(path: Path, text: str) -> str:
    """Return the delimiter that parts the most columns where one of them holds the quotations."""
    headers = {delimiter: next(_rows(path, text, delimiter), (0, []))[1] for delimiter in _DELIMITERS}
    fit = [delimiter for delimiter in _DELIMITERS if _named(headers[delimiter], QUOTE_NAMES)]
    if fit:
        return max(fit, key=lambda delimiter: len(headers[delimiter]))
    most = max(headers.values(), key=len)
    found = ", ".join(map(repr, most)) if most else "nothing"
    raise InputRefused(
        f"{path}: no column of quotations: its first line has {found}; expected one called quote (or "
        f"{', '.join(QUOTE_NAMES[1:])}); name it so"
    )


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with the number of its last line."""
    csv.field_size_limit(_MOST_CHARS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputRefused(
            f"{path}: line {reader.line_num} is no CSV ({error}); expected a cell that holds a quotation mark in "
            "quotation marks, and each such mark twice; write it so"
        ) from error


def _cells(path: Path, header: list[str], line: int, row: list[str]) -> dict[str, str]:
    if len(row) > len(header):
        raise InputRefused(
            f"{path}: line {line} has {len(row)} cells; expected at most {len(header)}, as the header has; put a "
            "quotation that holds the delimiter in quotation marks"
        )
    return dict(zip(header, row + [""] * (len(header) - len(row)), strict=True))


def _columns(header: list[str]) -> Columns:
    quote = _named(header, QUOTE_NAMES)
    assert quote is not None  # noqa: S101 -- the delimiter was chosen by it
    return Columns(quote, _named(header, KEY_NAMES), _named(header, URL_NAMES), _named(header, DATE_NAMES))


def _named(header: list[str], names: tuple[str, ...]) -> str | None:
    by_name = {re.sub(r"[\s-]+", "_", name.strip().casefold()): name for name in reversed(header)}
    return next((by_name[name] for name in names if name in by_name), None)


def _quotation(number: int, cells: Mapping[str, str], columns: Columns) -> Quotation:
    def cell(name: str | None) -> str | None:
        return (cells[name].strip() or None) if name else None

    return Quotation(
        number, cells[columns.quote].strip(), cell(columns.key), cell(columns.url), _day(cell(columns.day)), cells
    )


def _day(text: str | None) -> date | None:
    """Return a day as ISO 8601 or 26.07.2024 write it; None for any other, which then says nothing."""
    if text is None:
        return None
    iso, german = _DAY.match(text), _GERMAN_DAY.match(text)
    try:
        if iso:
            return date(*map(int, iso.groups()))
        return date(*map(int, reversed(german.groups()))) if german else None
    except ValueError:
        return None
