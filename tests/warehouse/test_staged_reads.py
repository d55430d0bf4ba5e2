"""What was read of small inputs shares parts, in the order of the inputs, and can be forgotten one by one."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.staged_reads import ReadTables, StagedReads


def tables(*words: str) -> ReadTables:
    """Return readings of so many records, with the words once each."""
    each = [pa.table({"word": pa.array(some, pa.string())}) for some in (sorted(set(words)), words[:1], words)]
    return ReadTables(*each)


def staged(folder: Path) -> dict[str, list[str]]:
    """Return the words of each table, in the order in which they would be appended."""
    paths = sorted(folder.glob("*.parquet"))
    return {
        table: [
            word for path in paths if path.name.startswith(table) for word in pq.read_table(path)["word"].to_pylist()
        ]
        for table in ReadTables._fields
    }


@pytest.fixture
def reads(tmp_path: Path) -> StagedReads:
    found = StagedReads(tmp_path)
    found.add("000001", tables("b", "a", "a"))
    found.add("000002", tables())
    found.add("000003", tables("d"))
    return found


WHOLE = {"content": ["a", "b", "d"], "description": ["b", "d"], "reading": ["b", "a", "a", "d"]}


def test_small_inputs_share_a_part_of_each_table(reads: StagedReads, tmp_path: Path) -> None:
    reads.write()
    assert staged(tmp_path) == WHOLE
    assert len(list(tmp_path.iterdir())) == len(ReadTables._fields)
    reads.write()
    assert staged(tmp_path) == WHOLE


@pytest.mark.parametrize("is_written", [False, True])
def test_one_input_is_forgotten_alone(reads: StagedReads, tmp_path: Path, *, is_written: bool) -> None:
    if is_written:
        reads.write()
    reads.drop("000001")
    reads.drop("000002")
    reads.drop("000009")
    reads.write()
    assert staged(tmp_path) == {"content": ["d"], "description": ["d"], "reading": ["d"]}
    reads.drop("000003")
    assert staged(tmp_path) == {"content": [], "description": [], "reading": []}


def test_parts_stand_in_the_order_of_the_inputs(reads: StagedReads, tmp_path: Path) -> None:
    reads.write()
    tables("e").write(tmp_path, "000004-000000")  # of a large input, written by another process
    reads.add("000005", tables("c"))
    reads.write()
    assert staged(tmp_path)["reading"] == ["b", "a", "a", "d", "e", "c"]


def test_what_is_held_is_written_before_it_grows_large(
    reads: StagedReads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.staged_reads.HELD_BYTES", 1)
    reads.add("000004", tables("e"))
    assert staged(tmp_path) == WHOLE
