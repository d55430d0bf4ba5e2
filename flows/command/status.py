"""`mfa-archive status`: what the archive holds and how it is. Asks the read copy, and looks at the data folder."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click

from extract.formats import formats
from extract.text import CLEANING_VERSION
from flows.command.output import Form, form_options, readable, rows_of, rows_of_objects, visible, write_rows
from flows.errors import RegistryRefused
from flows.settings import Settings, settings_from
from warehouse.archive import opened_for_reading
from warehouse.layout import Layout
from warehouse.statements import statement

_HELP = """\
Show what the archive holds and how it is: documents, versions, the newest run, what each source gave when it was last
looked at, what was rejected and is still open, what waits to be appended; and of each host that was asked what came of
the requests, how many of the addresses that would be asked next robots.txt forbids, why it is not asked now, what is
next there, and how much of its budget is used.

\b
Examples:
  mfa-archive status
  mfa-archive status --json
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to tell."""

    facts: dict[str, Any]
    sources: list[dict[str, Any]]
    hosts: list[dict[str, Any]]  # that were asked over HTTP
    outlooks: list[dict[str, Any]]  # what each of them has before it, with those that count with it
    lines: list[str]  # all that a person is told of fetching: troubles, stops, what is next, budgets, wrong settings


@click.command("status", help=_HELP)
@form_options
def command(form: Form) -> None:
    """Print what there is to tell."""
    status = status_of(settings_from())
    if form is not Form.TABLE:
        row = status.facts | {
            "sources": status.sources,
            "hosts": status.hosts,
            "outlooks": status.outlooks,
            "fetching": status.lines,
        }
        write_rows(rows_of_objects([row], list(row)), form)
        return
    click.echo("".join(f"{line}\n" for line in _lines(status)), nl=False)
    if status.sources:
        _print_sources(status.sources)
    if status.hosts:
        _print_hosts(status.hosts)
        for line in status.lines:
            click.echo(visible(line))


def status_of(settings: Settings) -> Status:
    """Return how the archive is; its counts are missing where there is none yet."""
    layout = settings.layout
    facts: dict[str, Any] = {"archive": str(layout.published), "exists": layout.published.exists()}
    sources: list[dict[str, Any]] = []
    hosts: list[dict[str, Any]] = []
    ahead: tuple[list[dict[str, Any]], list[str]] = ([], [])
    if facts["exists"]:
        facts["size_bytes"] = layout.published.stat().st_size
        with opened_for_reading(layout) as connection:
            facts |= next(rows_of(connection.execute(statement("reading/status"))).objects())
            sources = list(rows_of(connection.execute(statement("reading/status_sources"))).objects())
            hosts = list(rows_of(connection.execute(statement("reading/fetch_hosts"), {"since": None})).objects())
            ahead = _outlook(connection, settings, hosts) if hosts else ahead
            facts["older_reading_count"] = _older_reading_count(connection)
    facts["waiting_batches"] = waiting_batches(layout)
    facts["running"] = sorted(path.stem for path in layout.runs.glob("*.json"))
    facts["is_older_than_store"] = _is_older_than_store(layout)
    return Status(facts, sources, hosts, *ahead)


def _outlook(
    connection: Any, settings: Settings, hosts: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what each host has before it, and all lines; add to the hosts what robots.txt forbids of what is known."""
    # Only where something was asked for: these take longer to import than all else.
    from flows.fetching.entrances import every, every_host  # noqa: PLC0415
    from flows.fetching.outlook import outlook, troubles  # noqa: PLC0415
    from flows.fetching.settings import unknown_hosts  # noqa: PLC0415
    from flows.registry import read_registry  # noqa: PLC0415

    now, lines = datetime.now(UTC), []
    try:
        entrances = every(read_registry(settings.sources))
        lines += [f"setting: {one}" for one in unknown_hosts(settings.fetching, every_host(entrances))]
    except RegistryRefused as error:  # what follows from the captures is told nevertheless
        entrances = []
        lines.append(f"registry: {error}")
    found = outlook(connection, settings.layout.raw, settings.fetching, entrances, now)
    for host in hosts:
        host["forbidden_count"] = found.forbidden[host["host"]]
    lines += [f"in trouble: {one.line}" for one in troubles(connection, now, None)]
    lines += [f"stopped: {one.host}: {one.stopped}" for one in found.hosts if one.stopped]
    lines += [f"next: {one.line}" for one in found.hosts]
    lines += [f"budget: {one.budget_line}" for one in found.hosts if one.asked_count]
    return [asdict(one) for one in found.hosts], lines


def _older_reading_count(connection: Any) -> int:
    """Return how many inputs older extractors have read."""
    # warehouse.rereading asks the same, but it stands on pyarrow.
    versions = {name: form.extractor_version for name, form in formats().items()}
    present = [{"format": name, "extractor_version": version} for name, version in versions.items()]
    asked = {"present": present, "cleaning_version": CLEANING_VERSION}
    if not connection.execute(statement("rereading/is_any_older"), asked).fetchone()[0]:
        return 0
    connection.execute(statement("rereading/list_older"), asked)
    everything = {"source_keys": None, "formats": None}
    return int(connection.execute(statement("rereading/count_older"), everything).fetchone()[0])


def waiting_batches(layout: Layout) -> list[str]:
    """Return the batches that are on disk and not in the archive yet, oldest first; one may be under way."""
    # warehouse.staging knows them too, but it stands on pyarrow, which takes longer to import than all of this.
    return sorted(path.name for path in layout.staging.glob("*Z") if path.is_dir())


def _is_older_than_store(layout: Layout) -> bool:
    """Tell whether the writer's file was written to after the read copy was made of it."""
    if not layout.store.exists():
        return False
    if layout.store.with_name(f"{layout.store.name}.wal").exists() or not layout.published.exists():
        return True
    return layout.published.stat().st_mtime_ns < layout.store.stat().st_mtime_ns


def _lines(status: Status) -> list[str]:
    facts = status.facts
    place = visible(facts["archive"])
    if not facts["exists"]:
        lines = [f"no archive at {place} yet; mfa-archive ingest makes it"]
    else:
        lines = [
            f"archive     {place} ({facts['size_bytes'] / 1e6:,.1f} MB)",
            f"holds       documents {facts['document_count']:,}, versions {facts['version_count']:,}",
            f"head        {facts['head'] or 'none yet'}",
            f"last run    {_last_run(facts)}",
            f"rejections  {facts['open_rejection_count']:,} open{_how_to_see(facts['open_rejection_count'])}",
        ]
    if facts.get("older_reading_count"):
        count = facts["older_reading_count"]
        noun = "input was" if count == 1 else "inputs were"
        lines.append(
            f"readings    {count:,} {noun} read by older extractors; mfa-archive reread shows what would change"
        )
    waiting = facts["waiting_batches"]
    if waiting:
        lines.append(f"waiting     {len(waiting):,} staged, not appended yet; the next mfa-archive ingest takes it up")
    if facts["running"]:
        keys = ", ".join(visible(key) for key in facts["running"])
        lines.append(f"under way   {keys}; or cut off, then the next mfa-archive ingest takes it up")
    if facts["exists"] and facts["is_older_than_store"]:
        lines.append("read copy   older than the writer's file; the next mfa-archive ingest publishes it anew")
    return lines


def _last_run(facts: dict[str, Any]) -> str:
    if facts["last_run_key"] is None:
        return "none yet"
    return f"{readable(facts['last_run_at'])}, {facts['last_run_command']}: {facts['last_run_outcome']}"


def _how_to_see(count: int) -> str:
    return '; mfa-archive sql "select locator, reason, found, remedy from rejections" shows them' if count else ""


def _print_sources(sources: list[dict[str, Any]]) -> None:
    names = ("source", "looked at", "outcome", "read", "appended", "unchanged", "rejected")
    columns = (
        "source_key",
        "last_run_at",
        "last_outcome",
        "read_count",
        "appended_count",
        "unchanged_count",
        "rejected_count",
    )
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- rich takes 40 ms, which JSON need not wait for

    click.echo()
    values = [[source[column] for column in columns] for source in sources]
    for row in values:
        row[1] = f"{row[1]:%Y-%m-%d}"
    click.echo(table_text(names, values, terminal(), "source"), nl=False)


def _print_hosts(hosts: list[dict[str, Any]]) -> None:
    counts = (
        *("asked", "fetched", "unchanged", "moved", "missing", "not_a_document"),
        *("challenged", "refused", "failed", "forbidden"),
    )
    from flows.tables import table_text, terminal  # noqa: PLC0415 -- see above

    click.echo()
    values = [
        [host["host"], *(host[f"{name}_count"] for name in counts), readable(host["last_asked_at"]), _last_stop(host)]
        for host in hosts
    ]
    names = ("host", *(name.replace("not_a", "no").replace("_", " ") for name in counts), "last asked", "last stop")
    click.echo(table_text(names, values, terminal(), "last stop"), nl=False)


def _last_stop(host: dict[str, Any]) -> str:
    if host["last_stop"] is None:
        return ""
    return f"{host['last_stop']} on {host['last_stopped_at']:%Y-%m-%d}"


COMMANDS = {"status": command}
