"""The bytes that came in, kept as they are: content-addressed, compressed, changed by a withholding only.

A blob stands at `blobs/<first two digits>/<SHA-256>.zst` below the raw folder. It is written aside, synced and renamed,
so that a blob that is there is whole. What is withheld of it is blanked, or all of it gone, see `warehouse.withheld`.
Knows nothing of what the bytes mean.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from warehouse.errors import ArchiveDamaged, BytesWithheld, InputFailed
from warehouse.merkle import BLOCK_BYTES, leaf_hash, root_of
from warehouse.withheld import Withheld, as_json, blocks_of, withheld_of, withheld_path

READ_BYTES = 16 * BLOCK_BYTES
COMPRESSION_LEVEL = 3
_BLANKS = bytes(byte if byte in b"\r\n" else 0x20 for byte in range(256))  # lines stay, so that a table stays one
_WIDE_BLANKS = {b"\xff\xfe": b" \0", b"\xfe\xff": b"\0 "}  # in UTF-16, by the mark that it begins with


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
    return raw.joinpath("blobs", name[:2], f"{name}.zst")


def keep(raw: Path, stream: BinaryIO) -> Blob:
    """Keep all that is left in a stream, unless it is held already, and return what it is.

    What was withheld of these bytes is not brought back. Raises `InputFailed` where the stream can't be read to its
    end.
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
            withheld = withheld_of(raw, blob.raw_sha256)
            if withheld is not None:
                _blank(aside, _blanked_path(raw, blob.raw_sha256), withheld)
                _blanked_path(raw, blob.raw_sha256).replace(aside)
            aside.replace(place)
            sync_folder(place.parent)
        return blob
    finally:
        aside.unlink(missing_ok=True)


def _is_sound(raw: Path, raw_sha256: bytes) -> bool:
    """Say whether a blob is there and whole; one that was damaged is replaced by the same bytes come again."""
    try:
        prove(raw, raw_sha256)
    except ArchiveDamaged:
        return False
    return True


def prove(raw: Path, raw_sha256: bytes) -> None:
    """Read a blob to its end. Raises `ArchiveDamaged` where it is missing, or its bytes have another hash.

    Of one that was withheld nothing need be there.
    """
    withheld = withheld_of(raw, raw_sha256)
    if withheld is not None and withheld.is_whole:
        return
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
    """Open a blob's bytes for reading, blanks where something was withheld.

    Raises `ArchiveDamaged` where it is missing, and at its end where it holds other bytes than those it is named by;
    `BytesWithheld` where nothing of it is left.
    """
    place = blob_path(raw, raw_sha256)
    withheld = withheld_of(raw, raw_sha256)
    if withheld is not None and withheld.is_whole:
        raise BytesWithheld(f"{place}: withheld; {withheld_path(raw, raw_sha256)} says why")
    try:
        file = place.open("rb")
    except FileNotFoundError as error:
        raise ArchiveDamaged(
            f"{place}: not there; expected the bytes of a capture; copy the file back from a backup of the raw store"
        ) from error
    with file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        # Of a withholding that was cut off the bytes may still be there; the next run blanks them.
        expected = {raw_sha256, withheld.left_sha256 if withheld is not None else None}
        yield io.BufferedReader(_Proved(reader, place, expected), READ_BYTES)


class _Proved(io.RawIOBase):
    """Bytes that are shown at their end to have the hash by which they are named.

    zstandard takes a frame that breaks off for a shorter one, and an empty file for empty bytes.
    """

    def __init__(self, reader: zstandard.ZstdDecompressionReader, place: Path, expected: set[bytes | None]) -> None:
        super().__init__()
        self._reader = reader
        self._place = place
        self._expected = expected
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
        if not count and self._digest.digest() not in self._expected:
            raise self._damaged(f"holds bytes with the SHA-256 {self._digest.hexdigest()}")
        return count

    def _damaged(self, found: str) -> ArchiveDamaged:
        return ArchiveDamaged(
            f"{self._place}: {found}; expected the bytes that it is named by; copy the file back from a backup of the "
            "raw store"
        )


def is_withheld(raw: Path, wanted: Withheld) -> bool:
    """Say whether stretches of a blob, or all of it, were taken out wholly."""
    held = withheld_of(raw, wanted.raw_sha256)
    if held is None or (wanted.is_whole and not held.is_whole):
        return False
    if held.is_whole:
        return not blob_path(raw, wanted.raw_sha256).exists()
    is_cut_off = _blanked_path(raw, wanted.raw_sha256).exists()
    return not is_cut_off and all(
        any(start <= one_from and one_to <= end for start, end in held.ranges) for one_from, one_to in wanted.ranges
    )


def take_out(raw: Path, wanted: Withheld, why: Sequence[str]) -> None:
    """Take stretches out of a blob, or all of it; what they leave is blanks. `wanted` names the blob and the stretches.

    What was taken out is noted first. Can be repeated, and cut off anywhere. Raises `ArchiveDamaged` where the bytes
    are missing or others.
    """
    place, aside = blob_path(raw, wanted.raw_sha256), _blanked_path(raw, wanted.raw_sha256)
    note = withheld_path(raw, wanted.raw_sha256)
    if wanted.is_whole:
        write_safely(note, as_json(wanted, why))
        place.unlink(missing_ok=True)
    else:
        held = withheld_of(raw, wanted.raw_sha256)
        prove(raw, wanted.raw_sha256)
        leaves = _leaves_of(place, set(blocks_of(wanted.ranges))) | (held.leaves if held is not None else {})
        left_sha256 = _blank(place, aside, wanted)
        write_safely(note, as_json(replace(wanted, leaves=leaves, left_sha256=left_sha256), why))
        aside.replace(place)
    aside.unlink(missing_ok=True)
    if place.parent.exists():
        sync_folder(place.parent)


def _blanked_path(raw: Path, raw_sha256: bytes) -> Path:
    place = blob_path(raw, raw_sha256)
    return place.with_name(f".{place.name}.blanked")


def _leaves_of(place: Path, wanted: set[int]) -> dict[int, bytes]:
    with place.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        stream = io.BufferedReader(reader, READ_BYTES)
        blocks = enumerate(iter(lambda: stream.read(BLOCK_BYTES), b""))
        return {number: leaf_hash(block) for number, block in blocks if number in wanted}


def _blank(source: Path, target: Path, withheld: Withheld) -> bytes:
    """Write a blob anew with blanks in its stretches, and return the SHA-256 of that."""
    with source.open("rb") as file, target.open("wb") as out:
        with zstandard.ZstdDecompressor().stream_reader(file) as reader:
            stream = io.BufferedReader(_Blanked(io.BufferedReader(reader, READ_BYTES), withheld.ranges), READ_BYTES)
            blob = _compress(stream, out)
        out.flush()
        os.fsync(out.fileno())
    return blob.raw_sha256


class _Blanked(io.RawIOBase):
    """Bytes with blanks in some stretches. Braces around a stretch stay, so that a list of objects stays one."""

    def __init__(self, stream: io.BufferedReader, ranges: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self._stream = stream
        self._ranges = ranges
        self._at = 0
        self._wide = _WIDE_BLANKS.get(stream.peek(2)[:2])

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes came, 0 at the end."""
        data = bytearray(self._stream.read(len(buffer)))
        for start, end in self._ranges:
            begin, until = max(start - self._at, 0), min(end - self._at, len(data))
            if begin < until:
                data[begin:until] = self._blanks(data[begin:until], self._at + begin, (start, end))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _blanks(self, data: bytearray, at: int, whole: tuple[int, int]) -> bytes:
        if self._wide is not None:
            return (self._wide * (len(data) // 2 + 1))[at % 2 : at % 2 + len(data)]
        blanks = data.translate(_BLANKS)
        if at == whole[0] and data[:1] == b"{":
            blanks[:1] = b"{"
        if at + len(data) == whole[1] and data[-1:] == b"}":
            blanks[-1:] = b"}"
        return bytes(blanks)


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
