"""The language of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.language import language_of


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "We are glad to welcome you and your delegation to Moscow. I hope your stay will be beneficial."),
        ("ru", "Мы рады приветствовать вас в Москве. Надеемся, что ваш визит будет полезным."),
        ("de", "Wir freuen uns, Sie und Ihre Delegation in Moskau zu begrüßen. Der Besuch ist für uns wichtig."),
        ("fr", "Nous sommes heureux de vous accueillir à Moscou avec votre délégation pour les entretiens."),
        ("es", "Nos alegra darles la bienvenida a Moscú con su delegación y esperamos que los encuentros sean útiles."),
        ("pt", "É um prazer receber a sua delegação em Moscovo e esperamos que os encontros não sejam os últimos."),
        ("zh", "我们很高兴欢迎您和代表团来到莫斯科。"),
        ("ar", "يسعدنا أن نرحب بكم وبوفدكم في موسكو"),
        ("en", "🇷🇺🇨🇳 #SCO The Ministers praised the dynamics of cooperation (ШОС)."),
    ],
)
def test_a_text_tells_its_language(lang: str, text: str) -> None:
    assert language_of(text) == lang


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17:18",
        "Kuala Lumpur",
        "Ми раді вітати вас у Києві, що є важливим",
        "Радваме се да ви приветстваме в София",
        "Siamo lieti di dare il benvenuto alla delegazione che è arrivata a Mosca con il ministro",
        "Здравствуйте, дорогие друзья! Welcome, dear friends, to this meeting of ours today",
        "私たちはモスクワでお会いできてうれしいです",
    ],
)
def test_an_unsure_or_a_foreign_text_has_no_language(text: str) -> None:
    assert language_of(text) is None


def test_only_the_beginning_of_a_text_counts() -> None:
    start = "The minister spoke of the trade with China and of the work that is to be done. " * 30
    assert language_of(start + "Это по-русски. " * 10_000) == "en"


@given(st.text())
def test_every_text_has_a_known_language_or_none(text: str) -> None:
    assert language_of(text) in {"ru", "en", "fr", "de", "es", "pt", "zh", "ar", None}


def _parts_words(sign: str) -> bool:
    return not sign.isalnum() or sign.isdecimal()


# Signs among the letters of a script count as letters of it.
@given(st.text(st.characters(exclude_categories=["L", "M"], exclude_characters="×÷҂").filter(_parts_words), min_size=1))
def test_whatever_is_no_letter_parts_words(signs: str) -> None:
    words = ("We", "Are", "Glad", "To", "Welcome", "You", "And", "The", "Delegation", "Of", "A", "Partner")
    assert language_of(signs[:20].join(words)) == "en"


@given(st.sampled_from(sorted(set("ÀÉÊÑÇßœøő中й"))))
def test_a_letter_beyond_ascii_parts_no_word(letter: str) -> None:
    assert language_of(f"the{letter} of{letter} and{letter} {letter}with to{letter} our{letter}") is None
