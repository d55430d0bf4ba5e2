"""`mfa-archive ingest`: take in the sources of the registry, or files that a person hands in."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from flows.captured_pattern import checked_pattern
from flows.command.options import fact_options, intake_options
from flows.command.progress import run_shown
from flows.errors import RegistryRefused
from flows.fetching.entrances import of_files
from flows.inputs import HANDED_IN, Job, handed_in_job, registered_job, size_of, with_channel, with_option
from flows.pipeline import ingest
from flows.registry import read_registry
from flows.rendering import examples, program, report_text
from flows.reports import RunReport
from flows.settings import Settings, settings_from
from flows.tables import terminal
from warehouse.staging import SourceFacts

_HELP = """\
Take in the sources of the registry, or the files and folders PATH.

What is known already is counted and adds nothing. Of a PATH that is the file of a registered source that source is
taken in; any other file belongs to the source that --source names, or to `handed_in`. Exit status 1: something was
rejected or failed; the rest was taken in.

ZIP, tar, gzip, bzip2, xz, zstd, WARC and MHTML are opened, and each member is an input of its own; the container itself
is not kept. Of a Telegram account's result.json only public channels are taken in, or the one that --channel numbers.
A manifest.csv or manifest.jsonl in a folder or an archive (path, url, captured_at, via, note) tells of the files beside
it. Posts of a channel whose number nobody tells are kept and wait until something tells it.

\b
Examples:
  mfa-archive ingest
  mfa-archive ingest --source channel_dump_asean
  mfa-archive ingest downloads/page.txt --captured-at 2026-11-22T10:00:00+03:00
  mfa-archive ingest edited.txt --source channel_dump_asean
  mfa-archive ingest export.zip --channel mid_rus=1101170442 --coverage complete
"""


@click.command("ingest", help=_HELP)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--source", "source_keys", multiple=True, help="A source of the registry; with PATH also a new one.")
@intake_options
@fact_options
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], source_keys: tuple[str, ...], **facts: Any) -> None:
    """Take in what is asked for and tell what became of it."""
    if paths and len(source_keys) > 1:
        raise click.UsageError("--source is given more than once; with PATH expected one")
    if not paths and not source_keys and any(facts.values()):
        raise click.UsageError("an option that says what a file is needs PATH or --source")
    settings = settings_from()
    jobs = jobs_of(settings, paths, source_keys, _checked(facts))
    with run_shown("ingest", settings, size_of(jobs)) as run:
        report = ingest(run, jobs)
    tell(settings, report)
    ctx.exit(0 if report.is_good else 1)


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with a pattern that gives times. Its zone is asked for later: it may stand in the registry."""
    if facts["captured_pattern"] is not None:
        try:
            checked_pattern("captured pattern", facts["captured_pattern"], facts["time_zone"] or "UTC")
        except RegistryRefused as error:
            raise click.UsageError(str(error)) from error
    return facts


def tell(settings: Settings, report: RunReport) -> None:
    """Print the report of a run, with commands worth trying next."""
    tries = examples(settings.layout, program(os.environ), report.command)
    console = terminal()
    click.echo(report_text(report, tries, console), nl=False)


def jobs_of(
    settings: Settings, paths: tuple[Path, ...], source_keys: tuple[str, ...], facts: dict[str, Any]
) -> list[Job]:
    """Return what is to be taken in. Raises `RegistryRefused` and `InputRefused`."""
    if not paths:
        rows = of_files(read_registry(settings.sources), source_keys)
        return [_registered(settings, row, facts) for row in rows]
    # A person who hands in files needs no registry, but one that is there must be sound.
    rows = read_registry(settings.sources) if settings.sources.exists() else []
    if source_keys:
        by_key = {row.source_key: row for row in rows}
        source = by_key.get(source_keys[0], SourceFacts(source_keys[0]))
        return [_handed_in(source, paths, facts)]
    handed_in = _handed_in(SourceFacts(HANDED_IN), paths, facts)
    own = {
        job.inputs[0].path.resolve(): job
        for row in of_files(rows, ())
        if len((job := _registered(settings, row, facts)).inputs) == 1
    }
    jobs = [own[path] for one in handed_in.inputs if (path := one.path.resolve()) in own]
    others = tuple(one for one in handed_in.inputs if one.path.resolve() not in own)
    return [*jobs, replace(handed_in, inputs=others)] if others else jobs


def _registered(settings: Settings, row: SourceFacts, facts: dict[str, Any]) -> Job:
    job = registered_job(_with_facts(row, facts), settings.sources)
    basis = job.time_basis if facts.get("captured_at") is None else "operator"
    return _said(replace(job, time_basis=basis), facts)


def _handed_in(source: SourceFacts, paths: tuple[Path, ...], facts: dict[str, Any]) -> Job:
    return _said(handed_in_job(_with_facts(source, facts), list(paths)), facts)


def _said(job: Job, facts: dict[str, Any]) -> Job:
    """Return a job with what a person says of it that is no fact of its source."""
    pattern = facts.get("captured_pattern") or job.captured_pattern
    if pattern is not None:
        checked_pattern("captured pattern", pattern, job.source.time_zone)
    basis = job.claim_basis if facts.get("coverage") is None else "operator"
    return replace(job, claim_basis=basis, captured_pattern=pattern)


def _with_facts(source: SourceFacts, facts: dict[str, Any]) -> SourceFacts:
    for name, value in facts.items():
        if name not in ("channel", "captured_pattern"):
            source = with_option(source, name, value)
    return with_channel(source, facts.get("channel"))


COMMANDS = {"ingest": command}
