"""Snapshots: whole or not at all, true to their manifest, readable by DuckDB alone, the same for the same archive."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import Desk
from warehouse.archive import settle
from warehouse.errors import ArchiveDamaged, SnapshotRefused
from warehouse.publish import publish
from warehouse.snapshot import _write_view, write_snapshot


@pytest.fixture(scope="module")
def desk(seeded: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A copy of the archive of the seeds, which keeps the rows of the snapshots."""
    home = tmp_path_factory.mktemp("snapshot") / "data"
    shutil.copytree(seeded.home, home)
    return Desk(home)


@pytest.fixture(scope="module")
def taken(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One snapshot that no test writes to."""
    return write_snapshot(desk.layout, tmp_path_factory.mktemp("taken") / "out", desk.run().writing).folder


@pytest.fixture
def broken(desk: Desk, tmp_path: Path) -> Desk:
    """An archive whose last view fails."""
    home = tmp_path / "data"
    shutil.copytree(desk.home, home)
    with duckdb.connect(str(home / "archive.duckdb")) as connection:
        connection.execute("create view zzz as select error('no room') as one")
    return Desk(home)


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.parquet"))}


def test_a_snapshot_has_every_public_view_and_a_manifest_and_nothing_else(desk: Desk, taken: Path) -> None:
    names = desk.query("select view_name from duckdb_views() where schema_name = 'main' and not internal")
    assert {path.name for path in taken.iterdir()} == {"manifest.json", *(f"{name}.parquet" for (name,) in names)}


def test_the_manifest_tells_the_truth(desk: Desk, taken: Path) -> None:
    manifest = manifest_of(taken)
    assert manifest["head"] == desk.value(
        "select lower(hex(head)) from store.append order by append_number desc limit 1"
    )
    found = hashes(taken)
    for view in manifest["views"]:
        assert view["sha256"] == found[view["file"]]
        assert view["size_bytes"] == (taken / view["file"]).stat().st_size
        assert view["row_count"] == desk.value(f"select count(*) from {view['view']}")
        assert [column["name"] for column in view["columns"]] == [
            row[0] for row in desk.query(f"describe {view['view']}")
        ]
        assert view["description"].startswith("One row: ")
        assert all(column["description"] for column in view["columns"])


def test_duckdb_alone_reads_what_the_views_show(desk: Desk, taken: Path) -> None:
    with duckdb.connect() as bare:
        bare.execute("set TimeZone = 'UTC'")
        for view in manifest_of(taken)["views"]:
            rows = bare.execute(f"from '{taken / view['file']}'").fetchall()
            assert sorted(map(repr, rows)) == sorted(map(repr, desk.query(f"from {view['view']}")))


def test_columns_keep_their_types(taken: Path) -> None:
    with duckdb.connect() as bare:
        for view in manifest_of(taken)["views"]:
            found = [row[:2] for row in bare.execute(f"describe from '{taken / view['file']}'").fetchall()]
            assert found == [(column["name"], column["type"]) for column in view["columns"]]


def test_the_same_archive_gives_the_same_bytes_and_a_snapshot_of_it_does_not_change_the_next(
    desk: Desk, taken: Path, tmp_path: Path
) -> None:
    publish(desk.layout, desk.run().writing)
    again = write_snapshot(desk.layout, tmp_path / "again", desk.run().writing)
    assert hashes(again.folder) == hashes(taken)
    assert again.head == manifest_of(taken)["head"]
    with duckdb.connect(str(desk.layout.store), read_only=True) as connection:
        assert connection.execute("select count(*) from store.snapshot").fetchall()[0][0] >= 2


@pytest.mark.parametrize("threads", [1, 2])
def test_the_bytes_do_not_depend_on_the_number_of_threads(
    desk: Desk, taken: Path, tmp_path: Path, threads: int
) -> None:
    with duckdb.connect(str(desk.layout.published), read_only=True) as connection:
        settle(connection)
        connection.execute(f"set threads = {threads}")
        for name in ("documents", "versions", "passages", "hashtags"):
            _write_view(connection, tmp_path, name, "")
    assert hashes(tmp_path).items() <= hashes(taken).items()


def test_a_snapshot_that_breaks_off_leaves_no_folder(broken: Desk, tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error, match="no room"):
        write_snapshot(broken.layout, tmp_path / "out", broken.run().writing)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    with duckdb.connect(str(broken.layout.store), read_only=True) as connection:
        assert connection.execute("from store.snapshot where taken_at > '2026-01-02'").fetchall() == []


def test_what_a_killed_snapshot_left_is_not_part_of_the_next(desk: Desk, taken: Path, tmp_path: Path) -> None:
    rest = tmp_path / ".out.part"
    rest.mkdir()
    (rest / "half.parquet").write_bytes(b"PAR1")
    snapshot = write_snapshot(desk.layout, tmp_path / "out", desk.run().writing)
    assert hashes(snapshot.folder) == hashes(taken)
    assert not rest.exists()


def test_a_folder_that_is_empty_is_filled(desk: Desk, taken: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert hashes(write_snapshot(desk.layout, tmp_path / "out", desk.run().writing).folder) == hashes(taken)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(
        SnapshotRefused, match=r"there already; expected a folder that is new or empty; name another one"
    ):
        write_snapshot(desk.layout, tmp_path, desk.run().writing)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_in_the_place_of_the_folder_is_refused(desk: Desk, taken: Path) -> None:
    with pytest.raises(SnapshotRefused, match="there already"):
        write_snapshot(desk.layout, taken / "manifest.json", desk.run().writing)


def test_without_an_archive_there_is_no_snapshot(tmp_path: Path) -> None:
    empty = Desk(tmp_path / "data")
    with pytest.raises(
        ArchiveDamaged, match=r"archive\.duckdb: not there; expected the archive; mfa-archive ingest makes it"
    ):
        write_snapshot(empty.layout, tmp_path / "out", empty.run().writing)
    assert not (tmp_path / "out").exists()


def test_the_row_of_a_snapshot_names_the_head_and_the_manifest_as_written(desk: Desk, tmp_path: Path) -> None:
    snapshot = write_snapshot(desk.layout, tmp_path / "out", desk.run().writing)
    digest = hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).digest()
    with duckdb.connect(str(desk.layout.store), read_only=True) as connection:
        rows = connection.execute("select head from store.snapshot where manifest_sha256 = $1", [digest]).fetchall()
    assert rows == [(bytes.fromhex(snapshot.head),)]


def test_a_snapshot_can_be_written_to_a_folder_below_one_that_is_not_there_yet(desk: Desk, tmp_path: Path) -> None:
    assert write_snapshot(desk.layout, tmp_path / "a" / "b", desk.run().writing).view_count > 0
