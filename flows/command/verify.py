"""`mfa-archive verify`: whether the archive is what it was, recomputed from its tables and the raw store."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb

from flows.command.output import Form, form_options, on_one_line, rows_of_objects, write_rows
from flows.command.progress import run_shown, writing_of
from flows.run import Run
from flows.settings import settings_from
from flows.tables import counted, table_text, terminal
from flows.verifying import verify_documents
from warehouse.layout import Layout
from warehouse.verify import Part, copied
from warehouse.verify_bytes import total_bytes, verify_bytes
from warehouse.verify_chain import NotedHead, heads_in, verify_links, verify_rows
from warehouse.verify_copy import verify_read_copy
from warehouse.verify_log import verify_log, verify_rules

_MOST = 20  # findings of a part that are told one by one
_NAMES = ("part", "result", "count", "counted", "size_bytes", "seconds", "finding_count", "findings", "notes")
_HELP = """\
Verify the archive: recompute its chain, its rows, the hashes of its bytes, and its documents from their bytes.

Nothing is changed, and a run that writes meanwhile waits for no longer than it takes to copy the store. What is off is
named, the first row first. Exit status 1: something is off.

Whoever can write to the data folder can alter all of it together; only a head that was noted elsewhere shows that. Note
it with `mfa-archive head`, and give it to --head.

\b
Examples:
  mfa-archive verify
  mfa-archive verify --quick
  mfa-archive verify --head heads-of-last-year.log
"""


@dataclass(frozen=True, slots=True)
class _Timed:
    part: Part
    seconds: float


def _noted(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[NotedHead]:
    noted: list[NotedHead] = []
    for value in values:
        path = Path(value)
        is_file = path.is_file()
        found = (
            heads_in(value, path.read_text(encoding="utf-8", errors="replace"))
            if is_file
            else heads_in("--head", value)
        )
        if not found:
            raise click.BadParameter(
                f"{value!r} is no head; expected 64 hexadecimal digits, or a file with heads: a copy of heads.log, a "
                "snapshot's manifest.json, or what mfa-archive head has printed"
            )
        noted.extend(found)
    return noted


@click.command("verify", help=_HELP)
@click.option(
    "--head",
    "noted",
    multiple=True,
    callback=_noted,
    metavar="HEX|FILE",
    help="A head noted earlier, or a file with some: a copy of heads.log, a snapshot's manifest.",
)
@click.option("--quick", is_flag=True, help="Hashes only: documents are not read again from their bytes.")
@form_options
@click.pass_context
def command(ctx: click.Context, form: Form, noted: list[NotedHead], *, quick: bool) -> None:
    """Verify, and tell what was looked at and what is off."""
    settings = settings_from()
    with copied(settings.layout, writing_of(settings)) as (aside, connection):
        size = total_bytes(connection) * (1 if quick else 2)
        with run_shown("verify", settings, size) as run:
            timed = list(_parts(connection, aside, run, noted, is_quick=quick))
    if form is Form.TABLE:
        _print(timed, is_quick=quick)
    else:
        write_rows(rows_of_objects([_row(one) for one in timed], _NAMES), form)
    ctx.exit(1 if any(one.part.findings for one in timed) else 0)


def _parts(
    connection: duckdb.DuckDBPyConnection, aside: Layout, run: Run, noted: list[NotedHead], *, is_quick: bool
) -> Iterator[_Timed]:
    layout, listener = run.layout, run.listener
    parts: dict[str, Callable[[], Part]] = {
        "the chain": lambda: verify_links(connection, layout, noted),
        "the rows": lambda: verify_rows(connection),
        "the rules": lambda: verify_rules(connection, layout),
        "the log of the raw store": lambda: verify_log(connection, layout),
        "the bytes": lambda: verify_bytes(connection, layout, listener.advance),
        "the documents": lambda: verify_documents(connection, aside, run),
        "the read copy": lambda: verify_read_copy(connection, layout),
    }
    for name, look in parts.items():
        if is_quick and name == "the documents":
            continue
        listener.say(f"verifying {name}")
        begun = time.monotonic()
        yield _Timed(look(), time.monotonic() - begun)


def _row(one: _Timed) -> dict[str, Any]:
    part = one.part
    return {
        "part": part.name,
        "result": "off" if part.findings else "ok",
        "count": part.count,
        "counted": part.noun,
        "size_bytes": part.size_bytes,
        "seconds": round(one.seconds, 2),
        "finding_count": len(part.findings),
        "findings": [on_one_line(finding.line) for finding in part.findings[:_MOST]],
        "notes": list(part.notes),
    }


def _print(timed: Sequence[_Timed], *, is_quick: bool) -> None:
    names = ("part", "result", "looked at", "MB", "seconds")
    rows = [
        (
            one.part.name,
            "off" if one.part.findings else "ok",
            counted(one.part.count, one.part.noun),
            None if one.part.size_bytes is None else round(one.part.size_bytes / 1e6, 1),
            round(one.seconds, 1),
        )
        for one in timed
    ]
    click.echo(table_text(names, rows, terminal()), nl=False)
    for one in timed:
        for finding in one.part.findings[:_MOST]:
            click.echo(on_one_line(f"{one.part.name}: {finding.line}"))
        if len(one.part.findings) > _MOST:
            click.echo(f"{one.part.name}: and {len(one.part.findings) - _MOST:,} more")
    for one in timed:
        for note in one.part.notes:
            click.echo(on_one_line(f"note: {note}"))
    if is_quick:
        click.echo("note: documents were not read again from their bytes; without --quick they are")
    off = sum(len(one.part.findings) for one in timed)
    click.echo(f"{counted(off, 'thing')} off" if off else "all that was looked at is as it was appended")


COMMANDS = {"verify": command}
