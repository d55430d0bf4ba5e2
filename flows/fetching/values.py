"""The values of fetching: what is asked, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from extract.model import Reason
from warehouse.raw_store import Blob


class Purpose(StrEnum):
    """What an answer is read as."""

    PAGE = "page"  # one document of the ministry's site
    POST = "post"  # one post of a channel, `t.me/<channel>/<id>?embed=1&mode=tme`
    CHANNEL = "channel"  # a page of a channel's preview, `t.me/s/<channel>`
    LISTING = "listing"  # a page of the site that lists documents
    FEED = "feed"  # RSS or Atom
    INDEX = "index"  # captures that a web archive holds
    ROBOTS = "robots"  # robots.txt


class Failure(StrEnum):
    """Why a request has no whole answer, or an answer that is not used: the closed list."""

    UNRESOLVED = "unresolved"  # the host has no address
    REFUSED_ADDRESS = "refused_address"  # private, loopback, another scheme, port or host than the sources have
    NOT_CONNECTED = "not_connected"  # nobody listens, or no route
    TLS = "tls"  # the certificate, or the handshake
    RESET = "reset"  # the connection broke before or within the answer
    TIMEOUT = "timeout"  # nothing came for too long
    TOO_SLOW = "too_slow"  # bytes came, but not all within the time for one answer
    TOO_LARGE = "too_large"  # the body, or what it decodes to
    TRUNCATED = "truncated"  # fewer bytes than the server said
    UNDECODABLE = "undecodable"  # a content coding that is not known, or whose bytes are damaged
    BAD_ANSWER = "bad_answer"  # no HTTP
    CONTRADICTED = "contradicted"  # a web archive's copy that bears another instant than the one that was asked for


class Verdict(StrEnum):
    """What came of one request: the closed list of the view `captures`."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"  # 304: the bytes that are held are what is there
    MOVED = "moved"  # a redirect
    MISSING = "missing"  # 404, 410, or the source says that it isn't there: a failed look
    REFUSED = "refused"  # 401, 403, 429
    CHALLENGED = "challenged"  # a shield's page
    NOT_A_DOCUMENT = "not_a_document"  # an answer 200 in which nothing that was asked for is found
    FAILED = "failed"  # all else


_BY_STATUS = {
    200: Verdict.FETCHED,
    304: Verdict.UNCHANGED,
    401: Verdict.REFUSED,
    403: Verdict.REFUSED,
    404: Verdict.MISSING,
    410: Verdict.MISSING,
    429: Verdict.REFUSED,
}
_BY_REASON = {Reason.CHALLENGE_PAGE: Verdict.CHALLENGED, Reason.NOT_FOUND: Verdict.MISSING}


def verdict_of(status: int | None, failure: str | None, reason: str | None) -> Verdict:
    """Return what came of a request: its status, its failure, and why its bytes were rejected as a whole.

    The same as the macro store.verdict.
    """
    if failure is not None or status is None:
        return Verdict.FAILED
    if reason is not None:
        return _BY_REASON.get(Reason(reason), Verdict.NOT_A_DOCUMENT)
    return _BY_STATUS.get(status, Verdict.MOVED if status // 100 == 3 else Verdict.FAILED)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request that is to be made."""

    address: str  # absolute, https or http, without fragment
    purpose: Purpose
    source_key: str
    looked_for: str | None = None  # key of the document that should be shown there
    etag: str | None = None  # of the bytes that are held; with them or `last_modified` the request is conditional
    last_modified: str | None = None
    held: Blob | None = None  # those bytes, which an answer 304 confirms
    # Of a web archive's copy: the address that it is a copy of, and the instant by which it was asked for.
    copy_of: str | None = None
    stamped_at: datetime | None = None  # aware, UTC


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request. Redirects are not followed: they are answers."""

    asked_at: datetime  # aware, UTC
    answered_at: datetime  # when its last byte came, or it was given up
    status: int | None  # None: no status line came
    headers: tuple[tuple[str, str], ...]  # names in lower case, in their order, without set-cookie
    body: bytes  # without its content codings; what came of it where it broke off
    failure: Failure | None = None
    detail: str | None = None  # of the failure, on one line

    def header(self, name: str) -> str | None:
        """Return the last value of a header; None where there is none."""
        found = [value for key, value in self.headers if key == name]
        return found[-1] if found else None
