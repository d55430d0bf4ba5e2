"""`mfa-archive changes`: which changes it lists, and the feed."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser

from flows.feed import ATOM, TAG, feed_of
from tests.command.changing import KEY, PAGE
from tests.command.conftest import Ask

_NAMES = {"a": ATOM}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
ALL = 11


def listed(changed: Ask, *arguments: str) -> list[dict[str, Any]]:
    result = changed("changes", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout_bytes)
    return found


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["document_key"].removeprefix(f"{KEY}:"), row["cause"]) for row in rows]


def runs(changed: Ask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        changed("sql", "select run_key, started_at from runs order by started_at", "--json").stdout_bytes
    )
    return found


def feed_in(path: Path) -> ET.Element:
    return ET.fromstring(path.read_bytes())  # noqa: S314 -- our own


def written(changed: Ask, path: Path, *arguments: str) -> ET.Element:
    result = changed("changes", "--atom", str(path), *arguments)
    assert result.exit_code == 0, result.stderr
    return feed_in(path)


def text(element: ET.Element, name: str) -> str:
    """Return the text of the one child of that name."""
    (found,) = element.findall(f"a:{name}", _NAMES)
    assert found.text is not None
    return found.text


def test_what_the_archive_learned_last_comes_first(changed: Ask) -> None:
    rows = listed(changed)
    assert len(rows) == ALL
    assert told(rows[:5]) == [("3", "restored"), ("4", "edited"), ("3", "removed"), (PAGE, "edited"), ("2", "edited")]
    assert {cause for _, cause in told(rows[5:])} == {"first_seen"}


def test_json_and_csv_have_the_columns_of_the_view_in_its_order(changed: Ask) -> None:
    shown = changed("sql", "from changes limit 0", "--csv").stdout_bytes.decode().strip()
    records = list(csv.reader(io.StringIO(changed("changes", "--csv").stdout_bytes.decode(), newline="")))
    assert records[0] == shown.split(",") == list(listed(changed)[0])
    assert len(records) == 1 + ALL


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--cause", "removed"), [("3", "removed")]),
        (("--cause", "removed", "--cause", "restored"), [("3", "restored"), ("3", "removed")]),
        (("--kind", "comment"), [(PAGE, "edited"), (PAGE, "first_seen")]),
        (("--tag", "#asean"), [("2", "edited"), ("2", "first_seen")]),
        (("--words", "july 25-26 PARTNERS"), [("2", "edited"), ("2", "first_seen")]),
        (("--words", "neighbours"), [("2", "edited")]),
        (("--source", "nobody"), []),
        (("--limit", "2"), [("3", "restored"), ("4", "edited")]),
        (("--source", "watched", "--words", "taken down", "--limit", "1"), [("3", "restored")]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_only_what_fits_the_filters_is_listed(
    changed: Ask, options: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    assert told(listed(changed, *options)) == expected


def test_since_and_until_take_an_instant_a_day_a_run_and_so_long_ago(changed: Ask) -> None:
    known = runs(changed)
    third, last = known[2], known[3]
    from_third = [("3", "restored"), ("4", "edited"), ("3", "removed")]
    for since in (third["started_at"], third["run_key"], f"run:{third['run_key']}", f"run:{third['run_key'][:-3]}"):
        assert told(listed(changed, "--since", since)) == from_third
    assert told(listed(changed, "--since", "last")) == [("3", "restored")]
    assert told(listed(changed, "--since", third["run_key"], "--until", last["started_at"])) == from_third[1:]
    for since in ("7 days", "24 hours", "1 week ago", "2024-01-01"):
        assert len(listed(changed, "--since", since)) == ALL
    assert listed(changed, "--since", "2999-01-01") == []
    assert listed(changed, "--until", "2024-01-01") == []
    assert listed(changed, "--until", "30 days") == []


def test_a_run_shows_what_it_brought_and_nothing_else(changed: Ask) -> None:
    known = [run["run_key"] for run in runs(changed)]
    assert told(listed(changed, "--run", known[1])) == [(PAGE, "edited"), ("2", "edited")]
    assert told(listed(changed, "--run", "last")) == told(listed(changed, "--run", known[3])) == [("3", "restored")]


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("--since", "yesterday"), 2, "no point in time"),
        (("--since", "2026-01-01T00:00:00"), 2, "says no time zone"),
        (("--until", "last"), 2, "no point in time"),
        (("--since", "run:zz"), 1, "no run begins with 'zz'"),
        (("--run", "2"), 1, "more than one run begins with '2'"),
        (("--cause", "vanished"), 2, "is not one of"),
        (("--json", "--atom", "x.xml"), 2, "two forms"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_answered_is_one_line(
    changed: Ask, arguments: tuple[str, ...], status: int, reason: str
) -> None:
    result = changed("changes", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert len(result.stderr.splitlines()) == 1
    assert reason in result.stderr


def test_the_last_run_of_the_macro_is_that_of_the_command(changed: Ask) -> None:
    rows = json.loads(changed("sql", "from changes_of_run('last')", "--json").stdout_bytes)
    assert told(rows) == told(listed(changed, "--run", "last"))


def test_the_feed_is_written_to_standard_output_and_nothing_else_is(
    changed: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = changed("changes", "--atom", "-")
    written(changed, tmp_path / "feed.xml")
    assert (result.exit_code, result.stdout_bytes) == (0, (tmp_path / "feed.xml").read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["feed.xml"]


def test_an_entry_leads_to_the_document_where_its_address_is_known(changed: Ask, tmp_path: Path) -> None:
    entries = written(changed, tmp_path / "feed.xml").findall("a:entry", _NAMES)
    found = {
        (text(entry, "id").split("2026:")[1].partition("@")[0], link.get("rel"), link.get("href"))
        for entry in entries
        for link in entry.findall("a:link", _NAMES)
    }
    address = json.loads(changed("sql", f"select url from documents where document_key = '{PAGE}'", "--json").stdout)
    assert found == {(PAGE, "alternate", address[0]["url"])}  # nobody tells the username of the channel


def test_the_table_says_when_it_was_seen_what_it_was_and_what_to_type_next(changed: Ask) -> None:
    result = changed("changes")
    lines = result.stdout.splitlines()[2:]
    assert lines[0].startswith("2024-01-01 12:00Z .. 2024-04-01 12:00Z  restored ")
    assert "edited, silently  +2 -2" in lines[1]
    assert "removed, 2 looks  +0 -10" in lines[2]
    assert "edited            +0 -0" in lines[3]  # its date line was changed, so not in silence
    assert lines[-1].startswith("by 2024-01-01 12:00Z")
    assert [line.split()[-1].split("@")[0] for line in lines[:2]] == [f"{KEY}:3", f"{KEY}:4"]
    step = re.fullmatch(r"mfa-archive (diff \S+) shows what changed\n", result.stderr)
    assert step
    assert changed(*step[1].split()).exit_code == 0
    assert changed("changes", "--limit", "2").stderr.startswith("the latest 2; --limit 0 shows all; ")
    assert changed("changes", "--words", "nowhere to be found").stderr == "no change fits\n"


def test_the_feed_has_what_the_standard_demands(changed: Ask, tmp_path: Path) -> None:
    feed = written(changed, tmp_path / "feed.xml")
    assert feed.tag == f"{{{ATOM}}}feed"
    assert text(feed, "id") == f"{TAG}changes"
    assert text(feed, "title")
    entries = feed.findall("a:entry", _NAMES)
    assert len(entries) == ALL
    for element in (feed, *entries):
        assert text(element, "id").startswith("tag:mfa-archive.invalid,2026:")
        assert re.fullmatch(r"[!-~]+", text(element, "id"))
        assert _INSTANT.fullmatch(text(element, "updated"))
        assert element.find("a:author/a:name", _NAMES) is not None
    assert len({text(entry, "id") for entry in entries}) == ALL
    assert max(text(entry, "updated") for entry in entries) == text(feed, "updated")
    for entry in entries:
        assert {one.attrib["scheme"] for one in entry.findall("a:category", _NAMES)} == {f"{TAG}cause", f"{TAG}kind"}
        (content,) = entry.findall("a:content", _NAMES)
        assert content.attrib == {"type": "html"}
        assert text(entry, "summary")
    assert {text(entry, "title").split(":")[0] for entry in entries} == {
        "first seen", "edited", "edited silently", "removed", "restored",
    }  # fmt: skip


def test_the_feed_is_the_same_at_every_run_and_an_entry_keeps_its_id(changed: Ask, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    feed = written(changed, path)
    first = path.read_bytes()
    ids = {text(entry, "id") for entry in feed.findall("a:entry", _NAMES)}
    path.write_text("older", encoding="utf-8")
    written(changed, path)
    assert path.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["feed.xml"]
    removed = written(changed, path, "--cause", "removed")
    assert {text(entry, "id") for entry in removed.findall("a:entry", _NAMES)} < ids
    assert text(removed, "id") == f"{TAG}changes?causes=removed"


def test_a_feed_without_entries_is_a_feed(changed: Ask, tmp_path: Path) -> None:
    feed = written(changed, tmp_path / "feed.xml", "--source", "nobody")
    assert not feed.findall("a:entry", _NAMES)
    assert _INSTANT.fullmatch(text(feed, "updated"))


def entry_html(feed: ET.Element, title: str) -> LexborHTMLParser:
    (entry,) = [one for one in feed.findall("a:entry", _NAMES) if text(one, "title").startswith(title)]
    return LexborHTMLParser(text(entry, "content"))


def test_the_content_of_an_entry_shows_what_was_removed_and_added(changed: Ask, tmp_path: Path) -> None:
    feed = written(changed, tmp_path / "feed.xml", "--since", "run:" + runs(changed)[1]["run_key"])
    edited = entry_html(feed, "edited silently: A frank meeting")
    assert [one.text() for one in edited.css("del")] == ["partners"]
    assert [one.text() for one in edited.css("ins")] == ["frank ", "neighbours"]
    removed = entry_html(feed, "removed: ")
    assert [one.text() for one in removed.css("del")] == ["A post that was taken down, <b>with</b> marks & signs."]
    looks = [one.text() for one in removed.css("li")]
    assert [look.split(",")[0] for look in looks] == ["2024-02-01 12:00:00Z", "2024-03-01 12:00:00Z"]
    page = entry_html(feed, "edited: Comment by")
    assert "Date line: 30 September1 October 2024" in page.text()
    assert "shows what else differs" in page.text()


def test_what_came_back_in_the_same_words_bears_its_ref_once(changed: Ask, tmp_path: Path) -> None:
    restored = entry_html(written(changed, tmp_path / "feed.xml", "--cause", "restored"), "restored: ")
    (code,) = restored.css("code")
    assert re.fullmatch(rf"{KEY}:3@[0-9a-f]{{8}}", code.text())


def test_text_is_neither_markup_nor_a_character_that_xml_lacks(changed: Ask, tmp_path: Path) -> None:
    feed = written(changed, tmp_path / "feed.xml", "--cause", "edited")
    hostile = entry_html(feed, "edited silently: السفير")
    assert not hostile.css("script")
    shown = hostile.text()
    assert r"\u202eturned\u202c" in shown
    assert r"\ufffe" in shown
    assert "<script>alert(1)</script>" in shown


def test_every_character_can_stand_in_a_feed() -> None:
    every = "".join(map(chr, [*range(0x250), *range(0x2000, 0x2070), *range(0xD7F0, 0xE010), 0xFDD0, 0xFFFE, 0xFFFF]))
    change = {
        "document_key": "k", "cause": "edited", "is_silent": None, "changed_after": None, "changed_before": None,
        "recorded_at": datetime(2026, 1, 1, tzinfo=UTC), "words_added": 1, "words_removed": 1, "title": every,
        "kind": "other", "lang": None, "text_before": "before", "text_after": every, "published_text_before": None,
        "published_text_after": None, "evidence": None, "previous_version_key": "k@1:1", "version_key": "k@2:2",
        "ref_before": "k@1", "ref": "k@2", "source_key": every,
    }  # fmt: skip
    feed = ET.fromstring(feed_of([change], {"words": "a&b"}, None))  # noqa: S314 -- our own
    (name,) = feed.findall("a:entry/a:author/a:name", _NAMES)
    assert name.text is not None
    assert r"\x00\x01" in name.text
    assert r"\ud800" in name.text
    assert r"\uffff" in name.text
    assert "&" in name.text
