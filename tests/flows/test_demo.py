"""The demonstration shows an edit, a removal and a return, on an archive of its own."""

import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from flows.demo import EDITED, LOOKS, NOTE, REMOVED, RETURNING, emptied, key_of
from tests.conftest import REGISTRY


def demo(home: Path, *arguments: str) -> Result:
    env = {"MFA_ARCHIVE_HOME": str(home), "MFA_ARCHIVE_SOURCES": str(REGISTRY)}
    return CliRunner().invoke(ROOT, ("demo", *arguments), env=env, prog_name="mfa-archive")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What the demonstration leaves and prints where an earlier one was cut off."""
    home = tmp_path_factory.mktemp("demo") / "data"
    emptied(home / "demo")
    for name in ("archive.duckdb", "left"):
        (home / "demo" / name).write_text("half of someth", encoding="utf-8")
    result = demo(home)
    assert result.exit_code == 0, result.output
    return home, result.stdout


def test_it_shows_what_happened_and_on_what_that_rests(shown: tuple[Path, str]) -> None:
    home, _ = shown
    with duckdb.connect(str(home / "demo" / "archive.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select document_key, cause, is_silent, len(evidence) from changes where cause <> 'first_seen' order by all"
        ).fetchall()
        notes = connection.execute("select distinct note from captures where source_key like 'demo%'").fetchall()
    assert (key_of(EDITED), "edited", True, None) in rows
    assert (key_of(REMOVED), "removed", False, len(LOOKS) - 1) in rows
    assert (key_of(RETURNING), "restored", False, None) in rows
    assert notes == [(NOTE,)]


def test_it_prints_each_command_with_its_own_output(shown: tuple[Path, str]) -> None:
    _, output = shown
    for name in ("changes", "diff", "sql", "cite", "quotes"):
        assert f"mfa-archive {name} " in output
    assert "[-special -]" in output
    assert "1 of 2 quotations stand" in output
    assert "{+eternal +}" in output


def test_it_is_made_anew_and_touches_nothing_else(shown: tuple[Path, str], tmp_path: Path) -> None:
    home, _ = shown
    assert [path.name for path in home.iterdir()] == ["demo"]
    assert not (home / "demo" / "left").exists()
    again = shutil.copytree(home / "demo", tmp_path / "demo")
    emptied(again)  # as what it leaves is one that it may make anew
    assert len(list(again.iterdir())) == 1


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = demo(tmp_path / "data", str(tmp_path))
    assert result.exit_code == 1
    assert "holds something else" in result.stderr
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
