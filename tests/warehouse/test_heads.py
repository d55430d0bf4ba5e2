"""The log of heads: a line for each append, added and never rewritten."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.rebuild import rebuild
from tests.conftest import Desk
from warehouse.heads import noted_heads


def chain(desk: Desk) -> list[tuple[object, object]]:
    return desk.query("select append_number, lower(hex(head)) from store.append order by 1")


def noted(desk: Desk) -> list[tuple[int, str]]:
    return [(head.append_number, head.head) for _, head in noted_heads(desk.layout).current]


@pytest.fixture
def filled(desk: Desk, dump: Callable[..., Path]) -> Desk:
    """An archive with two appends."""
    desk.hand_in(dump("one.txt", ["📰 A headline of some length", "The first text."]), language="en")
    desk.hand_in(dump("two.txt", ["📰 Another headline of some length", "The second text."]), language="en")
    return desk


def test_each_append_has_its_line(filled: Desk) -> None:
    assert len(noted(filled)) == 2
    assert noted(filled) == chain(filled)


def test_a_run_that_finds_nothing_new_adds_no_line(filled: Desk, tmp_path: Path) -> None:
    before = filled.layout.heads.read_bytes()
    filled.hand_in(tmp_path / "two.txt", language="en")
    assert filled.layout.heads.read_bytes() == before


def test_a_line_that_a_power_cut_tore_is_written_whole(filled: Desk, dump: Callable[..., Path]) -> None:
    log = filled.layout.heads
    log.write_bytes(log.read_bytes()[:-30])
    assert len(noted(filled)) == 1
    filled.hand_in(dump("three.txt", ["📰 A third headline of some length", "The third text."]), language="en")
    assert noted(filled) == chain(filled)
    assert len(log.read_text().splitlines()) == 3


def test_a_log_that_was_lost_is_written_again_with_the_next_append(filled: Desk, dump: Callable[..., Path]) -> None:
    filled.layout.heads.unlink()
    filled.hand_in(dump("three.txt", ["📰 A third headline of some length", "The third text."]), language="en")
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


def test_an_append_over_a_chain_that_was_cut_leaves_the_old_line(filled: Desk, dump: Callable[..., Path]) -> None:
    old = filled.layout.heads.read_text()
    with duckdb.connect(str(filled.layout.store)) as connection:
        connection.execute("update store.append set head = unhex(sha256('another')) where append_number = 2")
    filled.hand_in(dump("three.txt", ["📰 A third headline of some length", "The third text."]), language="en")
    assert filled.layout.heads.read_text().startswith(old)
    assert [number for number, _ in noted(filled)] == [1, 2, 2, 3]


def test_a_rebuilding_that_gives_the_same_chain_adds_no_line(filled: Desk) -> None:
    before = filled.layout.heads.read_bytes()
    assert rebuild(filled.run("rebuild")).is_good
    assert filled.layout.heads.read_bytes() == before
    assert list((filled.home / "store").glob("*.heads")) == []
