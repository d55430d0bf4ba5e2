"""`mfa-archive cite`: versions as citations that lead back to their bytes."""

import json
from enum import StrEnum
from typing import Any

import click
import duckdb

from flows.citation import bibtex, csl, plain
from flows.command.documents import found_by
from flows.command.output import flag, rows_of
from flows.errors import InputRefused
from flows.settings import settings_from
from warehouse.archive import opened_for_reading
from warehouse.statements import statement

_HELP = """\
Cite the version with the ref KEY, or the current version of the document KEY: title, publisher, date, address, time of
capture, ref, hashes and the archive's head, each with its basis. What is not known is said to be so.

KEY may be the beginning of a key or ref, if only one begins so.

\b
Examples:
  mfa-archive cite mid:1906578:en@3f9c1a
  mfa-archive cite mid:1906578:en telegram:1101170442:40718 --bibtex > sources.bib
"""


class Style(StrEnum):
    """In which style a citation is written, where it is not plain text."""

    BIBTEX = "bibtex"
    CSL = "csl"


@click.command("cite", help=_HELP)
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@flag("style", Style.BIBTEX, "Write BibTeX, for biber.")
@flag("style", Style.CSL, "Write CSL-JSON, for Zotero.")
def command(keys: tuple[str, ...], style: Style | None) -> None:
    """Print citations, in the order in which they were asked for."""
    with opened_for_reading(settings_from().layout) as connection:
        rows = [cited(connection, key) for key in dict.fromkeys(keys)]
    if style is Style.CSL:
        click.echo(json.dumps([csl(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        written = bibtex if style is Style.BIBTEX else plain
        click.echo("\n".join(map(written, rows)), nl=False)


def cited(connection: duckdb.DuckDBPyConnection, key: str) -> dict[str, Any]:
    """Return what a citation says. Raises `InputRefused` for a key or ref that names no version."""
    found = found_by(connection, key)
    parameters = {"document_key": found["document_key"], "ref": found.get("ref")}
    row = next(rows_of(connection.execute(statement("reading/cite"), parameters)).objects(), None)
    if row is None:
        raise InputRefused(
            f"{found.get('ref', key)}: no version shows these words by now, since a better form or reading has taken "
            f"their place; expected the ref of a version; mfa-archive history {found['document_key']} shows them"
        )
    return row


COMMANDS = {"cite": command}
