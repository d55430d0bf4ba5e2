"""The kinds of documents, by their titles."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.kinds import KIND_RULES, KindRule, fold_title, kind_of
from extract.model import Kind

TITLES = [
    (Kind.MEDIA_ANNOUNCEMENT, "О брифинге официального представителя МИД России"),
    (Kind.MEDIA_ANNOUNCEMENT, "Об аккредитации журналистов"),
    (Kind.MEDIA_ANNOUNCEMENT, "Media accreditation for the forum"),
    (Kind.BRIEFING, "Briefing by Foreign Ministry Spokesperson Maria Zakharova, Moscow, April 19, 2017"),
    (Kind.BRIEFING, "Foreign Ministry Spokeswoman Maria Zakharova’s briefing"),
    (Kind.BRIEFING, "Брифинг официального представителя МИД России М.В.Захаровой"),
    (Kind.PRESS_RELEASE, "Press release on Foreign Minister Sergey Lavrov's telephone conversation with Rex Tillerson"),
    (Kind.PRESS_RELEASE, "О совещании почётных консулов"),
    (Kind.PRESS_RELEASE, "ОБ ОТКРЫТИИ ПОСОЛЬСТВА"),
    (Kind.JOINT_DOCUMENT, "Joint statement by the Russian and Chinese foreign ministries on strategic stability"),
    (Kind.JOINT_DOCUMENT, "Quartet envoys' joint press statement"),
    (Kind.JOINT_DOCUMENT, "Совместное заявление министров иностранных дел"),
    (Kind.STATEMENT, "Foreign Ministry statement on personal sanctions against US citizens"),
    (Kind.STATEMENT, "Заявление МИД России"),
    (Kind.COMMENT, "Comment by the Information and Press Department on the elections"),
    (Kind.COMMENT, "Foreign Ministry Spokesperson Maria Zakharova’s comment on the elections"),
    (Kind.COMMENT, "Комментарий Департамента информации и печати МИД России"),
    (Kind.INTERVIEW, "Foreign Minister Sergey Lavrov's interview with dpa, Moscow, September 13, 2018"),
    (Kind.ARTICLE, "Article by Foreign Minister of Russia Sergey Lavrov, published by the Straits Times"),
    (Kind.REMARKS_AND_ANSWERS, "Sergey Lavrov’s opening remarks and answers to media questions at a news conference"),
    (Kind.REMARKS_AND_ANSWERS, "Sergey Lavrov's statement and answer to a media question following the talks"),
    (Kind.REMARKS_AND_ANSWERS, "Выступление и ответы на вопросы СМИ С.В.Лаврова"),
    (Kind.ANSWER, "Artyom Kozhin's answer to a media question"),
    (Kind.ANSWER, "Ответ официального представителя МИД России на вопрос СМИ"),
    (Kind.OPENING_REMARKS, "Foreign Minister Sergey Lavrov’s opening remarks during talks, Moscow, February 3, 2020"),
    (Kind.OPENING_REMARKS, "Вступительное слово С.В.Лаврова в ходе переговоров"),
    (Kind.SPEECH_REMARKS, "Statement by H.E. Ambassador Anatoly Antonov, Head of the Delegation"),
    (Kind.SPEECH_REMARKS, "Выступление С.В.Лаврова на сессии"),
    (Kind.NEWS_CONFERENCE, "Sergey Lavrov's news conference"),
    (Kind.GREETINGS, "Sergey Lavrov's greetings on Diplomats' Day, Moscow, February 10, 2019"),
    (Kind.GREETINGS, "Поздравление С.В.Лаврова"),
    (Kind.CONTACT, "Sergey Lavrov’s telephone conversation with Rex Tillerson"),
    (Kind.CONTACT, "О встрече С.В.Лаврова с послом"),
    (Kind.CONTACT, "🤝 On September 10, Foreign Minister Sergey Lavrov met with Secretary-General Salman Al Farisi"),
    (Kind.CONTACT, "🇷🇺🇱🇦 On June 10, Sergey Lavrov met with Deputy Prime Minister Saleumxay Kommasith"),
    (Kind.CONTACT, "On November 17, Sergey Lavrov met with the ambassadors of the Republic of Kazakhstan"),
    (Kind.CONTACT, "📞 On July 3, Sergey Lavrov spoke by phone with Wang Yi"),
    (Kind.CONTACT, "📞 FM Lavrov had a phone call with Hakan Fidan"),
    (Kind.CONTACT, "President Vladimir Putin held talks at the Kremlin with Prabowo Subianto"),
    (Kind.CONTACT, "President Vladimir Putin had a meeting with Prime Minister Shehbaz Sharif"),
    (Kind.CONTACT, "On October 16, Beijing hosted talks between Sergey Lavrov and Wang Yi"),
    (Kind.CONTACT, "On July 26, Vientiane hosted Sergey Lavrov’s annual meeting with the Foreign Ministers"),
    (Kind.CONTACT, "🤝 С.В.Лавров встретился с Министром иностранных дел Китая Ван И"),
    (Kind.CONTACT, "С.В.Лавров провёл переговоры с Ван И"),
    (Kind.CONTACT, "📞 Состоялся телефонный разговор С.В.Лаврова с Ван И"),
    (Kind.SPEECH_REMARKS, "🎙 Russia's Foreign Minister Sergey Lavrov’s remarks following his visit to Malaysia"),
    (Kind.SPEECH_REMARKS, "FM Sergey Lavrov’s remarks"),
    (Kind.SPEECH_REMARKS, "🎙 Из выступления С.В.Лаврова"),
    (Kind.ANSWER, "💬 Maria Zakharova replied to a media question"),
    (Kind.ANSWER, "💬 Sergey Lavrov answers questions from NTV"),
    (Kind.REFERENCE, "Report on the human rights situation in the European Union"),
    (Kind.REFERENCE, "Граждане США, находящиеся под персональными санкциями"),
]


@pytest.mark.parametrize(("kind", "title"), TITLES)
def test_a_title_names_its_kind(kind: Kind, title: str) -> None:
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    "title",
    [
        *("", "🗓", "On July 26, Vientiane hosted a meeting", "Табло", "A briefing note"),
        "The proposal was met with concern",
        "Sergey Lavrov took part in the Council meeting",
        "President Vladimir Putin arrives in Astana",
        "The forum was held in Sochi",
        "Residential address in Moscow",
    ],
)
def test_a_title_that_fits_no_rule_has_no_kind(title: str) -> None:
    assert kind_of(title) is None


def test_every_kind_but_other_has_a_rule() -> None:
    assert {rule.kind for rule in KIND_RULES} == set(Kind) - {Kind.OTHER}


@pytest.mark.parametrize("lead", ["🎙 ", "🎙", "🇷🇺🇨🇳 ", "❗️", "«", "\u00a0— "])
def test_leading_signs_do_not_hide_a_kind(lead: str) -> None:
    assert kind_of(lead + "Briefing by Maria Zakharova") == Kind.BRIEFING


def test_letters_of_the_other_alphabet_are_read_as_they_look() -> None:
    assert kind_of("\u0412riefing by the spokesperson") == Kind.BRIEFING  # a Cyrillic capital Ve
    assert fold_title("Table of \u0441ontents") == "table of contents"
    assert fold_title("БАРРАСC\u041e") == "баррассо"  # a Latin C


def test_a_soft_hyphen_does_not_part_a_word() -> None:
    assert kind_of("Inter\u00adview with TASS") == Kind.INTERVIEW


@given(st.sampled_from(KIND_RULES).flatmap(lambda rule: st.tuples(st.just(rule), st.from_regex(rule.pattern))))
def test_no_stem_hides_what_its_pattern_finds(found: tuple[KindRule, str]) -> None:
    rule, title = found
    folded = title.lower()
    if rule.pattern.search(folded):
        assert any(stem in folded for stem in rule.stems)


def test_no_stem_in_ascii_fits_a_title_without_latin_letters() -> None:
    stems = [stem for rule in KIND_RULES for stem in rule.stems if stem.isascii()]
    assert all(any("a" <= sign <= "z" for sign in stem) for stem in stems)


@given(st.text())
def test_folding_a_title_twice_changes_nothing(title: str) -> None:
    assert fold_title(fold_title(title)) == fold_title(title)


def test_a_hundred_thousand_titles_take_seconds_at_most() -> None:
    started = time.perf_counter()
    for _ in range(3_000):
        for _, title in TITLES:
            kind_of(title)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("words", ["remarks ", "remarks answers to ", "выступление ", "spokesman "])
def test_a_title_of_a_million_letters_gets_its_kind_in_its_length(words: str) -> None:
    """Patterns with two open ends took hours over such a title."""
    assert kind_of(words * 100_000 + "answer ответ briefing") in {None, Kind.ANSWER, Kind.SPEECH_REMARKS}
