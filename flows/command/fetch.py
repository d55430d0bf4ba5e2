"""`mfa-archive fetch`: new pages and posts over HTTP, and copies that a web archive holds."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from flows.command.ingest import tell
from flows.command.interruption import Interruption, heeded
from flows.command.output import on_one_line, visible
from flows.command.progress import now, run_shown
from flows.errors import RegistryRefused
from flows.fetching.entrances import Entrance, chosen, every, every_host
from flows.fetching.errands import ChannelErrand, CopiesErrand, Errand, PagesErrand, addresses_errand
from flows.fetching.pages import Days, Planned
from flows.fetching.running import fetch, plan
from flows.fetching.session import Clock
from flows.fetching.settings import unknown_hosts
from flows.fetching.values import Purpose
from flows.fetching.wayback import wanted_of
from flows.registry import read_registry
from flows.reports import RunReport
from flows.run import Run
from flows.settings import Settings, settings_from
from flows.tables import counted, table_text, terminal

_ROOT_HELP = """\
Take in new pages and posts over HTTP, politely: robots.txt is obeyed, one request is made after another with a pause,
and a host that refuses is left alone until another day. MFA_ARCHIVE_CONTACT must name whom a server's operator can
write to.

What was asked is in the archive, whatever came of it, so that a fetch that was cut off goes on where it was. Ctrl-C
ends it in order, a second one at once. Exit status 1: something failed or was refused; the rest was taken in.

\b
Example:
  mfa-archive fetch pages --dry-run
"""
_PAGES_HELP = """\
Look at the listings and feeds of the registry, fetch the pages that are new there, and look again at those that are
due.

\b
Examples:
  mfa-archive fetch pages --dry-run
  mfa-archive fetch pages --source mid_news_en
  mfa-archive fetch pages --from 2011-09-01 --to 2011-09-30
"""
_CHANNEL_HELP = """\
Fetch the new posts of the registry's channels back to the last known one, and look again at those that are due.

\b
Examples:
  mfa-archive fetch channel --dry-run
  mfa-archive fetch channel --source channel_mid_rus --all
"""
_WAYBACK_HELP = """\
Fetch the copies of ADDRESS that the Wayback Machine holds and the archive lacks; with a * at its end, of all documents
whose addresses begin so. Each is a capture at the instant that the Wayback Machine tells.

\b
Examples:
  mfa-archive fetch wayback https://mid.ru/en/foreign_policy/news/1906578/
  mfa-archive fetch wayback 'https://www.mid.ru/en/foreign_policy/news/*' --from 2016-01-01 --to 2016-12-31
"""
_URLS_HELP = """\
Fetch the pages and posts whose addresses are given, or stand in the file LIST, one a line.

\b
Examples:
  mfa-archive fetch urls https://mid.ru/en/foreign_policy/news/1906578/ https://t.me/mid_rus/1234
  mfa-archive fetch urls list.txt --dry-run
"""
_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Show every request that is known by now, and why; nothing is asked."
)
_SOURCES = click.option("--source", "source_keys", multiple=True, help="Only this source; can be repeated.")
_DAY = click.DateTime(["%Y-%m-%d"])


def _days(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        first = click.option("--from", "first", type=_DAY, metavar="DAY", help=f"First day of {what}, as 2026-11-22.")
        last = click.option("--to", "last", type=_DAY, metavar="DAY", help=f"Last day of {what}.")
        return first(last(command))

    return decorated


@click.group("fetch", help=_ROOT_HELP)
def command() -> None:
    """Group what can be fetched."""


@command.command("pages", help=_PAGES_HELP)
@_SOURCES
@_days("publication, for listings")
@_DRY_RUN
@click.pass_context
def pages(ctx: click.Context, /, source_keys: tuple[str, ...], first: Any, last: Any, *, dry_run: bool) -> None:
    """Fetch pages of the site."""
    settings = settings_from()
    days = _stretch(first, last)
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to belong together: the site lists day by day")
    entrances = _entrances(settings, source_keys, Purpose.LISTING, Purpose.FEED)
    _do(ctx, settings, PagesErrand(entrances, days), dry_run=dry_run)


@command.command("channel", help=_CHANNEL_HELP)
@_SOURCES
@click.option("--all", "is_whole", is_flag=True, help="Back to the first post.")
@_DRY_RUN
@click.pass_context
def channel(ctx: click.Context, /, source_keys: tuple[str, ...], *, is_whole: bool, dry_run: bool) -> None:
    """Fetch posts of channels."""
    settings = settings_from()
    entrances = _entrances(settings, source_keys, Purpose.CHANNEL)
    _do(ctx, settings, ChannelErrand(entrances, is_whole), dry_run=dry_run)


@command.command("wayback", help=_WAYBACK_HELP)
@click.argument("address")
@_days("capture there")
@_DRY_RUN
@click.pass_context
def wayback(ctx: click.Context, /, address: str, first: Any, last: Any, *, dry_run: bool) -> None:
    """Fetch copies."""
    settings = settings_from()
    _stretch(first, last)
    wanted = wanted_of(address, first and first.date(), last and last.date())
    _do(ctx, settings, CopiesErrand(wanted), dry_run=dry_run)


@command.command("urls", help=_URLS_HELP)
@click.argument("addresses", metavar="ADDRESS|LIST...", nargs=-1, required=True)
@_DRY_RUN
@click.pass_context
def urls(ctx: click.Context, /, addresses: tuple[str, ...], *, dry_run: bool) -> None:
    """Fetch given addresses."""
    settings = settings_from()
    errand = addresses_errand(addresses, every(read_registry(settings.sources)))
    _do(ctx, settings, errand, dry_run=dry_run)
    ctx.exit(1 if errand.faults else 0)  # of a dry run


def _stretch(first: Any, last: Any) -> Days | None:
    if first is None or last is None:
        return None
    if first > last:
        raise click.UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}; expected the reverse")
    return Days(first.date(), min(last.date(), _today()))


def _today() -> date:
    return now().date()


def _entrances(settings: Settings, keys: tuple[str, ...], *purposes: Purpose) -> list[Entrance]:
    return chosen(read_registry(settings.sources), keys, *purposes)


def _do(ctx: click.Context, settings: Settings, errand: Errand, *, dry_run: bool) -> None:
    """Do an errand, or tell what it would ask for."""
    tell_unknown(settings)
    with heeded() as interruption, run_shown(errand.command, settings, None) as run:
        clock = Clock(now, interruption.sleep, is_cut_off=interruption.has_come)
        if dry_run:
            planned = plan(run, settings.fetching, errand, clock)
        else:
            report = fetch(run, settings.fetching, errand, clock)
    if dry_run:
        tell_planned(run, planned)
        return
    tell(settings, report)
    ctx.exit(ended(report, interruption) or (0 if report.is_good else 1))


def tell_unknown(settings: Settings) -> None:
    """Tell which settings name hosts that no source has: a slip of the pen would change nothing, and in silence."""
    try:
        hosts = every_host(every(read_registry(settings.sources)))
    except RegistryRefused:  # told by what needs it; copies of the web archive can be had without
        return
    for line in unknown_hosts(settings.fetching, hosts):
        click.echo(on_one_line(f"note: {line}"), err=True)


def ended(report: RunReport, interruption: Interruption) -> int | None:
    """Tell that a run was asked to end, and return its exit status; None where it came to its own end."""
    if not report.is_interrupted:
        return None
    click.echo("mfa-archive: interrupted; what was captured is kept, and the next run goes on where it was", err=True)
    return interruption.status


def tell_planned(run: Run, planned: list[Planned]) -> None:
    """Print what would be asked, and what keeps it from being asked."""
    rows = [[one.ask.purpose.value, one.source.source_key, one.why, visible(one.ask.address)] for one in planned]
    if rows:
        click.echo(table_text(["as", "source", "why", "address"], rows, terminal(), "address"), nl=False)
    click.echo(
        f"{counted(len(rows), 'request')} known beforehand; nothing was asked. What they lead to, and robots.txt of "
        "each host once a day, come on top."
    )
    notes = [note for report in run.reports.values() for note in report.notes]
    for line in (*notes, *run.problems):
        click.echo(on_one_line(line))


COMMANDS = {"fetch": command}
