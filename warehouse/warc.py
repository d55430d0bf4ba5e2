"""WARC 1.1: the captures that came from an address, for those who replay them.

A capture is a `resource` record: the bytes as the archive holds them, which holds no headers of the server's answer.
What is known of how it came in stands in a `metadata` record behind it. A record is dated by its capture, so that one
whose time nobody knows has no place in a WARC. The same archive gives the same bytes.
"""

import zlib
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb

from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.raw_store import READ_BYTES, opened
from warehouse.statements import statement

_NAMES = uuid5(NAMESPACE_URL, "mfa-archive")
_GZIP = 16 + zlib.MAX_WBITS  # the header has no time and no name in it
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F))  # an address keeps its own escapes


@dataclass(frozen=True, slots=True)
class Warc:
    """What was written."""

    capture_count: int
    undated_count: int  # left out: nobody knows their time
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Capture:
    capture_key: str
    address: str
    captured_at: datetime | None
    captured_via: str
    captured_basis: str
    source_key: str
    locator: str
    raw_sha256: bytes
    size_bytes: int
    http_status: int | None
    content_type: str | None
    content_type_basis: str | None  # server, form
    note: str | None

    @property
    def record_id(self) -> UUID:
        return uuid5(_NAMES, f"capture {self.capture_key}")

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield what is told of it, as a metadata record has it."""
        known = {
            "capture_key": self.capture_key,
            "captured_via": self.captured_via,
            "captured_basis": self.captured_basis,
            "source_key": self.source_key,
            "locator": self.locator,
            "raw_sha256": self.raw_sha256.hex(),
            "http_status": self.http_status,
            "content_type_basis": self.content_type_basis,
            "note": self.note,
        }
        yield from ((name, str(value)) for name, value in known.items() if value is not None)


def write_warc(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    out: Path,
    software: str,
    wanted: tuple[str | None, datetime | None],
) -> Warc:
    """Write the captures of a source, since an instant, or all, to a compressed WARC file that is new.

    Raises `ArchiveDamaged` where bytes are missing, and leaves no file then.
    """
    newest = connection.execute(statement("newest_append")).fetchone()
    if newest is None:
        raise ArchiveDamaged("the archive holds nothing yet; expected an append; mfa-archive ingest makes one")
    source_key, since = wanted
    rows = connection.execute(statement("warc/captures"), {"source_key": source_key, "since": since}).fetchall()
    captures = [_Capture(*row) for row in rows]
    dated = [(capture, capture.captured_at) for capture in captures if capture.captured_at is not None]
    with out.open("xb") as file:
        try:
            _write_info(file, out.name, software, newest[1].hex(), newest[2])
            for capture, captured_at in dated:
                _write_capture(file, layout, capture, captured_at)
        except BaseException:
            out.unlink()
            raise
    return Warc(len(dated), len(captures) - len(dated), out.stat().st_size)


def _write_info(file: BinaryIO, name: str, software: str, head: str, recorded_at: datetime) -> None:
    body = _lines(
        [
            ("software", software),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
            ("description", f"captures of an archive with the head {head}"),
        ]
    )
    record_id = uuid5(_NAMES, f"head {head} {name}")
    headers = [("WARC-Filename", name), ("Content-Type", "application/warc-fields")]
    _write_small(file, "warcinfo", record_id, recorded_at, (headers, body))


def _write_capture(file: BinaryIO, layout: Layout, capture: _Capture, captured_at: datetime) -> None:
    address = quote(capture.address, safe=_PLAIN)
    digest = f"sha256:{b32encode(capture.raw_sha256).decode()}"
    headers = [
        ("WARC-Target-URI", address),
        ("WARC-Payload-Digest", digest),
        ("WARC-Block-Digest", digest),
        *([("Content-Type", _on_one_line(capture.content_type))] if capture.content_type else []),
    ]
    compressor = zlib.compressobj(wbits=_GZIP)
    head = _head("resource", capture.record_id, captured_at, headers, capture.size_bytes)
    file.write(compressor.compress(head))
    with opened(layout.raw, capture.raw_sha256) as stream:
        while chunk := stream.read(READ_BYTES):
            file.write(compressor.compress(chunk))
    file.write(compressor.compress(b"\r\n\r\n") + compressor.flush())
    more = [
        ("WARC-Target-URI", address),
        ("WARC-Concurrent-To", f"<{capture.record_id.urn}>"),
        ("Content-Type", "application/warc-fields"),
    ]
    record_id = uuid5(_NAMES, f"metadata {capture.capture_key}")
    _write_small(file, "metadata", record_id, captured_at, (more, _lines(capture.fields())))


def _write_small(
    file: BinaryIO, kind: str, record_id: UUID, at: datetime, content: tuple[list[tuple[str, str]], bytes]
) -> None:
    headers, body = content
    compressor = zlib.compressobj(wbits=_GZIP)
    data = _head(kind, record_id, at, headers, len(body)) + body + b"\r\n\r\n"
    file.write(compressor.compress(data) + compressor.flush())


def _head(kind: str, record_id: UUID, at: datetime, headers: list[tuple[str, str]], size_bytes: int) -> bytes:
    named = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{record_id.urn}>"),
        ("WARC-Date", f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if at.microsecond else _whole_second(at)),
        *headers,
        ("Content-Length", str(size_bytes)),
    ]
    return b"WARC/1.1\r\n" + _lines(named) + b"\r\n"


def _whole_second(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _lines(fields: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> bytes:
    return b"".join(f"{name}: {_on_one_line(value)}\r\n".encode() for name, value in fields)


def _on_one_line(value: str) -> str:
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in value)
