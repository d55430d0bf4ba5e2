"""The raw store: the bytes of every blob against its SHA-256, its size and the root over its blocks.

Small blobs are looked at side by side. A large one is decompressed by one thread while others hash: zstandard and
hashlib let go of the interpreter meanwhile.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import zstandard

from warehouse.layout import Layout
from warehouse.merkle import BLOCK_BYTES, leaf_hash, root_of
from warehouse.raw_store import READ_BYTES, blob_path
from warehouse.statements import statement
from warehouse.verify import FROM_BACKUP, REBUILD, Finding, Part

_LARGE_BYTES = 8 * READ_BYTES
_CHUNKS_AHEAD = 8
_BLOBS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class _Blob:
    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes
    locator: str | None  # where it was found, one of the places


@dataclass(frozen=True, slots=True)
class _Hashed:
    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes


def total_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the size of all blobs."""
    return sum(blob.size_bytes for blob in _blobs(connection))


def verify_bytes(connection: duckdb.DuckDBPyConnection, layout: Layout, progress: Callable[[int], None]) -> Part:
    """Hash all blobs. `progress` is told of bytes done, from any thread."""
    blobs = _blobs(connection)
    large = [blob for blob in blobs if blob.size_bytes >= _LARGE_BYTES]
    small = [blob for blob in blobs if blob.size_bytes < _LARGE_BYTES]
    findings: list[Finding] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda some: _looked_at(layout.raw, some, progress), _in_portions(small)):
            findings.extend(found)
    for blob in large:
        findings.extend(_off_large(layout.raw, blob, progress))
    held = {path.name for path in (layout.raw / "blobs").glob("*/*.zst")}
    spare = len(held - {blob_path(layout.raw, blob.raw_sha256).name for blob in blobs})
    notes = (
        [f"{spare:,} files of the raw store belong to no capture: a run that was cut off leaves them"] if spare else []
    )
    return Part("bytes", len(blobs), "blob", sum(blob.size_bytes for blob in blobs), tuple(findings), tuple(notes))


def _blobs(connection: duckdb.DuckDBPyConnection) -> list[_Blob]:
    return [_Blob(*row) for row in connection.execute(statement("verify/blobs")).fetchall()]


def _in_portions(blobs: Sequence[_Blob]) -> Iterator[list[_Blob]]:
    rest = iter(blobs)
    while some := list(islice(rest, _BLOBS_AT_ONCE)):
        yield some


def _looked_at(raw: Path, blobs: Sequence[_Blob], progress: Callable[[int], None]) -> list[Finding]:
    return [finding for blob in blobs for finding in _off_small(raw, blob, progress)]


def _off_small(raw: Path, blob: _Blob, progress: Callable[[int], None]) -> Iterator[Finding]:
    whole, leaves, size = hashlib.sha256(), [], 0
    try:
        for chunk in _chunks(blob_path(raw, blob.raw_sha256)):
            whole.update(chunk)
            leaves.extend(_leaves(chunk))
            size += len(chunk)
            progress(len(chunk))
    except (OSError, zstandard.ZstdError) as error:
        yield _unreadable(raw, blob, error)
        return
    yield from _off(raw, blob, _Hashed(whole.digest(), size, root_of(leaves)))


def _off_large(raw: Path, blob: _Blob, progress: Callable[[int], None]) -> Iterator[Finding]:
    whole, size = hashlib.sha256(), 0
    leaves: list[bytes] = []
    waiting: deque[tuple[Future[None], Future[list[bytes]]]] = deque()

    def take() -> None:
        ahead, blocks = waiting.popleft()
        ahead.result()
        leaves.extend(blocks.result())

    # One thread feeds the hash of the whole, in the order of the bytes.
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        try:
            for chunk in _chunks(blob_path(raw, blob.raw_sha256)):
                waiting.append((one.submit(whole.update, chunk), other.submit(_leaves, chunk)))
                size += len(chunk)
                progress(len(chunk))
                if len(waiting) > _CHUNKS_AHEAD:
                    take()
        except (OSError, zstandard.ZstdError) as error:
            yield _unreadable(raw, blob, error)
            return
        while waiting:
            take()
    yield from _off(raw, blob, _Hashed(whole.digest(), size, root_of(leaves)))


def _chunks(place: Path) -> Iterator[bytes]:
    """Yield the bytes of a blob in pieces that end where blocks end."""
    with place.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, READ_BYTES) as reader:
        rest = b""
        while read := reader.read(READ_BYTES):
            chunk = rest + read if rest else read
            cut = len(chunk) - len(chunk) % BLOCK_BYTES
            rest = chunk[cut:]
            if cut:
                yield chunk[:cut] if rest else chunk
        if rest:
            yield rest


def _leaves(chunk: bytes) -> list[bytes]:
    view = memoryview(chunk)
    return [leaf_hash(view[at : at + BLOCK_BYTES]) for at in range(0, len(chunk), BLOCK_BYTES)]


def _off(raw: Path, blob: _Blob, found: _Hashed) -> Iterator[Finding]:
    where = f"{blob_path(raw, blob.raw_sha256)} ({blob.locator or 'no capture names it'})"
    if found.raw_sha256 != blob.raw_sha256:
        yield Finding(
            where,
            f"{found.size_bytes:,} bytes with the SHA-256 {found.raw_sha256.hex()}",
            f"{blob.size_bytes:,} bytes with the one that it is named by",
            FROM_BACKUP,
        )
    elif found.size_bytes != blob.size_bytes:
        yield Finding(where, f"{found.size_bytes:,} bytes", f"{blob.size_bytes:,}, by the archive", REBUILD)
    elif found.blocks_root != blob.blocks_root:
        yield Finding(
            where,
            f"its blocks have the root {found.blocks_root.hex()}",
            f"{blob.blocks_root.hex()}, by the archive",
            REBUILD,
        )


def _unreadable(raw: Path, blob: _Blob, error: Exception) -> Finding:
    reason = "not there" if isinstance(error, FileNotFoundError) else f"can't be read ({error})"
    where = f"{blob_path(raw, blob.raw_sha256)} ({blob.locator or 'no capture names it'})"
    return Finding(where, reason, f"{blob.size_bytes:,} bytes of a capture", FROM_BACKUP)
