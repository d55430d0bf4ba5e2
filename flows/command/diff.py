"""`mfa-archive diff`: what differs between two versions of a document."""

import sys
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import click
import duckdb

from flows.command.documents import found_by
from flows.command.moments import moment
from flows.command.output import Form, Rows, file_option, flag, rows_of, visible, write_file, write_rows
from flows.comparison import Comparison, compare
from flows.errors import InputRefused
from flows.paragraphs import By
from flows.settings import settings_from
from flows.worddiff import Piece
from warehouse.archive import opened_for_reading
from warehouse.statements import statement

_HELP = """\
Show what differs between the versions A and B, by word within paragraphs; title, date line, number, links and media
too, where both forms carry them.

A and B are refs, keys of versions, or documents, which mean their newest version. With A alone: the last two versions
of a document, or a version and the one before it. With --from, and --to or now: the document A as it was public then,
by what the archive saw. A day is its first moment in Moscow.

\b
Examples:
  mfa-archive diff mid:1906578:en
  mfa-archive diff mid:1906578:en@3f9c1a mid:1906578:en@77d02b --html diff.html
  mfa-archive diff mid:1906578:en --from 2024-01-01 --to 2024-06-01T12:00:00Z --unified
"""
_JSON_NAMES = (
    "is_one_document", "words_added", "words_removed", "is_running_text", "before", "after", "fields", "paragraphs",
)  # fmt: skip
Time = dict[str, Any]  # a row of reading/version_times


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One side of the comparison."""

    document_key: str
    version_key: str
    asked_at: datetime | None = None  # where a person asked for an instant
    certainty: str | None = None  # how it is known what was public then: witnessed, inferred, unknown


class Shape(StrEnum):
    """In which form a comparison is written, where it is not for a terminal."""

    JSON = "json"
    UNIFIED = "unified"


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    return None if value is None else moment(value)


@click.command("diff", help=_HELP)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B", required=False)
@click.option("--from", "from_", metavar="TIME", callback=_moment, help="A as it was then: an instant or a day.")
@click.option("--to", metavar="TIME", callback=_moment, help="And as it was then. Default: the newest version.")
@click.option(
    "--by", type=click.Choice([by.value for by in By]), default=By.WORD.value, help="How finely. Default: word."
)
@flag("shape", Shape.UNIFIED, "Write a unified diff, one paragraph a line, for patch tools.")
@flag("shape", Shape.JSON, "Write a JSON array of one object.")
@file_option("--html", "page", "Write a page, side by side, that needs nothing else.")
def command(a: str, b: str | None, shape: Shape | None, page: str | None, **asked: Any) -> None:
    """Compare two versions."""
    times = asked["from_"], asked["to"]
    _refuse_contradictions(b, times, shape, page)
    with opened_for_reading(settings_from().layout) as connection:
        wanted = _two_instants(connection, a, *times) if times[0] else _two_versions(connection, a, b)
        before, after = (_version(connection, one) for one in wanted)
    comparison = compare(before, after, By(asked["by"]))
    if page is not None:
        from flows.diff_page import page_of  # noqa: PLC0415 -- only for this form

        write_file(page, page_of(comparison).encode())
    elif shape is Shape.JSON:
        write_rows(Rows(_JSON_NAMES, [_json_row(comparison)]), Form.JSON)
    elif shape is Shape.UNIFIED:
        _write_unified(comparison)
    else:
        from flows.command.comparison import print_comparison  # noqa: PLC0415 -- rich takes 40 ms

        print_comparison(comparison)


def _refuse_contradictions(
    b: str | None, times: tuple[datetime | None, datetime | None], shape: Shape | None, page: str | None
) -> None:
    if times[1] is not None and times[0] is None:
        raise click.UsageError("--to says until when; expected --from beside it")
    if b is not None and times[0] is not None:
        raise click.UsageError("--from and --to are about one document; expected A alone, or A and B without them")
    if shape is not None and page is not None:
        raise click.UsageError(f"--html and --{shape} are two forms; expected one of them")


def _two_versions(connection: duckdb.DuckDBPyConnection, a: str, b: str | None) -> list[_Wanted]:
    """Return both sides. Raises `InputRefused`."""
    if b is not None:
        return [_named(connection, key) for key in (a, b)]
    after = _named(connection, a)
    keys = [row["version_key"] for row in _times(connection, after.document_key)]
    at = keys.index(after.version_key)
    if at == 0:
        which = "first version" if "@" in a else "only version that is known"
        raise InputRefused(
            f"{after.version_key}: the {which} of {after.document_key}; expected one before it to compare it with; "
            f"mfa-archive history {after.document_key} shows what there is"
        )
    return [_Wanted(after.document_key, keys[at - 1]), after]


def _named(connection: duckdb.DuckDBPyConnection, key: str) -> _Wanted:
    """Return the version that a ref, its beginning, a version's key or a document means: of several the newest."""
    beginning, at, name = key.rpartition("@")
    content, colon, capture = name.partition(":")
    is_version_key = bool(at and colon)
    found = found_by(connection, f"{beginning}@{content}" if is_version_key else key)
    document_key = found["document_key"]
    wanted = found.get("ref", "") + (f":{capture}" if is_version_key else "")
    keys = [row["version_key"] for row in _times(connection, document_key)]
    fitting = [one for one in keys if one.startswith(wanted)]
    if not fitting:
        raise InputRefused(
            f"{wanted}: no version shows these words by now, since a better form or reading has taken their place; "
            f"expected the ref of a version; mfa-archive history {document_key} shows them"
        )
    return _Wanted(document_key, fitting[-1])


def _two_instants(
    connection: duckdb.DuckDBPyConnection, key: str, start: datetime, end: datetime | None
) -> list[_Wanted]:
    found = found_by(connection, key)
    if "ref" in found:
        raise InputRefused(
            f"{key}: a ref names one version for ever; expected the key of a document with --from and --to; "
            f"try {found['document_key']}"
        )
    document_key = found["document_key"]
    rows = _times(connection, document_key)
    later = _Wanted(document_key, rows[-1]["version_key"]) if end is None else _public_at(document_key, rows, end)
    return [_public_at(document_key, rows, start), later]


def _public_at(document_key: str, rows: list[Time], instant: datetime) -> _Wanted:
    """Return the version that the archive takes to have been public then. Raises `InputRefused` where none was."""
    begun = [row for row in rows if row["valid_from"] <= instant]
    if not begun:
        raise InputRefused(
            f"{document_key}: not known to be public at {instant:%Y-%m-%d %H:%MZ}; expected an instant from "
            f"{rows[0]['valid_from']:%Y-%m-%d %H:%MZ} on, when it was first seen; give a later one"
        )
    row = begun[-1]
    is_missed = row["missed_from"] is not None and row["missed_from"] <= instant
    if is_missed and row["is_gone"]:
        raise InputRefused(
            f"{document_key}: gone at {instant:%Y-%m-%d %H:%MZ}, since {row['missed_from']:%Y-%m-%d %H:%MZ} at the "
            f"latest; expected an instant at which it was public; mfa-archive history {document_key} shows when"
        )
    is_seen = row["seen_from"] is not None and row["seen_from"] <= instant <= row["seen_until"]
    certainty = "unknown" if is_missed else "witnessed" if is_seen else "inferred"
    return _Wanted(document_key, row["version_key"], instant, certainty)


def _times(connection: duckdb.DuckDBPyConnection, document_key: str) -> list[Time]:
    cursor = connection.execute(statement("reading/version_times"), {"document_key": document_key})
    return list(rows_of(cursor).objects())


def _version(connection: duckdb.DuckDBPyConnection, wanted: _Wanted) -> dict[str, Any]:
    parameters = {"document_key": wanted.document_key, "version_key": wanted.version_key}
    cursor = connection.execute(statement("reading/compared_version"), parameters)
    return next(rows_of(cursor).objects()) | {"asked_at": wanted.asked_at, "certainty": wanted.certainty}


def _json_row(comparison: Comparison) -> list[Any]:
    fields = [
        {"name": field.name, "before": field.before, "after": field.after, "pieces": _json_pieces(field.pieces)}
        for field in comparison.fields
    ]
    paragraphs = [
        {
            "fate": paragraph.fate,
            "before_number": paragraph.before_number,
            "after_number": paragraph.after_number,
            "pieces": _json_pieces(paragraph.pieces),
        }
        for paragraph in comparison.paragraphs
    ]
    values = {"fields": fields, "paragraphs": paragraphs}
    return [values[name] if name in values else getattr(comparison, name) for name in _JSON_NAMES]


def _json_pieces(pieces: tuple[Piece, ...]) -> list[dict[str, str]]:
    return [{"change": piece.change, "text": piece.text} for piece in pieces]


def _write_unified(comparison: Comparison) -> None:
    """Write the very bytes for a program, and what is safe for a terminal."""
    from flows.unified import unified_lines  # noqa: PLC0415 -- only for this form

    for line in unified_lines(comparison):
        if sys.stdout.isatty():
            click.echo(visible(line))
        else:
            sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "surrogatepass"))
    sys.stdout.flush()


COMMANDS = {"diff": command}
