"""Rules of `extract.posts`."""

from datetime import UTC, date, datetime
from string import ascii_lowercase

import pytest

from extract.model import EventBasis, Hints, Passage, Record, Role
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


def test_a_label_in_the_headline_leaves_it_a_headline() -> None:
    record = record_of("Sergey Lavrov: we met.\nMore.")
    assert record.passages == (Passage(Role.HEADING, "Sergey Lavrov", "Sergey Lavrov"), Passage(Role.BODY))
    assert record.speakers == ("Sergey Lavrov",)


@pytest.mark.parametrize(("mark", "role"), [("💬 ", Role.QUOTE), ("❓ ", Role.QUESTION), ("", Role.HEADING)])
def test_a_mark_counts_for_the_headline_too(mark: str, role: Role) -> None:
    assert record_of(f"{mark}We met.\nMore.").passages[0].role is role


def test_neither_a_word_for_an_answer_nor_whoever_asks_is_a_speaker() -> None:
    record = record_of(
        "Talk\nSteve Rosenberg (BBC): Why?\nAnswer: So.\n💬 President Putin: Yes.\n💬 President Macron: No."
    )
    assert record.speakers == ("Vladimir Putin", "President Macron")


def event_of(published_at: datetime | None, within: tuple[date, date] | None) -> tuple[date | None, EventBasis | None]:
    """Return the day of an event in July of no year, and how its year is known."""
    text = "On July 26, Vientiane hosted a meeting."
    post = PostText(0, len(text), text, "X", published_at=published_at, published_within=within)
    event = post_record(post, Hints("x")).event
    return event.date_from, event.basis


def test_the_publication_of_a_post_settles_the_year_of_its_event() -> None:
    settled = (date(2024, 7, 26), EventBasis.YEAR_FROM_PUBLICATION)
    assert event_of(datetime(2024, 7, 27, tzinfo=UTC), None) == settled
    assert event_of(None, (date(2024, 7, 26), date(2024, 7, 28))) == settled
    assert event_of(None, (date(2024, 1, 1), date(2025, 12, 31))) == (None, None)
    assert event_of(None, None) == (None, None)
