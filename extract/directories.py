"""What leads to documents and is none, judged by what it was asked for: a listing, a feed, an index, robots.txt."""

import codecs
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from extract.encoding import codec_of, mark_length
from extract.errors import NoDocument, UndecodableInput, UnreadableInput
from extract.feeds import FEED_VERSION, feed_in
from extract.formats.page_verdicts import challenge_in
from extract.found import Directory
from extract.index import INDEX_VERSION, index_in
from extract.listings import LISTING_VERSION, listing_in
from extract.model import Rejection

ROBOTS_VERSION = 1  # goes up with each change that alters what is refused

_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?([a-z0-9_.:-]+)")
_MARKUP = re.compile(rb"(?i)<(?:!doctype\s+html|html|script)\b")
_HEAD_BYTES = 1 << 16

# Purpose of a request, and the name and version of the form that its answer is judged as.
FORMATS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "listing": ("mid_listing", LISTING_VERSION),
        "feed": ("mid_feed", FEED_VERSION),
        "index": ("wayback_index", INDEX_VERSION),
        "robots": ("robots_txt", ROBOTS_VERSION),
    }
)


def judge(purpose: str, data: bytes, address: str, content_type: str | None) -> tuple[Rejection, ...]:
    """Return the rejections of what can't be read in bytes that are what was asked for, else raise an `ExtractError`.

    A purpose is one of `FORMATS`.
    """
    return _CHECKS[purpose](data, address, charset_in(content_type))


def charset_in(content_type: str | None) -> str | None:
    """Return the encoding that a server declares, where it is known and another than the usual one."""
    found = _CHARSET.search(content_type or "")
    try:
        name = codecs.lookup(found[1]).name if found else None
    except LookupError:
        return None
    return None if name == "utf-8" else name


def _check_listing(data: bytes, address: str, declared: str | None) -> tuple[Rejection, ...]:
    return _not_empty(listing_in(data, address, declared), address)


def _check_feed(data: bytes, address: str, declared: str | None) -> tuple[Rejection, ...]:
    return _not_empty(feed_in(data, address, declared), address)


def _not_empty(directory: Directory, address: str) -> tuple[Rejection, ...]:
    """Raise `NoDocument` for what names nothing; what a query asks for, a day or a page past the end, may be empty."""
    if not directory.found and not urlsplit(address).query:
        raise NoDocument("no documents in it", "the newest ones", "look at the address with a browser")
    return ()


def _check_index(data: bytes, _address: str, _declared: str | None) -> tuple[Rejection, ...]:
    return index_in(data).rejections


def _check_robots(data: bytes, _address: str, _declared: str | None) -> tuple[Rejection, ...]:
    """Any text may be rules, and none at all: only a page in their place, and what is no text, is refused."""
    if not data.strip():
        return ()
    if data[mark_length(data) :].lstrip().startswith(b"<") or _MARKUP.search(data, 0, _HEAD_BYTES):
        raise challenge_in(data) or UnreadableInput("a page in markup", "rules of robots.txt", "ask again another day")
    codec_of(data[:_HEAD_BYTES], None)
    if b"\0" in data and not mark_length(data):
        raise UndecodableInput("a NUL character", "rules of robots.txt", "ask again another day")
    return ()


_CHECKS: Mapping[str, Callable[[bytes, str, str | None], tuple[Rejection, ...]]] = MappingProxyType(
    {"listing": _check_listing, "feed": _check_feed, "index": _check_index, "robots": _check_robots}
)
