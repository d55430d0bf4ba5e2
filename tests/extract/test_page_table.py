"""Rules of the format `page_table`."""

import csv
import io
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UnconfirmedColumns, UnreadableInput
from extract.formats.page_table import FORMAT, NOTICES
from extract.model import Hints, Kind, Medium, PublishedBasis, Reason, Record, Rejection

HEADER = ("doc_id", "text", "date", "datetime", "title", "internal_id", "url_id", "translations", "url")
URL = "https://mid.ru/en/foreign_policy/news/1607500/"
HINTS = Hints("test", language="en")


def row(**cells: str) -> str:
    """Return a table of one row, in the columns of the corpora."""
    ordinary = {"text": "The sides met.", "date": "2011-09-22", "title": "Press release on talks", "url": URL}
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow(ordinary | cells)
    return out.getvalue()


def values(data: str | bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    """Return all that is read in an input."""
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return [value for stretch in FORMAT.split(stream, hints) for value in FORMAT.read(stretch, hints)]


def record(data: str | bytes, hints: Hints = HINTS) -> Record:
    """Return the one record of an input."""
    (value,) = values(data, hints)
    assert isinstance(value, Record), value
    return value


def test_a_row_of_a_corpus_is_a_page_with_all_that_it_tells() -> None:
    page = record(row(datetime="2011-09-22 20:12:00", internal_id="1383-22-09-2011", translations="en; fr; ru"))
    assert page.medium is Medium.PAGE
    assert page.key == "mid:1607500:en"
    assert page.kind is Kind.PRESS_RELEASE
    assert page.published_at == datetime(2011, 9, 22, 16, 12, tzinfo=UTC)
    assert page.published_basis is PublishedBasis.PAGE_LOCAL_TIME
    assert page.document_number == "1383-22-09-2011"
    assert page.languages_available == ("en", "fr", "ru")
    assert page.page is not None
    assert page.page.section == "foreign_policy/news"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.mid.ru/ru/foreign_policy/news/1607500", "mid:1607500:ru"),
        (f"{URL}?lang=de", "mid:1607500:de"),
        ("https://mid.ru/ru/maps/gb/1817739/", "mid:1817739:ru"),
        ("http://www.mid.ru/en/asean/-/asset_publisher/cKNonkJE02Bw/content/id/2732506", "mid-lr:2732506:en"),
    ],
)
def test_the_address_of_a_row_makes_its_key(url: str, key: str) -> None:
    assert record(row(url=url)).key == key


@pytest.mark.parametrize(
    ("doc_id", "language", "key"),
    [
        ("mid.ru_ru_1607500", None, "mid:1607500:ru"),
        ("1607500", "en", "mid:1607500:en"),
        ("1607500.0", "en", "mid:1607500:en"),
    ],
)
def test_a_number_with_a_language_makes_a_key_too(doc_id: str, language: str | None, key: str) -> None:
    assert record(row(url="", doc_id=doc_id), Hints("t", language=language)).key == key


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"url": "https://example.org/en/news/1607500/"}, Reason.MISSING_ID),
        ({"url": "", "doc_id": "1607500"}, Reason.MISSING_ID),
        ({"title": " "}, Reason.MISSING_TITLE),
    ],
)
def test_a_row_that_is_no_page_is_rejected(cells: dict[str, str], reason: Reason) -> None:
    (value,) = values(row(**cells), Hints("t"))
    assert isinstance(value, Rejection)
    assert value.reason is reason


def test_a_day_without_a_time_is_no_instant() -> None:
    page = record(row())
    assert page.published_at is None
    assert page.published_text is None  # what the page printed is lost: this is the tool's
    assert page.published_within == (date(2011, 9, 22), date(2011, 9, 22))


def test_a_time_that_a_tool_marks_as_utc_is_no_instant_since_tools_mark_local_times_too() -> None:
    page = record(row(datetime="2011-09-22T20:12:00Z"))
    assert page.published_at is None
    assert page.published_within == (date(2011, 9, 21), date(2011, 9, 23))
    assert "zone_of_the_tool" in [notice.code for notice in page.notices]


def test_a_time_with_an_offset_is_an_instant() -> None:
    page = record(row(datetime="2011-09-22T20:12:00+04:00"))
    assert page.published_at == datetime(2011, 9, 22, 16, 12, tzinfo=UTC)
    assert page.published_basis is PublishedBasis.STATED_OFFSET


def test_an_empty_text_is_a_page_without_a_body() -> None:
    page = record(row(text=""))
    assert page.text == ""
    assert "no_body" in [notice.code for notice in page.notices]


def test_a_table_that_no_layout_knows_waits_for_a_word() -> None:
    data = f"link,headline,body\n{URL},Title,Words\n"
    assert FORMAT.claims(data.encode())
    with pytest.raises(UnconfirmedColumns, match="id=link, text=body, title=headline"):
        values(data)
    page = record(data, Hints("t", columns="id=link, text=body, title=headline"))
    assert page.key == "mid:1607500:en"
    assert not page.carries_punctuation


def test_a_table_without_titles_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="title"):
        values(f"url,text\n{URL},Words\n")


def test_only_tables_with_addresses_of_the_site_are_claimed() -> None:
    assert FORMAT.claims(row().encode())
    assert FORMAT.claims(row().encode("utf-16"))
    assert not FORMAT.claims(row(url="https://example.org/1607500/").encode())
    assert not FORMAT.claims(b"id,text\n1,https://mid.ru/en/\n")


@given(st.binary(max_size=40), st.integers(0, 300))
@settings(max_examples=50)
def test_torn_tables_end_in_values_or_in_an_error_of_extraction(torn: bytes, at: int) -> None:
    data = row(datetime="2011-09-22 20:12:00").encode()
    with suppress(ExtractError):
        assert all(isinstance(one, Record | Rejection) for one in values(data[:at] + torn + data[at:]))


@given(st.fixed_dictionaries({name: st.text(max_size=12) for name in HEADER}))
@settings(max_examples=50)
def test_any_cells_end_in_one_value(cells: dict[str, str]) -> None:
    with suppress(ExtractError):
        assert len(values(row(**cells).encode("utf-8", "replace"))) <= 1 + "".join(cells.values()).count("\r")


def test_every_notice_of_the_form_is_defined() -> None:
    data = (
        row(url_id="1607501", datetime="2011-09-22T20:12:00Z", text="a\x07")
        .rstrip("\n")
        .replace("doc_id", "first_seen")
    )
    page = record(data.replace("\n,", "\n2024,"))
    assert {notice.code for notice in page.notices} <= set(NOTICES)
    assert {"first_seen_claim", "number_differs", "odd_characters", "no_repeat"} <= {n.code for n in page.notices}
