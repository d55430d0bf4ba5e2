"""`mfa-archive retry`: try again what was rejected."""

from typing import Any

import click

from extract.model import Reason
from flows.command.ingest import tell
from flows.command.options import CHANNEL, COLUMNS, fact_options
from flows.command.progress import run_shown
from flows.registry import read_registry
from flows.retry import Retry, retry
from flows.settings import settings_from
from flows.tables import counted, table_text, terminal
from flows.waiting import Mended
from warehouse.archive import require_archive

_HELP = """\
Try again what was rejected, after a mend: of this program, of the registry's row (format, time zone, encoding, columns,
channel, counts), or by what is said here of the inputs of one source.

The bytes are read again from data/raw, and what is read now is archived with the time at which it was captured. Only
inputs are read of which something else is known now than when they were rejected. A rejection is not erased but
answered, see the view rejections. Exit status 1: something is still rejected of what was tried.

\b
Examples:
  mfa-archive retry
  mfa-archive retry --reason unknown_format
  mfa-archive retry --source handed_in --reason undecodable --encoding windows-1251
"""


@click.command("retry", help=_HELP)
@click.option("--source", "source_keys", multiple=True, help="Only inputs of this source.")
@click.option("--reason", "reasons", multiple=True, type=click.Choice([reason.value for reason in Reason]),
              help="Only what was rejected for this reason.")  # fmt: skip
@CHANNEL
@COLUMNS
@fact_options
@click.pass_context
def command(ctx: click.Context, /, source_keys: tuple[str, ...], reasons: tuple[str, ...], **facts: Any) -> None:
    """Try again and tell what became of it."""
    said = {name: value for name, value in facts.items() if value is not None}
    if said and len(source_keys) != 1:
        raise click.UsageError("an option that says what inputs are needs one --source")
    settings = settings_from()
    require_archive(settings.layout.store)
    rows = read_registry(settings.sources) if settings.sources.exists() else []
    mended = Mended(source_keys, reasons, {row.source_key: row for row in rows}, said)
    with run_shown("retry", settings, None) as run:
        tried = retry(run, mended)
    _print(tried)
    tell(settings, tried.report)
    ctx.exit(0 if tried.report.is_good else 1)


def _print(tried: Retry) -> None:
    click.echo(f"{counted(tried.tried_count, 'rejected input')} read again.")
    if tried.left_count:
        click.echo(
            f"{counted(tried.left_count, 'other')} left as they are: nothing else is known of them now than when they "
            "were rejected; the view rejections says what to do."
        )
    if tried.answered:
        click.echo()
        rows = [[one.source_key, one.reason, one.outcome, one.count] for one in tried.answered]
        click.echo(table_text(["source", "rejected for", "now", "rejections"], rows, terminal(), "source"), nl=False)
    click.echo()


COMMANDS = {"retry": command}
