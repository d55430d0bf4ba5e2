"""The read copy is made anew from the writer's file whenever the one of before is not just what was published."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Desk, begun
from tests.flows.conftest import copy_of
from warehouse.errors import ArchiveBusy
from warehouse.publish import note_of_copy, publish

WORDS = "select text from versions order by text"
WRITING = """
import os, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("set wal_autocheckpoint = '1TB'")
connection.execute("delete from store.version")
os._exit(0)
"""
KEEPING = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def two_words(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Desk:
    """An archive of two versions of a page. No test writes to it."""
    folder = tmp_path_factory.mktemp("filled")
    desk, page = begun(folder / "data", empty_store), folder / "a.txt"
    for body in ("First words.", "Second words."):
        head = "Press release on a meeting of some importance to everybody\n\n  • en-GB1 ru-RU1\n\n"
        page.write_text(f"{head}{body}\n", encoding="utf-8")
        desk.hand_in(page)
    return desk


@pytest.fixture
def filled(two_words: Desk, tmp_path: Path) -> Desk:
    return copy_of(two_words, tmp_path / "data")


def made_anew(desk: Desk) -> None:
    """Insist that a run that finds nothing new publishes all that the archive holds."""
    assert desk.ingest().is_good
    assert desk.query(WORDS) == [("First words.",), ("Second words.",)]
    assert desk.ingest().is_good
    assert desk.value("select count(*) from runs") == 4


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b"null", b"7", b"\0\0", b'{"size_bytes": 1}'])
def test_a_damaged_note_of_the_copy_is_no_note(filled: Desk, note: bytes) -> None:
    note_of_copy(filled.layout).write_bytes(note)
    made_anew(filled)


def test_a_copy_that_is_damaged_inside_is_replaced(filled: Desk) -> None:
    copy = filled.layout.published
    before = copy.stat()
    with copy.open("r+b") as file:
        file.seek(20_480)
        file.write(b"\xff" * 200_000)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    made_anew(filled)


def test_what_a_person_wrote_into_the_copy_is_not_played_into_the_next_one(filled: Desk) -> None:
    subprocess.run([sys.executable, "-c", WRITING, str(filled.layout.published)], check=True)
    log = filled.layout.published.with_name(f"{filled.layout.published.name}.wal")
    assert log.exists()
    made_anew(filled)
    assert not log.exists()


@pytest.mark.parametrize("is_appended", [False, True])
def test_a_writers_file_that_a_foreign_program_writes_to_is_told_as_busy(filled: Desk, *, is_appended: bool) -> None:
    command = [sys.executable, "-c", KEEPING, str(filled.layout.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ArchiveBusy, match="open for writing in another process"):
            publish(filled.layout, filled.run("publish").writing, is_appended=is_appended)
        other.stdin.close()
    made_anew(filled)


def test_while_the_writers_file_is_copied_no_foreign_program_begins_to_write_to_it(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    copyfileobj = shutil.copyfileobj

    def copied_slowly(*arguments: Any) -> None:
        command = [sys.executable, "-c", KEEPING, str(filled.layout.store)]
        other = subprocess.run(command, input="", capture_output=True, text=True, check=False)
        found.append(other.stderr)
        copyfileobj(*arguments)

    monkeypatch.setattr("warehouse.archive.shutil.copyfileobj", copied_slowly)
    publish(filled.layout, filled.run("publish").writing, is_appended=True)
    assert len(found) == 1
    assert "Could not set lock on file" in found[0]
    assert filled.query(WORDS) == [("First words.",), ("Second words.",)]
