"""Rows of the table about verifying: the hashes of the raw store against hashlib over the same bytes, turn by turn."""

import hashlib
import io
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from tests.bench.exports import Export, write_export
from tests.bench.table import ROUNDS, Line, at_least, timed
from tests.warehouse.given import empty_archive
from warehouse.layout import Layout
from warehouse.raw_store import READ_BYTES, keep
from warehouse.verify_bytes import verify_bytes

PAGE_BYTES = 60_000
AIM = 0.5


def verify_lines(folder: Path, posts: int) -> Iterator[Line]:
    """Yield a row for one large export, and one for as many bytes in files of the size of pages."""
    export = folder / "export.json"
    write_export(export, Export(posts))
    data = export.read_bytes()
    export.unlink()
    pages = [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]
    yield _line(folder / "whole", [data], f"an export of {len(data) / 1e6:,.0f} MB")
    yield _line(folder / "pages", pages, f"{len(pages):,} files of {PAGE_BYTES / 1e3:,.0f} kB")


def _line(home: Path, inputs: list[bytes], told: str) -> Line:
    layout = Layout(home)
    layout.raw.mkdir(parents=True)
    with empty_archive() as connection:
        kept = [keep(layout.raw, io.BytesIO(data)) for data in inputs]
        connection.executemany(
            "insert into store.blob values ($1, $2, $3, 1)",
            [[blob.raw_sha256, blob.size_bytes, blob.blocks_root] for blob in kept],
        )
        pairs = [(timed(partial(_hash, inputs)), timed(partial(_verify, connection, layout))) for _ in range(ROUNDS)]
    size = sum(map(len, inputs))
    hashing, verifying = (statistics.median(column) for column in zip(*pairs, strict=True))
    rates = f"{size / verifying / 1e6:,.0f} MB/s; hashlib {size / hashing / 1e6:,.0f} MB/s"
    return at_least(f"verify's hashes of {told}, as part of hashlib's speed", hashing / verifying, AIM, rates)


def _hash(inputs: list[bytes]) -> None:
    for data in inputs:
        digest = hashlib.sha256()
        for at in range(0, len(data), READ_BYTES):
            digest.update(memoryview(data)[at : at + READ_BYTES])
        digest.digest()


def _verify(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    part = verify_bytes(connection, layout, lambda _: None)
    if part.findings:
        raise AssertionError(part.findings[0].line)
