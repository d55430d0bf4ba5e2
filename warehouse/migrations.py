"""Migrations: numbered SQL files, each applied once, with the checksum that it had.

All that are missing are applied in one transaction with the views, which are made anew whenever one of their files has
changed; a view without a file is dropped. An edited migration and an archive that is newer than the code are refused.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import duckdb

from warehouse.errors import MigrationRefused
from warehouse.statements import in_folder, statement

# Views that others are made of come first; the rest follow by name.
_FIRST_VIEWS = (
    "store.form",
    "store.differ",
    "store.withheld_content",
    "store.withheld_leaf",
    "store.withheld_bytes",
    "store.words_added",
    "store.plain_marks",
    "store.is_steady",
    "store.is_gone",
    "store.gone_in",
    "store.is_silent",
    "store.published_day",
    "store.newest_extraction_at",
    "store.newest_extraction",
    "store.addressed_capture",
    "store.verdict",
    "store.whole_rejection_at",
    "store.failed_look_at",
    "store.told_capture",
    "store.channel",
    "store.sighting_at",
    "store.sighting",
    "store.post",
    "store.complete_look_at",
    "store.complete_look",
    "store.absence_at",
    "store.look_at",
    "store.look",
    "store.spells_in",
    "store.spell_in",
    "store.steady_version_in",
    "store.version_in",
    "store.version",
    "store.append_at",
    "store.touched_in",
    "store.touched",
    "store.rereading",
    "store.changes_in",
    "versions",
    "store.document_in",
    "store.current_document",
    "store.newest_count",
    "store.same_text",
    "documents",
)

# DuckDB plans a view with all that it is made of whenever another is made of it, these ones again and again. Empty
# tables of their columns stand in for them until all views are made: a fifth of the time.
_DEEP_VIEWS = ("store.look", "store.version", "store.current_document")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Checksum of the file, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Return the steps that this code knows, in order."""
    return [Migration(int(name.split("_", 1)[0]), name, text) for name, text in in_folder("migrations")]


def views() -> list[tuple[str, str]]:
    """Return name and definition of each view, in an order in which they can be made."""
    files = dict(in_folder("views"))
    first = [name for name in _FIRST_VIEWS if name in files]
    return [(name, files[name]) for name in [*first, *(name for name in files if name not in first)]]


@cache
def views_sha256() -> str:
    """Return one checksum of all view files, in hexadecimal."""
    return hashlib.sha256("".join(name + text for name, text in views()).encode()).hexdigest()


def migrate(connection: duckdb.DuckDBPyConnection, now: datetime, code_version: str) -> bool:
    """Bring an archive up to this code, and return whether anything had to be done.

    Raises `MigrationRefused` for an archive that this code would harm.
    """
    known = migrations()
    applied = _applied(connection)
    _refuse_unfit(applied, known)
    missing = [step for step in known if step.number not in applied]
    if not missing and _has_these_views(connection):
        return False
    connection.execute("begin")
    try:
        for step in missing:
            connection.execute(step.text)
            connection.execute(
                statement("record_migration"), _record(step.number, step.name, step.sha256, now, code_version)
            )
        _remake_views(connection)
        connection.execute(statement("record_migration"), _record(0, "views", views_sha256(), now, code_version))
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    connection.execute("checkpoint")
    return True


def _remake_views(connection: duckdb.DuckDBPyConnection) -> None:
    files = views()
    kept = {name for name, _ in files}
    for schema, name in connection.execute(statement("list_views")).fetchall():
        if (name if schema == "main" else f"{schema}.{name}") not in kept:
            connection.execute(f'drop view "{schema}"."{name}"')
    standing_in: list[str] = []
    for name, definition in files:
        connection.execute(definition)
        if name in _DEEP_VIEWS:
            _put_table_in_place(connection, name)
            standing_in.append(definition)
    for name, definition in zip(_DEEP_VIEWS, standing_in, strict=True):
        connection.execute(f"drop table {name}")
        connection.execute(definition)


def _put_table_in_place(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Put an empty table of the same columns under the name of a view."""
    schema, _, plain = name.partition(".")
    connection.execute("set variable view_name = $value", {"value": name})
    connection.execute(statement("stand_in"))
    connection.execute(f'drop view "{schema}"."{plain}"')
    connection.execute(f"alter table store.stand_in rename to {plain}")


def _record(number: int, name: str, sha256: str, now: datetime, code_version: str) -> dict[str, object]:
    return {"number": number, "name": name, "sha256": sha256, "applied_at": now, "code_version": code_version}


def _applied(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, str]]:
    connection.execute(statement("create_migration_table"))
    rows = connection.execute(statement("list_migrations")).fetchall()
    return {number: (name, sha256) for number, name, sha256 in rows}


def _has_these_views(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute(statement("newest_views")).fetchone()
    return row is not None and row[0] == views_sha256()


def _refuse_unfit(applied: dict[int, tuple[str, str]], known: list[Migration]) -> None:
    by_number = {step.number: step for step in known}
    for number, (name, sha256) in sorted(applied.items()):
        step = by_number.get(number)
        if step is None:
            raise MigrationRefused(
                f"the archive has migration {name}, which this version of mfa-archive does not know; "
                f"expected at most number {max(by_number)}; install the version that wrote the archive, or a newer one"
            )
        if step.sha256 != sha256:
            raise MigrationRefused(
                f"migration {step.name}.sql has checksum {step.sha256[:12]}…, but the archive was made with "
                f"{sha256[:12]}…; expected a migration never to change once applied; restore the file from version "
                "control and put the change into a new migration"
            )
