"""Walks through listings and feeds, page after page: from the top to what was listed before, and on where others ended.

A walk that was broken off (by a refusal, a failure, a budget, a kill) leaves a document below which it is not known
what stands. The next walk goes on from the page on which that one stood last: newer documents only push it down. All of
this follows from the captures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from extract.found import Found
from extract.listings import first_page_of
from flows.fetching.entrances import Entrance
from flows.fetching.pages import Days, Site, addresses_of, ask_of, is_fresh, known_keys, leads_in, planned_pages
from flows.fetching.session import Session
from flows.fetching.shelf import NO_LEADS, ListedPage, Order, Shelf, listed_page, shelf_of
from flows.fetching.values import Verdict
from flows.tables import counted
from flows.taking import on_one_line

# Pages in a row that name nothing are the end: of three programs that read the site two stop after 2, one after 6.
MOST_BLANKS = 2
_ANSWERS = (Verdict.FETCHED, Verdict.UNCHANGED, Verdict.MISSING, Verdict.NOT_A_DOCUMENT)


def fetch_pages(session: Session, entrances: list[Entrance], site: Site, days: Days | None) -> None:
    """Look at the entrances, then fetch the pages that are new there, and those that are due."""
    shelf = shelf_of(session.run.layout.raw, entrances, site.led, known_keys(site))
    found = [(one, lead) for one in entrances for lead in leads(session, one, days, shelf)]
    for planned in planned_pages(entrances, site, [*found, *shelf.waiting], session.clock.now()):
        session.ask(planned.source, planned.ask)


def leads(session: Session, entrance: Entrance, days: Days | None, shelf: Shelf) -> Iterator[Found]:
    """Yield what an entrance leads to and did not before."""
    walk = _Walk(session, entrance, shelf)
    for number, start in enumerate(addresses_of(entrance, days)):
        if number and not walk.is_affordable(start):
            return
        yield from walk.newest(start)
        yield from walk.taken_up(start)


@dataclass(slots=True)
class _Walk:
    """The walk through one listing in one run."""

    session: Session
    entrance: Entrance
    shelf: Shelf
    came: dict[str, ListedPage] = field(default_factory=dict)  # in this run, by the address that was asked
    left: set[str] = field(default_factory=set)  # pages that can't be had in this run
    is_told: bool = False  # that it ends for want of a budget

    def newest(self, start: str) -> Iterator[Found]:
        """Yield what the pages on top name, down to one whose last document the listing named before."""
        yield from self._down(start, is_new=True)

    def taken_up(self, start: str) -> Iterator[Found]:
        """Yield what earlier walks did not come to, and this one did not."""
        page = self._held(start)
        if page is None:
            return
        order = self._order(page.place)
        for place in list(order.breaks()):
            if place in order.breaks():
                yield from self._down(place, is_new=False)

    def _down(self, start: str, *, is_new: bool) -> Iterator[Found]:
        """Yield what pages name from one on, as far as it is not known what stands below, or down to what was named."""
        address: str | None = start
        seen: set[str] = set()
        told: set[str] = set()
        upper: ListedPage | None = None
        blanks = 0
        while address is not None and address not in seen and blanks < MOST_BLANKS:
            seen.add(address)
            page = self._had(address)
            if page is None:
                if address != start and not self.is_affordable(address):
                    return
                page, found = self._asked(address)
                yield from found
                if page is None:
                    return
            is_repeated = bool(page.named) and told.issuperset(page.named)  # a listing without an end
            if is_repeated or (page.named and self._is_enough(page, upper, is_new=is_new)):
                return
            told.update(page.named)
            upper = page
            blanks = 0 if page.named else blanks + 1
            address = page.after

    def _is_enough(self, page: ListedPage, upper: ListedPage | None, *, is_new: bool) -> bool:
        """Say whether nothing below a page is to be asked for; takes it in."""
        order = self._order(page.place)
        # Of all of them: what was published late stands among older ones, at its own date.
        is_known = all(order.knows(one) for one in page.named)
        order.add(page)
        if upper is not None:
            order.join(upper, page)
        return is_known if is_new else order.is_settled(page.named[-1])

    def _order(self, place: str) -> Order:
        return self.shelf.orders[first_page_of(place)]

    def _had(self, address: str) -> ListedPage | None:
        """Return a page that came in this run, or so lately that it is not asked for again."""
        is_had = address in self.came or is_fresh(self.session, self.entrance, address)
        return self._held(address) if is_had else None

    def _held(self, address: str) -> ListedPage | None:
        """Return a page as it was last had, without documents where it was told that there is none; None: never."""
        if address in self.came:
            return self.came[address]
        known = self.session.directories.get((address, self.entrance.purpose))
        if known is None or known.answered_at is None:
            return None
        page = self.shelf.pages.get((known.locator, self.entrance.purpose))
        return page or listed_page(NO_LEADS, address, known.answered_at, known.answered_at)

    def _asked(self, address: str) -> tuple[ListedPage | None, tuple[Found, ...]]:
        """Ask for a page; None where that is not allowed, or not any more."""
        session, entrance = self.session, self.entrance
        if address in self.left:
            return None, ()
        kept = session.ask(entrance.source, ask_of(session, entrance, address))
        if kept is not None and kept.verdict is Verdict.MISSING:
            self._tell_missing(address)
        if kept is None or session.is_closed_to(address) or self._ends_by(kept.verdict, address):
            self.left.add(address)
            return None, ()
        directory, place = NO_LEADS, kept.capture.locator
        if kept.verdict in (Verdict.FETCHED, Verdict.UNCHANGED):
            data = session.bytes_of(kept)
            if data is None:
                self._tell(f"{address}: its bytes are withheld; what it leads to is not known from it")
            else:
                directory = leads_in(entrance.purpose, data, place, kept.capture.content_type) or NO_LEADS
            if address == entrance.address and len(directory.found) < entrance.minimum:
                self._tell_few(len(directory.found))
        now = session.clock.now()
        page = self.came[address] = listed_page(directory, place, now, now)
        return page, directory.found

    def _ends_by(self, verdict: Verdict, address: str) -> bool:
        """Say whether nothing below a page is asked for in this run: it failed, and for the first time."""
        return verdict not in _ANSWERS and (address, self.entrance.purpose) not in self.session.directories

    def is_affordable(self, address: str) -> bool:
        """Say whether a further page may be asked for; it is told where half of the budget is left for the documents.

        Otherwise a listing that is longer than a budget, or has no end, would leave nothing for what it leads to.
        """
        host = self.session.host_of(address)
        if not host.is_half_spent or host.stopped is not None or is_fresh(self.session, self.entrance, address):
            return True
        if not self.is_told:
            self.is_told = True
            self._tell(
                f"{address}: not asked, with all further pages: half of the budget of {host.budget:,} requests is kept "
                "for documents; expected fewer pages; the next run goes on there, and sooner with a higher "
                "MFA_ARCHIVE_BUDGETS"
            )
        return False

    def _tell_missing(self, address: str) -> None:
        what = self.entrance.purpose.value
        self._tell(
            f"{address}: there is nothing (404 or 410); expected a {what}; look at it with a browser, and correct the "
            "locator in the registry",
            is_failed=True,
        )

    def _tell_few(self, count: int) -> None:
        entrance = self.entrance
        self._tell(
            f"{entrance.address}: leads to {counted(count, 'document')}; expected at least {entrance.minimum}, by its "
            "registry row; look at it with a browser: it is empty, or has a new layout",
            is_failed=True,
        )

    def _tell(self, line: str, *, is_failed: bool = False) -> None:
        report = self.session.run.report_of(self.entrance.source.source_key)
        report.is_failed = report.is_failed or is_failed
        report.problems.append(on_one_line(line))
