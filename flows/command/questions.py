"""`mfa-archive sql` and `views`: asking the archive, and what can be asked."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import Any

import click
import duckdb

from flows.command.output import Form, Rows, form_options, rows_of, write_rows
from flows.errors import InputRefused
from flows.settings import settings_from
from warehouse.archive import opened_for_reading
from warehouse.errors import QueryRefused
from warehouse.statements import statement

MOST_ON_TERMINAL = 1_000
_SQL_HELP = """\
Ask the archive one question in DuckDB's SQL; `-` reads it from standard input.

The question can't change anything and reaches neither files nor the network. `mfa-archive views` shows what can be
asked.

\b
Examples:
  mfa-archive sql "select kind, count(*) from documents group by kind"
  mfa-archive sql --csv - < question.sql
"""
_VIEWS_HELP = """\
Show the views and macros that can be asked, or the columns of the view or macro NAME.

\b
Examples:
  mfa-archive views
  mfa-archive views documents
  mfa-archive views changes_since
"""


@click.command("sql", help=_SQL_HELP)
@click.argument("query")
@form_options
def sql_command(form: Form, query: str) -> None:
    """Answer a question."""
    text = _standard_input() if query == "-" else query
    with opened_for_reading(settings_from().layout) as connection:
        _refuse_all_but_a_question(connection, text)
        rows = rows_of(_answered(connection, text))
        if form is Form.TABLE:
            _print_result(rows)
        else:
            write_rows(rows, form)


def _answered(connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.DuckDBPyConnection:
    """Ask in a thread of its own: while DuckDB waits for its other threads it hears no interrupt from the keyboard."""
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(connection.execute, text)
        try:
            while True:
                with suppress(TimeoutError):
                    return answer.result(timeout=0.1)
        except KeyboardInterrupt:
            connection.interrupt()
            raise


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryRefused(f"standard input: no UTF-8 ({error}); expected a query in UTF-8; convert it") from error


def _refuse_all_but_a_question(connection: Any, text: str) -> None:
    """Raise `QueryRefused` unless there is one statement, and that only asks.

    The connection refuses writes, files and the network by itself; but it would let temporary tables and logs be made.
    """
    statements = connection.extract_statements(text)
    # `pivot` comes as a type without a text of its own and the question that uses it.
    asked = [one for one in statements if one.query or one.type.name != "CREATE"]
    if len(asked) != 1:
        raise QueryRefused(f"the query was refused: {len(asked)} statements; expected one; ask one after the other")
    kind = asked[0].type.name
    if kind not in {"SELECT", "EXPLAIN"}:
        raise QueryRefused(
            f"the query was refused: a statement of the type {kind}; expected a question such as select; "
            "nothing can be changed from here"
        )


def _print_result(rows: Rows) -> None:
    from flows.tables import result_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    console = terminal()
    # Nobody scrolls further; a pipe gets all.
    values = list(rows.values if console is None else islice(rows.values, MOST_ON_TERMINAL))
    click.echo(result_text(rows.names, values, console), nl=False)
    if len(values) == MOST_ON_TERMINAL and console is not None:
        click.echo(f"the first {len(values):,} rows; --csv and --json write all", err=True)
    if not values:
        click.echo("no rows", err=True)


@click.command("views", help=_VIEWS_HELP)
@click.argument("name", required=False)
@form_options
def views_command(form: Form, name: str | None) -> None:
    """Show the views or the columns of one."""
    with opened_for_reading(settings_from().layout) as connection:
        views = dict(connection.execute(statement("public_views")).fetchall())
        macros = dict(connection.execute(statement("reading/public_macros")).fetchall())
        calls = {call.partition("(")[0]: call for call in macros}
        asked = (name or "").partition("(")[0].strip()
        if name is None:
            rows = Rows(("view_name", "comment"), [*views.items(), *macros.items()])
        elif asked in views:
            rows = rows_of(connection.execute(statement("view_columns"), {"view_name": asked}))
        elif asked in calls:
            rows = _macro_columns(connection, calls[asked])
        else:
            known = ", ".join([*views, *calls])
            raise InputRefused(f"no view {name!r}; expected one of {known}; mfa-archive views shows them")
        if form is Form.TABLE:
            _print_described(rows)
        else:
            write_rows(rows, form)


def _macro_columns(connection: duckdb.DuckDBPyConnection, call: str) -> Rows:
    """Return the columns that a macro gives, each with what it means there or in the view whose columns these are."""
    name, _, parameters = call.partition("(")
    nulls = ", ".join("null" for _ in parameters.split(","))
    connection.execute("set variable macro_call = $value", {"value": f"{name}({nulls})"})
    columns = [column[:2] for column in connection.execute(statement("reading/macro_columns")).description or ()]
    asked = {"macro_name": name, "view_name": name.partition("_")[0]}  # changes_since gives columns of changes
    meant = dict(connection.execute(statement("reading/column_comments"), asked).fetchall())
    return Rows(
        ("column_name", "data_type", "comment"), [(column, str(kind), meant.get(column)) for column, kind in columns]
    )


def _print_described(rows: Rows) -> None:
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- likewise

    click.echo(table_text(rows.names, list(rows.values), terminal(), "comment"), nl=False)


COMMANDS = {"sql": sql_command, "views": views_command}
