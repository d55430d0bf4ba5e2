"""What stands beside the blobs: the captures noted in the raw store, the ledger of refs, and the rules of the data."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from warehouse.checks import run_checks
from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.staging import CaptureFacts, cut_off_batches, log_path, noted, recorded_batches, sealed_batches
from warehouse.statements import literal, statement
from warehouse.verify import FROM_BACKUP, REBUILD, Finding, Part

_LOOKED_AT_ELSEWHERE = frozenset(
    {"appends_are_chained", "heads_cover_their_appends", "roots_cover_their_rows", "captures_have_their_bytes"}
)


def verify_rules(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Part:
    """Run the rules of the data, the hashes of words and descriptions among them, over all rows."""
    checked = [one for one in run_checks(connection, layout) if one.rule not in _LOOKED_AT_ELSEWHERE]
    findings = tuple(
        Finding(f"rule {one.rule}", f"{one.broken_count:,} rows break it, such as {one.example}", "none", REBUILD)
        for one in checked
        if one.broken_count
    )
    return Part("rules", len(checked), "rule", None, findings)


def verify_log(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Part:
    """Compare the captures with what was noted of them in the raw store, and the refs with their ledger."""
    cursor = connection.execute(statement("verify/noted_captures"))
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    findings: list[Finding] = []
    for batch_key, captures in groupby(rows, key=itemgetter("batch_key")):
        findings.extend(_off_captures(layout, batch_key or "", list(captures)))
    findings.extend(_lost_batches(connection, layout))
    findings.extend(_lost_refs(connection, layout))
    return Part("log", len(rows), "capture", None, tuple(findings))


def _off_captures(layout: Layout, batch_key: str, rows: list[dict[str, Any]]) -> Iterator[Finding]:
    path = log_path(layout, batch_key)
    if not path.exists():
        yield Finding(
            str(path), "not there", f"the captures of a batch that the archive holds ({len(rows)})", FROM_BACKUP
        )
        return
    try:
        log = [facts for facts in noted(layout, batch_key) if isinstance(facts, CaptureFacts)]
    except ArchiveDamaged as error:
        where, _, rest = str(error).partition(": ")
        found, expected, remedy = rest.split("; ", 2)
        yield Finding(where, found, expected.removeprefix("expected "), remedy)
        return
    by_key = {facts.capture_key: facts for facts in reversed(log)}
    for row in rows:
        yield from _off_capture(path.name, row, by_key.get(row["capture_key"]))


def _off_capture(name: str, row: dict[str, Any], facts: CaptureFacts | None) -> Iterator[Finding]:
    where = f"capture {row['capture_key']} ({row['locator']})"
    if facts is None:
        yield Finding(where, f"not noted in raw/captures, {name}", "what was noted when it was made", FROM_BACKUP)
        return
    for column, value in row.items():
        if column == "batch_key":
            continue
        expected = getattr(facts, column)
        if value != expected:
            yield Finding(f"{where}, {column}", _shown(value), f"{_shown(expected)}, as noted in {name}", REBUILD)
            return


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(str(value)) if value is not None else "nothing"


def _lost_batches(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Iterator[Finding]:
    """Yield the batches that the raw store's log has and that are neither in the archive nor staged."""
    recorded = recorded_batches(layout)
    appended = {batch_key for (batch_key,) in connection.execute(statement("list_batches")).fetchall()}
    staged = {*sealed_batches(layout), *cut_off_batches(layout)}
    newest = max(appended, default="")
    for batch_key in recorded:
        if batch_key in appended or batch_key in staged or not log_path(layout, batch_key).exists():
            continue
        # What a run appends while this goes on is no loss: its batch is newer than the copy.
        where = "after its newest append" if batch_key > newest else "among its appends"
        yield Finding(
            str(log_path(layout, batch_key)),
            f"captures of a batch that the archive lacks {where}",
            "an archive that holds all of them",
            REBUILD,
        )


def _lost_refs(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Iterator[Finding]:
    if not any((layout.raw / "refs").glob("*/*.parquet")):
        return
    connection.execute("set variable ledger = $value", {"value": f"{literal(layout.raw / 'refs')}/*/*.parquet"})
    try:
        lost = connection.execute(statement("verify/lost_refs")).fetchall()
    except duckdb.Error as error:
        message = str(error).split("\n", 1)[0]
        yield Finding(str(layout.raw / "refs"), f"a part can't be read ({message})", "Parquet", FROM_BACKUP)
        return
    for (ref,) in lost[:1]:
        yield Finding(f"ref {ref}", f"the archive lacks it, and {len(lost) - 1:,} others", "all of the ledger", REBUILD)
