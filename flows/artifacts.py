"""The run report as it stands in Prefect: a short text, and a table of the sources.

The text is a pure function of the report. Only `keep_report` speaks to Prefect's server.
"""

from flows.reports import RunReport, host_rows, table_rows
from flows.tables import counted

SHOWN = 50  # problems in the text of one artifact; the archive's rejections hold all


def keep_report(report: RunReport) -> None:
    """Keep a report as artifacts of the flow run: `<command>-report`, `<command>-sources` and, of a fetch, `-hosts`."""
    from prefect.artifacts import create_markdown_artifact, create_table_artifact  # noqa: PLC0415 - slow; not for text

    key = report.command.replace(" ", "-")
    create_markdown_artifact(report_markdown(report), key=f"{key}-report", description=headline(report))
    create_table_artifact(
        table_rows(report.sources), key=f"{key}-sources", description="What became of each source's records"
    )
    if report.hosts:
        create_table_artifact(
            host_rows(report.hosts), key=f"{key}-hosts", description="What became of the requests to each host"
        )


def headline(report: RunReport) -> str:
    """Return the outcome in one sentence."""
    appended = sum(source.appended_count for source in report.sources)
    unchanged = sum(source.unchanged_count for source in report.sources)
    rejected = sum(source.rejected_count for source in report.sources)
    counts = f"{appended:,} appended, {unchanged:,} unchanged, {rejected:,} rejected"
    if report.is_good:
        return f"All is well: {counts}."
    bad = sum(bool(source.rejected_count or source.is_failed or source.problems) for source in report.sources)
    of = counted(len(report.sources), "source")
    return f"Failed: {bad} of {of} had something rejected or failed; {counts}."


def report_markdown(report: RunReport) -> str:
    """Return the report as Markdown: the outcome, the sources, what was rejected and why, what the archive holds."""
    parts = [f"# {headline(report)}", _sources(report)]
    if report.hosts:
        parts.append("## What was asked\n\n" + _table(host_rows(report.hosts)))
    problems = list(_problems(report))
    if problems:
        parts.append("## What was rejected or failed\n\n" + "\n".join(problems[:SHOWN]))
    if len(problems) > SHOWN:
        parts.append(f"… and {len(problems) - SHOWN:,} more: `mfa-archive sql 'from rejections'` has them all.")
    if report.nothing is not None:
        parts.append(plain(report.nothing))
    if report.outlooks:
        parts.append("## What is next\n\n" + "\n".join(f"- {plain(one.line)}" for one in report.outlooks))
    parts.append("## The archive now\n\n" + _totals(report))
    seconds = (report.ended_at - report.started_at).total_seconds()
    parts.append(f"Run `{report.run_key}`, begun {report.started_at:%Y-%m-%d %H:%M:%S} UTC, took {seconds:.1f} s.")
    return "\n\n".join(parts) + "\n"


def _sources(report: RunReport) -> str:
    if not report.sources:
        return "No source was looked at."
    return _table(table_rows(report.sources))


def _table(rows: list[dict[str, str | int]]) -> str:
    """Return rows, at least one, as a table: numbers to the right."""
    marks = ["---:" if isinstance(value, int) else "---" for value in rows[0].values()]
    cells = [[f"{value:,}" if isinstance(value, int) else plain(value) for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (list(rows[0]), marks, *cells))


def _problems(report: RunReport) -> list[str]:
    lines = [f"- {plain(problem)}" for problem in report.problems]
    for source in report.sources:
        lines.extend(f"- **{plain(source.source_key)}**: {plain(problem)}" for problem in source.problems)
    return lines


def _totals(report: RunReport) -> str:
    totals = report.totals
    if totals is None:
        return "It could not be opened; what was staged will be appended by the next run."
    head = f"`{totals.head}`" if totals.head else "none yet"
    return (
        f"- {counted(totals.document_count, 'document')} in {counted(totals.version_count, 'version')}\n"
        f"- chain head {head}\n"
        f"- read copy `{report.archive}`"
    )


def plain(text: str) -> str:
    """Return text of others on one line, with nothing in it that Markdown would take for its own."""
    line = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*[]<>#|~" else char for char in line)
