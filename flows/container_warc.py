"""WARC, plain or compressed: the pages that web archives hold, each with its time and address.

Only what a server answered with status 200, and what was kept without a request, is read; requests, repeats, other
answers, and bodies that are no text, JSON or HTML are passed over and counted.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from extract.model import Reason
from flows.container_compressed import DAMAGE, compression_of, decompressed
from flows.container_http import Answer, answer_of, decoded_body
from flows.container_limits import Allowance, Metered
from flows.container_members import Member, Unpacking, broken_off
from flows.input_facts import Refused, Told, shown

MOST_BODY_BYTES = 64_000_000
_MOST_HEADER_BYTES = 1_000_000
_DOCUMENTS = frozenset({"application/json", "application/xhtml+xml", "application/ld+json"})
_NO_TEXT = frozenset({"text/css", "text/javascript", "text/ecmascript", "text/dns", "text/vtt"})


@dataclass(frozen=True, slots=True)
class _Record:
    headers: dict[str, str]  # names in lower case
    body: bytes | None  # None: larger than what is read
    byte_from: int

    @property
    def kind(self) -> str:
        return self.headers.get("warc-type", "").lower()

    @property
    def name(self) -> str:
        return self.headers.get("warc-record-id", "").strip("<> ") or str(self.byte_from)

    @property
    def address(self) -> str | None:
        address = self.headers.get("warc-target-uri", "").strip("<> ")
        return address if address.isprintable() and address.lower().startswith(("http://", "https://")) else None

    @property
    def captured_at(self) -> datetime | None:
        try:
            found = datetime.fromisoformat(self.headers.get("warc-date", ""))
        except ValueError:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)  # the form is UTC

    @property
    def media_type(self) -> str:
        return _media_type(self.headers.get("content-type"))


def warc_members(path: Path, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield the pages of a WARC. Raises `Refused` where it is damaged or breaks off, after what stands before."""
    with path.open("rb") as file:
        compression = compression_of(file.read(16))
        file.seek(0)
        stream: BinaryIO = decompressed(file, compression) if compression else file
        records = _Records(io.BufferedReader(Metered(stream, allowance.most_bytes)))
        try:
            for record in records:
                yield from _member(record, unpacking, allowance)
        except (*DAMAGE, OSError) as error:
            raise broken_off(f"a WARC that is damaged or breaks off ({error})") from error


class _Records:
    """The records of a WARC, one after another."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._place = 0

    def __iter__(self) -> Iterator[_Record]:
        while True:
            line = self._line()
            while line in (b"\r\n", b"\n"):
                line = self._line()
            if not line:
                return
            byte_from = self._place - len(line)
            if not line.startswith(b"WARC/"):
                raise broken_off(f"no WARC record at byte {byte_from:,}")
            yield self._record(byte_from)

    def _line(self) -> bytes:
        line = self._stream.readline(_MOST_HEADER_BYTES)
        self._place += len(line)
        return line

    def _record(self, byte_from: int) -> _Record:
        headers: dict[str, str] = {}
        name = ""
        while (line := self._line()) not in (b"\r\n", b"\n"):
            if not line.endswith(b"\n") or self._place - byte_from > _MOST_HEADER_BYTES:
                raise broken_off(f"a WARC record without an end of its headers at byte {byte_from:,}")
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text[:1] in (" ", "\t") and name:
                headers[name] += " " + text.strip()
                continue
            name, _, value = text.partition(":")
            name = name.strip().lower()
            headers[name] = value.strip()
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            raise broken_off(f"a WARC record without a length at byte {byte_from:,}")
        return _Record(headers, self._body(int(length), byte_from), byte_from)

    def _body(self, length: int, byte_from: int) -> bytes | None:
        kept: list[bytes] | None = [] if length <= MOST_BODY_BYTES else None
        left = length
        while left:
            data = self._stream.read(min(left, 1_000_000))
            if not data:
                raise broken_off(f"a WARC that breaks off in the record at byte {byte_from:,}")
            left -= len(data)
            self._place += len(data)
            if kept is not None:
                kept.append(data)
        return None if kept is None else b"".join(kept)


def _member(record: _Record, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield the page in a record, if it holds one; count what is passed over."""
    if record.kind not in ("response", "resource"):
        unpacking.passed_over[f"WARC records of the kind {_word(record.kind)}"] += 1
        return
    if record.address is None or (record.kind == "response" and record.media_type != "application/http"):
        unpacking.passed_over["WARC records of no page"] += 1
        return
    if record.body is None:
        yield Member(shown(record.name), refusal=_too_large())
        return
    answer = answer_of(record.body) if record.kind == "response" else Answer(None, record.headers, record.body)
    if answer is None:
        yield Member(shown(record.name), refusal=_no_answer())
        return
    if answer.status is not None and answer.status != 200:
        unpacking.passed_over[f"answers with HTTP status {answer.status}"] += 1
        return
    media_type = _media_type(answer.headers.get("content-type"))
    if not _is_document(media_type):
        unpacking.passed_over[f"answers of the type {_word(media_type)}"] += 1
        return
    yield _put(record, answer, unpacking, allowance)


def _put(record: _Record, answer: Answer, unpacking: Unpacking, allowance: Allowance) -> Member:
    try:
        body = decoded_body(answer, MOST_BODY_BYTES)
    except Refused as error:
        return Member(shown(record.name), refusal=error)
    truncated = record.headers.get("warc-truncated")
    told = Told(
        captured_at=record.captured_at,
        captured_basis="warc" if record.captured_at else None,
        captured_via="warc",
        address=record.address,
        http_status=answer.status,
        content_type=_printable(answer.headers.get("content-type")),
        note=f"cut short in the web archive: {_word(truncated)}" if truncated else None,
    )
    return Member(shown(record.name), unpacking.put(io.BytesIO(body), allowance), told)


def _media_type(value: str | None) -> str:
    return (value or "").partition(";")[0].strip().lower()


def _is_document(media_type: str) -> bool:
    if not media_type:
        return True
    return media_type in _DOCUMENTS or (media_type.startswith("text/") and media_type not in _NO_TEXT)


def _word(value: str) -> str:
    return "".join(letter for letter in value if letter.isprintable())[:60] or "that is not named"


def _printable(value: str | None) -> str | None:
    return value[:200] if value and value.isprintable() else None


def _too_large() -> Refused:
    return Refused(
        Reason.TOO_LARGE,
        f"a WARC record of more than {MOST_BODY_BYTES:,} bytes",
        f"at most {MOST_BODY_BYTES:,}",
        "if it is a page, save its body in a file and hand that in",
    )


def _no_answer() -> Refused:
    return Refused(
        Reason.UNREADABLE_INPUT,
        "a WARC response without an HTTP status line",
        "an HTTP answer",
        "fetch the page again; the other records were taken in",
    )
