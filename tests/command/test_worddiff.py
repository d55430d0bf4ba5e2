"""The word-level diff."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.worddiff import Change, elided, marked, word_diff

TEXTS = st.text(st.sampled_from("ab ,\n" + string.ascii_lowercase[:3] + "é’"), max_size=60)


@given(TEXTS, TEXTS)
def test_the_pieces_hold_both_texts_whole(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(piece.change is Change.SAME for piece in word_diff(text, text))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("the old word", "the new word", "the [-old-]{+new+} word"),
        ("the old word here", "the new text here", "the [-old word-]{+new text+} here"),
        ("a word", "a word.", "a word{+.+}"),
        ("", "all new", "{+all new+}"),
        ("one\ntwo", "one\n\ntwo", "one\n{+\n+}two"),
        ("Cambodia’s duty", "Laos’s duty", "[-Cambodia-]{+Laos+}’s duty"),
    ],
)
def test_only_the_words_that_differ_are_marked(before: str, after: str, expected: str) -> None:
    assert "".join(map(marked, word_diff(before, after))) == expected


def test_long_unchanged_stretches_are_cut_to_the_words_near_a_change() -> None:
    words = [f"w{number}" for number in range(100)]
    before = " ".join(words)
    after = before.replace("w50", "changed")
    shown = "".join(map(marked, elided(word_diff(before, after), 3)))
    assert shown == "… (47 words unchanged) … w47 w48 w49 [-w50-]{+changed+} w51 w52 w53 … (46 words unchanged) … "
