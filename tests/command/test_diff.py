"""`mfa-archive diff`: which versions it compares, and its four forms."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.command.changing import ARABIC, HOSTILE, KEY, PAGE, PLAIN, posts_on
from tests.command.conftest import Ask

EDITED = f"{KEY}:2"


def compared(changed: Ask, *arguments: str) -> dict[str, Any]:
    result = changed("diff", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    (found,) = json.loads(result.stdout_bytes)
    assert isinstance(found, dict)
    return found


def versions(changed: Ask, document_key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(changed("history", document_key, "--json").stdout_bytes)
    return found


def text_of(pieces: list[dict[str, str]], left_out: str) -> str:
    return "".join(piece["text"] for piece in pieces if piece["change"] != left_out)


def page_of(changed: Ask, folder: Path, *arguments: str) -> tuple[str, LexborHTMLParser]:
    path = folder / "diff.html"
    result = changed("diff", *arguments, "--html", str(path))
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"written: {path}\n"
    text = path.read_text(encoding="utf-8")
    return text, LexborHTMLParser(text)


def test_the_page_is_written_to_standard_output_and_nothing_else_is(
    changed: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _ = page_of(changed, tmp_path, EDITED)
    monkeypatch.chdir(tmp_path)
    result = changed("diff", EDITED, "--html", "-")
    assert (result.exit_code, result.stdout_bytes.decode()) == (0, page)
    assert [path.name for path in tmp_path.iterdir()] == ["diff.html"]


def test_a_document_alone_means_its_last_two_versions_and_a_ref_that_and_the_one_before(changed: Ask) -> None:
    before, after = versions(changed, EDITED)
    found = compared(changed, EDITED)
    assert (found["before"]["ref"], found["after"]["ref"]) == (before["ref"], after["ref"])
    for name in (after["ref"], after["version_key"], after["ref"][:-2]):
        assert compared(changed, name) == found
        assert compared(changed, before["version_key"], name) == found
    back = compared(changed, after["ref"], before["ref"])
    assert (back["words_added"], back["words_removed"]) == (found["words_removed"], found["words_added"])


def test_what_differs_is_told_by_paragraph_and_word_with_both_texts_whole(changed: Ask) -> None:
    found = compared(changed, EDITED)
    assert [(one["fate"], one["before_number"], one["after_number"]) for one in found["paragraphs"]] == [
        ("edited", 1, 1), ("same", 2, 2), ("same", 3, 3),
    ]  # fmt: skip
    for left_out, text in (("added", PLAIN[2]), ("removed", posts_on(1)[2])):
        assert "\n".join(text_of(one["pieces"], left_out) for one in found["paragraphs"]) == text
    assert [piece["text"] for piece in found["paragraphs"][0]["pieces"]] == [
        "A ", "frank ", "meeting with our ", "partners", "neighbours", " will take place on July 25−26.",
    ]  # fmt: skip
    assert (found["words_added"], found["words_removed"]) == (2, 1)
    whole = compared(changed, EDITED, "--by", "paragraph")
    assert [piece["change"] for piece in whole["paragraphs"][0]["pieces"]] == ["removed", "added"]


def test_title_date_line_number_and_links_are_compared_too(changed: Ask) -> None:
    found = compared(changed, PAGE)
    assert {one["fate"] for one in found["paragraphs"]} == {"same"}
    fields = {field["name"]: field for field in found["fields"]}
    assert set(fields) == {"page_title", "published_text", "document_number", "links"}
    assert fields["document_number"]["before"] == "1893-30-09-2024"
    assert fields["document_number"]["after"] == "1894-01-10-2024"
    shown = changed("diff", PAGE).stdout
    assert "title: Comment by Foreign Ministry Spokeswoman Maria Zakharova on the [-talks-]{+negotiations+}" in shown
    assert "date line: [-30 September-]{+1 October+} 2024" in shown


def test_what_a_form_lacks_was_not_removed(changed: Ask) -> None:
    found = compared(changed, PAGE, EDITED)
    assert not found["is_one_document"]
    assert "links" in {field["name"] for field in found["fields"]}  # both forms carry links
    assert not {"page_title", "document_number"} & {field["name"] for field in found["fields"]}  # a post has none


@pytest.mark.parametrize(
    ("start", "end", "days", "certainties"),
    [
        ("2024-01-10T00:00:00Z", "2024-03-10T00:00:00Z", (0, 1), ("inferred", "witnessed")),
        ("2024-01-10T00:00:00Z", None, (0, 1), ("inferred", None)),
        ("2024-01-01T12:00:00Z", "2024-02-02", (0, 1), ("witnessed", "witnessed")),
        ("2024-01-01T15:00:00+03:00", "2024-01-31", (0, 0), ("witnessed", "inferred")),
    ],
)
def test_two_instants_mean_what_was_public_then_and_how_that_is_known(
    changed: Ask, start: str, end: str | None, days: tuple[int, int], certainties: tuple[str, str | None]
) -> None:
    found = compared(changed, EDITED, "--from", start, *(["--to", end] if end else []))
    known = versions(changed, EDITED)
    assert [found[side]["ref"] for side in ("before", "after")] == [known[day]["ref"] for day in days]
    assert [found[side]["certainty"] for side in ("before", "after")] == list(certainties)


def test_a_day_is_its_first_moment_in_moscow(changed: Ask) -> None:
    assert compared(changed, EDITED, "--from", "2024-01-02")["before"]["asked_at"] == "2024-01-01T21:00:00Z"


def test_one_version_at_both_instants_is_said_to_be_one(changed: Ask) -> None:
    result = changed("diff", EDITED, "--from", "2024-01-10", "--to", "2024-01-20")
    assert result.exit_code == 0
    assert "One and the same version." in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("nothing",), 1, "no document key begins with 'nothing'"),
        ((f"{EDITED}@ffffffff",), 1, "no ref begins with"),
        ((f"{EDITED}@418ea5d0:zz",), 1, "no version shows these words"),
        ((f"{KEY}:1",), 1, "the only version that is known of"),
        ((f"{EDITED}@418ea5d0",), 1, "the first version of"),
        ((EDITED, "--from", "2023-12-31"), 1, "not known to be public at 2023-12-30 21:00Z"),
        ((f"{KEY}:3", "--from", "2024-01-01T12:00:00Z", "--to", "2024-03-15"), 1, "gone at 2024-03-14 21:00Z"),
        ((f"{EDITED}@418ea5d0", "--from", "2024-02-01"), 1, "a ref names one version for ever"),
        ((EDITED, "--to", "2024-02-01"), 2, "--from beside it"),
        ((EDITED, EDITED, "--from", "2024-02-01"), 2, "about one document"),
        ((EDITED, "--from", "yesterday"), 2, "no point in time"),
        ((EDITED, "--from", "2024-02-01T00:00:00"), 2, "says no time zone"),
        ((EDITED, "--json", "--html", "x.html"), 2, "two forms"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    changed: Ask, arguments: tuple[str, ...], status: int, reason: str
) -> None:
    result = changed("diff", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert len(result.stderr.splitlines()) == 1
    assert reason in result.stderr


def test_the_terminal_shows_both_versions_and_what_was_removed_and_added(changed: Ask) -> None:
    shown = changed("diff", EDITED).stdout
    before, after = versions(changed, EDITED)
    assert shown.startswith(f"before  {before['ref']}  (first seen)\n")
    assert f"after   {after['ref']}  (edited, silently)\n        seen 2024-02-01 12:00:00Z to 2024-04-01" in shown
    assert "+2 -1 words; 1 paragraph edited." in shown
    assert "~ paragraph 1: A {+frank +}meeting with our [-partners-]{+neighbours+} will take place" in shown
    assert "… 2 paragraphs unchanged …" in shown
    assert "\x07" not in changed("diff", f"{KEY}:4").stdout
    assert "\u202e" not in changed("diff", f"{KEY}:4").stdout


def patched(text: str, diff: str) -> str:
    """Apply a unified diff strictly: every line that it names must be there."""
    lines, found, at = text.split("\n"), list[str](), 0
    head, *hunks = re.split(r"^@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n", diff, flags=re.MULTILINE)
    assert re.search(r"^--- .+\n\+\+\+ .+\n\Z", head, re.MULTILINE)
    for number in range(0, len(hunks), 5):
        start, old_count, new_start, new_count = map(int, hunks[number : number + 4])
        body = hunks[number + 4].removesuffix("\n").split("\n")
        old = [line[1:] for line in body if line[0] in " -"]
        new = [line[1:] for line in body if line[0] in " +"]
        begin = start - (old_count > 0)
        found += lines[at:begin]
        assert (len(old), len(new), len(found)) == (old_count, new_count, new_start - (new_count > 0))
        assert lines[begin : begin + old_count] == old
        found, at = [*found, *new], begin + old_count
    return "\n".join([*found, *lines[at:]])


@pytest.mark.parametrize("number", [2, 4])
def test_the_unified_diff_makes_the_later_text_of_the_earlier_one(changed: Ask, number: int) -> None:
    before, after = versions(changed, f"{KEY}:{number}")
    diff = changed("diff", f"{KEY}:{number}", "--unified").stdout_bytes.decode()
    assert diff.startswith(f"--- {before['ref']}\t2024-01-01 12:00:00.000000 +0000\n+++ {after['ref']}\t")
    assert patched(before["text"], diff) == after["text"]


def test_the_unified_diff_of_two_texts_with_little_in_common_has_its_hunks_apart(changed: Ask) -> None:
    keys = (PAGE, f"{KEY}:5")
    before, after = (versions(changed, key)[-1] for key in keys)
    diff = changed("diff", *keys, "--unified").stdout_bytes.decode()
    assert patched(before["text"], diff[diff.index("--- ") :]) == after["text"]


def test_in_a_unified_diff_what_stands_beside_the_text_is_a_comment(changed: Ask) -> None:
    lines = changed("diff", PAGE, "--unified").stdout.splitlines()
    assert "# document number: - 1893-30-09-2024" in lines
    assert "# document number: + 1894-01-10-2024" in lines
    assert all(line.startswith("# ") for line in lines)


def test_the_page_needs_nothing_else_and_runs_nothing(changed: Ask, tmp_path: Path) -> None:
    text, page = page_of(changed, tmp_path, f"{KEY}:4")
    assert not page.css("script, link, img, iframe, object, embed, style[src], [src], [onclick], [onload], form")
    assert "url(" not in text
    assert "@import" not in text
    policy = page.css_first("meta[http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert not {char for char in text if char in "\x07\u202e\u202c\ufffe"}
    assert text == page_of(changed, tmp_path, f"{KEY}:4")[0]


def cells(node: LexborNode) -> list[str]:
    return [cell.text(deep=True) for cell in node.css("td")]


def test_the_page_shows_both_sides_with_marks_that_are_no_colours(changed: Ask, tmp_path: Path) -> None:
    _, page = page_of(changed, tmp_path, f"{KEY}:4")
    rows = page.css("table.diff tbody tr")
    names = [row.css_first("th").text() for row in rows]
    assert names == ["¶ 1 changed", "¶ 2 changed"]
    assert cells(rows[0]) == [f"{ARABIC} غدا.", f"{ARABIC} اليوم."]
    assert [one.text() for one in rows[0].css("del")] == ["غدا"]
    assert [one.text() for one in rows[0].css("ins")] == ["اليوم"]
    assert all(cell.attributes["dir"] == "auto" for row in rows for cell in row.css("td"))
    shown = cells(rows[1])[0]
    assert r"\u202eturned\u202c" in shown
    assert r"\ufffe" in shown
    assert '<script>alert(1)</script> & "quoted" ]]>' in shown
    assert HOSTILE.split("<")[1] in shown
    style = page.css_first("style").text()
    for wanted in ("line-through", "underline", "prefers-color-scheme: dark", "@media print", "color-scheme"):
        assert wanted in style


def test_the_page_gives_the_facts_of_both_captures(changed: Ask, tmp_path: Path) -> None:
    _, page = page_of(changed, tmp_path, PAGE)
    before, after = versions(changed, PAGE)
    facts = {row.css_first("th").text(): cells(row) for row in page.css("table.facts tbody tr")}
    assert facts["ref"] == [before["ref"], after["ref"]]
    assert facts["seen from"] == ["2024-01-01 12:00:00Z", "2024-02-01 12:00:00Z"]
    assert facts["source"] == ["watched", "watched"]
    assert facts["address"][0] == "https://www.mid.ru/en/foreign_policy/news/1900001/"
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in [*facts["bytes SHA-256"], *facts["text SHA-256"]])
    links = page.css("a")
    assert links
    assert {link.attributes["rel"] for link in links} == {"noreferrer"}


def test_long_unchanged_stretches_of_the_page_are_folded_but_there(changed: Ask, tmp_path: Path) -> None:
    _, page = page_of(changed, tmp_path, PAGE)
    (fold,) = page.css("details")
    assert fold.css_first("summary").text() == "9 paragraphs unchanged"
    text = versions(changed, PAGE)[1]["text"]
    assert "\n".join(cells(row)[1] for row in fold.css("tbody tr")) == text
