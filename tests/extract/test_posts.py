"""Rules of `extract.posts`."""

from string import ascii_lowercase

from extract.model import Hints, Record
from extract.posts import PostText, post_record

LINES = 100_000


def record_of(text: str) -> Record:
    """Return the record of a post of an English channel."""
    return post_record(PostText(0, len(text), text, "X"), Hints("x", language="en"))


def test_a_speaker_of_the_headline_is_not_named_again_by_the_surname() -> None:
    record = record_of(
        "🎙 Remarks by President Vladimir Putin\n💬 President Putin: yes\n💬 Sergey Lavrov: no\n💬 Lavrov: no"
    )
    assert record.speakers == ("Vladimir Putin", "Sergey Lavrov")


def test_a_hundred_thousand_speakers_are_read_in_their_number() -> None:
    """Each was compared with all those before it once."""
    names = (
        "A." + "".join(ascii_lowercase[int(digit)] for digit in str(n)).capitalize() for n in range(10, LINES + 10)
    )
    assert len(record_of("\n".join(["head", *(f"💬 {name}: yes" for name in names)])).speakers) == LINES


def test_a_hundred_thousand_short_lines_are_each_a_passage() -> None:
    assert len(record_of("\n".join(["a"] * LINES)).passages) == LINES
