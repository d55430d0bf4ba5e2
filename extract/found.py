"""What leads to documents: the values that a listing or a feed gives, whatever its form."""

from collections.abc import Iterable
from dataclasses import dataclass

from extract.addresses import MOST_CHARS, is_domino_document, is_ministry, page_of
from extract.errors import UnreadableInput


@dataclass(frozen=True, slots=True)
class Found:
    """One document that a directory names."""

    address: str  # absolute, as found
    title: str | None
    printed: str | None  # its date, and time, as printed
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of what leads to documents."""

    found: tuple[Found, ...]  # in its own order, each address once
    next_address: str | None  # a further page of it, where it names one


def documents_in(entries: Iterable[Found]) -> tuple[Found, ...]:
    """Return the entries that lead to a document of the ministry's site; the first of those with the same address.

    Raises `UnreadableInput` where there are entries and none of them does: read as empty, they would be its end.
    """
    first: dict[str, Found] = {}
    elsewhere: list[str] = []
    for entry in entries:
        if is_document(entry.address):
            first.setdefault(entry.address, entry)
        else:
            elsewhere.append(entry.address)
    if elsewhere and not first:
        raise UnreadableInput(
            f"{len(elsewhere):,} entries, of which none leads to a document ({elsewhere[0][:200]!r})",
            "addresses of documents of mid.ru",
            "look at it: if these are documents, the site has new addresses",
        )
    return tuple(first.values())


def is_document(address: str) -> bool:
    """Say whether an address names one document of the ministry's site, of whatever generation."""
    is_one = len(address) <= MOST_CHARS and is_ministry(address)
    return is_one and (page_of(address) is not None or is_domino_document(address))
