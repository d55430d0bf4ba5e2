"""Rules of `extract.order`: which years and bounds follow from the order of a dump."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.order import BASES, REPORT_DAYS, Direction, EventColumns, SettledColumns, settle

DAYS = st.dates(date(2015, 1, 1), date(2025, 12, 31)).map(date.toordinal)


def columns(*printed: str) -> EventColumns:
    """Return events: "2024-07-26", "2024-04-08/2024-04-09", "07-26" and "04-08/04-09" without a year, "" for none.

    One that begins with ">" is announced.
    """
    firsts, lasts, month_days, aheads = [], [], [], []
    for text in printed:
        first, _, last = text.removeprefix(">").partition("/")
        is_dated = len(first) > len("07-26")
        firsts.append(date.fromisoformat(first).toordinal() if is_dated else 0)
        lasts.append(date.fromisoformat(last or first).toordinal() if is_dated else 0)
        month_days.append(0 if is_dated or not first else int((first + (last or first)).replace("-", "")))
        aheads.append(int(text.startswith(">")))
    return EventColumns(firsts, lasts, month_days, aheads)


def shown(first: int, last: int = 0) -> str:
    """Return a span as ISO 8601, one day as a day, none as ""."""
    return "/".join(date.fromordinal(day).isoformat() for day in dict.fromkeys((first, last)) if day)


def dates(settled: SettledColumns) -> list[str]:
    """Return the days of all records."""
    return [shown(*pair) for pair in zip(settled.date_from, settled.date_to, strict=True)]


def bounds(settled: SettledColumns) -> list[str]:
    """Return the bounds of publication of all records."""
    return [f"{shown(a)}..{shown(b)}" for a, b in zip(settled.after, settled.before, strict=True)]


def test_a_year_is_the_one_between_the_dated_neighbours() -> None:
    settled = settle(columns("2023-11-20", "12-24", "01-15", "2024-02-20"))
    assert dates(settled) == ["2023-11-20", "2023-12-24", "2024-01-15", "2024-02-20"]
    assert [BASES[basis] for basis in settled.basis] == ["text", "year_from_order", "year_from_order", "text"]


def test_a_span_gets_its_year_as_a_day_does() -> None:
    settled = settle(columns("2023-11-20", "12-30/01-02", "04-08/04-09", "2024-05-20"))
    assert dates(settled)[1:3] == ["2023-12-30/2024-01-02", "2024-04-08/2024-04-09"]


def test_a_dump_with_the_newest_first_is_read_backwards() -> None:
    printed = ("2023-09-23", "10-16", "", "2023-11-20", "04-08/04-09", "2024-05-30", "09-25")
    up, down = settle(columns(*printed)), settle(columns(*printed[::-1]))
    assert (up.direction, down.direction) == (Direction.ASCENDING, Direction.DESCENDING)
    assert dates(down) == dates(up)[::-1]
    assert bounds(down) == bounds(up)[::-1]


def test_past_the_last_neighbour_the_next_such_day_is_meant() -> None:
    assert dates(settle(columns("2024-05-30", "2024-07-17", "09-25", "01-10")))[2:] == ["2024-09-25", "2025-01-10"]


def test_before_the_first_neighbour_the_last_such_day_is_meant() -> None:
    settled = settle(columns("12-05", "09-20", "2023-09-23", "2023-10-25"))
    assert dates(settled)[:2] == ["2022-12-05", "2023-09-20"]


def test_a_post_may_look_back_a_month() -> None:
    assert dates(settle(columns("2024-01-15", "12-20", "2024-03-01")))[1] == "2023-12-20"


def test_where_two_years_fit_none_is_taken() -> None:
    settled = settle(columns("2022-06-01", "08-10", "2023-09-01"))
    assert dates(settled)[1] == ""
    assert settled.basis[1] == 0


def test_a_year_that_follows_settles_the_ones_after_it() -> None:
    settled = settle(columns("2022-06-01", "01-20", "07-25", "2023-08-20"))
    assert dates(settled)[1:3] == ["2023-01-20", "2023-07-25"]


def test_where_no_year_fits_none_is_taken() -> None:
    assert dates(settle(columns("2024-06-01", "02-10", "2024-06-20")))[1] == ""


def test_the_29th_of_february_is_only_in_leap_years() -> None:
    assert dates(settle(columns("2023-03-01", "02-29", "2024-04-15")))[1] == "2024-02-29"
    assert dates(settle(columns("2022-12-01", "02-29", "2023-04-15")))[1] == ""
    assert dates(settle(columns("2021-01-01", "2021-02-01", "02-29")))[2] == ""


def test_an_announced_day_may_lie_further_ahead_and_bounds_nothing() -> None:
    settled = settle(columns("2024-01-10", ">05-20", "2024-02-01"))
    assert dates(settled)[1] == "2024-05-20"
    assert bounds(settled) == ["2024-01-10..2024-01-17", "2024-01-10..2024-02-08", "2024-02-01..2024-02-08"]


def test_an_announcement_before_all_dated_posts_stays_without_a_year() -> None:
    assert dates(settle(columns(">05-20", "2024-02-01", "2024-03-01")))[0] == ""


def test_a_post_without_a_date_lies_between_its_neighbours() -> None:
    settled = settle(columns("", "2024-07-28", "", "2024-09-02", ""))
    assert bounds(settled) == [
        "..2024-08-04",
        "2024-07-28..2024-08-04",
        "2024-07-28..2024-09-09",
        "2024-09-02..2024-09-09",
        "2024-09-02..",
    ]


def test_an_event_of_some_days_counts_by_its_last() -> None:
    settled = settle(columns("2024-04-08/2024-04-09", "2024-06-01"))
    assert bounds(settled)[0] == "2024-04-09..2024-04-16"


def test_small_inversions_are_allowed() -> None:
    settled = settle(columns("2024-01-10", "2024-03-08", "2024-03-02", "2024-05-01"))
    assert settled.direction is Direction.ASCENDING
    assert bounds(settled)[1:3] == ["2024-03-08..2024-03-09", "2024-03-08..2024-03-09"]


def test_days_in_no_order_give_no_years_and_only_their_own_bounds() -> None:
    settled = settle(columns("2024-05-01", "2023-01-01", "03-03", "2024-12-01", "2022-07-01", ""))
    assert settled.direction is Direction.UNKNOWN
    assert dates(settled)[2] == ""
    assert bounds(settled) == [
        "2024-05-01..2024-05-08",
        "2023-01-01..2023-01-08",
        "..",
        "2024-12-01..2024-12-08",
        "2022-07-01..2022-07-08",
        "..",
    ]


def test_a_dump_of_one_week_gives_years_but_no_bounds_of_neighbours() -> None:
    settled = settle(columns("07-26", "2024-07-28", "", "2024-07-25", "07-24", "12-01"))
    assert settled.direction is Direction.EITHER
    assert dates(settled) == ["2024-07-26", "2024-07-28", "", "2024-07-25", "2024-07-24", ""]
    assert bounds(settled)[2] == ".."


def test_an_anniversary_does_not_undo_the_order() -> None:
    printed = [f"2023-{month:02}-10" for month in range(1, 13)]
    settled = settle(columns(*printed[:6], "1945-05-09", "", *printed[6:]))
    assert settled.direction is Direction.ASCENDING
    assert dates(settled)[6] == "1945-05-09"
    assert bounds(settled)[5:8] == ["2023-06-10..2023-06-17", "2023-06-10..2023-07-17", "2023-06-10..2023-07-17"]


def test_bounds_that_contradict_each_other_are_none() -> None:
    printed = [f"2023-{month:02}-10" for month in range(1, 13)]
    settled = settle(columns(*printed[:6], "2042-05-09", *printed[6:]))
    assert bounds(settled)[6] == ".."
    assert bounds(settled)[7] == "2023-07-10..2023-07-17"


def test_nothing_dated_tells_nothing() -> None:
    settled = settle(columns("07-26", "", ">2024-01-01"))
    assert settled.direction is Direction.UNKNOWN
    assert bounds(settled) == ["..", "..", ".."]
    assert settle(columns()).direction is Direction.UNKNOWN


@given(st.lists(DAYS, min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_bounds_hold_for_posts_that_keep_to_the_assumption(published: list[int], chance: random.Random) -> None:
    published.sort()
    events = [day - chance.randint(0, REPORT_DAYS) if chance.random() < 0.6 else 0 for day in published]
    columns_ = EventColumns(events, events, [0] * len(events), [0] * len(events))
    settled = settle(columns_)
    for day, after, before in zip(published, settled.after, settled.before, strict=True):
        assert after <= day
        assert before == 0 or day <= before


@given(st.lists(DAYS, min_size=4, max_size=60, unique=True), st.randoms(use_true_random=False))
def test_a_year_that_is_given_is_right_between_neighbours(published: list[int], chance: random.Random) -> None:
    published.sort()
    is_dated = [i in {0, len(published) - 1} or chance.random() < 0.5 for i in range(len(published))]
    days = [day if dated else 0 for day, dated in zip(published, is_dated, strict=True)]
    month_days = [
        0 if dated else int(date.fromordinal(day).strftime("%m%d") * 2)
        for day, dated in zip(published, is_dated, strict=True)
    ]
    settled = settle(EventColumns(days, days, month_days, [0] * len(days)))
    assert all(found in {0, day} for found, day in zip(settled.date_to, published, strict=True))


@pytest.mark.parametrize("count", [1, 2, 40])
def test_there_is_an_entry_for_each_record(count: int) -> None:
    settled = settle(EventColumns([0] * count, [0] * count, [101] * count, [0] * count))
    assert {len(column) for column in (settled.date_from, settled.basis, settled.after, settled.before)} == {count}
