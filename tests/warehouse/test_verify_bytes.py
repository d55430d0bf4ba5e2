"""Blobs of every size are verified to the byte."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.given import empty_archive
from warehouse.layout import Layout
from warehouse.raw_store import keep
from warehouse.verify_bytes import verify_bytes


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_archive() as connection:
        yield connection


@pytest.mark.parametrize("size", [0, 1, 65_536, 9_000_000, 8 * 16 * 65_536, 20_000_001])
def test_large_and_small_blobs_have_the_hashes_that_they_were_kept_with(
    empty: duckdb.DuckDBPyConnection, tmp_path: Path, size: int
) -> None:
    layout = Layout(tmp_path)
    data = hashlib.shake_128(b"seed").digest(size)
    blob = keep(layout.raw, io.BytesIO(data))
    empty.execute("delete from store.blob")
    empty.execute("insert into store.blob values ($1, $2, $3, 1)", [blob.raw_sha256, blob.size_bytes, blob.blocks_root])
    done: list[int] = []
    part = verify_bytes(empty, layout, done.append)
    assert (part.findings, part.size_bytes, sum(done)) == ((), size, size)
    empty.execute("update store.blob set blocks_root = ''::blob")
    (finding,) = verify_bytes(empty, layout, done.append).findings
    assert finding.found.startswith("its blocks have the root")
