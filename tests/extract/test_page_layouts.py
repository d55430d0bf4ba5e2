"""A new layout's rules stand beside the old ones: a page of an old layout is read as it was, whenever it comes in."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from extract.formats import page_rules
from extract.formats.page_rules import BODIES
from extract.model import Hints
from tests.extract.test_golden import GOLDEN, expected_path, reading_of
from tests.extract.test_mid_page_html import ENGLISH, TITLE, values

PAGES = sorted((GOLDEN / "mid_page_html").glob("*.html"))
COUNTRY_PAGE = "h1 + h1 ~ table"
NEW_BODY = "div.story__words"
NEW_PAGE = (
    f"<html><body><h1>{TITLE}</h1><i class='story__day'>2 May 2030</i><div class='story__words'><p>{ENGLISH}</p></div>"
)


def expected(case: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(expected_path(case).read_text(encoding="utf-8"))
    return found


def rules_that_fired() -> set[str]:
    """Return the rules that found the texts of the golden pages."""
    pages = [value["page"] for case in PAGES for value in expected(case).get("values", []) if "page" in value]  # type: ignore[attr-defined]
    return {line.removeprefix("body: ") for page in pages for line in page["matched"] if line.startswith("body: ")}


def test_each_layout_that_was_ever_read_has_its_rule_and_a_golden_page() -> None:
    """Whoever takes a rule out turns this red: archived pages of its layout could be read no more."""
    assert rules_that_fired() == {*BODIES, COUNTRY_PAGE}


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.stem)
def test_the_rules_of_a_new_layout_change_nothing_in_a_page_of_an_old_one(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_rules, "BODIES", (*BODIES, NEW_BODY))
    monkeypatch.setattr(page_rules, "_DATES", (*page_rules._DATES, "i.story__day"))
    found = expected(case)
    assert reading_of(case, found["hints"]) == found  # type: ignore[arg-type]


def test_a_page_of_a_new_layout_is_read_by_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_rules, "BODIES", (*BODIES, NEW_BODY))
    monkeypatch.setattr(page_rules, "_DATES", (*page_rules._DATES, "i.story__day"))
    (value,) = values(f"{NEW_PAGE}</body></html>")
    assert value.page.matched == ("title: h1", f"body: {NEW_BODY}", "date: i.story__day")  # type: ignore[union-attr]


def test_no_date_takes_part_in_the_choice_of_rules() -> None:
    """An old page that a web archive gives today is read as it was then: its bytes alone tell its layout."""
    assert not [field.name for field in fields(Hints) if "captured" in field.name or "date" in field.name]
