"""A comparison as people read it on a terminal."""

import sys
from typing import Any

import click
from rich.text import Text

from flows.command.history import KEPT_WORDS, coloured
from flows.command.output import readable, visible
from flows.comparison import FIELDS, Comparison
from flows.paragraphs import Fate, Paragraph
from flows.tables import counted, shown, terminal
from flows.worddiff import elided

_SIGNS = {Fate.EDITED: "~", Fate.REMOVED: "-", Fate.ADDED: "+"}


def print_comparison(comparison: Comparison) -> None:
    """Print both versions' facts, then what differs."""
    console = terminal()
    for name, row in (("before", comparison.before), ("after", comparison.after)):
        click.echo("".join(f"{line}\n" for line in _facts(name, row)), nl=False)
    click.echo(visible(f"\n{summary(comparison)}"))
    for field in comparison.fields:
        text = Text().append(f"{FIELDS[field.name]}: ", "bold").append(coloured(field.pieces))
        click.echo(f"\n{shown(text, console)}", nl=False)
    if not comparison.has_differences:
        return
    unchanged = 0
    for paragraph in comparison.paragraphs:
        if paragraph.fate is Fate.SAME:
            unchanged += not paragraph.is_empty
            continue
        _print_unchanged(unchanged)
        unchanged = 0
        click.echo(f"\n{shown(_paragraph(paragraph), console)}", nl=False)
    _print_unchanged(unchanged)
    if sys.stdout.isatty():
        refs = f"{comparison.before['ref']} {comparison.after['ref']}"
        click.echo(visible(f"\nmfa-archive diff {refs} --html diff.html shows them side by side"), err=True)


def summary(comparison: Comparison) -> str:
    """Return in a sentence or two how much differs."""
    notes = []
    if not comparison.is_one_document:
        notes.append("Two documents, not two versions of one.")
    if comparison.is_running_text:
        notes.append("One form has lost its paragraphs: both are compared as running text.")
    if not comparison.has_differences:
        is_one = comparison.before["version_key"] == comparison.after["version_key"]
        notes.append("One and the same version." if is_one else "Nothing that is compared differs.")
        return " ".join(notes)
    fates = [
        f"{counted(count, noun)} {fate}"
        for noun, at in (("paragraph", 0), ("empty line", 1))
        for fate in Fate
        if fate is not Fate.SAME and (count := comparison.counts(fate)[at])
    ]
    others = [FIELDS[field.name] for field in comparison.fields]
    counts = f"+{comparison.words_added:,} -{comparison.words_removed:,} words"
    parts = [counts, *fates, *([f"other: {', '.join(others)}"] if others else [])]
    return " ".join([*notes, f"{'; '.join(parts)}."])


def _facts(name: str, row: dict[str, Any]) -> list[str]:
    lines = [f"{name:6}  {row['ref']}  ({cause_of(row)})"]
    if row["asked_at"] is not None:
        lines.append(f"        {public_at(row)}")
    lines.append(f"        {seen(row)}, from {row['source_key']}, {row['url'] or row['locator']}")
    return [visible(line) for line in lines]


def cause_of(row: dict[str, Any]) -> str:
    """Return what made a version, and whether the publisher kept silent about it."""
    return f"{row['cause'].replace('_', ' ')}{', silently' if row['is_silent'] else ''}"


def public_at(row: dict[str, Any]) -> str:
    """Return the instant that was asked for and how it is known that this version was public then."""
    return f"public at {readable(row['asked_at'])}: {row['certainty']}"


def seen(row: dict[str, Any]) -> str:
    """Return from when to when a version was seen."""
    if row["seen_from"] is None:
        return f"seen at a time that nobody knows; recorded {readable(row['recorded_at'])}"
    return f"seen {readable(row['seen_from'])} to {readable(row['seen_until'])}"


def _paragraph(paragraph: Paragraph) -> Text:
    number = paragraph.after_number or paragraph.before_number
    if paragraph.is_empty:
        return Text(f"{_SIGNS[paragraph.fate]} paragraph {number}: an empty line", "bold")
    text = Text().append(f"{_SIGNS[paragraph.fate]} paragraph {number}: ", "bold")
    return text.append(coloured(elided(paragraph.pieces, KEPT_WORDS)))


def _print_unchanged(count: int) -> None:
    if count:
        click.echo(f"\n… {counted(count, 'paragraph')} unchanged …")
