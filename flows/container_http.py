"""One HTTP answer as a web archive keeps it: status, headers, and the body without its transfer and content codings."""

import re
import zlib
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import zstandard

from extract.model import Reason
from flows.input_facts import Refused

_STATUS = re.compile(rb"HTTP/[0-9.]+ +([0-9]{3})")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_PIECE = 1_024  # a piece of a bomb may stand for thousands of times its size


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a server, or a body that was kept without one."""

    status: int | None
    headers: dict[str, str]  # names in lower case; the last of each
    body: bytes


def answer_of(data: bytes) -> Answer | None:
    """Return the answer in the bytes; None where they begin with no status line."""
    status = _STATUS.match(data)
    if status is None:
        return None
    end = re.search(rb"\r?\n\r?\n", data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    headers: dict[str, str] = {}
    for line in head.splitlines()[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Answer(int(status[1]), headers, body)


def decoded_body(answer: Answer, most_bytes: int) -> bytes:
    """Return the body as the page was served.

    Crawlers often keep a body decoded with the headers of the coded one: what shows no sign of a coding is taken as it
    stands. Raises `Refused` for a body that can't be decoded, or is larger than allowed.
    """
    body = answer.body
    if answer.status is None:
        return body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = _dechunked(body)
    codings = [one.strip() for one in answer.headers.get("content-encoding", "").lower().split(",")]
    for coding in reversed(codings):
        body = _decoded(body, coding, most_bytes)
    return body


def _dechunked(data: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while (size := _CHUNK.match(data, place)) is not None:
        length = int(size[1], 16)
        if not length:
            return b"".join(parts)
        parts.append(data[size.end() : size.end() + length])
        place = size.end() + length
        place += 2 if data[place : place + 2] == b"\r\n" else 0
    if not parts:
        return data
    raise _undecodable("chunks that break off")


def _decoded(data: bytes, coding: str, most_bytes: int) -> bytes:
    try:
        match coding:
            case "" | "identity":
                return data
            case "gzip" | "x-gzip":
                return _pieces(zlib.decompressobj(47), data, most_bytes) if data.startswith(b"\x1f\x8b") else data
            case "deflate":
                is_wrapped = data[:1] == b"\x78" and int.from_bytes(data[:2], "big") % 31 == 0
                return _pieces(zlib.decompressobj(15 if is_wrapped else -15), data, most_bytes)
            case "zstd":
                is_coded = data.startswith(b"\x28\xb5\x2f\xfd")
                return _pieces(zstandard.ZstdDecompressor().decompressobj(), data, most_bytes) if is_coded else data
            case "br" if find_spec("brotli"):
                brotli = import_module("brotli")
                return _pieces(_Brotli(brotli.Decompressor()), data, most_bytes)
    except (zlib.error, zstandard.ZstdError, ValueError) as error:
        raise _undecodable(f"the coding {coding} ({error})") from error
    raise _undecodable(f"the coding {coding[:20]!r}, which is not known here")


class _Brotli:
    """Brotli with the names of the others."""

    def __init__(self, decompressor: Any) -> None:
        self._decompressor = decompressor

    @property
    def eof(self) -> bool:
        """True where the end was reached."""
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes) -> bytes:
        """Return what comes of more bytes. Raises `ValueError` where they are damaged."""
        try:
            return bytes(self._decompressor.process(data))
        except import_module("brotli").error as error:
            raise ValueError(str(error)) from error


def _pieces(decompressor: Any, data: bytes, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for place in range(0, len(data), _PIECE):
        parts.append(decompressor.decompress(data[place : place + _PIECE]))
        size += len(parts[-1])
        if size > most_bytes:
            raise Refused(
                Reason.TOO_LARGE,
                f"a body that unpacks to more than {most_bytes:,} bytes",
                f"at most {most_bytes:,}",
                "if it is a page, save its body in a file and hand that in",
            )
        if decompressor.eof:
            return b"".join(parts)
    raise ValueError("it breaks off")


def _undecodable(found: str) -> Refused:
    return Refused(
        Reason.UNREADABLE_INPUT,
        f"a body in {found}",
        "a sound body, plain or in gzip, deflate, br or zstd",
        "fetch the page again; the other records were taken in",
    )
