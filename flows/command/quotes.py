"""`mfa-archive quotes`: whether the quotations of a list stand in the archive."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from flows.command.history import coloured
from flows.command.output import Form, Rows, form_options, readable, visible, write_rows
from flows.errors import FlowError
from flows.quotation_list import QuotationList, read_list
from flows.quotations import Finding, Near, Now, Outcome, checked
from flows.settings import settings_from
from flows.tables import counted, shown, table_text, terminal
from flows.worddiff import marked
from warehouse.archive import opened_for_reading
from warehouse.errors import WarehouseError

QUOTED_WORDS = 12  # of a quotation in the table
RESULTS = (
    "stands", "outcome", "found_document", "found_title", "found_refs", "passage_from", "passage_to", "speaker",
    "published_date", "seen_from", "seen_until", "recorded_at", "now", "says_now_ref", "says_now", "says_now_diff",
    "form", "lost_in_form", "document_count", "also_in", "nearest_ref", "nearest_passage", "nearest", "similarity",
    "diff", "notes",
)  # fmt: skip
_HELP = """\
Check the quotations in the list FILE against the archive, all versions of all documents.

FILE is CSV in UTF-8 with a header; its columns stand between commas, semicolons or tabs. The column of the quotations
is called quote (or quotation, text, …); ref, document_key or url, if there is one, says where it should stand, date of
which day it is.

Quotes, dashes, apostrophes, ellipses and spaces may have any shape; letters keep their case. "..." or "[...]" within a
quotation stands for words left out. Of a quotation that does not stand, [-…-] are the archive's words and {+…+} its
own; of one that was edited since, [-…-] are its words and {+…+} those that stand there now.

Exit status 0: all quotations stand. 1: some quotation does not. 2: nothing was checked, because FILE is no such list or
the archive can't be read.

\b
Examples:
  mfa-archive quotes article.csv
  mfa-archive quotes article.csv --csv > checked.csv
"""
_MEANS = {
    Outcome.VERBATIM: "stands word for word",
    Outcome.WITH_OMISSIONS: "stands, with words left out",
    Outcome.ELSEWHERE: "stands, but not where the list says",
    Outcome.ALTERED: "does not stand; something like it does",
    Outcome.NOT_FOUND: "is not found",
}


class _Unchecked(click.ClickException):
    """Why no quotation was checked, apart from a quotation that doesn't stand."""

    exit_code = 2


@click.command("quotes", help=_HELP)
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@form_options
@click.pass_context
def command(ctx: click.Context, /, path: Path, form: Form) -> None:
    """Print what the archive says of each quotation."""
    try:
        listed = read_list(path)
        with opened_for_reading(settings_from().layout) as connection:
            findings = checked(connection, listed.quotations)
    except (FlowError, WarehouseError) as error:
        if ctx.find_root().params["debug"]:
            raise
        raise _Unchecked(str(error)) from error
    if form is Form.TABLE:
        _print(listed, findings)
    else:
        write_rows(_rows(listed, findings), form)
    ctx.exit(0 if all(finding.stands for finding in findings) else 1)


def _rows(listed: QuotationList, findings: Sequence[Finding]) -> Rows:
    """Return the rows of the list with what was found; a name that the list has already gets an `archive_`."""
    names = [f"archive_{name}" if name in listed.names else name for name in RESULTS]
    values = [[*finding.quotation.cells.values(), *_values(finding)] for finding in findings]
    return Rows((*listed.names, *names), values)


def _values(finding: Finding) -> list[Any]:
    nearest, says_now = finding.nearest, finding.says_now
    found = {name: getattr(finding, name) for name in RESULTS if hasattr(finding, name)} | {
        "outcome": finding.outcome.value,
        "now": finding.now and finding.now.value,
        "found_document": finding.document_key,
        "found_title": finding.title,
        "found_refs": list(finding.refs),
        "lost_in_form": list(finding.lost_in_form),
        "also_in": list(finding.also_in),
        "notes": list(finding.notes),
        "nearest": nearest and nearest.text,
        "nearest_ref": nearest and nearest.ref,
        "nearest_passage": nearest and nearest.passage,
        "similarity": nearest and nearest.similarity,
        "diff": nearest and _diff(nearest),
        "says_now": says_now and says_now.text,
        "says_now_ref": says_now and says_now.ref,
        "says_now_diff": says_now and _diff(says_now),
    }
    return [found[name] for name in RESULTS]


def _diff(near: Near) -> str:
    return "".join(map(marked, near.pieces))


def _print(listed: QuotationList, findings: Sequence[Finding]) -> None:
    console = terminal()
    columns = listed.columns
    taken = [name for name in (columns.quote, columns.key, columns.url, columns.day) if name]
    click.echo(visible(f"columns read: {', '.join(taken)}"), err=True)
    names = ("no", "outcome", "now", "where", "passage", "quotation")
    click.echo(table_text(names, [_cells(finding) for finding in findings], console, "quotation"), nl=False)
    for finding in findings:
        lines = _details(finding)
        near = finding.nearest or finding.says_now
        if lines or near:
            click.echo(visible(f"\n{finding.quotation.number}  {_MEANS[finding.outcome]}"))
            click.echo("".join(f"   {visible(line)}\n" for line in lines), nl=False)
        if near:
            click.echo(shown(Text("   ").append_text(coloured(near.pieces)), console), nl=False)
    click.echo(_losses(findings), nl=False)
    standing = sum(finding.stands for finding in findings)
    click.echo(f"\n{standing:,} of {counted(len(findings), 'quotation')} stand")


def _cells(finding: Finding) -> tuple[Any, ...]:
    where = finding.refs[-1] if finding.refs else finding.nearest and f"~{finding.nearest.ref}"
    passage = finding.passage_from if finding.nearest is None else finding.nearest.passage
    words = finding.quotation.text.split()
    quoted = " ".join(words[:QUOTED_WORDS]) + (" …" if len(words) > QUOTED_WORDS else "")
    now = finding.now.value if finding.now else None
    return finding.quotation.number, finding.outcome.value, now, where, passage, quoted


def _details(finding: Finding) -> list[str]:
    """Return what a person should know besides the table, on lines of their own."""
    lines = list(finding.notes)
    if finding.refs:
        lines.append(f"in {finding.document_key}{_passages(finding)}{_spoken(finding)}; {_seen(finding)}")
        if len(finding.refs) > 1:
            lines.append(f"in {len(finding.refs)} versions: {', '.join(finding.refs)}")
        if finding.document_count > 1:
            lines.append(f"also in {', '.join(finding.also_in)}{' …' if finding.document_count > 5 else ''}")
    if finding.now in (Now.GONE, Now.UNKNOWN):
        lines.append("the document is gone" if finding.now is Now.GONE else "the last look for it failed")
    if finding.nearest:
        share = f"{finding.nearest.similarity:.0%} alike"
        lines.append(f"nearest in {finding.nearest.ref}, passage {finding.nearest.passage}{_spoken(finding)}, {share}:")
    elif finding.says_now:
        lines.append(f"edited since; {finding.says_now.ref} says now:")
    elif finding.now is Now.EDITED:
        lines.append("edited since; the current version has nothing like it")
    return lines


def _losses(findings: Sequence[Finding]) -> str:
    """Return what each form lacks that quotations were read from, since it may be what was quoted."""
    numbers: dict[tuple[str | None, tuple[str, ...]], list[int]] = defaultdict(list)
    for finding in findings:
        if finding.lost_in_form:
            numbers[finding.form, finding.lost_in_form].append(finding.quotation.number)
    lines = [
        f"\nRead from {form}, which lacks {', '.join(lost)}: {', '.join(map(str, some))}\n"
        for (form, lost), some in numbers.items()
    ]
    return visible("".join(lines))


def _passages(finding: Finding) -> str:
    if finding.passage_from is None:
        return ""
    if finding.passage_from == finding.passage_to:
        return ", title" if finding.passage_from == 0 else f", passage {finding.passage_from}"
    return f", passages {finding.passage_from} to {finding.passage_to}"


def _spoken(finding: Finding) -> str:
    return f" ({finding.speaker})" if finding.speaker else ""


def _seen(finding: Finding) -> str:
    if finding.seen_from is None:
        return f"seen at a time that nobody knows, recorded {readable(finding.recorded_at)}"
    return f"seen {readable(finding.seen_from)} to {readable(finding.seen_until)}"


COMMANDS = {"quotes": command}
