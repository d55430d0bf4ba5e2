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
from typing import Any, BinaryIO

import zstandard

from warehouse.errors import ArchiveDamaged, InputFailed
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
    """Keep all that is left in a stream, unless it is held already, and return what it is.

    Raises `InputFailed` where the stream can't be read to its end.
    """
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
        if not _is_sound(raw, blob.raw_sha256):
            place.parent.mkdir(exist_ok=True)
            aside.replace(place)
            sync_folder(place.parent)
        return blob
    finally:
        aside.unlink(missing_ok=True)


def _is_sound(raw: Path, raw_sha256: bytes) -> bool:
    """Say whether a blob is there and whole; one that was damaged is replaced by the same bytes come again."""
    if not blob_path(raw, raw_sha256).exists():
        return False
    try:
        prove(raw, raw_sha256)
    except ArchiveDamaged:
        return False
    return True


def prove(raw: Path, raw_sha256: bytes) -> None:
    """Read a blob to its end. Raises `ArchiveDamaged` where it is missing, or its bytes have another hash."""
    with opened(raw, raw_sha256) as stream:
        while stream.read(READ_BYTES):
            pass


def _compress(stream: BinaryIO, out: BinaryIO) -> Blob:
    digest = hashlib.sha256()
    leaves: list[bytes] = []
    size = 0
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, write_checksum=True)
    with compressor.stream_writer(out, closefd=False) as writer:
        while chunk := _next_bytes(stream):
            view = memoryview(chunk)
            digest.update(view)
            leaves.extend(leaf_hash(view[at : at + BLOCK_BYTES]) for at in range(0, len(view), BLOCK_BYTES))
            writer.write(view)
            size += len(chunk)
    return Blob(digest.digest(), size, root_of(leaves))


def _next_bytes(stream: BinaryIO) -> bytes:
    """Return the next bytes, told apart from a failure to write them: that one is no fault of the input."""
    try:
        return stream.read(READ_BYTES)
    except OSError as error:
        raise InputFailed(error.strerror or str(error)) from error


@contextmanager
def opened(raw: Path, raw_sha256: bytes) -> Iterator[io.BufferedReader]:
    """Open a blob's bytes for reading.

    Raises `ArchiveDamaged` where it is missing, and at its end where it holds other bytes than those it is named by.
    """
    place = blob_path(raw, raw_sha256)
    try:
        file = place.open("rb")
    except FileNotFoundError as error:
        raise ArchiveDamaged(
            f"{place}: not there; expected the bytes of a capture; copy the file back from a backup of the raw store"
        ) from error
    with file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        yield io.BufferedReader(_Proved(reader, place, raw_sha256), READ_BYTES)


class _Proved(io.RawIOBase):
    """Bytes that are shown at their end to have the hash by which they are named.

    zstandard takes a frame that breaks off for a shorter one, and an empty file for empty bytes.
    """

    def __init__(self, reader: zstandard.ZstdDecompressionReader, place: Path, raw_sha256: bytes) -> None:
        super().__init__()
        self._reader = reader
        self._place = place
        self._expected = raw_sha256
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes came, 0 at the end."""
        try:
            count = self._reader.readinto(buffer)
        except zstandard.ZstdError as error:
            raise self._damaged(f"can't be decompressed ({error})") from error
        self._digest.update(memoryview(buffer)[:count])
        if not count and self._digest.digest() != self._expected:
            raise self._damaged(f"holds bytes with the SHA-256 {self._digest.hexdigest()}")
        return count

    def _damaged(self, found: str) -> ArchiveDamaged:
        return ArchiveDamaged(
            f"{self._place}: {found}; expected the bytes that it is named by; copy the file back from a backup of the "
            "raw store"
        )


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
