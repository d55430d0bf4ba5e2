"""`mfa-archive inspect`: what is in a file or folder; nothing is written."""

from pathlib import Path
from sys import maxsize
from typing import Any

import click
from rich.console import Console

from flows.command.options import CHANNEL, COLUMNS, fact_options
from flows.command.output import Form, form_options, on_one_line, rows_of_objects, visible, write_rows
from flows.inputs import handed_in_job, with_channel
from flows.inspection import NAMES, Inspection, inspected, rows
from flows.tables import counted, record_text, table_text, terminal
from warehouse.staging import SourceFacts

SHOWN_RECORDS = 20
_HELP = """\
Show what is in the file or folder PATH: its format and encoding, its documents, what is odd, and what can't be read.
Containers are opened as by ingest. Nothing is written.

Exit status 1: something can't be read.

\b
Examples:
  mfa-archive inspect seeds/documents/002_f8ed40bbac4ad26b.txt
  mfa-archive inspect downloads --json
  mfa-archive inspect posts.csv --channel mid_rus=1101170442 --columns "id=message_id, text=body"
"""


@click.command("inspect", help=_HELP)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"Show at most so many records of a file; 0 for all. Default: {SHOWN_RECORDS} in a table, else all.",
)
@CHANNEL
@COLUMNS
@fact_options
@form_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    path: Path,
    form: Form,
    limit: int | None,
    channel: tuple[str | None, int | None] | None,
    **facts: Any,
) -> None:
    """Print what is in there."""
    most = limit if limit is not None else SHOWN_RECORDS * (form is Form.TABLE)
    source = with_channel(SourceFacts("inspected", **facts), channel)
    looked = inspected(handed_in_job(source, [path]), most or maxsize)
    unread: list[str] = []
    if form is Form.TABLE:
        console = terminal()
        for at, one in enumerate(looked):
            _note(one, unread)
            click.echo("\n" * (at > 0) + _text(one, console), nl=False)
    else:
        write_rows(rows_of_objects((row for one in looked if _note(one, unread) for row in rows(one)), NAMES), form)
    ctx.exit(1 if unread else 0)


def _note(one: Inspection, unread: list[str]) -> bool:
    if one.rejection_count:
        unread.append(one.locator)
    return True


def _text(one: Inspection, console: Console | None) -> str:
    parts = [record_text(_summary(one), console)]
    if one.found:
        parts.append(_documents(one, console))
    if one.notices:
        notices = [(code, count, one.notice_examples[code]) for code, count in one.notices.most_common()]
        parts.append(table_text(("notice", "count", "such as"), notices, console, "such as"))
    if one.rejections:
        parts.append(_rejections(one))
    return "\n".join(parts)


def _documents(one: Inspection, console: Console | None) -> str:
    found = [row for row in rows(one) if row["number"]]
    values = [(_date(row), row["kind"], row["title"], row["word_count"], len(row["notices"])) for row in found]
    text = table_text(
        ("date", "kind", "title or first line", "words", "notices"), values, console, "title or first line"
    )
    if one.record_count > len(one.found):
        text += f"{len(one.found):,} of {one.record_count:,}; --limit 0 shows all\n"
    return text


def _summary(one: Inspection) -> list[tuple[str, Any]]:
    return [
        ("file", visible(one.locator)),
        ("size", counted(one.size_bytes, "byte")),
        ("format", one.format or "none that is known"),
        ("encoding", one.encoding),
        ("documents", f"{one.record_count:,}"),
        ("kinds", ", ".join(f"{kind} {count:,}" for kind, count in one.kinds.most_common())),
        ("days", f"{one.first_day} to {one.last_day}" if one.first_day else None),
        ("can't be read", f"{one.rejection_count:,}" if one.rejection_count else "nothing"),
    ]


def _date(row: dict[str, Any]) -> str:
    if row["published_at"]:
        return f"{row['published_at']:%Y-%m-%d}"
    day = row["event_to"] or row["published_after"]
    return f"~{day}" if day else "?"


def _rejections(one: Inspection) -> str:
    lines = ["Can't be read:\n"]
    for rejection in one.rejections:
        where = "" if rejection.byte_from is None else f"bytes {rejection.byte_from}-{rejection.byte_to}: "
        what = f"{rejection.reason.value}: {rejection.found}; expected {rejection.expected}; {rejection.remedy}"
        lines.append(f"  {where}{on_one_line(what)}\n")
    if one.rejection_count > len(one.rejections):
        lines.append(f"  … and {one.rejection_count - len(one.rejections):,} more of {visible(one.locator)}\n")
    return "".join(lines)


COMMANDS = {"inspect": command}
