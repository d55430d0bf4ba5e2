"""How an archive comes up to the code that opens it, and which ones are refused."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PROJECT, Desk
from warehouse.archive import opened_for_writing
from warehouse.errors import MigrationRefused
from warehouse.migrations import migrate, migrations, views, views_sha256
from warehouse.statements import in_folder

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = """
    select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
    where schema_name in ('main', 'store') and not internal order by all
"""
VIEWS = "select schema_name, view_name, sql, comment from duckdb_views() where not internal order by all"


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SQL files of the package in a folder of their own, where they may be changed."""
    folder = tmp_path / "sql"
    shutil.copytree(PROJECT / "warehouse" / "sql", folder)
    monkeypatch.setattr("warehouse.statements._SQL", folder)
    for remembering in (in_folder, views_sha256):
        monkeypatch.setattr(f"warehouse.migrations.{remembering.__name__}", remembering.__wrapped__)
    return folder


@pytest.fixture
def archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def add(sql: Path, text: str, name: str = "9999_toy") -> Path:
    path = sql / "migrations" / f"{name}.sql"
    path.write_text(text)
    return path


def state(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(COLUMNS).fetchall() + connection.execute(VIEWS).fetchall()


def test_a_new_archive_and_a_migrated_old_one_have_the_same_columns_and_views(
    archive: duckdb.DuckDBPyConnection, sql: Path
) -> None:
    migrate(archive, NOW, "1")
    add(sql, "create table store.toy (name varchar not null);\nalter table store.run add column mood varchar;")
    assert migrate(archive, NOW, "2")
    with duckdb.connect() as new:
        migrate(new, NOW, "2")
        assert state(new) == state(archive)


def test_an_archive_of_this_code_is_left_alone(archive: duckdb.DuckDBPyConnection) -> None:
    assert migrate(archive, NOW, "1")
    before = archive.execute("from migration.applied").fetchall()
    assert not migrate(archive, NOW + timedelta(days=1), "2")
    assert archive.execute("from migration.applied").fetchall() == before


def test_migrations_are_numbered_from_one_without_a_gap_and_named() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))
    assert all(step.name.split("_", 1)[1] for step in migrations())


def test_every_migration_is_recorded_with_its_checksum(archive: duckdb.DuckDBPyConnection) -> None:
    migrate(archive, NOW, "1")
    rows = archive.execute("select number, name, sha256 from migration.applied where number > 0").fetchall()
    assert rows == [(step.number, step.name, step.sha256) for step in migrations()]


def test_an_edited_migration_is_refused_with_the_remedy(archive: duckdb.DuckDBPyConnection, sql: Path) -> None:
    path = add(sql, "create table store.toy (name varchar);")
    migrate(archive, NOW, "1")
    path.write_text(f"{path.read_text()} -- said better")
    with pytest.raises(MigrationRefused, match=r"9999_toy\.sql has checksum .* restore the file from version control"):
        migrate(archive, NOW, "2")


def test_an_archive_that_is_newer_than_the_code_is_refused_with_the_remedy(
    archive: duckdb.DuckDBPyConnection, sql: Path
) -> None:
    path = add(sql, "create table store.toy (name varchar);")
    migrate(archive, NOW, "2")
    path.unlink()
    before = state(archive)
    with pytest.raises(MigrationRefused, match=r"has migration 9999_toy, which .* does not know.*install the version"):
        migrate(archive, NOW, "1")
    assert state(archive) == before


def test_a_migration_that_fails_leaves_nothing_behind(archive: duckdb.DuckDBPyConnection, sql: Path) -> None:
    migrate(archive, NOW, "1")
    before = state(archive)
    recorded = archive.execute("from migration.applied").fetchall()
    add(sql, "create table store.toy (name varchar);", "9998_good")
    add(sql, "drop view documents;\nselect error('no');", "9999_bad")
    with pytest.raises(duckdb.Error, match="no"):
        migrate(archive, NOW, "2")
    assert state(archive) == before
    assert archive.execute("from migration.applied").fetchall() == recorded


def test_a_first_migration_that_fails_leaves_no_table(archive: duckdb.DuckDBPyConnection, sql: Path) -> None:
    add(sql, "select error('no');")
    with pytest.raises(duckdb.Error, match="no"):
        migrate(archive, NOW, "1")
    assert state(archive) == []


def test_views_are_made_anew_when_one_of_their_files_has_changed(archive: duckdb.DuckDBPyConnection, sql: Path) -> None:
    migrate(archive, NOW, "1")
    path = sql / "views" / "terms.sql"
    path.write_text(path.read_text() + "\ncomment on view terms is 'One row: another sentence.';")
    assert migrate(archive, NOW, "2")
    comments = archive.execute("select comment from duckdb_views() where view_name = 'terms'").fetchall()
    assert comments == [("One row: another sentence.",)]
    assert not migrate(archive, NOW, "2")


def test_views_that_change_back_are_made_anew_though_the_clock_was_set_back(
    archive: duckdb.DuckDBPyConnection, sql: Path
) -> None:
    path = sql / "views" / "terms.sql"
    first = path.read_text()
    for text, now in ((first, NOW), (first + "\n-- more", NOW - timedelta(days=1)), (first, NOW)):
        path.write_text(text)
        assert migrate(archive, now, "1")


@pytest.mark.parametrize("name", ["toy", "store.toy"])
def test_a_view_that_has_no_file_any_more_is_dropped(archive: duckdb.DuckDBPyConnection, sql: Path, name: str) -> None:
    path = sql / "views" / f"{name}.sql"
    path.write_text(f"create view {name} as select 1 as one;")
    migrate(archive, NOW, "1")
    assert archive.execute(f"from {name}").fetchall() == [(1,)]
    path.unlink()
    assert migrate(archive, NOW, "2")
    with pytest.raises(duckdb.CatalogException):
        archive.execute(f"from {name}")


def test_views_can_be_made_in_the_order_in_which_they_are_given(archive: duckdb.DuckDBPyConnection) -> None:
    migrate(archive, NOW, "1")
    for name, definition in views():
        archive.execute(definition)
        assert name == name.lower()


def test_an_archive_keeps_its_rows_when_it_is_migrated(desk: Desk, sql: Path) -> None:
    desk.ingest_seeds()
    before = desk.query("select version_key, text from versions order by 1")
    add(sql, "alter table store.capture add column status integer;")
    with opened_for_writing(desk.layout, desk.run().writing) as connection:
        assert connection.execute("select version_key, text from versions order by 1").fetchall() == before
        assert connection.execute("select count(*) from store.capture where status is null").fetchall() == [(5,)]
    assert desk.ingest_seeds().is_good
