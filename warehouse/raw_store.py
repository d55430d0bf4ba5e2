"""The bytes that came in, kept as they are: content-addressed, compressed, never changed.

A blob stands at `blobs/<first two digits>/<SHA-256>.zst` below the raw folder. It is written aside, synced and renamed,
so that a blob that is there is whole. Knows nothing of what the bytes mean.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from warehouse.errors import ArchiveDamaged
from warehouse.merkle import BLOCK_BYTES, leaf_hash, root_of

READ_BYTES = 16 * BLOCK_BYTES
COMPRESSION_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes by their hashes."""

    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes  # Merkle root over blocks of 64 KiB, so that a stretch can be proved by itself


def sha256_of(stream: BinaryIO) -> bytes:
    """Return the SHA-256 of all that is left in a stream."""
    digest = hashlib.sha256()
    while chunk := stream.read(READ_BYTES):
        digest.update(chunk)
    return digest.digest()


def blob_path(raw: Path, raw_sha256: bytes) -> Path:
    """Return where a blob stands, whether it is there or not."""
    name = raw_sha256.hex()
    return raw / "blobs" / name[:2] / f"{name}.zst"


def keep(raw: Path, stream: BinaryIO) -> Blob:
    """Keep all that is left in a stream, unless it is held already, and return what it is."""
    folder = raw / "blobs"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            blob = _compress(stream, out)
            out.flush()
            os.fsync(out.fileno())
        place = blob_path(raw, blob.raw_sha256)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            aside.replace(place)
            sync_folder(place.parent)
        return blob
    finally:
        aside.unlink(missing_ok=True)


def _compress(stream: BinaryIO, out: BinaryIO) -> Blob:
    digest = hashlib.sha256()
    leaves: list[bytes] = []
    size = 0
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, write_checksum=True)
    with compressor.stream_writer(out, closefd=False) as writer:
        while chunk := stream.read(READ_BYTES):
            view = memoryview(chunk)
            digest.update(view)
            leaves.extend(leaf_hash(view[at : at + BLOCK_BYTES]) for at in range(0, len(view), BLOCK_BYTES))
            writer.write(view)
            size += len(chunk)
    return Blob(digest.digest(), size, root_of(leaves))


@contextmanager
def opened(raw: Path, raw_sha256: bytes) -> Iterator[BinaryIO]:
    """Open a blob's bytes for reading. Raises `ArchiveDamaged` where it is missing or can't be decompressed."""
    place = blob_path(raw, raw_sha256)
    try:
        with place.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            yield io.BufferedReader(reader, READ_BYTES)
    except FileNotFoundError as error:
        raise ArchiveDamaged(
            f"{place}: not there; expected the bytes of a capture; copy the file back from a backup of the raw store"
        ) from error
    except zstandard.ZstdError as error:
        raise ArchiveDamaged(
            f"{place}: can't be decompressed ({error}); expected zstd data; copy the file back from a backup"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make renames in a folder safe against a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_safely(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
    sync_folder(path.parent)
