"""`mfa-archive withhold`: private or unlawful bytes that got in are taken out, and it is said who, when and why."""

import getpass
import sys
from typing import Any

import click
import duckdb

from flows.command.documents import found_by
from flows.command.ingest import tell
from flows.command.output import Form, form_options, rows_of, visible, write_rows
from flows.command.progress import run_shown
from flows.errors import InputRefused
from flows.settings import settings_from
from flows.tables import counted, table_text, terminal
from flows.withholding import withhold
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout
from warehouse.statements import statement
from warehouse.withholding import Asked, Plan, planned

_MOST = 10  # of what is named
_HELP = """\
Take words out of the archive that should not be there: private or unlawful ones that got in. It is the one way out.

KEY is a ref, whose words are taken out wherever they stand, or the key of a capture, of which all bytes are. Hashes and
places stay, and who took it out, when and why; histories keep their versions. What is withheld stays out when it comes
in again. It can't be undone.

Backups, snapshots and the files that a rebuild has put aside are not touched: those beside the archive are named.

\b
Examples:
  mfa-archive withhold telegram:1101170442:5@3f9c1a2b --why "a private person's telephone number"
  mfa-archive withhold --list
"""


@click.command("withhold", help=_HELP)
@click.argument("key", required=False)
@click.option("--why", help="The reason, as everybody will read it.")
@click.option("--by", "who", help="Who withholds it. Default: the name of the system's user.")
@click.option("--yes", "is_sure", is_flag=True, help="Don't ask.")
@click.option("--list", "is_list", is_flag=True, help="Show what was withheld, when, by whom and why.")
@form_options
@click.pass_context
def command(ctx: click.Context, /, *, key: str | None, is_list: bool, form: Form, **said: Any) -> None:
    """Take out or list."""
    settings = settings_from()
    _refuse_contradictions(key, form, said, is_list=is_list)
    if is_list:
        _list(settings.layout, form)
        return
    who, why = ((said[name] or "").strip() for name in ("who", "why"))
    if key is None or not why:
        raise click.UsageError("expected a KEY and --why, or --list")
    asked, plan = _asked(settings.layout, key, who or getpass.getuser(), why)
    click.echo(_told(plan), nl=False)
    if not said["is_sure"]:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to be asked; expected --yes")
        click.confirm("It can't be undone. Go on?", abort=True)
    with run_shown("withhold", settings, None) as run:
        done = withhold(run, asked)
    click.echo("Taken out." if done.report.is_good else "Not all of it was taken out.")
    for path in done.applied.left:
        click.echo(f"Not touched, and may hold it still: {visible(path)}")
    tell(settings, done.report)
    ctx.exit(0 if done.report.is_good else 1)


def _refuse_contradictions(key: str | None, form: Form, said: dict[str, Any], *, is_list: bool) -> None:
    if is_list and (key is not None or any(said.values())):
        raise click.UsageError("--list shows what was withheld and takes nothing out; expected it without a KEY")
    if not is_list and form is not Form.TABLE:
        raise click.UsageError(f"--{form} is a form of --list; expected --list beside it")


def _asked(layout: Layout, key: str, who: str, why: str) -> tuple[Asked, Plan]:
    with opened_for_reading(layout) as connection:
        found = found_by(connection, key) if "@" in key else {}
        if not found:
            _refuse_document(connection, key)
        asked = Asked(found.get("ref", key), found.get("document_key"), who, why)
        return asked, planned(connection, asked)


def _refuse_document(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Raise `InputRefused` for what names a document and no capture."""
    if connection.execute(statement("withholding/named_captures"), {"key": key}).fetchone():
        return
    documents = connection.execute(statement("reading/find_documents"), {"key": key}).fetchall()
    if documents:
        found = documents[0][0]
        raise InputRefused(
            f"{key}: a document, of which only versions or captures are withheld; expected a ref, whose words are "
            "taken out, or the key of a capture, of which all bytes are; "
            f"mfa-archive history {found} shows the refs, and the view versions the capture_key of each"
        )


def _told(plan: Plan) -> str:
    files = ", ".join(plan.places[:_MOST]) + (", …" if len(plan.places) > _MOST else "")
    records, held = counted(plan.record_count, "record"), counted(len(plan.rows), "file")
    lines = [f"Takes out {records} in {held} of the raw store: {files}"]
    lines += [f"  {one}" for one in plan.document_keys[:_MOST]]
    if len(plan.document_keys) > _MOST:
        lines.append(f"  and {counted(len(plan.document_keys) - _MOST, 'other document')}")
    if plan.remaining:
        lines.append("The same words stand elsewhere too, and stay unless they are withheld themselves:")
        lines += [f"  {one}" for one in plan.remaining[:_MOST]]
        if len(plan.remaining) > _MOST:
            lines.append(f"  and {len(plan.remaining) - _MOST:,} more")
    return "".join(f"{visible(line)}\n" for line in lines)


def _list(layout: Layout, form: Form) -> None:
    with opened_for_reading(layout) as connection:
        rows = rows_of(connection.execute(statement("withholding/list")))
        if form is not Form.TABLE:
            write_rows(rows, form)
            return
        found = list(rows.objects())
    if not found:
        click.echo("nothing was withheld", err=True)
        return
    values = [
        [f"{row['withheld_at']:%Y-%m-%d %H:%M}Z", row["withheld"], row["who"], row["why"], row["file_count"]]
        for row in found
    ]
    click.echo(table_text(["when", "what", "by", "why", "files"], values, terminal(), "why"), nl=False)


COMMANDS = {"withhold": command}
