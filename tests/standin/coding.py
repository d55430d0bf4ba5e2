"""Content codings, chosen as a server chooses them: among those that the client accepts."""

import gzip
import zlib
from dataclasses import replace
from functools import lru_cache

import brotli
import zstandard

from tests.standin.http import Request, Response

CODINGS = ("gzip", "br", "zstd")


def coded(request: Request, response: Response) -> Response:
    """Return an answer in a coding that the request accepts; which one of them depends on the address alone.

    One that already bears a coding, and one without a body, stay as they are.
    """
    accepted = [coding for coding in CODINGS if coding in _accepted(request.headers.get("accept-encoding", ""))]
    if not accepted or not response.body or "Content-Encoding" in response.headers:
        return response
    coding = accepted[zlib.crc32(request.target.encode()) % len(accepted)]
    headers = response.headers | {"Content-Encoding": coding, "Vary": "Accept-Encoding"}
    if etag := headers.get("ETag"):  # the bytes aren't those that the strong one is of
        headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
    return replace(response, body=_encoded(response.body, coding), headers=headers)


def _accepted(header: str) -> set[str]:
    offers = [offer.partition(";") for offer in header.lower().split(",")]
    return {name.strip() for name, _, weight in offers if weight.replace(" ", "") not in ("q=0", "q=0.0")}


@lru_cache(maxsize=256)
def _encoded(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body, compresslevel=1, mtime=0)
    if coding == "br":
        return brotli.compress(body, quality=1)
    return zstandard.ZstdCompressor(level=1).compress(body)
