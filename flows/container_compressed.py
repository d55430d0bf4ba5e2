"""Compressed streams: gzip, bzip2, xz and zstd, told by their first bytes and read piece by piece."""

import bz2
import gzip
import io
import lzma
import zlib
from typing import Any, BinaryIO

import zstandard

_ZSTD_PIECE = 2_048  # a piece of zstd may stand for 30,000 times its size
_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zstd")
# What the libraries raise for bytes that are damaged or break off.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, gzip.BadGzipFile)


def compression_of(head: bytes) -> str | None:
    """Return the kind of compression; None where there is none."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    is_skippable = head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F
    return "zstd" if head.startswith(b"\x28\xb5\x2f\xfd") or is_skippable else None


def decompressed(stream: BinaryIO, compression: str) -> BinaryIO:
    """Return the bytes within a compressed stream. Reading raises one of `DAMAGE` where it is damaged or breaks off."""
    match compression:
        case "gzip":
            return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value] # it reads like any binary stream
        case "bzip2":
            return bz2.BZ2File(stream)  # type: ignore[return-value] # likewise
        case "xz":
            return lzma.LZMAFile(stream)  # type: ignore[return-value] # likewise
        case _:
            return io.BufferedReader(_Zstd(stream))


def bare_name(name: str) -> str:
    """Return the name of what is within a compressed file."""
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


class _Zstd(io.RawIOBase):
    """The bytes within zstd frames. The library's own reader takes a frame that breaks off for a shorter one."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_within = False
        self._rest = b""  # was read too far, and begins the next frame
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes came, 0 at the end."""
        while not self._ready:
            data = self._rest or self._stream.read(_ZSTD_PIECE)
            self._rest = b""
            if not data:
                if self._is_within:
                    raise EOFError("a zstd frame breaks off")
                return 0
            self._is_within = True
            self._ready = memoryview(self._frame.decompress(data))
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._is_within = False
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
