"""WARC 1.1: the captures that came from an address, for those who replay them.

A capture that has the headers of its answer is a `response` record, or a `revisit` record where the server confirmed
bytes; any other is a `resource` record: the bytes as the archive holds them. What is known of how it came in stands in
a `metadata` record behind it. A record is dated by its capture, so that one whose time nobody knows has no place in a
WARC. The same archive gives the same bytes.
"""

import zlib
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb
import orjson

from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.raw_store import READ_BYTES, opened
from warehouse.statements import statement

_NAMES = uuid5(NAMESPACE_URL, "mfa-archive")
_GZIP = 16 + zlib.MAX_WBITS  # the header has no time and no name in it
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F))  # an address keeps its own escapes
_UNPACKED = ("content-encoding", "transfer-encoding", "content-length")  # of the body as it came: it is held unpacked
_UNCHANGED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


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
    headers: str | None  # of the server's answer: JSON, a list of name and value

    @property
    def record_id(self) -> UUID:
        return uuid5(_NAMES, f"capture {self.capture_key}")

    @property
    def kind(self) -> str:
        if self.headers is None:
            return "resource"
        return "revisit" if self.http_status == HTTPStatus.NOT_MODIFIED else "response"

    def answer_head(self) -> bytes:
        """Return the head of the server's answer, fit for the body as it is held; nothing where it is not known."""
        if self.headers is None or self.http_status is None:
            return b""
        held = [(name, value) for name, value in orjson.loads(self.headers) if name not in _UNPACKED]
        if self.kind == "response":
            held.append(("content-length", str(self.size_bytes)))
        known = {status.value: status.phrase for status in HTTPStatus}
        line = f"HTTP/1.1 {self.http_status} {known.get(self.http_status, '')}\r\n"
        return line.encode() + _lines(held) + b"\r\n"

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
            "http_headers": None
            if self.headers is None
            else f"as received, without {', '.join(_UNPACKED)} and set-cookie: the body is held unpacked",
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
    answer = capture.answer_head()
    size_bytes = len(answer) + (0 if capture.kind == "revisit" else capture.size_bytes)
    head = _head(capture.kind, capture.record_id, captured_at, _record_headers(capture, address), size_bytes)
    compressor = zlib.compressobj(wbits=_GZIP)
    file.write(compressor.compress(head + answer))
    if capture.kind != "revisit":
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


def _record_headers(capture: _Capture, address: str) -> list[tuple[str, str]]:
    digest = f"sha256:{b32encode(capture.raw_sha256).decode()}"
    headers = [("WARC-Target-URI", address), ("WARC-Payload-Digest", digest)]
    if capture.kind == "resource":
        headers.append(("WARC-Block-Digest", digest))
        if capture.content_type:
            headers.append(("Content-Type", _on_one_line(capture.content_type)))
        return headers
    if capture.kind == "revisit":
        headers += [("WARC-Profile", _UNCHANGED), ("WARC-Refers-To-Target-URI", address)]
    return [*headers, ("Content-Type", "application/http; msgtype=response")]


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
