"""One HTTP answer as a web archive keeps it: status, headers, and the body without its transfer and content codings."""

import re
from dataclasses import dataclass

from extract.model import Reason
from flows.content_coding import Trouble, decoded
from flows.input_facts import Refused

_STATUS = re.compile(rb"HTTP/[0-9.]+ +([0-9]{3})")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


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

    Raises `Refused` for a body that can't be decoded, or is larger than allowed.
    """
    body = answer.body
    if answer.status is None:
        return body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = _dechunked(body)
    outcome = decoded(body, answer.headers.get("content-encoding", ""), most_bytes)
    if outcome.trouble is Trouble.TOO_LARGE:
        raise Refused(
            Reason.TOO_LARGE,
            outcome.found,
            f"at most {most_bytes:,}",
            "if it is a page, save its body in a file and hand that in",
        )
    if outcome.trouble is not None:
        raise _undecodable(outcome.found)
    return outcome.body


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


def _undecodable(found: str) -> Refused:
    return Refused(
        Reason.UNREADABLE_INPUT,
        f"a body in {found}",
        "a sound body, plain or in gzip, deflate, br or zstd",
        "fetch the page again; the other records were taken in",
    )
