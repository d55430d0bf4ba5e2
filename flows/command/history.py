"""A document's history as people read it."""

from collections.abc import Sequence
from typing import Any

import click
from rich.text import Text

from flows.command.output import readable, visible
from flows.tables import counted, shown, terminal
from flows.worddiff import Change, Piece, elided, marked

KEPT_WORDS = 12  # around each change
_STYLES = {Change.SAME: "", Change.REMOVED: "red strike", Change.ADDED: "green"}


def print_history(document_key: str, versions: Sequence[tuple[dict[str, Any], list[Piece]]]) -> None:
    """Print each version's times and cause, and what changed since the one before."""
    console = terminal()
    click.echo(f"{visible(document_key)}: {counted(len(versions), 'version')}")
    for row, pieces in versions:
        click.echo(f"\n{_headline(row)}")
        click.echo("".join(f"    {line}\n" for line in _times(row)), nl=False)
        if any(piece.change is not Change.SAME for piece in pieces):
            click.echo()
            click.echo(shown(coloured(elided(pieces, KEPT_WORDS)), console), nl=False)


def _headline(row: dict[str, Any]) -> str:
    marks = [row["cause"].replace("_", " ")]
    if row["is_silent"] and row["published_text"]:
        marks.append("silently: the date line stands")
    if row["is_current"]:
        marks.append("current")
    if row["is_withheld"]:
        marks.append("withheld, see notices")
    if row["words_added"] is not None:
        marks.append(f"+{row['words_added']:,} -{row['words_removed']:,} words")
    return visible(f"{row['version_number']}  {row['ref']}  ({', '.join(marks)})")


def _times(row: dict[str, Any]) -> list[str]:
    seen = [readable(row[name]) for name in ("seen_from", "seen_until")]
    lines = [
        f"seen {seen[0]} to {seen[1]}"
        if seen[0]
        else f"seen at a time that nobody knows; recorded {readable(row['recorded_at'])}"
    ]
    if row["words_added"] is not None and (row["changed_after"] or row["changed_before"]):
        lines.append(
            f"changed after {readable(row['changed_after']) or '?'}, before {readable(row['changed_before']) or '?'}"
        )
    if row["published_text"]:
        lines.append(visible(f"dated {row['published_text']}"))
    lines.append(visible(f"from {row['source_key']}, {row['locator']}"))
    return lines


def coloured(pieces: Sequence[Piece]) -> Text:
    """Return pieces with marks and colours, safe for a terminal."""
    text = Text()
    for piece in pieces:
        text.append(visible(marked(piece)), style=_STYLES[piece.change])
    return text
