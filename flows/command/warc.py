"""`mfa-archive warc`: what came over HTTP, for those who replay it."""

from datetime import datetime
from pathlib import Path

import click

from flows.command.moments import ago, moment
from flows.command.output import visible
from flows.command.progress import now
from flows.command.root import code_version
from flows.settings import settings_from
from flows.tables import counted
from warehouse.archive import opened_for_reading
from warehouse.warc import write_warc

_HELP = """\
Write the captures that came from an address as WARC 1.1, for pywb and others.

A capture that this program fetched is a response record, with the server's headers but for those of how it was packed,
or a revisit record where the server only confirmed the bytes. Any other is a resource record: the bytes as they are
held, whose headers are not. Requests without a whole answer are left out; so are captures whose time nobody knows,
which are counted. The same archive gives the same file.

\b
Examples:
  mfa-archive warc pages.warc.gz
  mfa-archive warc new.warc.gz --source mid_en --since 2026-11-01
"""


def _since(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    return None if value is None else ago(value, now()) or moment(value, more=", or so long ago (7 days)")


@click.command("warc", help=_HELP)
@click.argument("out", metavar="FILE.warc.gz", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", "source_key", help="Of this source only.")
@click.option("--since", callback=_since, metavar="WHEN", help="Captured from then on: an instant, a day, `7 days`.")
def command(out: Path, source_key: str | None, since: datetime | None) -> None:
    """Write a WARC file and say what is in it."""
    layout = settings_from().layout
    with opened_for_reading(layout) as connection:
        written = write_warc(connection, layout, out, f"mfa-archive {code_version()}", (source_key, since))
    click.echo(f"{visible(str(out))}: {counted(written.capture_count, 'capture')}, {written.size_bytes:,} bytes")
    if not written.capture_count:
        asked = " that is asked for" if source_key or since else ""
        why = f"nothing but its head: no capture{asked} has an address and a time; files that were handed in have an"
        click.echo(f"{why} address where a manifest, a WARC or the saved page tells it (the view captures)", err=True)
    if written.undated_count:
        click.echo(f"{counted(written.undated_count, 'capture')} left out: nobody knows their time", err=True)


COMMANDS = {"warc": command}
