"""`mfa-archive check`: whether the rules that the data keeps still hold.

Asked of the writer's file, under the archive's lock: the read copy may be older, and has no raw store to look at.
"""

from datetime import UTC, datetime
from typing import Any

import click

from flows.command.output import Form, form_options, rows_of_objects, write_rows
from flows.command.root import code_version
from flows.settings import settings_from
from warehouse.archive import Writing, opened_for_writing, require_archive
from warehouse.checks import Checked, run_checks
from warehouse.layout import Layout

_NAMES = ("rule", "result", "broken_count", "description", "example")
_HELP = """\
Check whether the rules that the data keeps still hold, each with `ok` or `broken`.

Waits for a run that is writing. Exit status 1: a rule is broken.

\b
Examples:
  mfa-archive check
  mfa-archive check --json
"""


@click.command("check", help=_HELP)
@form_options
@click.pass_context
def command(ctx: click.Context, form: Form) -> None:
    """Run the checks and print what they find."""
    settings = settings_from()
    checked = _checked(settings.layout, Writing(datetime.now(UTC), code_version(), settings.lock_wait_s))
    if form is Form.TABLE:
        _print_table(checked)
    else:
        write_rows(rows_of_objects([_row(one) for one in checked], _NAMES), form)
    ctx.exit(1 if any(one.broken_count for one in checked) else 0)


def _checked(layout: Layout, writing: Writing) -> list[Checked]:
    # Opening it for writing would make a new one.
    require_archive(layout.store)
    with opened_for_writing(layout, writing) as connection:
        return run_checks(connection, layout)


def _row(one: Checked) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "result": "broken" if one.broken_count else "ok",
        "broken_count": one.broken_count,
        "description": one.description,
        "example": one.example,
    }


def _print_table(checked: list[Checked]) -> None:
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    rows = [_row(one) for one in checked]
    names = [name for name in _NAMES if name not in {"broken_count", "example"}]
    click.echo(table_text(names, [[row[name] for name in names] for row in rows], terminal(), "description"), nl=False)
    for row in rows:
        if row["broken_count"]:
            click.echo(f"{row['rule']}: {row['broken_count']:,} broken, such as: {row['example']}")


COMMANDS = {"check": command}
