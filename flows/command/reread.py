"""`mfa-archive reread`: what newer extractors make of what older ones have read."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from extract.formats import formats
from flows.command.ingest import tell
from flows.command.output import Form, form_options, rows_of_objects, visible, write_rows
from flows.command.progress import run_shown
from flows.reread import Rereading, due, rehearse, reread
from flows.settings import settings_from
from flows.tables import counted, table_text, terminal
from flows.worddiff import elided, marked, word_diff
from warehouse.rereading import Changes, Sample, Wanted

KEPT_WORDS = 8  # unchanged ones beside a change
SHOWN_LINES = 12  # of one document
_COLUMNS = {
    "format": "format",
    "source_key": "source",
    "input_count": "inputs",
    "document_count": "documents",
    "same_count": "same",
    "other_words_count": "other words",
    "other_description_count": "other description",
    "gained_count": "gained",
    "lost_count": "lost",
    "rejections_gained_count": "rejections gained",
    "rejections_lost_count": "rejections lost",
}
_SAID = {"other_words": "other words", "gained": "gained", "lost": "lost"}
_HELP = """\
Show what the extractors of this version read otherwise than older ones did, by format and source, with some of the
words.

Nothing is written: it is a rehearsal. With --apply the newer readings take the place of the older ones from now on;
what was known before stays known as of then. Nothing of it counts as an edit of the publisher's. What is read anew is
appended in parts; after a run that was cut off, the next one goes on.

In the counts a document counts once for each input that shows it. Other description: the same words, of which kind,
speakers, dates or the like are read otherwise. Where a document has no number of the publisher's its key is made of its
first words; if these are read otherwise, it is lost under one key and gained under another.

\b
Examples:
  mfa-archive reread
  mfa-archive reread --format mid_page_html --json
  mfa-archive reread --apply
"""


@click.command("reread", help=_HELP)
@click.option("--source", "source_keys", multiple=True, help="Only inputs of this source.")
@click.option("--format", "format_names", multiple=True, type=click.Choice(sorted(formats())), help="Only this format.")
@click.option("--apply", "is_applied", is_flag=True, help="Take the newer readings in.")
@form_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    source_keys: tuple[str, ...],
    format_names: tuple[str, ...],
    is_applied: bool,
    form: Form,
) -> None:
    """Rehearse or apply, and tell what it changes."""
    settings = settings_from()
    wanted = Wanted(source_keys, format_names)
    with run_shown("reread", settings, None) as run:
        input_count, size_bytes = due(run, wanted)
        run.listener.say(f"{counted(input_count, 'input')} read by older extractors ({size_bytes:,} bytes)")
        found = reread(run, wanted) if is_applied else rehearse(run, wanted)
    if form is not Form.TABLE:
        row = _row(found)
        write_rows(rows_of_objects([row], list(row)), form)
    else:
        click.echo("\n".join(_parts(found)), nl=False)
        if found.report is not None:
            click.echo()
            tell(settings, found.report)
    is_good = not found.problems if found.report is None else found.report.is_good
    ctx.exit(0 if is_good else 1)


def _row(found: Rereading) -> dict[str, Any]:
    return {
        "is_applied": found.report is not None,
        "changes": [asdict(one) for one in _ordered(found)],
        "samples": [asdict(one) | {"diff": [asdict(piece) for piece in _pieces(one)]} for one in found.samples],
        "problems": found.problems if found.report is None else list(found.report.problems),
    }


def _ordered(found: Rereading) -> list[Changes]:
    return [found.changes[key] for key in sorted(found.changes)]


def _parts(found: Rereading) -> Iterator[str]:
    rows = [asdict(one) for one in _ordered(found)]
    if rows:
        values = [[row[name] for name in _COLUMNS] for row in rows]
        yield table_text(list(_COLUMNS.values()), values, terminal(), "source")
    for sample in found.samples:
        yield _sample_text(sample)
    if found.report is not None:
        return
    if found.problems:
        yield "".join(("Could not be read:\n", *(f"  {visible(problem)}\n" for problem in found.problems)))
    yield (
        "A rehearsal: nothing was written. mfa-archive reread --apply takes these readings in.\n"
        if rows
        else "Nothing was read by older extractors.\n"
    )


def _sample_text(sample: Sample) -> str:
    head = f"{_SAID[sample.change]}: {sample.document_key} ({sample.format}, {sample.source_key})"
    if sample.change == "other_words":
        lines = "".join(map(marked, elided(_pieces(sample), KEPT_WORDS))).strip().splitlines()
    else:
        title = sample.newer_title or sample.older_title or sample.newer_text or sample.older_text or "(no text)"
        lines = title.splitlines()[:1]
    if len(lines) > SHOWN_LINES:
        lines = [*lines[:SHOWN_LINES], f"… ({len(lines) - SHOWN_LINES:,} lines more)"]
    return "".join((f"{visible(head)}\n", *(f"  {visible(line)}\n" for line in lines)))


def _pieces(sample: Sample) -> Any:
    """Return what differs between the words of two readings, the titles on a line before the texts."""
    if sample.change != "other_words":
        return []
    older = "\n".join(filter(None, (sample.older_title, sample.older_text)))
    newer = "\n".join(filter(None, (sample.newer_title, sample.newer_text)))
    return word_diff(older, newer)


COMMANDS = {"reread": command}
