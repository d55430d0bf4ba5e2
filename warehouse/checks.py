"""The rules that the data keeps, as SQL files: each returns the rows that break it.

They look at the appends since a given one: inside an append's transaction at that append alone, when a person asks at
all of them. What an append has made of its rows a moment before (`checks/at_rest`) is looked at when a person asks.
"""

from dataclasses import dataclass

import duckdb

from warehouse.layout import Layout
from warehouse.statements import in_folder, literal, statement

EVERYTHING = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """One rule and the rows that break it."""

    rule: str
    description: str  # the rule as a sentence
    broken_count: int
    example: str  # the first row that breaks it, "" if none does


def run_checks(connection: duckdb.DuckDBPyConnection, layout: Layout, since_append: int = EVERYTHING) -> list[Checked]:
    """Return every rule, in the order of the names, with what breaks it in the appends since a number."""
    connection.execute("set variable since_append = $value", {"value": since_append})
    connection.execute("set variable blobs = $value", {"value": literal(layout.raw / "blobs")})
    connection.execute(statement("blob_paths"))
    return [_checked(connection, name, text) for name, text in rules(since_append)]


def rules(since_append: int = EVERYTHING) -> list[tuple[str, str]]:
    """Return name and SQL of each rule that the appends since a number are held to, in the order of the names."""
    at_rest = in_folder("checks/at_rest") if since_append == EVERYTHING else ()
    return sorted((*in_folder("checks"), *at_rest))


def _checked(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> Checked:
    rows = connection.execute(text).fetchall()
    sentence = text.split("\n", 1)[0].removeprefix("-- ")
    return Checked(name, sentence, len(rows), ", ".join(str(value) for value in rows[0]) if rows else "")
