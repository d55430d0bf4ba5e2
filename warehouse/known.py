"""What the archive knows of inputs before they are taken in: the questions that a run asks first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from warehouse.staging import SourceFacts
from warehouse.statements import statement

_LOOKED = pa.schema([("locator", pa.string()), ("raw_sha256", pa.binary(32))])


@dataclass(frozen=True, slots=True)
class State:
    """A source's row as it stood from one append on."""

    source: SourceFacts
    append_number: int


@dataclass(frozen=True, slots=True)
class Held:
    """A reading of some bytes that the archive holds."""

    extraction_key: str
    record_count: int
    rejections: tuple[str, ...]  # one line each

    @property
    def waited(self) -> bool:
        """True where its posts waited for the number of their channel; a newer reading has it."""
        return any(line.startswith("unknown_channel:") for line in self.rejections)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one source's inputs."""

    source: SourceFacts | None  # the newest state of its row
    # By locator: capture key, hash and address of the newest capture.
    last_at: dict[str, tuple[str, bytes, str | None]] = field(default_factory=dict)
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
        states = source_states(connection, [source_key]).get(source_key)
    finally:
        connection.unregister("looked")
    held: dict[bytes, tuple[Held, ...]] = {}
    for raw_sha256, key, record_count, rejections in extractions:
        held[raw_sha256] = (*held.get(raw_sha256, ()), Held(key, record_count, tuple(rejections)))
    return Known(
        source=states[0].source if states else None,
        last_at={locator: (key, raw_sha256, address) for locator, key, raw_sha256, address in captures},
        capture_keys=frozenset(key for _, key, *_ in captures),
        held=held,
        refused=frozenset(refused),
    )


def source_states(connection: duckdb.DuckDBPyConnection, source_keys: Sequence[str]) -> dict[str, list[State]]:
    """Return the states of these sources' rows, the newest first."""
    found = connection.execute(statement("source_states"), {"source_keys": sorted(set(source_keys))})
    names = [column[0] for column in found.description]
    states: dict[str, list[State]] = {}
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        append_number = row.pop("append_number")
        states.setdefault(row["source_key"], []).append(State(SourceFacts(**row), append_number))
    return states


def known_channels(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the numbers of the channels by the usernames that lead to one channel only."""
    return dict(connection.execute(statement("known_channels")).fetchall())


def expected_channel(connection: duckdb.DuckDBPyConnection, source_key: str, username: str) -> int | None:
    """Return the number of the channel that a source shows under a username; None where the archive knows of none.

    It is the one that was known first: a name may be given up, and taken by another channel.
    """
    asked = {"source_key": source_key, "username": username}
    found = connection.execute(statement("fetching/expected_channel"), asked).fetchone()
    return None if found is None else int(found[0])
