"""The read copy: its rows against those of the writer's file, its history against one that is computed anew."""

from collections.abc import Iterator
from typing import Any

import duckdb
import orjson

from warehouse.layout import Layout
from warehouse.migrations import views_sha256
from warehouse.publish import compute_history
from warehouse.statements import quoted, statement
from warehouse.verify import Finding, Part

_PUBLISH = "move it away: the next mfa-archive ingest publishes it anew"
_SHOWN = 200  # characters of a cell


def verify_read_copy(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Part:
    """Compare the read copy with the copy of the writer's file that is open."""
    where = str(layout.published)
    if not layout.published.exists():
        return Part("read copy", 0, "row", None, (), (f"{where} is not there: the next mfa-archive ingest makes it",))
    try:
        connection.execute(f"attach {quoted(where)} as published (read_only)")
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0]
        if "set lock" in reason.lower():
            return Part("read copy", 0, "row", None, (), (f"{where} is open for writing in another process",))
        return Part("read copy", 0, "row", None, (Finding(where, reason, "the read copy", _PUBLISH),))
    try:
        return _compared(connection, where)
    except duckdb.CatalogException as error:
        reason = str(error).split("\n", 1)[0]
        return Part("read copy", 0, "row", None, (Finding(where, reason, "the tables of the archive", _PUBLISH),))
    finally:
        connection.execute("detach published")


def _compared(connection: duckdb.DuckDBPyConnection, where: str) -> Part:
    newest = connection.execute(statement("verify/published_newest")).fetchone()
    chain = {row[0]: row[-1] for row in connection.execute(statement("verify/links")).fetchall()}
    if newest is None:
        return Part("read copy", 0, "row", None, (Finding(where, "it holds no append", "the archive", _PUBLISH),))
    number, head, made_of = newest
    if made_of != views_sha256():
        return Part("read copy", 0, "row", None, (), (f"{where} was made by another version of mfa-archive",))
    findings: list[Finding] = []
    if chain.get(number) != head:
        findings.append(
            Finding(where, f"append {number} with the head {head.hex()}", "an append of the archive", _PUBLISH)
        )
    findings.extend(_off_tables(connection, where, number))
    findings.extend(
        Finding(f"{where}, view {name}", "another definition", "the one of this version", _PUBLISH)
        for (name,) in connection.execute(statement("verify/off_views")).fetchall()
        if name not in ("store.version", "store.look", "store.touched")  # tables in the read copy
    )
    notes: list[str] = []
    if number == max(chain, default=0):
        compute_history(connection)
        findings.extend(_off(connection, "verify/off_versions", f"{where}, store.version"))
    else:
        notes.append(f"{where} ends at append {number} of {max(chain, default=0)}: its history was not compared")
    count = connection.execute(statement("verify/count_versions")).fetchone()
    return Part("read copy", count[0] if count else 0, "version", None, tuple(findings), tuple(notes))


def _off_tables(connection: duckdb.DuckDBPyConnection, where: str, newest: int) -> Iterator[Finding]:
    connection.execute("set variable newest = $newest", {"newest": newest})
    theirs = {name: columns for name, _, columns in _tables(connection, "published")}
    for name, is_appended, columns in _tables(connection, None):
        place = f"{where}, store.{name}"
        if theirs.get(name) != columns:
            found = "other columns" if name in theirs else "not there"
            yield Finding(place, found, "the table as in the writer's file", _PUBLISH)
            continue
        connection.execute("set variable ours = $name", {"name": f"store.{name}"})
        connection.execute("set variable theirs = $name", {"name": f"published.store.{name}"})
        yield from _off(connection, "verify/off_rows" if is_appended else "verify/unknown_rows", place)


def _tables(connection: duckdb.DuckDBPyConnection, database: str | None) -> list[tuple[str, bool, str]]:
    return connection.execute(statement("verify/tables"), {"database": database}).fetchall()


def _off(connection: duckdb.DuckDBPyConnection, name: str, place: str) -> Iterator[Finding]:
    rows = connection.execute(statement(name)).fetchall()
    if not rows:
        return
    found = orjson.loads(rows[0][0])
    expected = orjson.loads(rows[0][1]) if len(rows[0]) > 1 else None
    more = f" (and {len(rows) - 1:,} more rows)" if len(rows) > 1 else ""
    column, one, other = first_difference(found, expected)
    yield Finding(f"{place}{more}, {column}", one, f"{other}, as in the writer's file", _PUBLISH)


def first_difference(found: dict[str, Any] | None, expected: dict[str, Any] | None) -> tuple[str, str, str]:
    """Return what differs first between two rows: the column's name, and its value in both."""
    if not found or all(value is None for value in found.values()):
        return _row_name(expected), "no such row", "a row"
    if not expected or all(value is None for value in expected.values()):
        return _row_name(found), "a row", "no such row"
    column = next(name for name in expected if found.get(name) != expected[name])
    return f"{_row_name(expected)}, {column}", _shown(found.get(column)), _shown(expected[column])


def _row_name(row: dict[str, Any] | None) -> str:
    """Return the first values of a row, which are its key."""
    values = [str(value)[:60] for value in (row or {}).values() if value is not None]
    return " ".join(values[:2])


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:_SHOWN]
