"""What goes wrong between server and client: answers in place of the right one, and right ones that are spoiled."""

import gzip
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from tests.standin.http import Request, Response

_HTML = {"Content-Type": "text/html; charset=utf-8"}
When = Callable[[Request, datetime], bool]
Answering = Callable[[Request, datetime], Response]


@dataclass(frozen=True, slots=True)
class Fault:
    """Which requests go wrong, and what is answered then: an answer, or what is made of the right one."""

    when: When
    response: Response | Callable[[Response], Response]


def spoiled(faults: Sequence[Fault], request: Request, now: datetime, whole: Answering) -> Response:
    """Return the answer of the first fault that fits; without one the right answer."""
    for fault in faults:
        if fault.when(request, now):
            if isinstance(fault.response, Response):
                return fault.response
            return fault.response(whole(request, now))
    return whole(request, now)


def always(request: Request, now: datetime) -> bool:
    del request, now
    return True


def at(*targets: str) -> When:
    """Return the condition that one of these paths with their queries is asked."""
    return lambda request, _: request.target in targets


def below(start: str) -> When:
    """Return the condition that a path begins so."""
    return lambda request, _: request.target.startswith(start)


def between(since: datetime, until: datetime) -> When:
    """Return the condition that it is asked from an instant until before another."""
    return lambda _, now: since <= now < until


CHALLENGE = Response(
    200,
    b'<html><head>\n<meta http-equiv="Pragma" content="no-cache"/>\n<meta http-equiv="Expires" content="-1"/>\n'
    b'<script type="text/javascript">(function(){window["bobcmn"] = "10111111111111100000005200000005";'
    b'window["failureConfig"] = "524f6f7073212e2e2e";})();</script>\n'
    b'<script type="text/javascript" src="/TSPD/08a5a1b2c3ab2000?type=10"></script>\n'
    b"<noscript>Please enable JavaScript to view the page content.<br/>Your support ID is: 1234567890123456789."
    b"</noscript>\n</head><body></body></html>\n",
    {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "Set-Cookie": "TSPD_101=08a5a1; Path=/"},
)
FORBIDDEN = Response(
    403, b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>", _HTML
)
UNAUTHORIZED = Response(401, b"<html><head><title>401</title></head><body></body></html>", _HTML)
SERVER_ERROR = Response(500, b"<html><head><title>500 Internal Server Error</title></head><body></body></html>", _HTML)
UNAVAILABLE = Response(503, b"<html><head><title>503 Service Unavailable</title></head><body></body></html>", _HTML)
ERROR_PAGE = Response(
    200, "<html><head><title>Ошибка</title></head><body><h1>Внутренняя ошибка</h1></body></html>\n".encode(), _HTML
)
LOGIN_WALL = Response(
    200,
    b"<html><head><title>Log in</title></head><body><h1>Log in</h1><form method=post><input name=login>"
    b"<input type=password name=password></form></body></html>\n",
    _HTML,
)
EMPTY_LISTING = Response(
    200,
    b'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>News</title></head><body><h1>News</h1>'
    b'<ul class="announce announce_articles">\n</ul></body></html>\n',
    _HTML,
)
RESET = Response(fault="reset")
SILENCE = Response(fault="silence")
GARBAGE = Response(fault="garbage")
ENDLESS = Response(200, b"", _HTML, fault="endless")


def too_many(retry_after: str) -> Response:
    """Return 429; when to come back is told in seconds or as a date of HTTP."""
    return Response(429, b"Too Many Requests\n", {"Content-Type": "text/plain", "Retry-After": retry_after})


def moved_to(address: str, status: int = 302) -> Response:
    """Return the answer that leads elsewhere: to another host, a private address, a listing, or to itself."""
    return Response(status, b"", {"Location": address})


def broken(fault: str) -> Callable[[Response], Response]:
    """Return what makes the connection behave badly while the right answer is sent."""
    return lambda whole: replace(whole, fault=fault)


def cut(whole: Response) -> Response:
    """Return the first half of a body as if it were all."""
    return replace(whole, body=whole.body[: len(whole.body) // 2])


def without_text(whole: Response) -> Response:
    """Return a page with all that stands around its text."""
    return replace(whole, body=re.sub(rb"<p>.*?</p>", b"", whole.body))


def declared_windows_1251(whole: Response) -> Response:
    """Return a body in UTF-8 that head and markup declare as windows-1251."""
    body = whole.body.replace(b'<meta charset="utf-8">', b'<meta charset="windows-1251">')
    return replace(whole, body=body, headers=whole.headers | {"Content-Type": "text/html; charset=windows-1251"})


def in_windows_1251(whole: Response) -> Response:
    """Return a body in windows-1251 that head and markup declare as UTF-8."""
    return replace(whole, body=whole.body.decode().encode("cp1251", "xmlcharrefreplace"))


@lru_cache(maxsize=4)
def gzip_bomb(mebibytes: int = 1_024) -> Response:
    """Return a body that decodes to so many mebibytes of blanks from about a thousandth of that."""
    blanks = b" " * (1 << 20)
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = coder.compress(blanks) + coder.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(blanks, checksum)
    head = gzip.compress(b"", mtime=0)[:10]
    tail = b"\x03\x00" + checksum.to_bytes(4, "little") + (mebibytes << 20 & 0xFFFF_FFFF).to_bytes(4, "little")
    return Response(200, head + piece * mebibytes + tail, _HTML | {"Content-Encoding": "gzip"})
