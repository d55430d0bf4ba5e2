"""What the archive knows of inputs before they are taken in: the questions that a run asks first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import duckdb
import pyarrow as pa

from warehouse.staging import CaptureFacts, SourceFacts
from warehouse.statements import statement

_LOOKED = pa.schema([("locator", pa.string()), ("raw_sha256", pa.binary(32))])


@dataclass(frozen=True, slots=True)
class Held:
    """A reading of some bytes that the archive holds."""

    extraction_key: str
    record_count: int
    rejections: tuple[str, ...]  # one line each


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one source's inputs."""

    source: SourceFacts | None  # the newest state of its row
    last_at: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # locator: capture key and hash of the newest
    capture_keys: frozenset[str] = frozenset()
    held: dict[bytes, tuple[Held, ...]] = field(default_factory=dict)  # by hash, newest first
    refused: frozenset[tuple[str, str, str]] = frozenset()  # locator, reason, found of rejections without a reading

    def reading_of(self, raw_sha256: bytes, base: str) -> Held | None:
        """Return the newest reading of these bytes under a base key, whatever the versions that made it."""
        for held in self.held.get(raw_sha256, ()):
            if held.extraction_key.rpartition(":")[0] == base:
                return held
        return None


def known_of(
    connection: duckdb.DuckDBPyConnection, source_key: str, looked: Sequence[tuple[str, bytes | None]]
) -> Known:
    """Return what the archive knows of a source and of these locators and hashes."""
    rows = [{"locator": locator, "raw_sha256": raw_sha256} for locator, raw_sha256 in looked]
    connection.register("looked", pa.Table.from_pylist(rows, _LOOKED))
    source = {"source_key": source_key}
    try:
        captures = connection.execute(statement("known_captures"), source).fetchall()
        extractions = connection.execute(statement("known_extractions"), source).fetchall()
        refused = connection.execute(statement("known_refusals"), source).fetchall()
        newest = known_source(connection, source_key)
    finally:
        connection.unregister("looked")
    held: dict[bytes, tuple[Held, ...]] = {}
    for raw_sha256, key, record_count, rejections in extractions:
        held[raw_sha256] = (*held.get(raw_sha256, ()), Held(key, record_count, tuple(rejections)))
    return Known(
        source=newest,
        last_at={locator: (key, raw_sha256) for locator, key, raw_sha256 in captures},
        capture_keys=frozenset(key for _, key, _ in captures),
        held=held,
        refused=frozenset(refused),
    )


def known_source(connection: duckdb.DuckDBPyConnection, source_key: str) -> SourceFacts | None:
    """Return the newest state of a source's row."""
    newest = connection.execute(statement("known_source"), {"source_key": source_key}).fetchone()
    names = [one.name for one in fields(SourceFacts) if one.name != "held_count"]
    return SourceFacts(**dict(zip(names, newest, strict=True))) if newest else None


def known_channels(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the numbers of the channels by the usernames that lead to one channel only."""
    return dict(connection.execute(statement("known_channels")).fetchall())


def waiting_captures(connection: duckdb.DuckDBPyConnection) -> list[tuple[CaptureFacts, int]]:
    """Return captures whose posts waited for the number of their channel, each with that number, known by now."""
    found = connection.execute(statement("waiting_captures"))
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [(CaptureFacts(**row), channel_id) for row in rows if (channel_id := row.pop("channel_id"))]
