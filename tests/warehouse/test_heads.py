"""The log of heads: a line for each append, added and never rewritten."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from flows.inputs import handed_in_job
from flows.rebuild import rebuild
from tests.conftest import Desk
from tests.forms.every import ingest_in_batches
from warehouse.heads import noted_heads
from warehouse.staging import SourceFacts


def chain(desk: Desk) -> list[tuple[object, object]]:
    return desk.query("select append_number, lower(hex(head)) from store.append order by 1")


def noted(desk: Desk) -> list[tuple[int, str]]:
    return [(head.append_number, head.head) for _, head in noted_heads(desk.layout).current]


def written(path: Path, number: str) -> Path:
    """Write a dump of one post."""
    text = f"The {number} text."
    lines = ["Forwarded from Russian MFA 🇷🇺", f"📰 A {number} headline of some length", text, text]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two appends, and what was handed in to it. No test writes to it."""
    folder = tmp_path_factory.mktemp("heads")
    facts = SourceFacts("hand", language="en")
    paths = [written(folder / f"{number}.txt", number) for number in ("first", "second")]
    assert ingest_in_batches(Desk(folder / "data"), *([handed_in_job(facts, [path])] for path in paths)) == []
    return folder


@pytest.fixture
def filled(base: Path, tmp_path: Path) -> Desk:
    """An archive with two appends."""
    desk = Desk(base / "data").copied(tmp_path)
    desk.clock.now += timedelta(hours=1)
    return desk


def test_each_append_has_its_line(filled: Desk) -> None:
    assert len(noted(filled)) == 2
    assert noted(filled) == chain(filled)


def test_a_run_that_finds_nothing_new_adds_no_line(filled: Desk, base: Path) -> None:
    before = filled.layout.heads.read_bytes()
    filled.hand_in(base / "second.txt", language="en")
    assert filled.layout.heads.read_bytes() == before


def test_a_line_that_a_power_cut_tore_is_written_whole(filled: Desk, tmp_path: Path) -> None:
    log = filled.layout.heads
    log.write_bytes(log.read_bytes()[:-30])
    assert len(noted(filled)) == 1
    filled.hand_in(written(tmp_path / "third.txt", "third"), language="en")
    assert noted(filled) == chain(filled)
    assert len(log.read_text().splitlines()) == 3


def test_a_log_that_was_lost_is_written_again_with_the_next_append(filled: Desk, tmp_path: Path) -> None:
    filled.layout.heads.unlink()
    filled.hand_in(written(tmp_path / "third.txt", "third"), language="en")
    assert noted(filled) == chain(filled)


def test_a_rebuilding_that_gives_another_chain_says_so_in_a_line(filled: Desk) -> None:
    """The second batch is taken out of the raw store: what a person did there stays visible in the log."""
    old = noted(filled)
    for path in [
        *sorted((filled.home / "raw" / "captures").glob("*/*.jsonl"))[1:],
        *sorted((filled.home / "raw" / "refs").glob("*/*.parquet"))[1:],
    ]:
        path.unlink()
    assert rebuild(filled.run("rebuild")).is_good
    assert noted(filled) == old[:1]
    assert noted_heads(filled.layout).replaced_count == len(old)
    lines = filled.layout.heads.read_text().splitlines()
    assert [line.split(" ")[0] for line in lines] == ["1", "2", "rebuilt", "1"]


def test_an_append_over_a_chain_that_was_cut_leaves_the_old_line(filled: Desk, tmp_path: Path) -> None:
    old = filled.layout.heads.read_text()
    with duckdb.connect(str(filled.layout.store)) as connection:
        connection.execute("update store.append set head = unhex(sha256('another')) where append_number = 2")
    filled.hand_in(written(tmp_path / "third.txt", "third"), language="en")
    assert filled.layout.heads.read_text().startswith(old)
    assert [number for number, _ in noted(filled)] == [1, 2, 2, 3]


def test_a_rebuilding_that_gives_the_same_chain_adds_no_line(filled: Desk) -> None:
    before = filled.layout.heads.read_bytes()
    assert rebuild(filled.run("rebuild")).is_good
    assert filled.layout.heads.read_bytes() == before
    assert list((filled.home / "store").glob("*.heads")) == []
