"""Rules of `extract.symbols`."""

import pytest

from extract.symbols import (
    flags,
    has_letters,
    hashtags,
    is_omission,
    is_pointer,
    points_to_full_text,
    without_hashtags,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the #SCO, #BRICS and the #SCO", ("SCO", "BRICS")),
        ("#ASEAN’s role (#EAS)\n#Россия_АСЕАН", ("ASEAN", "EAS", "Россия_АСЕАН")),
        ("🤝#RussiaChina", ("RussiaChina",)),
        ("#G20 but not #20 or # 5 or C#7", ("G20",)),
        ("##twice", ()),
        ("&#39;", ()),
        ("#️⃣ is no tag", ()),
        ("https://example.org/#top https://example.org/a-#b www.example.org/?#c t.me/x?#d", ()),
        ("(see https://example.org) #tag", ("tag",)),
    ],
)
def test_hashtags_are_those_that_telegram_links(text: str, expected: tuple[str, ...]) -> None:
    assert hashtags(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("🇷🇺🇨🇳 and 🇷🇺", ("RU", "CN")),
        ("🇺🇳🇪🇺", ("UN", "EU")),
        ("🇷🇺🇷", ("RU",)),
        ("🇷 🇺", ()),
        ("🇿🇿🇦🇧", ()),
        ("🏴 no flags, é", ()),
        ("", ()),
    ],
)
def test_flags_are_pairs_that_stand_for_a_country(text: str, expected: tuple[str, ...]) -> None:
    assert flags(text) == expected


@pytest.mark.parametrize(
    "line", ["Read in full", "📄 Read in full", "➡️ Read in full.", "Читать полностью", "Полный текст:"]
)
def test_a_pointer_may_have_signs_around_it(line: str) -> None:
    assert is_pointer(line)


@pytest.mark.parametrize(
    "line", ["", "Read in full what the minister said about that day", "We read in full", "полностью за"]
)
def test_a_sentence_is_no_pointer(line: str) -> None:
    assert not is_pointer(line)


def test_a_text_points_on_only_in_its_last_lines() -> None:
    lines = ["Read in full", "a", "b", "c", "d"]
    assert not points_to_full_text("\n".join(lines), lines)
    lines = ["a", "Read in full", "#tag"]
    assert points_to_full_text("\n".join(lines), lines)


@pytest.mark.parametrize("line", ["<...>", "<…>", "<...>.", "<…>."])
def test_the_publishers_own_mark_is_an_omission(line: str) -> None:
    assert is_omission(line)


def test_a_line_that_ends_in_an_omission_is_none() -> None:
    assert not is_omission("We met. <...>")


def test_letters_in_a_hashtag_are_no_words() -> None:
    assert not has_letters("🤝 #RussiaChina 20!")
    assert has_letters("#RussiaChina talks")


@pytest.mark.parametrize("glued", ["(#a", "(#a\n", "x/y#a", "www.#a"])
def test_a_hundred_thousand_glued_hashtags_are_read_in_their_length(glued: str) -> None:
    """Each looked back to the beginning of the text or of its word once."""
    assert set(hashtags(glued * 100_000)) <= {"a"}


def test_a_line_keeps_its_addresses_and_loses_its_hashtags() -> None:
    assert without_hashtags("See www.example.org/?#c #tag (#EAS) #20") == "See www.example.org/?#c  () #20"
