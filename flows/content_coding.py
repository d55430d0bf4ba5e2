"""The body of an HTTP answer without its content codings, and how far that went where it goes wrong."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import brotli
import zstandard

KNOWN = ("gzip", "br", "zstd", "deflate")
_STEP = 65_536  # bytes that come out at a time: a small bomb must not fill the memory before it is measured


class Trouble(StrEnum):
    """Why a body can't be decoded to its end."""

    TOO_LARGE = "too_large"
    BROKEN_OFF = "broken_off"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body, or what came out of it before the trouble."""

    body: bytes
    trouble: Trouble | None = None
    found: str = ""  # what the trouble is


def decoded(body: bytes, codings: str, most_bytes: int) -> Decoded:
    """Return a body without the codings that a Content-Encoding header names.

    Crawlers and servers send plain bodies with the headers of coded ones: what shows no sign of a coding is taken as
    it stands.
    """
    for coding in reversed([one.strip() for one in codings.lower().split(",")]):
        step = _without(body, coding, most_bytes)
        if step.trouble is not None:
            return step
        body = step.body
    return Decoded(body)


def _without(body: bytes, coding: str, most_bytes: int) -> Decoded:
    pieces = _pieces(body, coding)
    if pieces is None:
        return Decoded(b"", Trouble.UNKNOWN, f"the coding {coding[:20]!r}, which is not known here")
    parts: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > most_bytes:
                parts.append(piece[: most_bytes - size])
                found = f"a body that unpacks to more than {most_bytes:,} bytes"
                return Decoded(b"".join(parts), Trouble.TOO_LARGE, found)
            parts.append(piece)
    except EOFError:
        return Decoded(b"".join(parts), Trouble.BROKEN_OFF, f"the coding {coding} (it breaks off)")
    except (zlib.error, zstandard.ZstdError, brotli.error) as error:
        return Decoded(b"".join(parts), Trouble.DAMAGED, f"the coding {coding} ({error})")
    return Decoded(b"".join(parts))


def _pieces(body: bytes, coding: str) -> Iterator[bytes] | None:
    """Return what comes out, piece by piece; None for a coding that is not known. `EOFError` where it breaks off."""
    match coding:
        case "" | "identity":
            return iter((body,))
        case "gzip" | "x-gzip":
            return _inflated(body, 47) if body.startswith(b"\x1f\x8b") else iter((body,))
        case "deflate":
            is_wrapped = body[:1] == b"\x78" and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflated(body, 15 if is_wrapped else -15)
        case "zstd":
            return _unzstd(body) if body.startswith(b"\x28\xb5\x2f\xfd") else iter((body,))
        case "br":
            return _unbrotli(body)
    return None


def _inflated(body: bytes, window_bits: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(window_bits)
    for piece in _cut(body):
        yield inflater.decompress(piece, _STEP)
        while inflater.unconsumed_tail and not inflater.eof:
            yield inflater.decompress(inflater.unconsumed_tail, _STEP)
        if inflater.eof:
            return
    raise EOFError


def _unzstd(body: bytes) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    for piece in _cut(body, 1_024):  # no limit can be set on what comes out: of these at most 32 MB
        yield unpacker.decompress(piece)
        if unpacker.eof:
            return
    raise EOFError


def _unbrotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    for piece in _cut(body):
        came = unpacker.process(piece, output_buffer_limit=_STEP)
        while came or not unpacker.can_accept_more_data():  # that alone says nothing of what it still holds back
            yield came
            came = unpacker.process(b"", output_buffer_limit=_STEP)
        if unpacker.is_finished():
            return
    raise EOFError


def _cut(body: bytes, size: int = _STEP) -> Iterator[bytes]:
    data = memoryview(body)
    return (bytes(data[place : place + size]) for place in range(0, len(body), size))
