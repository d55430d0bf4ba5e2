"""Rules of `extract.repeats`: how a text is taken out of a body that says it twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.repeats import Repeated, is_whole_repeat, repeats_in, texts_in

LINES = st.lists(st.sampled_from(["a", "b", "c", "<...>", "#tag"]), min_size=1, max_size=12)
POST = ["We met today in Moscow.", "We spoke of trade.", "We spoke of the roads as well.", "We parted as friends."]


def doubled(*lines: str) -> list[str]:
    """Return the body that the form makes of a text."""
    return [*lines, *lines[1:]]


def read(*lines: str, has_header: bool = True) -> list[Repeated]:
    """Return the texts in a body."""
    return texts_in(list(lines), has_header=has_header)


def codes(text: Repeated) -> list[str]:
    """Return what was noticed about a text."""
    return [notice.code for notice in text.notices]


@given(LINES)
def test_any_text_comes_back_from_its_own_repeat(lines: list[str]) -> None:
    assert texts_in(doubled(*lines), has_header=True) == [Repeated(0, lines)]


@given(LINES, st.booleans())
def test_no_line_of_a_body_is_lost(lines: list[str], has_header: bool) -> None:
    texts = texts_in(lines, has_header=has_header)
    kept = {line for text in texts for line in (*text.lines, *text.furniture)}
    assert kept == set(lines)
    assert [text.line_from for text in texts] == sorted({text.line_from for text in texts})


def test_a_body_without_lines_has_no_text() -> None:
    assert read() == []


def test_one_line_is_a_text_without_a_repeat() -> None:
    assert is_whole_repeat(["a"])
    assert read("a") == [Repeated(0, ["a"])]


def test_an_omission_that_stands_twice_is_no_repeat() -> None:
    (text,) = read("a", "<...>", "b", "<...>", "c")
    assert list(text.lines) == ["a", "<...>", "b", "<...>", "c"]
    assert codes(text) == ["no_repeat"]


def test_a_poem_keeps_its_refrain() -> None:
    poem = ("title", "refrain", "verse", "refrain", "refrain")
    (text,) = read(*doubled(*poem))
    assert text.lines == list(poem)


def test_of_two_repeats_the_longest_is_taken() -> None:
    assert list(repeats_in(["t", "a", "a", "a", "a"])) == [(0, 3)]


def test_lines_after_the_repeat_are_furniture() -> None:
    (text,) = read(*doubled(*POST), "example.org", "A meeting")
    assert text.lines == POST
    assert text.furniture == ("example.org", "A meeting")
    assert codes(text) == ["trailing_lines"]


def test_a_text_with_a_repeat_of_its_own_is_a_post_without_a_header() -> None:
    first, second = read(*doubled("a", "b", "c"), *doubled("x", "y"))
    assert codes(first) == []
    assert second == Repeated(5, ["x", "y"], (), second.notices)
    assert codes(second) == ["post_without_header"]


def test_a_post_of_one_line_may_stand_before_a_post_without_a_header() -> None:
    first, second = read("a", *doubled("x", "y", "z"))
    assert (list(first.lines), codes(first)) == (["a"], [])
    assert (list(second.lines), codes(second)) == (["x", "y", "z"], ["post_without_header"])


def test_lines_before_the_first_header_are_posts_without_one() -> None:
    lead, post = read("lead", *doubled("x", "y"), has_header=False)
    assert codes(lead) == ["post_without_header", "no_repeat"]
    assert codes(post) == ["post_without_header"]


def test_a_body_that_says_nothing_twice_is_all_text() -> None:
    (text,) = read(*POST)
    assert list(text.lines) == POST
    assert codes(text) == ["no_repeat"]


def test_a_repeat_with_another_word_keeps_both_readings() -> None:
    other = "We spoke of the ropes as well."
    (text,) = read(*POST, POST[1], other, POST[3])
    assert list(text.lines) == POST
    assert text.furniture == (other,)
    assert codes(text) == ["repeat_differs"]
    assert POST[2] in text.notices[0].detail
    assert other in text.notices[0].detail


def test_a_repeat_that_lacks_a_line_leaves_the_text_whole() -> None:
    (text,) = read(*POST, POST[1], POST[3])
    assert list(text.lines) == POST
    assert text.furniture == ()
    assert codes(text) == ["repeat_differs"]


def test_a_repeat_with_another_line_keeps_it_as_furniture() -> None:
    (text,) = read(*POST, POST[1], "A line more.", POST[2], POST[3])
    assert list(text.lines) == POST
    assert text.furniture == ("A line more.",)


def test_a_repeat_that_breaks_off_leaves_the_text_whole() -> None:
    (text,) = read(*POST, POST[1], POST[2][:10])
    assert list(text.lines) == POST
    assert text.furniture == ()
    assert codes(text) == ["repeat_breaks_off"]


def test_a_short_line_that_stands_twice_is_no_repeat_that_breaks_off() -> None:
    (text,) = read("We met.", "#tag", "We spoke.", "#tag")
    assert list(text.lines) == ["We met.", "#tag", "We spoke.", "#tag"]
    assert codes(text) == ["no_repeat"]


@pytest.mark.parametrize("lines", [["x", "ab", *[""] * 100_000, "y"], ["ab", *["."] * 100_000, "x", *["."] * 100_000]])
def test_a_hundred_thousand_equal_lines_are_not_searched_for_a_broken_repeat(lines: list[str]) -> None:
    """No post has as many lines; comparing them at every distance took hours."""
    (only,) = texts_in(lines, has_header=True)
    assert only.notices[0].code == "no_repeat"
