"""`mfa-archive list`, `show` and `history`: the documents, one of them, and how it came to be what it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import click
import duckdb

from extract.model import Kind, Medium
from flows.command.moments import PUBLISHER, ago, moment
from flows.command.output import Form, Rows, form_options, rows_of, rows_of_objects, visible, write_rows
from flows.errors import InputRefused
from flows.settings import settings_from
from flows.worddiff import Piece, marked, word_diff
from warehouse.archive import opened_for_reading
from warehouse.statements import statement

TABLE_LIMIT = 50
_MOST = 5  # candidates that an error names
_LIST_HELP = """\
List documents, newest first by the day of publication; `~` marks a day that is inferred: that of the event, or a bound.

Words are found in title and text without regard to case and to the shape of quotes and dashes; all must occur. --since
and --until go by the day of publication (that which is shown); `mfa-archive changes --since` goes by when the archive
learned of it.

\b
Examples:
  mfa-archive list --text "ASEAN Vientiane" --since 2024-07-01
  mfa-archive list --kind comment --medium page --csv
"""
_SHOW_HELP = """\
Show the document KEY, or the version with the ref KEY: what is known of it, then its text.

KEY may be the beginning of a key or ref, if only one begins so.

\b
Examples:
  mfa-archive show mid:1906578:en
  mfa-archive show mid:1906578:en@3f9c1a --json
"""
_HISTORY_HELP = """\
Show the versions of the document KEY, and between neighbours what was [-removed-] and {+added+}.

KEY may be the beginning of a key or ref, if only one begins so.

\b
Examples:
  mfa-archive history mid:1906578:en
  mfa-archive history mid:1906578:en --json
"""


def _day_of(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    more = " or so long ago (7 days), of publication; what was learned of since a run: mfa-archive changes --since"
    return (ago(value, datetime.now(UTC)) or moment(value, more=more)).astimezone(PUBLISHER).date()


@click.command("list", help=_LIST_HELP)
@click.option("--source", "source_key", help="Of this source only.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), metavar="KIND", help="E.g. comment.")
@click.option("--medium", type=click.Choice([medium.value for medium in Medium]))
@click.option("--since", callback=_day_of, metavar="DAY", help="From this day on: 2024-07-01, or `7 days` ago.")
@click.option("--until", callback=_day_of, metavar="DAY", help="Up to this day, likewise.")
@click.option("--tag", help="With this hashtag.")
@click.option("--text", "words", metavar="WORDS", help="With these words.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many; 0 for all. Default: {TABLE_LIMIT} in a table, all in JSON and CSV.",
)
@form_options
def list_command(form: Form, limit: int | None, **wanted: Any) -> None:
    """List documents."""
    most = limit if limit is not None else TABLE_LIMIT * (form is Form.TABLE)
    asked = {name: _asked(value) for name, value in wanted.items()} | {"most": most or None}
    with opened_for_reading(settings_from().layout) as connection:
        rows = rows_of(connection.execute(statement("reading/list_documents"), asked))
        if form is Form.TABLE:
            _print_list(list(rows.objects()))
        else:
            names = [name for name in rows.names if name != "match_count"]
            write_rows(rows_of_objects(rows.objects(), names), form)


def _asked(value: Any) -> Any:
    return " ".join(value.split()) or None if isinstance(value, str) else value


def _print_list(rows: list[dict[str, Any]]) -> None:
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    if not rows:
        click.echo("no document fits", err=True)
        return
    names = ("date", "kind", "title", "words", "versions", "key")
    values = [
        (_day(row), row["kind"], row["title"], row["word_count"], row["version_count"], row["document_key"])
        for row in rows
    ]
    click.echo(table_text(names, values, terminal(), "title"), nl=False)
    if rows[0]["match_count"] > len(rows):
        click.echo(f"{len(rows):,} of {rows[0]['match_count']:,}; --limit 0 shows all", err=True)


def _day(row: dict[str, Any]) -> str:
    day: date | None = row["sort_date"]
    if day is None:
        return "?"
    return f"{'' if row['sort_date_basis'] == 'published' else '~'}{day}"


@click.command("show", help=_SHOW_HELP)
@click.argument("key")
@form_options
def show_command(form: Form, key: str) -> None:
    """Show one document or version."""
    with opened_for_reading(settings_from().layout) as connection:
        found = found_by(connection, key)
        name = "reading/show_version" if "ref" in found else "reading/show_document"
        rows = rows_of(connection.execute(statement(name), found))
        if form is Form.TABLE:
            _print_document(next(rows.objects()))
        else:
            write_rows(rows, form)


def _print_document(row: dict[str, Any]) -> None:
    from rich.text import Text  # noqa: PLC0415 -- likewise

    from flows.tables import record_text, shown, terminal  # noqa: PLC0415 -- likewise

    console = terminal()
    text = row.pop("text") or ("(withheld, see notices)" if row["is_withheld"] else "")
    click.echo(record_text(row.items(), console))
    click.echo(shown(Text(visible(text) or "(no text)"), console), nl=False)


def found_by(connection: duckdb.DuckDBPyConnection, key: str) -> dict[str, str]:
    """Return the document, or document and ref, that a key or its beginning means. Raises `InputRefused`."""
    if "@" in key:
        rows = connection.execute(statement("reading/find_refs"), {"key": key}).fetchall()
        ref = _the_one("ref", key, [row[0] for row in rows])
        _, document_key, present_ref = next(row for row in rows if row[0] == ref)
        return {"ref": present_ref, "document_key": document_key}
    rows = connection.execute(statement("reading/find_documents"), {"key": key}).fetchall()
    return {"document_key": _the_one("document key", key, [row[0] for row in rows])}


def _the_one(noun: str, key: str, found: list[str]) -> str:
    if not found:
        raise InputRefused(
            f"no {noun} begins with {key!r}; expected one that the archive holds; mfa-archive list shows them"
        )
    if found[0] != key and len(found) > 1:
        named = ", ".join(found[:_MOST]) + (", …" if len(found) > _MOST else "")
        raise InputRefused(
            f"more than one {noun} begins with {key!r}: {named}; expected the beginning of one; give more of it"
        )
    return found[0]


@click.command("history", help=_HISTORY_HELP)
@click.argument("key")
@form_options
def history_command(form: Form, key: str) -> None:
    """Show the versions of one document and what changed between them."""
    with opened_for_reading(settings_from().layout) as connection:
        document_key = found_by(connection, key)["document_key"]
        cursor = connection.execute(statement("reading/history"), {"document_key": document_key})
        rows = rows_of(cursor)
        if form is Form.TABLE:
            from flows.command.history import print_history  # noqa: PLC0415 -- likewise

            print_history(document_key, [(row, pieces) for row, pieces in _compared(rows)])
        else:
            objects = (row | {"diff": "".join(map(marked, pieces))} for row, pieces in _compared(rows))
            write_rows(rows_of_objects(objects, [*rows.names, "diff"]), form)


def _compared(rows: Rows) -> Iterator[tuple[dict[str, Any], list[Piece]]]:
    """Return each version with what changed since the one before; nothing for the first, or if one is withheld."""
    before: str | None = None
    for row in rows.objects():
        words = None if row["is_withheld"] else _words(row)
        yield row, [] if before is None or words is None else word_diff(before, words)
        before = words


def _words(row: dict[str, Any]) -> str:
    """Return title and text as people see them; a post's title is a line of its text."""
    title, text = row["title"] or "", row["text"]
    return text if title in text else f"{title}\n{text}"


COMMANDS = {"list": list_command, "show": show_command, "history": history_command}
