"""`reread`, `retry` and `status`, as a person calls them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from extract.formats import channel_dump, formats
from extract.model import Hints, Record, Rejection, Stretch
from tests.command.conftest import Ask, asker

REAL = channel_dump.FORMAT


def with_artefact(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    return REAL.read(replace(stretch, data=stretch.data.replace(b"words", b"w*rds")), hints)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """An archive of one post that an older extractor has read, and of a page in an unknown encoding."""
    ask = asker(tmp_path / "data")
    (tmp_path / "dump.txt").write_text(
        "Forwarded from Russian MFA 🇷🇺\n📰 A headline of more than forty letters that make its key\nThe words.\n",
        "utf-8",
    )
    (tmp_path / "page.txt").write_text("Заголовок\n\n  • en-GB1\n\nСлова.\n", "windows-1251")
    channel_dump.FORMAT = replace(REAL, extractor_version=0, read=with_artefact)
    formats.cache_clear()
    assert ask("ingest", str(tmp_path / "dump.txt"), "--format", "channel_dump").exit_code == 0
    assert ask("ingest", str(tmp_path / "page.txt"), "--source", "pages", "--format", "mid_page_text").exit_code == 1
    channel_dump.FORMAT = REAL
    formats.cache_clear()
    return ask


def test_a_person_rehearses_applies_and_is_told_that_nothing_is_left(ask: Ask) -> None:
    assert "1 input was read by older extractors; mfa-archive reread shows what would change" in ask("status").stdout
    rehearsed = ask("reread")
    assert rehearsed.exit_code == 0
    assert "The [-w*rds-]{+words+}." in rehearsed.stdout
    assert "nothing was written" in rehearsed.stdout
    (told,) = json.loads(ask("reread", "--apply", "--json").stdout)
    assert told["is_applied"]
    assert [(one["format"], one["other_words_count"]) for one in told["changes"]] == [("channel_dump", 1)]
    assert "read by older" not in ask("status").stdout
    assert ask("reread").stdout == "Nothing was read by older extractors.\n"
    assert "w*rds" not in ask("sql", "select text from versions").stdout


def test_a_person_tries_again_with_what_is_known_by_now(ask: Ask) -> None:
    assert ask("retry", "--encoding", "windows-1251").exit_code == 2
    left = ask("retry", "--reason", "undecodable")
    assert left.exit_code == 0
    assert "1 other left as they are" in left.stdout
    tried = ask("retry", "--source", "pages", "--encoding", "windows-1251")
    assert tried.exit_code == 0, tried.output
    assert tried.stdout.startswith("1 rejected input read again.\n")
    answered = ask("sql", "select reason, is_open, answer from rejections", "--json")
    assert json.loads(answered.stdout) == [{"reason": "undecodable", "is_open": False, "answer": "read"}]
