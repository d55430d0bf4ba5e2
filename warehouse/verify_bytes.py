"""The raw store: the bytes of every blob against its SHA-256, its size and the root over its blocks.

Small blobs are looked at side by side. A large one is decompressed by one thread while others hash: zstandard and
hashlib let go of the interpreter meanwhile.
"""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import duckdb
import zstandard

from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.merkle import BLOCK_BYTES, leaf_hash, root_of
from warehouse.raw_store import READ_BYTES, blob_path, is_withheld
from warehouse.statements import statement
from warehouse.verify import FROM_BACKUP, REBUILD, Finding, Part, told
from warehouse.withheld import WHOLE, blocks_of, ranges_of, withheld_of, withheld_path

_LARGE_BYTES = 8 * READ_BYTES
_SMALL_READ_BYTES = 2 * BLOCK_BYTES  # at once; a buffer of READ_BYTES for each page costs more than its hash
_CHUNKS_AHEAD = 8
_BLOBS_AT_ONCE = 32
_OF_THREAD = threading.local()
_NEXT_RUN = "run mfa-archive ingest: a withholding that was cut off is carried out"


@dataclass(frozen=True, slots=True)
class _Blob:
    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes
    locator: str | None  # where it was found, one of the places
    withheld: tuple[str, ...] = ()  # stretches that were, by the archive's rows


@dataclass(frozen=True, slots=True)
class _Hashed:
    raw_sha256: bytes
    size_bytes: int
    leaves: list[bytes]  # of the blocks


def total_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the size of all blobs."""
    return sum(blob.size_bytes for blob in _blobs(connection) if WHOLE not in blob.withheld)


def verify_bytes(connection: duckdb.DuckDBPyConnection, layout: Layout, progress: Callable[[int], None]) -> Part:
    """Hash all blobs. `progress` is told of bytes done, from any thread."""
    named = _blobs(connection)
    blobs = [blob for blob in named if WHOLE not in blob.withheld]
    large = [blob for blob in blobs if blob.size_bytes >= _LARGE_BYTES]
    small = [blob for blob in blobs if blob.size_bytes < _LARGE_BYTES]
    findings: list[Finding] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda some: _looked_at(layout.raw, some, progress), _in_portions(small)):
            findings.extend(found)
    for blob in large:
        findings.extend(_off_large(layout.raw, blob, progress))
    findings.extend(_still_there(layout.raw, [blob for blob in named if WHOLE in blob.withheld]))
    held = {path.name for path in (layout.raw / "blobs").glob("*/*.zst")}
    spare = len(held - {blob_path(layout.raw, blob.raw_sha256).name for blob in named})
    withheld = [blob for blob in named if blob.withheld]
    whole = len(named) - len(blobs)
    since = "withheld; blocks of 64 KiB around a gap are known by hashes kept when it was made"
    said = (
        (spare, "file of the raw store belongs", "files of the raw store belong", "to no capture: a cut run leaves it"),
        (whole, "blob is", "blobs are", "withheld as a whole, with nothing there to be hashed"),
        (len(withheld) - whole, "blob has", "blobs have", f"something {since}"),
    )
    notes = [f"{told(count, one, more)} {rest}" for count, one, more, rest in said if count]
    return Part("bytes", len(blobs), "blob", sum(blob.size_bytes for blob in blobs), tuple(findings), tuple(notes))


def _blobs(connection: duckdb.DuckDBPyConnection) -> list[_Blob]:
    rows = connection.execute(statement("withholding/wanted")).fetchall()
    withheld = {raw_sha256: tuple(texts) for raw_sha256, _, _, texts, *_ in rows}
    blobs = [_Blob(*row) for row in connection.execute(statement("verify/blobs")).fetchall()]
    return [
        replace(blob, withheld=withheld[blob.raw_sha256]) if blob.raw_sha256 in withheld else blob for blob in blobs
    ]


def _still_there(raw: Path, blobs: Sequence[_Blob]) -> Iterator[Finding]:
    for blob in blobs:
        place = blob_path(raw, blob.raw_sha256)
        if place.exists():
            yield Finding(str(place), "there", "nothing, for all of it was withheld", _NEXT_RUN)


def _in_portions(blobs: Sequence[_Blob]) -> Iterator[list[_Blob]]:
    rest = iter(blobs)
    while some := list(islice(rest, _BLOBS_AT_ONCE)):
        yield some


def _looked_at(raw: Path, blobs: Sequence[_Blob], progress: Callable[[int], None]) -> list[Finding]:
    return [finding for blob in blobs for finding in _off_small(raw, blob, progress)]


def _off_small(raw: Path, blob: _Blob, progress: Callable[[int], None]) -> Iterator[Finding]:
    if not blob.withheld and _is_sound(raw, blob):
        progress(blob.size_bytes)
        return
    whole, leaves, size = hashlib.sha256(), [], 0
    try:
        for chunk in _chunks(blob_path(raw, blob.raw_sha256), _SMALL_READ_BYTES):
            whole.update(chunk)
            leaves.extend(_leaves(chunk))
            size += len(chunk)
            progress(len(chunk))
    except (OSError, zstandard.ZstdError) as error:
        yield _unreadable(raw, blob, error)
        return
    yield from _off(raw, blob, _Hashed(whole.digest(), size, leaves))


def _is_sound(raw: Path, blob: _Blob) -> bool:
    """Say whether a blob is as it should be, at a third of the cost of finding out what is wrong with it."""
    if not hasattr(_OF_THREAD, "decompressor"):
        _OF_THREAD.decompressor = zstandard.ZstdDecompressor()
    try:
        with blob_path(raw, blob.raw_sha256).open("rb") as file:
            data = _OF_THREAD.decompressor.decompress(file.read(), max_output_size=blob.size_bytes)
    except (OSError, zstandard.ZstdError):
        return False
    is_whole = len(data) == blob.size_bytes and hashlib.sha256(data).digest() == blob.raw_sha256
    return is_whole and root_of(_leaves(data)) == blob.blocks_root


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
            for chunk in _chunks(blob_path(raw, blob.raw_sha256), READ_BYTES):
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
    yield from _off(raw, blob, _Hashed(whole.digest(), size, leaves))


def _chunks(place: Path, at_once: int) -> Iterator[bytes]:
    """Yield the bytes of a blob in pieces that end where blocks end."""
    with place.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, at_once) as reader:
        rest = b""
        while read := reader.read(at_once):
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
    if blob.withheld:
        yield from _off_gaps(raw, blob, found)
    elif found.raw_sha256 != blob.raw_sha256:
        yield Finding(
            _where(raw, blob),
            f"{found.size_bytes:,} bytes with the SHA-256 {found.raw_sha256.hex()}",
            f"{blob.size_bytes:,} bytes with the one that it is named by",
            FROM_BACKUP,
        )
    elif found.size_bytes != blob.size_bytes:
        size = f"{blob.size_bytes:,}, by the archive"
        yield Finding(_where(raw, blob), f"{found.size_bytes:,} bytes", size, REBUILD)
    elif (root := root_of(found.leaves)) != blob.blocks_root:
        expected = f"{blob.blocks_root.hex()}, by the archive"
        yield Finding(_where(raw, blob), f"its blocks have the root {root.hex()}", expected, REBUILD)


def _where(raw: Path, blob: _Blob) -> str:
    return f"{blob_path(raw, blob.raw_sha256)} ({blob.locator or 'no capture names it'})"


def _off_gaps(raw: Path, blob: _Blob, found: _Hashed) -> Iterator[Finding]:
    """Look at a blob with gaps: what is left must be what was left, and a block without a gap what it ever was."""
    note = withheld_path(raw, blob.raw_sha256)
    try:
        withheld = withheld_of(raw, blob.raw_sha256)
    except ArchiveDamaged as error:
        yield Finding(str(note), str(error), "what was taken out", FROM_BACKUP)
        return
    known = ranges_of(blob.withheld, blob.size_bytes)
    if withheld is None or withheld.left_sha256 is None or not is_withheld(raw, replace(withheld, ranges=known)):
        expected = "a gap wherever something was withheld"
        yield Finding(_where(raw, blob), "all of its bytes, or a gap too few", expected, _NEXT_RUN)
        return
    gaps = set(blocks_of(known))
    leaves = [withheld.leaves.get(place, leaf) for place, leaf in enumerate(found.leaves)]
    if set(withheld.ranges) - set(known) or set(withheld.leaves) - gaps:
        yield Finding(str(note), "gaps that no row of the archive tells of", "those that were withheld", FROM_BACKUP)
    elif found.raw_sha256 != withheld.left_sha256 or root_of(leaves) != blob.blocks_root:
        yield Finding(
            _where(raw, blob),
            f"{found.size_bytes:,} bytes with the SHA-256 {found.raw_sha256.hex()}",
            f"what {note.name} says was left of {blob.size_bytes:,} bytes",
            FROM_BACKUP,
        )


def _unreadable(raw: Path, blob: _Blob, error: Exception) -> Finding:
    reason = "not there" if isinstance(error, FileNotFoundError) else f"can't be read ({error})"
    return Finding(_where(raw, blob), reason, f"{blob.size_bytes:,} bytes of a capture", FROM_BACKUP)
