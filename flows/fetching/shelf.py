"""What listings and feeds have named so far, as the archive holds them: in their last state, and in late ones.

Which document stands below which follows from them too, and so does where it is not known what stands below one: there
a walk through the listing broke off.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from extract.found import Directory, Found
from extract.listings import first_page_of, page_after
from flows.fetching.entrances import Entrance
from flows.fetching.memory import Led, held_bytes
from flows.fetching.pages import asked_address, key_of, leads_in
from flows.fetching.values import Purpose

NO_LEADS = Directory((), None)
_SAME_WALK = timedelta(hours=1)  # within which no listing is known to be pushed down by a page


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One state of a page of a listing or a feed."""

    place: str
    named: tuple[str, ...]  # addresses of documents, as they are asked for
    after: str | None  # address of the page after it
    first_at: datetime  # when it was had so
    last_at: datetime


@dataclass(slots=True)
class Order:
    """In which order one listing names its documents, as far as its pages show it."""

    below: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    last_at: dict[str, str] = field(default_factory=dict)  # of documents that stood last on a page: that page
    settled: set[str] = field(default_factory=set)  # below these nothing is looked for

    def add(self, page: ListedPage) -> None:
        """Take in a page."""
        for upper, lower in pairwise(page.named):
            self.below[upper].add(lower)
        if page.named and page.after is None:
            self.settled.add(page.named[-1])
        elif page.named:
            self.last_at[page.named[-1]] = page.place

    def join(self, upper: ListedPage, lower: ListedPage) -> None:
        """Take in that one page stood below another, if both were so at one time."""
        is_at_once = lower.first_at <= upper.last_at + _SAME_WALK and upper.first_at <= lower.last_at
        if is_at_once and upper.named and lower.named:
            self.below[upper.named[-1]].add(lower.named[0])

    def knows(self, document: str) -> bool:
        """Say whether a document was named."""
        return document in self.below or document in self.last_at or document in self.settled

    def is_settled(self, document: str) -> bool:
        """Say whether all is known that stands below a document, down to the end of the listing."""
        seen = {document}
        ahead = [document]
        while ahead:
            one = ahead.pop()
            if one in self.settled:
                return True
            lower = self.below.get(one, set()) - seen
            seen |= lower
            ahead.extend(lower)
        return False

    def breaks(self) -> Iterator[str]:
        """Yield the pages on which a document stood last below which nothing is known."""
        yield from dict.fromkeys(
            place
            for document, place in self.last_at.items()
            if not self.below.get(document) and document not in self.settled
        )


@dataclass(slots=True)
class Shelf:
    """What listings and feeds have named so far."""

    pages: dict[tuple[str, Purpose], ListedPage] = field(default_factory=dict)  # the last state of each
    orders: defaultdict[str, Order] = field(default_factory=lambda: defaultdict(Order))  # by the listing's address
    waiting: list[tuple[Entrance, Found]] = field(default_factory=list)  # documents that the archive does not have


def shelf_of(raw: Path, entrances: Iterable[Entrance], states: Iterable[Led], known: Collection[str]) -> Shelf:
    """Return what listings and feeds have named so far; `known` are the keys of the documents that the archive has."""
    shelf = Shelf()
    by_source = {(one.source.source_key, one.purpose): one for one in entrances}
    at: defaultdict[str, list[ListedPage]] = defaultdict(list)
    for led in states:
        directory = _directory(raw, led)
        if directory is None:
            continue
        page = listed_page(directory, led.locator, led.came_at, led.confirmed_at)
        order = shelf.orders[first_page_of(led.locator)]
        order.add(page)
        if page.named and led.locator not in at and not led.is_first:
            order.settled.add(page.named[-1])  # what showed it may have been let go
        at[led.locator].append(page)
        if led.is_last:
            shelf.pages[led.locator, led.purpose] = page
        entrance = by_source.get((led.source_key, led.purpose))
        if entrance is not None:
            shelf.waiting += [(entrance, lead) for lead in directory.found if key_of(lead.address) not in known]
    for place, pages in at.items():
        for page in pages:
            for lower in at.get(page.after or "", ()):
                shelf.orders[first_page_of(place)].join(page, lower)
    return shelf


def listed_page(directory: Directory, address: str, first_at: datetime, last_at: datetime) -> ListedPage:
    """Return a page of a listing."""
    named = tuple(asked_address(one.address) for one in directory.found)
    # A gap need not tell what stands below it.
    after = directory.next_address if directory.found else directory.next_address or page_after(address)
    return ListedPage(address, named, after, first_at, last_at)


def _directory(raw: Path, led: Led) -> Directory | None:
    data = held_bytes(raw, led.raw_sha256)
    return None if data is None else leads_in(led.purpose, data, led.locator, led.content_type) or NO_LEADS
