"""Who speaks, by titles, and who is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.people import known_person, speakers_in


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Foreign Minister Sergey Lavrov’s opening remarks during talks with Lim Jock Hoi", "Sergey Lavrov"),
        ("Comment by Foreign Ministry Spokesperson Maria Zakharova on Sergey Lavrov’s visit", "Maria Zakharova"),
        ("Брифинг официального представителя МИД России М.В.Захаровой", "Maria Zakharova"),
        ("Выступление и ответы на вопросы СМИ Министра С.В.Лаврова по итогам переговоров", "Sergey Lavrov"),
        ("ИНТЕРВЬЮ МИНИСТРА И.С.ИВАНОВА ГАЗЕТЕ", "Igor Ivanov"),
        (
            "Statement by Permanent Representative to the United Nations Vassily Nebenzia at the Council",
            "Vasily Nebenzya",
        ),
        ("Interview with Foreign Minister Sergey Lavrov", "Sergey Lavrov"),
        ("Briefing by the official representative, Alexander Lukashevich, 11 September 2014", "Alexander Lukashevich"),
        ("🎙 President of Russia Vladimir Putin took part in a Plenary Session", "Vladimir Putin"),
    ],
)
def test_a_title_names_whose_words_follow(title: str, name: str) -> None:
    assert speakers_in(title) == (name,)


@pytest.mark.parametrize(
    "title",
    [
        "Press release on Deputy Foreign Minister Igor Morgulov's participation in the forum",
        "Comment by the Information and Press Department on Foreign Minister Sergey Lavrov’s visit",
        "Greetings to Sergey Lavrov on his birthday",
        "Поздравление С.В.Лаврову",
        "🤝 On September 10, Foreign Minister Sergey Lavrov met with Salman Al Farisi",
        "Vladimir Lavrov's remarks at a school",
        "Ivanov's remarks at a school",
        "Remarks by the Secretary-General",
        "",
    ],
)
def test_whoever_is_met_congratulated_or_spoken_of_is_no_speaker(title: str) -> None:
    assert speakers_in(title) == ()


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Sergey Lavrov", "Sergey Lavrov"),
        ("С.В. Лавров", "Sergey Lavrov"),
        ("Lavrov", "Sergey Lavrov"),
        ("М.В.Захаровой", "Maria Zakharova"),
        ("С.А.Рябков", "Sergey Ryabkov"),
        ("Ivanov", None),
        ("Vladimir Lavrov", None),
        ("Minister Sergey Lavrov", None),
        ("Lavrov said", None),
        ("", None),
    ],
)
def test_a_known_person_is_a_name_and_nothing_else(name: str, person: str | None) -> None:
    assert known_person(name) == person


@given(st.text(alphabet="С.В.Лавров: Sergey Lavrov💬(Q)"))
def test_no_text_makes_speakers_fail(text: str) -> None:
    speakers_in("🎙" + text)
    known_person(text)


def test_a_letter_that_only_looks_like_one_of_a_surname_names_nobody() -> None:
    """The dotted capital I once matched the pattern of names and was then found in no list, which ended the reading."""
    assert speakers_in("Remarks by Vladimir Put\u0130n at a forum") == ()


@pytest.mark.parametrize(
    "title",
    [
        "🎙 " + "Xaver Lavrov " * 100_000,
        "🎙 " + "a" * 1_000_000 + " Lavrov",
        "🎙 " + "ambassador " * 100_000 + "Lavrov",
    ],
)
def test_a_title_of_a_million_letters_is_looked_at_in_its_length(title: str) -> None:
    """Each took hours when the search began anew at every name, letter or office."""
    assert speakers_in(title) in {("Sergey Lavrov",), ()}
