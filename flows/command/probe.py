"""`mfa-archive probe`: what the hosts answer against what the code assumes, rule by rule."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby

import click
from rich.console import Console

from flows.command.fetch import ended, tell_planned, tell_unknown
from flows.command.interruption import heeded
from flows.command.output import Form, form_options, on_one_line, rows_of_objects, visible, write_rows
from flows.command.progress import now, run_shown
from flows.fetching.compared import Finding, Outcome
from flows.fetching.entrances import every
from flows.fetching.probe import HOSTS, ProbeErrand
from flows.fetching.running import fetch, plan
from flows.fetching.session import Clock
from flows.registry import read_registry
from flows.reports import RunReport
from flows.settings import settings_from
from flows.tables import counted, table_text, terminal

_NAMES = ("kind", "address", "rule", "found", "detail", "expected", "outcome", "ground", "place")
_MOST_DETAIL_CHARS = 60
_HELP = """\
Ask one address of each kind, and tell rule by rule what was found against what is expected: for the first run on a new
machine, and whenever a source brings nothing. It asks as mfa-archive fetch does, with its pauses, robots.txt and
budgets, so that it takes some minutes; every answer is kept in the archive.

At the end stands what differs from what the code assumes, and which file holds the rule. Exit status 1: something
differs, or a host was not asked any further; 0: all is as expected.

\b
Examples:
  mfa-archive probe --dry-run
  mfa-archive probe --only t.me
  mfa-archive probe --json > probe.json
"""


@click.command("probe", help=_HELP)
@click.option("--only", type=click.Choice(HOSTS), help="Only this host, with those under it.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked; nothing is asked.")
@form_options
@click.pass_context
def command(ctx: click.Context, /, only: str | None, form: Form, *, dry_run: bool) -> None:
    """Ask, and print what was found."""
    settings = settings_from()
    errand = ProbeErrand(every(read_registry(settings.sources)), only)
    tell_unknown(settings)
    with heeded() as interruption, run_shown(errand.command, settings, None) as run:
        clock = Clock(now, interruption.sleep, is_cut_off=interruption.has_come)
        if dry_run:
            tell_planned(run, plan(run, settings.fetching, errand, clock))
            return
        report = fetch(run, settings.fetching, errand, clock)
    if form is Form.TABLE:
        _tell(errand.findings, report)
    else:
        write_rows(rows_of_objects(map(asdict, errand.findings), _NAMES), form)
    for problem in report.problems:
        click.echo(on_one_line(problem), err=True)
    if (status := ended(report, interruption)) is not None:
        ctx.exit(status)
    is_stopped = any(host.stopped for host in report.hosts)
    ctx.exit(1 if _differing(errand.findings) or is_stopped or report.problems else 0)


def _tell(findings: list[Finding], report: RunReport) -> None:
    console = terminal()
    for (kind, address), found in groupby(findings, lambda one: (one.kind, one.address)):
        click.echo(f"{kind}: {visible(address)}")
        click.echo(_table(found, console))
    _sum_up(findings, report)


def _table(findings: Iterable[Finding], console: Console | None) -> str:
    rows = [[one.outcome.value, one.rule.value, _shown(one), one.expected] for one in findings]
    return table_text(["outcome", "rule", "found", "expected"], rows, console, "found")


def _shown(one: Finding) -> str:
    detail = one.detail
    if len(detail) > _MOST_DETAIL_CHARS and one.outcome is Outcome.OK:
        detail = f"{detail[:_MOST_DETAIL_CHARS]}…"
    return on_one_line(f"{one.found} ({detail})" if detail else one.found)


def _sum_up(findings: list[Finding], report: RunReport) -> None:
    differing = _differing(findings)
    kinds = len({one.kind for one in findings})
    ok = sum(one.outcome is Outcome.OK for one in findings)
    unasked = sum(one.outcome is Outcome.NOT_ASKED for one in findings)
    click.echo(
        f"{counted(kinds, 'kind')} of address, {unasked:,} of them not asked: {counted(ok, 'rule')} as expected, "
        f"{len(differing):,} that differ."
    )
    for host in report.hosts:
        if host.stopped:
            click.echo(on_one_line(f"{host.host} was asked no further: {host.stopped}"))
    if differing:
        click.echo("\nWhat differs, what the expectation rests on, and where the rule stands:")
    for one in differing:
        place = one.place or "no rule of ours: the host's own answer"
        click.echo(
            on_one_line(f"  {one.kind}, {one.rule}: {_shown(one)}; expected {one.expected} ({one.ground}); {place}")
        )


def _differing(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.outcome is Outcome.DIFFERS]


COMMANDS = {"probe": command}
