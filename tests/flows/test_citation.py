"""Citations: what is known stands in them, what is not is said to be unknown, and no letter is lost on the way."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.citation import _LATEX, bibtex, csl, dated, entry_key, latex, plain
from flows.command.root import ROOT
from tests.conftest import PROJECT, Desk

JSON_EXPORT = PROJECT / "tests" / "golden" / "telegram_desktop_json" / "ordinary.json"
POST = "telegram:1101170442:40718"
FORWARD = "weak:339ace8e0215e0eb"
PAGE = "weak:66865c1840f42b49"


def ask(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(ROOT, arguments, env={"MFA_ARCHIVE_HOME": str(desk.home)}, prog_name="mfa-archive")


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("cited") / "data")
    desk.ingest_seeds()
    desk.hand_in(
        JSON_EXPORT, channel="mid_rus", channel_id=1101170442, captured_at=datetime(2024, 8, 1, 22, 30, tzinfo=UTC)
    )
    return desk


def items(desk: Desk, *keys: str) -> list[dict[str, object]]:
    result = ask(desk, "cite", *keys, "--csl")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_a_citation_leads_to_the_words_the_bytes_and_the_head(cited: Desk) -> None:
    text = ask(cited, "cite", PAGE).stdout
    ref, text_sha256, raw_sha256 = cited.query(
        "select ref, text_sha256, raw_sha256 from versions where document_key = ?", PAGE
    )[0]
    head = cited.value("select lower(hex(head)) from store.append order by append_number desc limit 1")
    assert all(str(value) in text for value in (ref, text_sha256, raw_sha256, head, "23 July 2016", "page_local_time"))


def test_the_address_of_a_post_is_made_of_the_username_that_is_known(cited: Desk) -> None:
    item = items(cited, POST)[0]
    assert item["URL"] == "https://t.me/mid_rus/40718"
    assert item["issued"] == {"date-parts": [[2024, 7, 26]]}
    assert item["accessed"] == {"date-parts": [[2024, 8, 1]]}
    assert item["type"] == "post"


def test_no_date_is_guessed_and_bounds_are_told_as_bounds(cited: Desk) -> None:
    item = items(cited, FORWARD)[0]
    assert "issued" not in item
    assert "accessed" not in item
    text = ask(cited, "cite", FORWARD).stdout
    assert "undated (not before 26 July 2024, not after 2 August 2024)" in text
    assert "captured at a time that nobody knows" in text
    assert dated({"published_date": None, "published_after": None, "published_before": None}) == "undated"


def test_several_keys_are_cited_in_their_order_and_each_once(cited: Desk) -> None:
    found = items(cited, POST, PAGE, POST)
    assert [str(item["archive_location"]).partition("@")[0] for item in found] == [POST, PAGE]


def test_letters_of_every_script_stand_in_bibtex_as_they_are(cited: Desk) -> None:
    entry = ask(cited, "cite", POST, "--bibtex").stdout
    assert "Ответ официального представителя на вопрос СМИ" in entry
    assert entry.startswith("@online{telegram-1101170442-40718-")
    assert "date = {2024-07-26}" in entry
    assert "langid = {russian}" in entry
    assert latex("وزارة الخارجية") == "وزارة الخارجية"


@pytest.mark.parametrize("mark", sorted(_LATEX))
def test_no_mark_of_latex_stands_in_bibtex_unescaped(mark: str) -> None:
    written = latex(f"a{mark}b")
    assert written == f"a{_LATEX[mark]}b"
    assert written.count("{") - written.count("\\{") == written.count("}") - written.count("\\}")


def test_a_key_of_bibtex_follows_from_the_ref_alone() -> None:
    assert entry_key("mid:1906578:en@3f9c1a12") == "mid-1906578-en-3f9c1a12"


def test_a_title_that_acts_on_terminals_is_shown_as_escapes(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    path = tmp_path / "hostile.txt"
    path.write_text("Forwarded from Russian MFA 🇷🇺\n📰 A \x1b[31m headline\n💬 Its text.\n", encoding="utf-8")
    desk.hand_in(path, format="channel_dump")
    key = str(desk.value("select document_key from documents"))
    for style in ((), ("--bibtex",)):
        assert "\x1b" not in ask(desk, "cite", key, *style).stdout


def test_a_version_that_was_replaced_is_cited_as_such(tmp_path: Path, dump: Callable[..., Path]) -> None:
    desk = Desk(tmp_path / "data")
    headline = "📰 A headline of more than forty letters and digits, which stays as it is"
    for day, word in ((1, "first"), (2, "second")):
        path = dump("posts.txt", [headline, f"💬 The {word} word."])
        desk.hand_in(path, captured_at=datetime(2024, 8, day, tzinfo=UTC))
    old, new = (str(ref) for (ref,) in desk.query("select ref from versions order by version_number"))
    text = ask(desk, "cite", old).stdout
    assert f"version 1 of 2; replaced by 2024-08-02 00:00:00Z, now {new}" in text
    assert "version 2 of 2; current" in ask(desk, "cite", new.split("@")[0]).stdout


@pytest.mark.parametrize("days", [(1, 2, 3), (None, None, None), (1, None, 2)], ids=str)
def test_a_further_copy_moves_nothing_of_a_printed_citation(
    tmp_path: Path, dump: Callable[..., Path], days: tuple[int | None, ...]
) -> None:
    desk = Desk(tmp_path / "data")
    headline = "📰 A headline of more than forty letters and digits, which stays as it is"
    printed = set()
    for number, day in enumerate(days):
        path = dump("posts.txt", [f"📰 Another headline of more than forty letters, number {number}"], [headline])
        desk.hand_in(path, captured_at=datetime(2024, 8, day, tzinfo=UTC) if day else None)
        key = str(desk.value("select document_key from documents where contains(text, 'stays as it is')"))
        lines = ask(desk, "cite", key).stdout.splitlines()
        printed.add("\n".join(line for line in lines if not line.startswith("  archive head")))
    assert desk.value("select sighting_count from versions where document_key = ?", key) == len(days)
    assert len(printed) == 1


def test_an_unknown_key_is_one_line(cited: Desk) -> None:
    result = ask(cited, "cite", "mid:0")
    assert result.exit_code == 1
    assert re.fullmatch(r"mfa-archive: no document key begins with .*\n", result.stderr)


def test_the_functions_need_no_archive() -> None:
    row = dict.fromkeys(
        ("publisher", "forwarded_from", "title", "published_date", "published_after", "published_before", "url",
         "captured_address", "captured_at", "published_at", "published_basis", "published_text", "source_edited_at",
         "lang", "document_number", "channel_title", "username")
    )  # fmt: skip
    row |= {
        "ref": "weak:1@2", "medium": "page", "captured_basis": "unknown", "captured_basis_means": "Nobody knows.",
        "recorded_at": None, "version_number": 1, "version_count": 1, "is_current": True, "status": "present",
        "text_sha256": "ab", "raw_sha256": "cd", "byte_from": 0, "byte_to": 1, "locator": "a.txt", "head": "ef",
        "head_recorded_at": None, "are_bytes_withheld": False,
    }  # fmt: skip
    assert plain(row).startswith("(publisher not known): “(untitled)”, undated. ")
    assert "date =" not in bibtex(row)
    assert "issued" not in csl(row)
