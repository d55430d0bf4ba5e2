"""When and where events took place, by titles, pins and first sentences."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.events import page_event, post_event
from extract.model import NO_EVENT, EventBasis

LAVROV = "Foreign Minister Sergey Lavrov’s remarks"


@pytest.mark.parametrize(
    ("tail", "text", "day", "place"),
    [
        (", Moscow, February 3, 2020", "February 3, 2020", date(2020, 2, 3), "Moscow"),
        (", Nizhny Novgorod, June 10, 2024", "June 10, 2024", date(2024, 6, 10), "Nizhny Novgorod"),
        (", Washington, D.C., May 10, 2017", "May 10, 2017", date(2017, 5, 10), "Washington, D.C."),
        (" (Vientiane, July 26, 2024)", "July 26, 2024", date(2024, 7, 26), "Vientiane"),
        (" (October 7, 2024)", "October 7, 2024", date(2024, 10, 7), None),
        (", 11 September 2014", "11 September 2014", date(2014, 9, 11), None),
        (", Москва, 3 февраля 2020 года", "3 февраля 2020 года", date(2020, 2, 3), "Москва"),
        (" am 10. März 2017 in Moskau", "am 10. März 2017", date(2017, 3, 10), "Moskau"),
        (", published on May 31, 2018", "on May 31, 2018", date(2018, 5, 31), None),
        (" in Vientiane on July 27, 2024.", "on July 27, 2024", date(2024, 7, 27), "Vientiane"),
    ],
)
def test_the_tail_of_a_title_dates_and_places_the_event(tail: str, text: str, day: date, place: str | None) -> None:
    for event in (page_event(LAVROV + tail, [], date(2031, 1, 1)), post_event(["🎙 " + LAVROV + tail])):
        assert (event.text, event.date_from, event.date_to, event.place) == (text, day, day, place)
        assert event.basis == EventBasis.TEXT
        assert event.month_days is None


@pytest.mark.parametrize("name", ["Alexander Lukashevich", "Sergey Lavrov", "RIA Novosti", "Rossiya TV"])
def test_a_person_or_a_paper_before_the_date_is_no_place(name: str) -> None:
    assert page_event(f"Briefing by the representative, {name}, 11 September 2014", [], None).place is None


def test_a_page_takes_the_year_that_is_nearest_to_its_publication() -> None:
    event = page_event(
        "Comment", ["On July 25−26, he will attend the events in Vientiane (Laos). More."], date(2016, 7, 23)
    )
    assert (event.date_from, event.date_to) == (date(2016, 7, 25), date(2016, 7, 26))
    assert (event.text, event.basis) == ("On July 25−26", EventBasis.YEAR_FROM_PUBLICATION)
    assert event.is_ahead
    assert event.place == "Vientiane"
    assert page_event("Comment", ["On December 30, he met Wang Yi."], date(2024, 1, 5)).date_from == date(2023, 12, 30)
    assert page_event("Comment", ["On January 3, he will meet Wang Yi."], date(2023, 12, 30)).date_from == date(
        2024, 1, 3
    )


def test_a_date_half_a_year_from_publication_gets_no_year() -> None:
    event = page_event("Comment", ["On July 5, he met Wang Yi."], date(2024, 1, 5))
    assert (event.basis, event.month_days) == (None, (7, 5, 7, 5))


def test_a_page_without_a_date_gets_no_year() -> None:
    event = page_event("Press release", ["On February 20, the minister chaired a meeting. India joined in 2017."], None)
    assert (event.text, event.date_from, event.basis) == ("On February 20", None, None)
    assert event.month_days == (2, 20, 2, 20)


@pytest.mark.parametrize(
    "headline",
    [
        "🗓 Every year on August 8, the ten member countries mark ASEAN Day. This was approved in May 2005.",
        "On August 8 every year, ASEAN Day is marked.",
        "8 августа ежегодно отмечается День АСЕАН.",
    ],
)
def test_what_comes_back_each_year_dates_no_event(headline: str) -> None:
    assert post_event([headline]) == NO_EVENT


def test_a_date_inside_a_sentence_dates_no_event() -> None:
    assert post_event(["He recalled the agreement of July 27, 2021 and other papers on trade."]) == NO_EVENT
    assert post_event(["He recalled the agreement of July 27."]) == NO_EVENT


@pytest.mark.parametrize(
    ("headline", "text", "month_days", "place"),
    [
        ("🗓 On July 26, Vientiane hosted Sergey Lavrov’s meeting.", "On July 26", (7, 26, 7, 26), "Vientiane"),
        (
            "🗓 He attended the Forum (#ARF) which was held in Vientiane on July 27.",
            "on July 27",
            (7, 27, 7, 27),
            "Vientiane",
        ),
        ("🇷🇺🇨🇳 On April 8-9, he was in China.", "On April 8-9", (4, 8, 4, 9), None),
        ("🤝 On September 10, he met Salman Al Farisi in Moscow.", "On September 10", (9, 10, 9, 10), "Moscow"),
        ("On May 3, he met the ambassadors who are accredited in Moscow.", "On May 3", (5, 3, 5, 3), None),
        ("On May 3, they spoke of the war in Ukraine.", "On May 3", (5, 3, 5, 3), None),
        ("8-9 апреля Министр посетил Китай.", "8-9 апреля", (4, 8, 4, 9), None),
    ],
)
def test_a_date_without_a_year_stays_without_one_in_a_post(
    headline: str, text: str, month_days: tuple[int, int, int, int], place: str | None
) -> None:
    event = post_event([headline, "More of it."])
    assert (event.text, event.month_days, event.place) == (text, month_days, place)
    assert (event.date_from, event.date_to, event.basis) == (None, None, None)


@pytest.mark.parametrize(
    ("published", "day"),
    [
        (date(2024, 7, 27), date(2024, 7, 26)),
        (date(2025, 7, 1), date(2025, 7, 26)),
        (date(2024, 1, 5), None),  # half a year off
        (None, None),
    ],
)
def test_a_post_takes_the_year_that_is_nearest_to_its_publication(published: date | None, day: date | None) -> None:
    event = post_event(["On July 26, Vientiane hosted a meeting."], published)
    assert (event.text, event.month_days) == ("On July 26", (7, 26, 7, 26))
    assert (event.date_from, event.date_to) == (day, day)
    assert event.basis == (EventBasis.YEAR_FROM_PUBLICATION if day else None)


def test_a_printed_year_goes_before_that_of_publication() -> None:
    event = post_event(["Talks (Moscow, July 26, 2019)"], date(2024, 7, 26))
    assert (event.date_from, event.basis) == (date(2019, 7, 26), EventBasis.TEXT)


def test_a_pin_line_without_a_year_takes_that_of_publication() -> None:
    assert post_event(["Talks", "📍 Moscow, July 26"], date(2024, 7, 27)).date_from == date(2024, 7, 26)


def test_the_headline_is_the_first_line_with_letters_outside_hashtags() -> None:
    event = post_event(["#RussiaChina", "🇷🇺🇨🇳", "🇷🇺🇨🇳 On September 25, Sergey Lavrov met Wang Yi."])
    assert event.text == "On September 25"


@pytest.mark.parametrize(
    ("pin", "place"),
    [("📍 Kuala Lumpur, July 28, 2024", "Kuala Lumpur"), ("📍 July 28, 2024", None), ("📍July 28, 2024", None)],
)
def test_the_pin_line_dates_a_post_whose_headline_does_not(pin: str, place: str | None) -> None:
    event = post_event(["🎙 Sergey Lavrov’s remarks following his visit to Malaysia", pin, "💬 Today"])
    assert (event.text, event.date_from, event.place) == ("July 28, 2024", date(2024, 7, 28), place)


def test_a_pin_line_adds_the_place_to_a_dated_headline() -> None:
    event = post_event(["On July 28, he met Anwar Ibrahim.", "📍 Kuala Lumpur"])
    assert (event.text, event.place) == ("On July 28", "Kuala Lumpur")


@pytest.mark.parametrize("words", ["will attend", "is to attend", "is scheduled to attend", "примет участие"])
def test_what_is_still_to_come_is_marked(words: str) -> None:
    assert post_event([f"On July 26, Sergey Lavrov {words} a meeting."]).is_ahead


def test_what_is_past_is_not_marked_as_to_come() -> None:
    assert not post_event(["On July 26, Sergey Lavrov attended a meeting. He will report later."]).is_ahead


def test_the_full_stop_of_an_abbreviation_does_not_end_the_first_sentence() -> None:
    assert post_event(["On July 26, he met H.E. Mr. Smith in Geneva. Then he left."]).place == "Geneva"


def test_an_impossible_date_is_no_event() -> None:
    assert post_event(["Talks, Moscow, February 31, 2020"]) == NO_EVENT


@given(st.lists(st.text(alphabet="On July 26,20 .📍(Moscow)#inwill")), st.dates())
def test_no_text_makes_events_fail(lines: list[str], published: date) -> None:
    post_event(lines, published)
    page_event("".join(lines[:1]), lines[1:], published)


def test_a_headline_of_a_hundred_thousand_initials_is_read_in_its_length() -> None:
    """The whole line before each initial was copied once."""
    assert post_event(["A. B. " * 100_000 + "met on July 5."]).month_days == (7, 5, 7, 5)
