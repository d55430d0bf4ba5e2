"""What robots.txt allows, and when a host must not be asked at all.

A file that is not there sets no rules; one that can't be had, or is none, may forbid anything: then nothing is asked.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from protego import Protego

from extract.directories import judge
from extract.errors import ExtractError
from flows.fetching.memory import Directory, held_bytes
from flows.fetching.values import Answer, Failure, Purpose

PRODUCT = "mfa-archive"  # the name under which a robots.txt may set rules for us (RFC 9309, 2.2.1)
MOST_BYTES = 500 * 1_024  # RFC 9309, 2.5: as much must be read of it at least
MOST_DELAY_S = 600.0  # between two requests; whoever asks for more isn't asked: a run would never end
_MISSING = (404, 410)
_LINE = re.compile(
    rb"(?im)^(?:\xef\xbb\xbf)?[ \t]*(?:#|(?:user-?agent|(?:dis)?allow|sitemap|crawl-delay|host|clean-param)[ \t]*:)"
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one host."""

    stop: str | None  # why it must not be asked at all: what its robots.txt is or has
    crawl_delay_s: float | None
    _parsed: Protego

    def allows(self, url: str) -> bool:
        """Say whether an address may be asked."""
        return self.stop is None and self._parsed.can_fetch(url, PRODUCT)


def rules_of(answer: Answer) -> Rules:
    """Return the rules that an answer to a request for robots.txt sets."""
    stop = _stop(answer)
    text = _text(answer.body) if stop is None and answer.status not in _MISSING else ""
    parsed = Protego.parse(text)
    delay = parsed.crawl_delay(PRODUCT)
    if delay is not None and delay > MOST_DELAY_S:
        stop, delay = f"asks for {delay:g} seconds between two requests, at most {MOST_DELAY_S:g} are waited", None
    return Rules(stop, delay, parsed)


def held_answer(known: Directory, raw: Path) -> Answer | None:
    """Return the newest answer to a request for robots.txt, as the raw store holds it; None where it doesn't."""
    body = held_bytes(raw, known.last_sha256)
    if body is None:
        return None
    headers = () if known.content_type is None else (("content-type", known.content_type),)
    failure = None if known.failure is None else Failure(known.failure)
    return Answer(known.asked_at, known.asked_at, known.http_status, headers, body, failure)


def _text(body: bytes) -> str:
    if len(body) > MOST_BYTES:
        body = body[:MOST_BYTES].rpartition(b"\n")[0]  # half a rule is another one
    return body.decode("utf-8-sig", "replace")


def _stop(answer: Answer) -> str | None:
    if answer.failure is not None:
        return f"could not be had ({answer.detail or answer.failure.value})"
    if answer.status in _MISSING:
        return None
    if answer.status != 200:
        return f"was answered with status {answer.status}, neither 200 nor 404"
    return _what_else(answer.body)


def _what_else(body: bytes) -> str | None:
    """Return what stands in place of a robots.txt; None where it is one."""
    try:
        judge(Purpose.ROBOTS, body, "", None)
    except ExtractError as error:
        return f"is {error.found}"
    return "has no line that is a rule" if body.strip() and _LINE.search(body) is None else None
