"""`mfa-archive snapshot`: copy the archive out."""

from pathlib import Path

import click

from flows.command.output import visible
from flows.command.progress import writing_of
from flows.settings import settings_from
from flows.tables import counted
from warehouse.snapshot import write_snapshot

_HELP = """\
Copy the archive out as Parquet, one file for each view, with a manifest.

The folder appears whole or not at all; DuckDB and others read it alone.

\b
Example:
  mfa-archive snapshot --out snapshots/2026-11-22
"""


@click.command("snapshot", help=_HELP)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write.")
def command(out: Path) -> None:
    """Write a snapshot and say where it is."""
    settings = settings_from()
    taken = write_snapshot(settings.layout, out, writing_of(settings))
    click.echo(
        f"{visible(str(taken.folder))}: {counted(taken.view_count, 'view')}, {counted(taken.row_count, 'row')}, and "
        "manifest.json"
    )


COMMANDS = {"snapshot": command}
