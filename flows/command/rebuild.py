"""`mfa-archive rebuild`: make the archive anew from the raw store."""

import click

from flows.command.ingest import tell
from flows.command.progress import run_shown
from flows.rebuild import rebuild
from flows.settings import settings_from

_HELP = """\
Make the archive anew from data/raw, with the same refs.

All that came in is read again by the extractors of this version. The archive that is there stays until the new one is
whole.

\b
Example:
  mfa-archive rebuild
"""


@click.command("rebuild", help=_HELP)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Rebuild and tell what became of it."""
    settings = settings_from()
    with run_shown("rebuild", settings, None) as run:
        report = rebuild(run)
    tell(settings, report)
    ctx.exit(0 if report.is_good else 1)


COMMANDS = {"rebuild": command}
