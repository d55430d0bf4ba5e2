"""The page of a comparison, of made texts: numbers, empty lines, what its head says."""

from datetime import UTC, datetime
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from flows.command.comparison import print_comparison, summary
from flows.comparison import Comparison, compare
from flows.diff_page import page_of
from flows.paragraphs import By

_FACTS = (
    "asked_at", "certainty", "published_text", "document_number", "published_at", "url", "locator", "captured_at",
    "captured_basis", "captured_via", "raw_sha256", "byte_from", "byte_to", "text_sha256", "form", "extractor",
    "extractor_version", "capture_key", "recorded_at", "run_key", "page_title", "forwarded_from", "service_action",
    "poll", "links", "media",
)  # fmt: skip


def made(text: str, day: int, **facts: Any) -> dict[str, Any]:
    seen = datetime(2024, 8, day, 8, tzinfo=UTC)
    return dict.fromkeys(_FACTS) | {
        "document_key": "made:1",
        "ref": f"made:1@0{day}",
        "version_key": f"made:1@0{day}:0",
        "cause": "edited" if day > 1 else "first_seen",
        "is_silent": day > 1,
        "seen_from": seen,
        "seen_until": seen,
        "title": "Название",
        "lang": "ru",
        "source_key": "made",
        "is_withheld": False,
        "carries_paragraphs": True,
        "text": text,
        **facts,
    }


def compared(before: str, after: str, **facts: Any) -> Comparison:
    return compare(made(before, 1), made(after, 2, **facts), By.WORD)


def rows(comparison: Comparison) -> list[LexborNode]:
    return LexborHTMLParser(page_of(comparison)).css("table.diff tbody tr")


def names(comparison: Comparison) -> list[str]:
    return [row.css_first("th").text() for row in rows(comparison)]


def test_a_paragraph_bears_the_numbers_of_both_texts_where_they_are_apart() -> None:
    assert names(compared("one\ntwo\nthree\nfour", "one\nthree\nfour")) == [
        "¶ 1", "¶ 2 removed", "¶ 3 → 2", "¶ 4 → 3",
    ]  # fmt: skip
    assert names(compared("one", "zero\none")) == ["¶ 1 added", "¶ 1 → 2"]


def test_an_empty_line_that_came_or_went_is_named_and_counted_as_one() -> None:
    comparison = compared("one\ntwo", "one\n\ntwo")
    assert summary(comparison) == "+0 -0 words; 1 empty line added."
    (added,) = (row for row in rows(comparison) if row.css("ins"))
    assert added.css_first("ins").attributes["class"] == "empty"
    assert (
        summary(compared("one\n\ntwo\nthree\n", "three")) == "+0 -2 words; 2 paragraphs removed; 2 empty lines removed."
    )


def test_the_terminal_names_an_empty_line_and_counts_none_among_the_paragraphs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_comparison(compared("one\n\ntwo", "one\n\ntwo\n"))
    assert "… 2 paragraphs unchanged …\n\n+ paragraph 4: an empty line\n" in capsys.readouterr().out


def test_each_row_says_what_became_of_its_paragraph() -> None:
    found = rows(compared("one\n\nthe old words here\ngone", "one\n\nthe new words here"))
    assert [row.attributes["class"] for row in found] == ["same", "same blank", "edited", "removed"]


def test_the_head_says_what_is_compared_when_it_was_seen_and_how_to_read_the_marks() -> None:
    page = LexborHTMLParser(page_of(compared("one", "two", url="https://mid.ru/1/?a=1&b=2")))
    before, after = (" ".join(node.text().split()) for node in page.css("table.diff thead th")[1:])
    assert before == "Before made:1@01 first seen; seen 2024-08-01 08:00:00Z to 2024-08-01 08:00:00Z"
    assert after == "After made:1@02 edited, silently; seen 2024-08-02 08:00:00Z to 2024-08-02 08:00:00Z"
    assert page.css_first("header a").attributes["href"] == "https://mid.ru/1/?a=1&b=2"
    assert page.css_first("h1").attributes["lang"] == "ru"
    assert {"del", "ins"} == {node.tag for node in page.css("header p.legend > *")}


def test_the_head_says_how_it_is_known_what_was_public_at_an_instant() -> None:
    asked = {"asked_at": datetime(2024, 8, 3, tzinfo=UTC), "certainty": "inferred"}
    page = page_of(compared("one", "two", **asked))
    assert "public at 2024-08-03 00:00:00Z: inferred; edited, silently" in page


def test_a_paragraph_alone_between_empty_lines_is_not_folded() -> None:
    between = "\n\n".join(f"paragraph {number}" for number in range(3))
    comparison = compared(f"first was\n\n{between}\n\nlast was", f"first is\n\n{between}\n\nlast is")
    assert not LexborHTMLParser(page_of(comparison)).css("details")
    assert LexborHTMLParser(page_of(compared(f"was\n{between}\n{between}", f"is\n{between}\n{between}"))).css("details")
