"""What a run tells a person at its end, and commands worth trying then: the same from the command and from Prefect."""

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from flows.command.output import visible
from flows.reports import RunReport, host_rows, table_rows
from flows.tables import counted, table_text
from warehouse.archive import opened_for_reading
from warehouse.errors import WarehouseError
from warehouse.layout import Layout
from warehouse.statements import statement

SHOWN_PROBLEMS = 20
INTERRUPTED = "Interrupted: what was captured is kept and counted above; the next run goes on where this one was."
_ALWAYS = ("host", "asked", "fetched", "unchanged")
_TRIES = {  # after commands that bring no new documents of their own
    "reread": ("changes --since last --cause read_anew", "status"),
    "retry": ("changes --since last", 'sql "select reason, answer, count(*) from rejections group by all"'),
    "rebuild": ("verify", "head", "status"),
    "withhold": ("withhold --list", "verify --quick"),
}
_CARRIED = ("MFA_ARCHIVE_HOME", "MFA_ARCHIVE_SOURCES")  # whoever pastes may have set them for one command only


def report_text(report: RunReport, tries: Sequence[str], console: Console | None = None) -> str:
    """Return what a run tells at its end. `tries` are commands worth trying next."""
    rows = table_rows(report.sources)
    parts: list[str] = []
    if rows:
        parts.append(table_text(list(rows[0]), [list(row.values()) for row in rows], console, "source"))
    if report.hosts:
        parts.append(_hosts_text(report, console))
    problems = [*report.problems, *(problem for source in report.sources for problem in source.problems)]
    if problems:
        parts.append(_problems_text(problems))
    notes = [f"{visible(note)}\n" for source in report.sources for note in source.notes]
    if notes:
        parts.append("".join(notes))
    parts.append(_totals_text(report))
    if report.nothing is not None:
        parts.append(f"{visible(report.nothing)}\n")
    if report.outlooks:
        parts.append("".join(("What is next:\n", *(f"  {visible(one.line)}\n" for one in report.outlooks))))
    if report.is_interrupted:
        parts.append(f"{INTERRUPTED}\n")
    parts.append("".join(("Worth trying next:\n", *(f"  {one}\n" for one in tries))))
    return "\n".join(parts)


def _hosts_text(report: RunReport, console: Console | None) -> str:
    """Return the table of the hosts with the verdicts that there were, and why some are not asked any further."""
    rows = host_rows(report.hosts)
    names = [name for name in rows[0] if name in _ALWAYS or (name != "stopped" and any(row[name] for row in rows))]
    table = table_text(names, [[row[name] for name in names] for row in rows], console, "host")
    return table + "".join(f"{visible(host.host)}: {visible(host.stopped)}\n" for host in report.hosts if host.stopped)


def _problems_text(problems: list[str]) -> str:
    lines = [f"  {visible(' '.join(problem.split()))}\n" for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"  … and {len(problems) - SHOWN_PROBLEMS:,} more; the view rejections has them all\n")
    return "".join(("Rejected or failed:\n", *lines))


def _totals_text(report: RunReport) -> str:
    if report.totals is None:
        return f"{report.archive}\nWhat it holds now is not known: it could not be opened.\n"
    totals = report.totals
    head = f"; head {totals.head}" if totals.head else ""
    return (
        f"The archive holds {counted(totals.document_count, 'document')} in "
        f"{counted(totals.version_count, 'version')}{head}:\n  {visible(report.archive)}\n"
    )


def program(environment: Mapping[str, str]) -> str:
    """Return how `mfa-archive` is called from the current folder, by its name only where that finds this one."""
    script = Path(sys.executable).with_name("mfa-archive")
    on_path = shutil.which("mfa-archive", path=environment.get("PATH"))
    if on_path is not None and (not script.exists() or Path(on_path).samefile(script)):
        name = "mfa-archive"
    elif script.is_relative_to(Path.cwd()):
        name = shlex.quote(str(script.relative_to(Path.cwd())))
    else:
        name = shlex.quote(str(script))
    settings = [f"{key}={shlex.quote(environment[key])} " for key in _CARRIED if environment.get(key)]
    return f"{''.join(settings)}{name}"


def examples(layout: Layout, command: str, after: str) -> list[str]:
    """Return commands that fit after the command of that name; `command` is how the program is called."""
    if after in _TRIES:
        return [f"{command} {rest}" for rest in _TRIES[after]]
    key = newest_document_key(layout)
    if key is None:
        return [f"{command} {rest}" for rest in ("status", "views", 'sql "select reason, locator from rejections"')]
    count = "select kind, count(*) as documents from documents group by kind order by documents desc"
    return [f"{command} list --limit 10", f"{command} show {shlex.quote(key)}", f'{command} sql "{count}"']


def newest_document_key(layout: Layout) -> str | None:
    """Return the key of the newest document that has a text; None where there is none to be had."""
    try:
        with opened_for_reading(layout) as connection:
            row = connection.execute(statement("reading/newest_document")).fetchone()
    except WarehouseError:
        return None  # the run's own report says what is the matter
    return str(row[0]) if row else None
