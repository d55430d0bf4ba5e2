"""What a page that a browser has saved tells of its own saving: MHTML's headers, or the comment at its beginning."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from extract.model import Reason
from flows.container_limits import Allowance
from flows.container_members import Member, Unpacking, broken_off
from flows.input_facts import Refused, Told

MOST_MHTML_BYTES = 200_000_000
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_RELATED = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\r\n]+)")
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\([0-9]{4}\)(\S+)\s*-->")
# As every browser prints an instant, whatever its language: Mon Jan 01 2024 10:00:00 GMT+0300 (…).
_INSTANT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} [0-9]{2} [0-9]{4} [0-9:]{8}) GMT([+-][0-9]{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def told_by_page(head: bytes) -> Told | None:
    """Return what the comment of a saved page tells; None where there is none."""
    if b"<!--" not in head:
        return None
    found = _SINGLE_FILE.search(head)
    if found is not None:
        saved_at = _instant(found[2].decode("latin-1"))
        return Told(saved_at, "page" if saved_at else None, "saved_page", _address(found[1]))
    found = _SAVED_FROM.search(head)
    return Told(captured_via="saved_page", address=_address(found[1])) if found else None


def _address(value: bytes | str) -> str | None:
    address = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value).strip()
    is_one = address.isprintable() and len(address) <= 2_000 and address.lower().startswith(("http://", "https://"))
    return address if is_one else None


def _instant(text: str) -> datetime | None:
    found = _INSTANT.match(text.strip())
    if found is None:
        return None
    month, rest = found[1].split(" ", 1)
    try:
        parsed = datetime.strptime(f"{1 + _MONTHS.index(month)} {rest} {found[2]}", "%m %d %Y %H:%M:%S %z")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_mhtml(head: bytes) -> bool:
    """Say whether an input is a page with all its parts in one message."""
    if not _HEADER_LINE.match(head):
        return False
    end = re.search(rb"\r?\n\r?\n", head)
    return end is not None and _RELATED.search(head[: end.start()]) is not None


def mhtml_members(path: Path, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield the page of an MHTML; its images and frames are passed over."""
    with path.open("rb") as file:
        data = file.read(MOST_MHTML_BYTES + 1)
    if len(data) > MOST_MHTML_BYTES:
        raise Refused(
            Reason.TOO_LARGE,
            f"an MHTML of more than {MOST_MHTML_BYTES:,} bytes",
            f"at most {MOST_MHTML_BYTES:,}",
            "save the page as HTML only",
        )
    message = BytesParser().parsebytes(data)
    parts = [part for part in message.walk() if not part.is_multipart()]
    main = _main(message, parts)
    if main is None:
        raise broken_off("an MHTML without a page in it")
    borders = data.count(f"\n--{message.get_boundary()}".encode("latin-1", "replace"))
    if borders < parts.index(main) + 2:  # each part has one above it and one below
        raise broken_off("an MHTML that breaks off within its page")
    body = main.get_payload(decode=True)
    unpacking.passed_over["parts of saved pages, such as images"] += len(parts) - 1
    saved_at = _date(message)
    # Headers with bytes beyond ASCII are no text yet.
    places = (message.get("Snapshot-Content-Location"), main.get("Content-Location"))
    address = next((found for place in places if (found := _address(str(place or "")))), None)
    told = Told(saved_at, "page" if saved_at else None, "mhtml", address, content_type=_type(main))
    stream = io.BytesIO(body if isinstance(body, bytes) else b"")
    yield Member("page.html", unpacking.put(stream, allowance), told)


def _main(message: Message, parts: list[Message]) -> Message | None:
    start = message.get_param("start")
    pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    named = [part for part in pages if start and part.get("Content-ID") == start]
    return next(iter(named or pages), None)


def _type(part: Message) -> str | None:
    value = str(part.get("Content-Type", ""))
    return value if value.isprintable() and value else None


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" means that the zone is not known.
    return found.astimezone(UTC) if found.tzinfo is not None else None
