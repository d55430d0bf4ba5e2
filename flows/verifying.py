"""Documents against bytes: what the present extractors have read is read again from the raw store, and compared.

Nothing is appended or captured: batches are staged beside a copy of the archive, which is thrown away with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
import orjson

from flows.errors import ReadingStopped
from flows.intake import read_capture
from flows.rereading import Again, again_of, portions, present_versions
from flows.run import Run
from flows.taking import base_key
from warehouse.errors import ArchiveDamaged
from warehouse.known import source_states
from warehouse.layout import Layout
from warehouse.rereading import EVERYTHING, Older, older_captures
from warehouse.staging import Batch
from warehouse.statements import literal, statement
from warehouse.verify import REBUILD, Finding, Part, told
from warehouse.verify_copy import first_difference

_READINGS_AT_ONCE = 5_000
_STATEMENTS = ("append/01_staged", "verify/read_extraction", "append/09_new_reading")
_COMPARED = {
    "verify/off_extractions": "extraction",
    "verify/off_readings": "reading",
    "verify/off_contents": "content",
    "verify/off_descriptions": "description",
}


@dataclass(slots=True)
class _Found:
    """What was read again so far, and what is off."""

    findings: list[Finding]
    read_count: int = 0
    size_bytes: int = 0
    unknown_count: int = 0  # readings by hints that nobody knows any more
    unread_count: int = 0  # bytes that can't be read, which is told where bytes are looked at


def verify_documents(connection: duckdb.DuckDBPyConnection, aside: Layout, run: Run) -> Part:
    """Read again, by the present versions and with the same hints, what they have read, and compare all of it.

    `connection` is a copy of the archive, `aside` the folder in which it stands.
    """
    versions = present_versions()
    connection.execute(statement("verify/list_present"), versions.parameters())
    aside.raw.mkdir(exist_ok=True)
    (aside.raw / "blobs").symlink_to(run.layout.raw / "blobs", target_is_directory=True)
    reader = replace(run, layout=aside, reports={}, problems=[])
    found = _Found([])
    for again in _listed(connection, found):
        _read_again(connection, reader, again, found)
    counts = connection.execute(statement("verify/count_readings")).fetchone()
    others, withheld_count = (counts[1], counts[2]) if counts else (0, 0)
    notes = (
        (withheld_count, "with something withheld"),
        (others, "read by other versions than the present ones"),
        (found.unknown_count, "read by what the archive doesn't hold any more"),
        (found.unread_count, "for want of bytes"),
    )
    said = tuple(f"not read again: {told(count, 'input', 'inputs')} {what}" for count, what in notes if count)
    return Part("documents", found.read_count, "record", found.size_bytes, tuple(found.findings), said)


def _listed(connection: duckdb.DuckDBPyConnection, found: _Found) -> Iterator[list[Again]]:
    after = ""
    while some := older_captures(connection, EVERYTHING, after, _READINGS_AT_ONCE):
        after = some[-1].extraction_key
        yield from portions(_with_hints(connection, some, found))


def _with_hints(connection: duckdb.DuckDBPyConnection, older: Sequence[Older], found: _Found) -> Iterator[Again]:
    states = source_states(connection, [one.capture.source_key for one in older])
    for one in older:
        known = states.get(one.capture.source_key)
        again = again_of(one, known) if known else None
        base = one.extraction_key.rpartition(":")[0]
        if again is None or base_key(again.source, one.capture.raw_sha256, one.capture) != base:
            found.unknown_count += 1
        else:
            yield again


def _read_again(connection: duckdb.DuckDBPyConnection, run: Run, again: Sequence[Again], found: _Found) -> None:
    batch = Batch(run.layout, "read-again", run.start.run_key)
    batch.folder.mkdir(parents=True)
    for place, one in enumerate(again):
        capture = replace(one.capture, recorded_order=place)
        try:
            facts = read_capture(run, batch, capture, one.source)
        except ArchiveDamaged:
            found.unread_count += 1
        except ReadingStopped as error:
            found.findings.append(Finding(capture.locator, str(error), "a reading", "see above"))
        else:
            found.read_count += facts.record_count
            found.size_bytes += capture.size_bytes
    batch.seal()
    connection.execute("set variable staged = $value", {"value": literal(batch.folder)})
    for name in _STATEMENTS:
        connection.execute(statement(name))
    for name, table in _COMPARED.items():
        found.findings.extend(_off(connection, name, table))
    batch.abandon()


def _off(connection: duckdb.DuckDBPyConnection, name: str, table: str) -> Iterator[Finding]:
    for named, one, other in connection.execute(statement(name)).fetchall():
        held, again = (orjson.loads(text) if text else None for text in (one, other))
        column, found, expected = first_difference(held, again)
        where = f"{table} {named}, {column.rpartition(', ')[2]}"
        yield Finding(where, found, f"{expected}, as read again from the bytes", REBUILD)
