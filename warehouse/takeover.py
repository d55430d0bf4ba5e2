"""Readings that are taken over: records whose very bytes the same versions have read before are not read again.

What a record says follows from its own bytes, the hints, and what `extract.model.Apart` names. Where all of that is as
before, so is the reading; it is staged from the earlier one. The title of a channel stands in the descriptions of its
posts: under a new title they are hashed anew, and only those whose own hash comes out so from what is held.
"""

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from extract.fields import laid_out
from extract.richer import DESCRIPTION_VERSION
from warehouse.errors import ArchiveDamaged
from warehouse.raw_store import opened
from warehouse.statements import statement

_HASH = pa.binary(32)
_RENAMED = pa.schema([("description_sha256", _HASH), ("renamed_sha256", _HASH)])
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Reader:
    """By whom and for whom something is read."""

    source_key: str
    format: str
    extractor_version: int
    cleaning_version: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier reading of other bytes of the same channel."""

    extraction_key: str
    raw_sha256: bytes
    size_bytes: int
    post_count: int


@dataclass(slots=True)
class Places:
    """Where records stand in some bytes, one after another, and the hashes of their bytes."""

    byte_from: "array[int]" = field(default_factory=lambda: array("q"))
    byte_to: "array[int]" = field(default_factory=lambda: array("q"))
    hashes: bytearray = field(default_factory=bytearray)

    def add(self, byte_from: int, data: bytes | memoryview) -> None:
        """Add the record that begins at a place."""
        self.byte_from.append(byte_from)
        self.byte_to.append(byte_from + len(data))
        self.hashes += hashlib.sha256(data).digest()

    def table(self) -> pa.Table:
        """Return one row for each record."""
        hashes = pa.FixedSizeBinaryArray.from_buffers(_HASH, len(self.byte_from), [None, pa.py_buffer(self.hashes)])
        columns = {"byte_from": pa.array(self.byte_from), "byte_to": pa.array(self.byte_to), "record_sha256": hashes}
        return pa.table(columns)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over."""

    byte_from: "array[int]"  # where the records begin, in their order
    told_at: datetime | None  # the newest instant of publication among them


def earlier_readings(connection: duckdb.DuckDBPyConnection, reader: Reader) -> list[Earlier]:
    """Return what the same versions have read of the same channel for the same source, newest first."""
    asked = {name: getattr(reader, name) for name in Reader.__slots__}
    return [Earlier(*row) for row in connection.execute(statement("takeover/earlier_readings"), asked).fetchall()]


def earlier_places(connection: duckdb.DuckDBPyConnection, one: Earlier) -> pa.Table:
    """Return where the records of an earlier reading stand in its bytes, in their order."""
    asked = {"extraction_key": one.extraction_key}
    return connection.execute(statement("takeover/earlier_places"), asked).to_arrow_table()


def hashed(raw: Path, one: Earlier, places: pa.Table) -> Places:
    """Return places of an earlier reading with the hashes of their bytes; none where its bytes are damaged."""
    found = Places()
    at = 0
    try:
        with opened(raw, one.raw_sha256) as stream:
            for byte_from, byte_to in zip(places["byte_from"].to_pylist(), places["byte_to"].to_pylist(), strict=True):
                stream.read(byte_from - at)
                found.add(byte_from, stream.read(byte_to - byte_from))
                at = byte_to
            while stream.read(1 << 20):  # its bytes are proved at their end
                pass
    except ArchiveDamaged:
        return Places()
    return found


@dataclass(frozen=True, slots=True)
class Staging:
    """Where what is taken over goes."""

    extraction_key: str
    readings: Path
    descriptions: Path


def take_over(
    connection: duckdb.DuckDBPyConnection,
    shown: Places,
    earlier: Iterable[tuple[Earlier, Places]],
    channel: tuple[int, str | None],
    staging: Staging,
) -> Taken:
    """Stage the readings of records whose bytes were read before, and return which they are."""
    tables = [
        places.table()
        .append_column("extraction_key", pa.array([one.extraction_key] * len(places.byte_from), pa.string()))
        .append_column("preference", pa.array([preference] * len(places.byte_from), pa.int32()))
        for preference, (one, places) in enumerate(earlier)
    ]
    channel_id, title = channel
    connection.register("shown", shown.table())
    connection.register("earlier", pa.concat_tables(tables))
    try:
        connection.execute(statement("takeover/taken_record"), {"channel_id": channel_id, "channel_title": title})
        connection.register("renamed", _renamed(connection, title))
        readings = {"extraction_key": staging.extraction_key, "part": str(staging.readings)}
        connection.execute(statement("takeover/copy_readings"), readings)
        descriptions = {"channel_title": title, "part": str(staging.descriptions)}
        connection.execute(statement("takeover/copy_descriptions"), descriptions)
        found = connection.execute(statement("takeover/taken_places")).to_arrow_table()
    finally:
        for name in ("shown", "earlier", "renamed"):
            connection.unregister(name)
    told_at = found["told_at"][0].as_py() if found.num_rows else None
    return Taken(array("q", found["byte_from"].to_pylist()), told_at)


def _renamed(connection: duckdb.DuckDBPyConnection, title: str | None) -> pa.Table:
    """Return the hashes of descriptions under another title, old and new, where the old one comes out as it is."""
    found = connection.execute(statement("takeover/renamed_descriptions"))
    old: list[bytes] = []
    new: list[bytes] = []
    while rows := found.fetchmany(_AT_ONCE):
        for description_sha256, plain, above, held_title, below in rows:
            head = laid_out((DESCRIPTION_VERSION, hashlib.sha256(plain).hexdigest())) + above
            if hashlib.sha256(head + laid_out((held_title,)) + below).digest() == description_sha256:
                old.append(description_sha256)
                new.append(hashlib.sha256(head + laid_out((title,)) + below).digest())
    return pa.table([pa.array(old, _HASH), pa.array(new, _HASH)], schema=_RENAMED)
