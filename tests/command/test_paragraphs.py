"""The diff by paragraphs, and what finds equal stretches."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.paragraphs import By, Fate, Paragraph, compared_paragraphs, words_changed
from flows.sequences import EXACT_ITEMS, stretches
from flows.worddiff import Change

LINES = st.lists(st.text("ab ,é", max_size=12), max_size=8).map("\n".join)
VOCABULARY = [f"w{number}" for number in range(3_000)]


def side(paragraphs: list[Paragraph], left_out: Change, number: str) -> str:
    """Return one of the texts that paragraphs were made of."""
    own = [paragraph for paragraph in paragraphs if getattr(paragraph, number) is not None]
    assert [getattr(paragraph, number) for paragraph in own] == list(range(1, len(own) + 1))
    return "\n".join("".join(p.text for p in one.pieces if p.change is not left_out) for one in own)


@given(LINES, LINES, st.sampled_from(By))
def test_the_paragraphs_hold_both_texts_whole_and_numbered(before: str, after: str, by: By) -> None:
    paragraphs = compared_paragraphs(before, after, by)
    assert side(paragraphs, Change.ADDED, "before_number") == before
    assert side(paragraphs, Change.REMOVED, "after_number") == after


@given(LINES)
def test_a_text_has_no_changed_paragraph_beside_itself(text: str) -> None:
    assert all(paragraph.fate is Fate.SAME for paragraph in compared_paragraphs(text, text, By.WORD))


@pytest.mark.parametrize(
    ("before", "after", "fates"),
    [
        ("one two three\nfour five six", "one two 3\nfour five six", ["edited", "same"]),
        ("one two three\nfour five six", "four five six", ["removed", "same"]),
        ("one two three", "zero\none two three\nnine", ["added", "same", "added"]),
        ("one two three", "quite other words", ["removed", "added"]),
        ("alpha beta gamma\nten twelve eleven", "ten twelve 11\nalpha beta gamma", ["added", "same", "removed"]),
        ("a b c d\ne f g h\ni j k l", "a b c X\nNEW one\ni j k Y", ["edited", "removed", "added", "edited"]),
        ("", "new", ["added"]),
        ("gone", "", ["removed"]),
    ],
)
def test_a_paragraph_is_edited_where_most_of_its_words_stay(before: str, after: str, fates: list[str]) -> None:
    assert [paragraph.fate.value for paragraph in compared_paragraphs(before, after, By.WORD)] == fates


def test_by_paragraph_the_whole_of_an_edited_one_is_removed_and_added() -> None:
    (paragraph,) = compared_paragraphs("one two three", "one two 3", By.PARAGRAPH)
    assert [(piece.change, piece.text) for piece in paragraph.pieces] == [
        (Change.REMOVED, "one two three"),
        (Change.ADDED, "one two 3"),
    ]


def test_words_that_moved_are_neither_added_nor_removed() -> None:
    assert words_changed("a b\nc d", "c d\na  b e") == (1, 0)


@given(st.lists(st.sampled_from("abcd "), max_size=30), st.lists(st.sampled_from("abcd "), max_size=30))
def test_stretches_cover_both_sequences_in_order_and_are_equal_where_they_say_so(
    old: list[str], new: list[str]
) -> None:
    found = list(stretches(old, new))
    ends = [(0, 0), *((one.old_to, one.new_to) for one in found)]
    assert [(one.old_from, one.new_from) for one in found] == ends[: len(found)]
    assert ends[-1] == (len(old), len(new))
    for one in found:
        assert (old[one.old_from : one.old_to] == new[one.new_from : one.new_to]) == one.is_equal
    assert all(one.is_equal != other.is_equal for one, other in pairwise(found))


def words(count: int, seed: int, vocabulary: list[str] = VOCABULARY) -> list[str]:
    return random.Random(seed).choices(vocabulary, k=count)  # noqa: S311 -- made texts


def edited(text: list[str], share: float) -> list[str]:
    chance = random.Random(1)  # noqa: S311 -- likewise
    return [f"x{at}" if chance.random() < share else word for at, word in enumerate(text)]


def in_lines(text: list[str], length: int = 60) -> str:
    return "\n".join(" ".join(text[at : at + length]) for at in range(0, len(text), length))


FIFTY_THOUSAND = words(50_000, 1)
LARGE = {
    "one word in ten is another": (in_lines(FIFTY_THOUSAND), in_lines(edited(FIFTY_THOUSAND, 0.1))),
    "the same in one paragraph": (" ".join(FIFTY_THOUSAND), " ".join(edited(FIFTY_THOUSAND, 0.1))),
    "nothing in common": (in_lines(FIFTY_THOUSAND), in_lines(words(50_000, 2))),
    "two words only": (" ".join(words(50_000, 1, ["a", "b"])), " ".join(words(50_000, 2, ["a", "b"]))),
    "two paragraphs only": ("\n".join(words(50_000, 1, ["a", "b"])), "\n".join(words(50_000, 2, ["a", "b"]))),
    "paragraphs broken elsewhere": (in_lines(FIFTY_THOUSAND), in_lines(FIFTY_THOUSAND, 47)),
}


@pytest.mark.parametrize("case", LARGE)
def test_fifty_thousand_words_on_both_sides_take_no_more_than_seconds(case: str) -> None:
    before, after = LARGE[case]
    start = time.process_time()
    paragraphs = compared_paragraphs(before, after, By.WORD)
    # On one old core it is half a second; quadratic behaviour would take minutes.
    assert time.process_time() - start < 5
    assert side(paragraphs, Change.ADDED, "before_number") == before
    assert side(paragraphs, Change.REMOVED, "after_number") == after


def test_a_change_in_a_long_paragraph_is_found_to_the_word() -> None:
    before = " ".join(FIFTY_THOUSAND)
    assert 2 * len(FIFTY_THOUSAND) > EXACT_ITEMS
    after = " ".join([*FIFTY_THOUSAND[:20_000], "inserted", *FIFTY_THOUSAND[20_000:40_000], *FIFTY_THOUSAND[40_001:]])
    (paragraph,) = compared_paragraphs(before, after, By.WORD)
    changed = [piece.text.strip() for piece in paragraph.pieces if piece.change is not Change.SAME]
    assert changed == ["inserted", FIFTY_THOUSAND[40_000]]
