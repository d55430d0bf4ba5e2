"""`mfa-archive changes`: what is new, edited, taken down, back or read anew."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import duckdb

from extract.model import Kind
from flows.command.moments import ago, moment
from flows.command.output import Form, Rows, file_option, form_options, rows_of, visible, write_file, write_rows
from flows.errors import InputRefused
from flows.settings import settings_from
from warehouse.archive import opened_for_reading
from warehouse.statements import statement

TABLE_LIMIT = 50
FEED_LIMIT = 200
_RUN = re.compile(r"last|run:.*|\d{8}T\d{6}\.\d+Z-\d+")  # the last is a key as `runs` shows it
CAUSES = ("first_seen", "edited", "removed", "restored", "read_anew")
_HELP = """\
List what the archive learned of: new documents, edits, removals, returns and re-readings, the latest first.

A change happened between the two times shown: the last look that still had the state before, and the first with the
new one. --since and --until go by when the archive learned of it: an instant, a day of Moscow's, `7 days`, `24 hours`;
--since takes a run too, as `run:KEY`, or `last` for the last one. Words are found as by `list --text`, before the
change or after it.

\b
Examples:
  mfa-archive changes --since "7 days" --cause edited --cause removed
  mfa-archive changes --since last --json
  mfa-archive changes --tag ASEAN --atom asean.xml
"""


@dataclass(frozen=True, slots=True)
class _Span:
    """Of when the changes are asked for; None where that is open."""

    since: datetime | None
    until: datetime | None
    run_key: str | None


@click.command("changes", help=_HELP)
@click.option("--since", metavar="TIME", help="Learned of then or later; also a run, or `last`.")
@click.option("--until", metavar="TIME", help="Learned of before then; a day counts whole.")
@click.option("--run", "run", metavar="KEY", help="Learned of in this run; `last` for the last one.")
@click.option("--source", "source_key", help="Shown by a capture of this source.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), metavar="KIND", help="E.g. comment.")
@click.option("--tag", help="With this hashtag.")
@click.option("--words", metavar="TEXT", help="With these words.")
@click.option("--cause", "causes", multiple=True, type=click.Choice(CAUSES), help="Repeat it for more than one.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many; 0 for all. Default: {TABLE_LIMIT} in a table, {FEED_LIMIT} in a feed, else all.",
)
@file_option("--atom", "feed", "Write an Atom feed that readers can subscribe to; the file is replaced as a whole.")
@form_options
def command(form: Form, feed: str | None, limit: int | None, **asked: Any) -> None:
    """List changes."""
    if feed is not None and form is not Form.TABLE:
        raise click.UsageError(f"--atom and --{form} are two forms; expected one of them")
    wanted = {name: _filter(asked[name]) for name in ("source_key", "kind", "tag", "words", "causes")}
    default = FEED_LIMIT if feed is not None else TABLE_LIMIT * (form is Form.TABLE)
    most = (limit if limit is not None else default) or None
    with opened_for_reading(settings_from().layout) as connection:
        span = _span(connection, asked["since"], asked["until"], asked["run"])
        if feed is not None:
            _write_feed(connection, _listed(connection, span, wanted, most), wanted, feed)
        elif form is Form.TABLE:
            # One more than is shown tells whether there are more.
            _print_table(list(_listed(connection, span, wanted, most and most + 1).objects()), most)
        else:
            write_rows(_listed(connection, span, wanted, most), form)


def _filter(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()) or None
    return (list(value) or None) if isinstance(value, tuple) else value


def _listed(connection: duckdb.DuckDBPyConnection, span: _Span, wanted: dict[str, Any], most: int | None) -> Rows:
    parameters = {"since": span.since, "until": span.until, "run_key": span.run_key}
    row = connection.execute(statement("reading/append_range"), parameters).fetchone()
    first, last = row if row and row[0] is not None else (1, 0)
    limits = {"first_append": first, "last_append": last, "run_key": span.run_key, "most": most}
    return rows_of(connection.execute(statement("reading/list_changes"), limits | wanted))


def _span(connection: duckdb.DuckDBPyConnection, since: str | None, until: str | None, run: str | None) -> _Span:
    now = datetime.now(UTC)
    return _Span(
        since=None if since is None else _since(connection, since, now),
        until=None if until is None else _time("--until", until, now, is_end=True),
        run_key=None if run is None else _run(connection, run)[0],
    )


def _since(connection: duckdb.DuckDBPyConnection, words: str, now: datetime) -> datetime:
    if _RUN.fullmatch(words):
        return _run(connection, words)[1]
    return _time("--since", words, now, more="; or a run: last, or run:KEY")


def _time(option: str, words: str, now: datetime, *, is_end: bool = False, more: str = "") -> datetime:
    try:
        return ago(words, now) or moment(words, is_end=is_end, more=f" or so long ago (7 days, 24 hours){more}")
    except click.BadParameter as error:
        raise click.UsageError(f"{option}: {error.message}") from error


def _run(connection: duckdb.DuckDBPyConnection, words: str) -> tuple[str, datetime]:
    """Return key and beginning of the run that words mean. Raises `InputRefused`."""
    key = None if words == "last" else words.removeprefix("run:")
    rows = connection.execute(statement("reading/find_runs"), {"key": key}).fetchall()
    if not rows:
        raise InputRefused(
            f'no run begins with {key!r}; expected the key of one, or last; mfa-archive sql "from runs" shows them'
        )
    if key is not None and rows[0][0] != key and len(rows) > 1:
        named = ", ".join(row[0] for row in rows[:2])
        raise InputRefused(f"more than one run begins with {key!r}: {named}, …; expected one; give more of its key")
    return str(rows[0][0]), rows[0][1]


def _print_table(rows: list[dict[str, Any]], most: int | None) -> None:
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    if not rows:
        click.echo("no change fits", err=True)
        return
    shown = rows[:most]
    values = [(_when(row), _cause(row), _size(row), row["title"], row["ref"] or row["ref_before"]) for row in shown]
    click.echo(table_text(("seen between", "cause", "words", "title", "ref"), values, terminal(), "title"), nl=False)
    more = f"the latest {len(shown):,}; --limit 0 shows all; " if len(rows) > len(shown) else ""
    click.echo(visible(f"{more}{_next(shown)}"), err=True)


def _when(row: dict[str, Any]) -> str:
    after, before = (
        f"{row[name]:%Y-%m-%d %H:%MZ}" if row[name] else None for name in ("changed_after", "changed_before")
    )
    if before is None:
        return f"recorded {row['recorded_at']:%Y-%m-%d %H:%MZ}"
    return f"{after} .. {before}" if after else f"by {before}"


def _cause(row: dict[str, Any]) -> str:
    looks = row["evidence"]
    if looks:
        return f"{row['cause']}, {len(looks)} look{'s' if len(looks) > 1 else ''}"
    return f"{row['cause'].replace('_', ' ')}{', silently' if row['is_silent'] else ''}"


def _size(row: dict[str, Any]) -> str:
    if row["words_added"] is None:
        return "withheld"
    return f"+{row['words_added']:,} -{row['words_removed']:,}"


def _next(rows: Sequence[dict[str, Any]]) -> str:
    """Return a command worth typing next."""
    for row in rows:
        if row["cause"] == "edited":
            return f"mfa-archive diff {row['ref']} shows what changed"
    return f"mfa-archive history {rows[0]['document_key']} shows its versions"


def _write_feed(connection: duckdb.DuckDBPyConnection, rows: Rows, wanted: dict[str, Any], path: str) -> None:
    from flows.feed import feed_of  # noqa: PLC0415 -- only for this form

    changes = list(rows.objects())
    newest = connection.execute(statement("newest_append")).fetchone()
    known_at = newest[2] if newest else None
    keys = {"document_keys": list({change["document_key"] for change in changes})}
    urls = dict(connection.execute(statement("reading/document_urls"), keys).fetchall())
    asked = {name: value for name, value in wanted.items() if value}
    feed = feed_of([change | {"url": urls.get(change["document_key"])} for change in changes], asked, known_at)
    write_file(path, feed, f" ({len(changes):,} change{'s' * (len(changes) != 1)})")


COMMANDS = {"changes": command}
