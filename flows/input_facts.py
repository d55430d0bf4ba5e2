"""The values that stand for one input, wherever it lies: in a file, in a folder with a manifest, in a container."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from extract.model import Reason
from flows.errors import FlowError
from warehouse.staging import SourceFacts

# How the bytes came in, and who says when: what a look may have beside "file", "operator", "registry" and "unknown".
VIA_MANIFEST = frozenset(
    {"api", "browser", "file", "http", "mhtml", "saved_page", "telegram_desktop", "warc", "wayback"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a container, a manifest, a name or a page itself tells of one look. None: it says nothing."""

    captured_at: datetime | None = None  # aware, UTC
    captured_basis: str | None = None  # warc, manifest, file_name, page
    captured_via: str | None = None  # archive, mhtml, saved_page, warc, or one of VIA_MANIFEST
    address: str | None = None  # where it was found: an absolute URL
    http_status: int | None = None
    content_type: str | None = None
    note: str | None = None


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class Input:
    """One file, or what stands in the way of it."""

    locator: str  # as the registry or the person gives it; of a container's member its name follows after "!"
    path: Path
    problem: str | None = None  # why there is nothing to open
    is_missing: bool = False  # nothing is there; otherwise the problem lies in what is there
    told: Told = NOTHING
    reason: Reason | None = None  # of a problem that is neither a missing nor an unreadable file
    expected: str = "a file that can be read"
    remedy: str | None = None
    is_unpacked: bool = False  # it lies in a temporary folder, to be removed once it is taken in


@dataclass(frozen=True, slots=True)
class Registered(SourceFacts):
    """A row of the registry, with what is needed to take in its inputs and is no fact of the archive."""

    captured_pattern: str | None = None  # of the times in the names of its inputs


class Refused(FlowError):
    """A part of an input, or the rest of it, that can't be taken in."""

    def __init__(self, reason: Reason, found: str, expected: str, remedy: str) -> None:
        """Keep the parts apart, for the rejection row."""
        super().__init__(f"{found}; expected {expected}; {remedy}")
        self.reason = reason
        self.found = found
        self.expected = expected
        self.remedy = remedy


def unreadable(one: Input, error: OSError) -> Input:
    """Return an input with what the system says of it."""
    return replace(one, problem=error.strerror or str(error), is_missing=isinstance(error, FileNotFoundError))


def refused(locator: str, path: Path, error: Refused) -> Input:
    """Return an input that says why it is none."""
    return Input(locator, path, error.found, reason=error.reason, expected=error.expected, remedy=error.remedy)


def shown(locator: str) -> str:
    """Return a locator as text: bytes of a file's name that are no UTF-8 become escapes."""
    return locator.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def filled(first: Told, second: Told) -> Told:
    """Return what the first tells, and of the second what the first says nothing of; a time goes with its basis.

    A time that only a page itself tells gives way to any other.
    """
    timed = max((first, second), key=_rank)
    return Told(
        captured_at=timed.captured_at,
        captured_basis=timed.captured_basis,
        captured_via=first.captured_via or second.captured_via,
        address=first.address or second.address,
        http_status=first.http_status if first.http_status is not None else second.http_status,
        content_type=first.content_type or second.content_type,
        note=first.note or second.note,
    )


def name_of(locator: str) -> str:
    """Return the last name of a locator."""
    return locator.rpartition("!")[2].rpartition("/")[2]


def _rank(told: Told) -> int:
    if told.captured_at is None:
        return 0
    return 1 if told.captured_basis == "page" else 2
