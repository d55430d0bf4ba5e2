"""`mfa-archive demo`: what the archive is for, in a minute, on an archive of its own."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from flows.command.output import visible
from flows.command.progress import now, writing_of
from flows.command.root import ROOT
from flows.demo import (
    EDITED,
    LOOKS,
    NOTE,
    REMOVED,
    SEED_SOURCE,
    SOURCE,
    arranged,
    emptied,
    key_of,
    quoted,
    write_looks,
    write_table,
)
from flows.errors import RunFailed
from flows.fetching.entrances import of_files
from flows.inputs import Job, handed_in_job, registered_job
from flows.pipeline import ingest
from flows.registry import read_registry
from flows.rendering import program
from flows.run import Listener, new_run
from flows.settings import Settings, settings_from
from warehouse.archive import opened_for_reading
from warehouse.staging import SourceFacts
from warehouse.statements import statement

_MOST_POSTS = 100
_HELP = """\
Show on an archive of its own what the archive is for: the seeds, and four made captures of a made channel with an edit,
a removal and a return. It is made anew each time in FOLDER (default: demo/ in the data folder); your archive is not
touched.

\b
Example:
  mfa-archive demo
"""


@click.command("demo", help=_HELP)
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path | None) -> None:
    """Make the archive and show it by its own commands."""
    home = (folder or settings_from().home / "demo").absolute()
    settings = settings_from(os.environ | {"MFA_ARCHIVE_HOME": str(home)})
    emptied(home)
    _say("1  The seeds are taken in, as mfa-archive ingest does.")
    rows = of_files(read_registry(settings.sources), ())
    _take(settings, [registered_job(row, settings.sources) for row in rows], "seeds")
    with opened_for_reading(settings.layout) as connection:
        asked = {"source_key": SEED_SOURCE, "most": _MOST_POSTS}
        texts = arranged([text for (text,) in connection.execute(statement("reading/demo_posts"), asked).fetchall()])
    _say(f"2  Four captures of one channel are taken in. {NOTE}.")
    for look, path in zip(LOOKS, write_looks(home / "made", texts), strict=True):
        _take(settings, [handed_in_job(SourceFacts(SOURCE), [path])], f"{look.captured_at:%d %B %Y}, {look.tells}")
    quotations = home / "made" / "quotations.csv"
    write_table(quotations, quoted(texts))
    _show_all(settings, quotations)


def _show_all(settings: Settings, quotations: Path) -> None:
    """Answer the questions that the archive is for with its own commands."""
    evidence = statement("reading/demo_evidence").partition("\nselect")[2]
    asked = (
        ("What is new, edited, taken down or back?", ("changes", "--source", SOURCE)),
        ("An edit without a mark, word for word.", ("diff", key_of(EDITED))),
        ("On which looks does it rest that a post was taken down?", ("sql", " ".join(f"select{evidence}".split()))),
        ("What was taken down can still be cited.", ("cite", key_of(REMOVED))),
        ("Do two quotations stand? The post was edited after the first, and nobody wrote the second.",
         ("quotes", str(quotations))),
    )  # fmt: skip
    environment = os.environ | {"MFA_ARCHIVE_HOME": str(settings.home)}
    called = program(environment)
    before = os.environ.get("MFA_ARCHIVE_HOME")
    os.environ["MFA_ARCHIVE_HOME"] = str(settings.home)  # where each command looks for its archive
    try:
        for number, (title, arguments) in enumerate(asked, 3):
            _say(f"{number}  {title}")
            click.echo(visible(f"$ {called} {shlex.join(arguments)}\n"))
            _run(arguments)
    finally:
        if before is None:
            del os.environ["MFA_ARCHIVE_HOME"]
        else:
            os.environ["MFA_ARCHIVE_HOME"] = before


def _run(arguments: Sequence[str]) -> None:
    found = ROOT.get_command(click.Context(ROOT), arguments[0])
    if found is not None:
        found.main(list(arguments[1:]), prog_name=f"mfa-archive {arguments[0]}", standalone_mode=False)


def _say(line: str) -> None:
    click.secho(f"\n{visible(line)}", bold=True)


def _take(settings: Settings, jobs: list[Job], told: str) -> None:
    """Take something in and tell of it on a line. Raises `RunFailed`."""
    report = ingest(new_run("ingest", settings.layout, writing_of(settings), now, Listener()), jobs)
    if not report.is_good:
        raise RunFailed(f"{settings.home}: the demonstration could not be made: {report.problems}")
    read = sum(source.read_count for source in report.sources)
    new = sum(source.appended_count for source in report.sources)
    click.echo(visible(f"   {told}: {read:,} posts and pages read, {new:,} new or changed"))


COMMANDS = {"demo": command}
