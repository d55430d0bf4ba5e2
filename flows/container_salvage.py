"""What can still be read of a ZIP whose table of contents is lost: it stands at the end, so a cut file has none."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

from flows.container_limits import MOST_MEMBERS

_HEADER = struct.Struct("<4s5H3I2H")
_HEADER_BYTES = 30
_SIZES_FOLLOW = 0x8  # the sizes stand behind the member
_ENCRYPTED = 0x1
_STORED, _DEFLATED = 0, 8
_READ_BYTES = 65_536
_LATER = (0, 12, 16, 20, 24)  # bytes that may stand between the end of a member and the next header
_SIGNATURES = (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6")


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole member, by its own header."""

    name: bytes
    byte_from: int
    byte_to: int
    is_deflated: bool

    def opened(self, file: BinaryIO) -> io.BufferedReader:
        """Return its bytes. Reading raises `zlib.error` where they are damaged."""
        return io.BufferedReader(_Bytes(file, self))


def salvaged(file: BinaryIO) -> list[Entry]:
    """Return the members that stand whole at the beginning of a ZIP, one after another; encrypted ones are none."""
    entries: list[Entry] = []
    place = 0
    while len(entries) < MOST_MEMBERS:
        file.seek(place)
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(b"PK\3\4"):
            break
        _, _, flags, method, _, _, _, size, _, name_length, extra_length = _HEADER.unpack(header)
        name = file.read(name_length)
        byte_from = place + _HEADER_BYTES + name_length + extra_length
        byte_to = _end_of(file, byte_from, method, None if flags & _SIZES_FOLLOW else size)
        if byte_to is None:
            break
        if not flags & _ENCRYPTED and not name.endswith(b"/"):
            entries.append(Entry(name, byte_from, byte_to, method == _DEFLATED))
        place = _next_header(file, byte_to)
    return entries


def _end_of(file: BinaryIO, byte_from: int, method: int, size: int | None) -> int | None:
    """Return where a member's bytes end; None where it is not whole or can't be unpacked."""
    if method == _DEFLATED:
        return _end_of_deflated(file, byte_from)
    if method != _STORED or size is None:
        return None
    file.seek(0, io.SEEK_END)
    return byte_from + size if byte_from + size <= file.tell() else None


def _end_of_deflated(file: BinaryIO, byte_from: int) -> int | None:
    file.seek(byte_from)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    place = byte_from
    while data := file.read(_READ_BYTES):
        place += len(data)
        try:
            while data and not inflater.eof:
                inflater.decompress(data, _READ_BYTES)
                data = inflater.unconsumed_tail
        except zlib.error:
            return None
        if inflater.eof:
            return place - len(inflater.unused_data)
    return None


def _next_header(file: BinaryIO, byte_to: int) -> int:
    file.seek(byte_to)
    after = file.read(32)
    return next((byte_to + gap for gap in _LATER if after[gap : gap + 4] in _SIGNATURES), byte_to)


class _Bytes(io.RawIOBase):
    """The bytes of one member."""

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        super().__init__()
        self._file = file
        self._place = entry.byte_from
        self._byte_to = entry.byte_to
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.is_deflated else None
        self._rest = b""

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes came, 0 at the end."""
        while True:
            data = self._rest or self._next()
            self._rest = b""
            if self._inflater is None:
                out, self._rest = data[: len(buffer)], data[len(buffer) :]
            else:
                out = self._inflater.decompress(data, len(buffer))
                self._rest = self._inflater.unconsumed_tail
            if out or not data:
                buffer[: len(out)] = out
                return len(out)

    def _next(self) -> bytes:
        self._file.seek(self._place)
        data = self._file.read(min(_READ_BYTES, self._byte_to - self._place))
        self._place += len(data)
        return data
