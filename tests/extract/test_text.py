"""Folds of a text."""

from hypothesis import given
from hypothesis import strategies as st

from extract.text import composed, folds

SPACES = st.sampled_from(["", " ", "  ", "\n", "\n\n", " \n ", "\t", "\u00a0", "\u2028", "\u200b", "\x1c", "a", "й"])
TEXTS = st.one_of(
    st.lists(SPACES | st.characters(exclude_categories=["Cs"]), max_size=20).map("".join),
    st.text(st.characters(exclude_categories=["Cs"])),
)


@given(TEXTS)
def test_a_text_stands_on_one_line_with_single_spaces(text: str) -> None:
    """White space is parted as `str.split` parts it, though most texts are not split."""
    words = composed(text).split()
    assert folds(text).spaced.decode() == " ".join(words).replace("\ufe0f", "")
    assert folds(text).word_count == len(words)
