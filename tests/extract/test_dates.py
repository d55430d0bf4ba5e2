"""Printed dates and date lines."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.dates import DateLine, date_line, dates_in, instants, span


@pytest.mark.parametrize(
    ("text", "month_days", "year"),
    [
        ("July 25−26", (7, 25, 7, 26), None),
        ("April 8-9", (4, 8, 4, 9), None),
        ("May 30 - June 2, 2024", (5, 30, 6, 2), 2024),
        ("8-9 апреля", (4, 8, 4, 9), None),
        ("30 мая – 2 июня 2024 г.", (5, 30, 6, 2), 2024),
        ("3 февраля 2020 года", (2, 3, 2, 3), 2020),
        ("3 ФЕВРАЛЯ 2020 ГОДА", (2, 3, 2, 3), 2020),
        ("11 September 2014", (9, 11, 9, 11), 2014),
        ("10. März 2017", (3, 10, 3, 10), 2017),
        ("3 février 2020", (2, 3, 2, 3), 2020),
        ("3 de marzo de 2020", (3, 3, 3, 3), 2020),
        ("July 3 and 4, 2020", (7, 3, 7, 4), 2020),
        ("February 29", (2, 29, 2, 29), None),
        ("December 30 - January 2, 2020", (12, 30, 1, 2), 2020),
    ],
)
def test_a_printed_date_is_read_whole(text: str, month_days: tuple[int, int, int, int], year: int | None) -> None:
    (printed,) = dates_in(text)
    assert (printed.text, printed.month_days, printed.year) == (text, month_days, year)


@pytest.mark.parametrize(
    "text",
    [
        "31 февраля 2020",
        "February 30",
        "30 February 2019",
        "November 2013",
        "may 8",
        "July 9-8",
        "July 3 and 7",
        "2016−2020",
    ],
)
def test_what_no_calendar_has_is_no_date(text: str) -> None:
    assert dates_in(text) == []


def test_a_leap_day_needs_a_leap_year() -> None:
    assert dates_in("February 29, 2021") == []
    assert span((2, 29, 2, 29), 2021) is None
    assert span((2, 29, 2, 29), 2020) == (date(2020, 2, 29), date(2020, 2, 29))


def test_a_span_over_new_year_begins_the_year_before() -> None:
    assert span((12, 30, 1, 2), 2020) == (date(2019, 12, 30), date(2020, 1, 2))


@pytest.mark.parametrize(
    ("line", "day", "at"),
    [
        ("3 February 202014:15", date(2020, 2, 3), time(14, 15)),
        ("3 February 2020 14:15", date(2020, 2, 3), time(14, 15)),
        (" 3\u00a0February  2020 14:15 ", date(2020, 2, 3), time(14, 15)),
        ("17 July 2018 - 15:06", date(2018, 7, 17), time(15, 6)),
        ("07.04.2022 18:54", date(2022, 4, 7), time(18, 54)),
        ("07.04.202218:54", date(2022, 4, 7), time(18, 54)),
        ("3 февраля 2020 14:15", date(2020, 2, 3), time(14, 15)),
        ("February 3, 2020 14:15", date(2020, 2, 3), time(14, 15)),
        ("3 February 2020", date(2020, 2, 3), None),
        ("17:18", None, time(17, 18)),
    ],
)
def test_a_date_line_gives_day_and_time(line: str, day: date | None, at: time | None) -> None:
    assert date_line(line) == DateLine(day, at, is_unclear=False)


@pytest.mark.parametrize(
    "line", ["31 February 202014:15", "3 February 202025:15", "25:70", "07.04.22 18:54", "07.13.2022"]
)
def test_a_date_line_that_no_calendar_has_is_unclear(line: str) -> None:
    read = date_line(line)
    assert read is not None
    assert read.is_unclear


@pytest.mark.parametrize("line", ["", "On 3 February 2020", "3 February 2020 in Moscow", "7.04", "1893-27-09-2023"])
def test_a_line_with_anything_else_is_no_date_line(line: str) -> None:
    assert date_line(line) is None


def test_moscow_time_becomes_utc_by_the_rule_of_that_day() -> None:
    assert instants(date(2020, 2, 3), time(14, 15), "Europe/Moscow") == (datetime(2020, 2, 3, 11, 15, tzinfo=UTC),)
    assert instants(date(2013, 2, 3), time(14, 15), "Europe/Moscow") == (datetime(2013, 2, 3, 10, 15, tzinfo=UTC),)


def test_an_hour_that_clocks_show_twice_or_never_is_not_settled() -> None:
    assert len(instants(date(2014, 10, 26), time(1, 30), "Europe/Moscow")) == 2
    assert instants(date(2010, 3, 28), time(2, 30), "Europe/Moscow") == ()


def test_the_first_day_of_the_calendar_is_no_error() -> None:
    assert instants(date(1, 1, 1), time(0, 0), "Europe/Moscow") == ()


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_every_day_is_found_as_it_is_printed(day: date) -> None:
    (printed,) = dates_in(f"{day:%B} {day.day}, {day.year}")
    assert printed.days(day.year) == (day, day)


@given(st.text(alphabet="0123456789 -−,.:MayJuneмяиюня"))
def test_no_text_makes_dates_fail(text: str) -> None:
    date_line(text)
    for printed in dates_in(text):
        assert text[printed.start : printed.end] == printed.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(July 5, 2024)", ["July 5, 2024"]),
        ("xJuly 5 and 2024 July 6", ["July 6"]),
        ("meeting 12 on 3 May 2020 and 4 June", ["3 May 2020", "4 June"]),
        ("5 July 6 May", ["5 July", "6 May"]),
        ("Dec. 31 and Jan. 1", ["Dec. 31 and Jan. 1"]),
        ("17:18, 2024-07-05, no. 12", []),
    ],
)
def test_a_date_is_found_wherever_a_number_stands(text: str, found: list[str]) -> None:
    """Only the places beside numbers are looked at."""
    assert [printed.text for printed in dates_in(text)] == found
