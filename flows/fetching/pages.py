"""Pages of the ministry's site: what is new on its listings and feeds, and what is due to be looked at again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from extract.addresses import is_ministry, page_of
from extract.directories import charset_in
from extract.errors import ExtractError
from extract.feeds import feed_in
from extract.found import Directory as Leads
from extract.found import Found
from extract.listings import listing_in
from flows.fetching.entrances import SITES, Entrance, days_of
from flows.fetching.memory import Asked, Directory, KnownPage
from flows.fetching.session import Session
from flows.fetching.values import Ask, Purpose, Verdict
from flows.taking import on_one_line
from warehouse.raw_store import opened
from warehouse.staging import SourceFacts

# A directory that gave what was asked for is not asked again within this time: its bytes are held.
# What a directory led to and was never asked for, as the budget was used up, is still asked for within this time.
LED_SPAN = timedelta(days=30)
FRESH = {Purpose.FEED: timedelta(minutes=50), Purpose.LISTING: timedelta(hours=20), Purpose.INDEX: timedelta(hours=20)}
_AGAIN_AFTER = timedelta(hours=20)
_DROPPED = ("utm_", "pagen_")
_READERS = {Purpose.LISTING: listing_in, Purpose.FEED: feed_in}


@dataclass(frozen=True, slots=True)
class Planned:
    """One request that is to be made, and why."""

    source: SourceFacts
    ask: Ask
    why: str


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of days of publication, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of the site's pages when a fetch begins."""

    pages: tuple[KnownPage, ...]
    asked: Mapping[str, Asked]


def fetch_pages(session: Session, entrances: list[Entrance], site: Site, days: Days | None) -> None:
    """Look at the entrances, then fetch the pages that are new there, and those that are due."""
    found = [(one, lead) for one in entrances for lead in leads(session, one, days, _known_keys(site))]
    found += held_leads(session, entrances)
    for planned in planned_pages(entrances, site, found, session.clock.now()):
        session.ask(planned.source, planned.ask)


def planned_entrances(session: Session, entrances: list[Entrance], days: Days | None) -> list[Planned]:
    """Return the requests for the entrances themselves, of those whose bytes are not held as fresh."""
    return [
        Planned(one.source, _ask_of(session, one, address), "looks for new documents")
        for one in entrances
        for address in _addresses(one, days)
        if not _is_fresh(session, one, address)
    ]


def _addresses(entrance: Entrance, days: Days | None) -> list[str]:
    if days is None:
        return [entrance.address]
    return days_of(entrance, days.first, days.last) if entrance.purpose is Purpose.LISTING else []


def leads(session: Session, entrance: Entrance, days: Days | None, known: frozenset[str]) -> Iterator[Found]:
    """Yield what an entrance leads to, page after page, until one leads to nothing that is new."""
    for number, start in enumerate(_addresses(entrance, days)):
        if number and not _is_affordable(session, entrance, start):
            return
        address: str | None = start
        seen: set[str] = set()
        while address is not None and address not in seen:
            seen.add(address)
            directory = _directory(session, entrance, address)
            if directory is None:
                break
            yield from directory.found
            if address == entrance.address and len(directory.found) < entrance.minimum:
                _tell_few(session, entrance, len(directory.found))
            is_news = any(_key_of(one.address) not in known for one in directory.found)
            after = directory.next_address
            # A crawl that was cut off has looked further than what is new now tells.
            address = after if is_news or (after and _is_fresh(session, entrance, after)) else None
            if address is not None and not _is_affordable(session, entrance, address):
                return


def _is_affordable(session: Session, entrance: Entrance, address: str) -> bool:
    """Say whether a further page may be asked for; it is told where half of the budget is left for the documents.

    Otherwise a listing that is longer than a budget, or has no end, would leave nothing for what it leads to.
    """
    host = session.host_of(address)
    if not host.is_half_spent or host.stopped is not None or _is_fresh(session, entrance, address):
        return True
    report = session.run.report_of(entrance.source.source_key)
    report.problems.append(
        on_one_line(
            f"{address}: not asked, with all further pages: half of the budget of {host.budget:,} requests is kept for "
            "documents; expected fewer pages; ask for fewer days at a time, or raise MFA_ARCHIVE_BUDGETS"
        )
    )
    return False


def held_leads(session: Session, entrances: list[Entrance]) -> Iterator[tuple[Entrance, Found]]:
    """Yield what the directories led to that were asked for in the last weeks, by runs that may have been cut off."""
    by_source = {(one.source.source_key, one.purpose): one for one in entrances}
    since = session.clock.now() - LED_SPAN
    for (address, _), known in session.directories.items():
        if address != known.locator:  # one that only leads to it
            continue
        entrance = by_source.get((known.source_key or "", known.purpose))
        if entrance is not None and known.good_at is not None and known.good_at >= since:
            directory = _held_directory(session, known)
            yield from ((entrance, lead) for lead in (directory.found if directory else ()))


def _directory(session: Session, entrance: Entrance, address: str) -> Leads | None:
    """Return what stands at an address that leads to documents: as it is held, if fresh, or asked for anew."""
    known = session.directories.get((address, entrance.purpose))
    if known is not None and _is_fresh(session, entrance, address):
        return _held_directory(session, known)
    kept = session.ask(entrance.source, _ask_of(session, entrance, address))
    if kept is not None and kept.verdict is Verdict.MISSING:
        _tell_missing(session, entrance, address)
    if kept is None or kept.verdict not in (Verdict.FETCHED, Verdict.UNCHANGED):
        return None
    return _led(entrance.purpose, session.bytes_of(kept), kept.capture.locator, kept.capture.content_type)


def _held_directory(session: Session, known: Directory) -> Leads | None:
    if known.held is None:
        return None
    with opened(session.run.layout.raw, known.held.raw_sha256) as stream:
        return _led(known.purpose, stream.read(), known.locator, known.content_type)


def _led(purpose: Purpose, data: bytes, address: str, content_type: str | None) -> Leads | None:
    try:
        return _READERS[purpose](data, address, charset_in(content_type))
    except ExtractError:  # it stands in the report and among the rejections already
        return None


def _is_fresh(session: Session, entrance: Entrance, address: str) -> bool:
    return session.is_fresh(address, entrance.purpose, FRESH[entrance.purpose])


def _ask_of(session: Session, entrance: Entrance, address: str) -> Ask:
    known = session.directories.get((address, entrance.purpose))
    key = entrance.source.source_key
    if known is None or known.held is None or known.locator != address:
        return Ask(address, entrance.purpose, key)
    return Ask(address, entrance.purpose, key, None, known.etag, known.last_modified, known.held)


def _tell_missing(session: Session, entrance: Entrance, address: str) -> None:
    report = session.run.report_of(entrance.source.source_key)
    report.is_failed = True
    report.problems.append(
        on_one_line(
            f"{address}: there is nothing (404 or 410); expected a {entrance.purpose.value}; look at it with a "
            "browser, and correct the locator in the registry"
        )
    )


def _tell_few(session: Session, entrance: Entrance, count: int) -> None:
    report = session.run.report_of(entrance.source.source_key)
    report.is_failed = True
    report.problems.append(
        on_one_line(
            f"{entrance.address}: leads to {count} documents; expected at least {entrance.minimum}, by its registry "
            "row; look at it with a browser: it is empty, or has a new layout"
        )
    )


def planned_pages(
    entrances: Iterable[Entrance], site: Site, found: Iterable[tuple[Entrance, Found]], now: datetime
) -> list[Planned]:
    """Return the pages to be asked for: the new ones as they were found, then those that are due, the latest first."""
    known = _known_keys(site)
    sources = [one.source for one in entrances]
    asks: dict[str, Planned] = {}
    for entrance, lead in found:
        address = asked_address(lead.address)
        page = page_of(address)
        # One whose host isn't asked must not stand in the way of another that leads to the same document.
        is_asked = page is not None and urlsplit(address).hostname in SITES
        if page is None or not is_asked or _key_of(address) in known or is_waiting(site.asked.get(address), now):
            continue
        ask = Ask(address, Purpose.PAGE, entrance.source.source_key, page.key())
        asks.setdefault(page.canonical, Planned(entrance.source, ask, "new"))
    due = [one for one in site.pages if is_ministry(one.address) and (one.due_at is None or one.due_at <= now)]
    due.sort(key=lambda page: _rank(page, now))
    return [*asks.values(), *(planned for page in due if (planned := _again(page, sources)) is not None)]


def is_waiting(asked: Asked | None, now: datetime) -> bool:
    """Say whether an address that gave no document is left alone: until another day, and twice as long each time."""
    if asked is None or asked.answered_at is None:
        return False
    span: timedelta = _AGAIN_AFTER * 2 ** min(asked.answer_count - 1, 8)
    return now - asked.answered_at < min(span, LED_SPAN)


def _rank(page: KnownPage, now: datetime) -> tuple[int, float]:
    """Return the place of a due page: failed looks first, then by how long it waits beyond its time, of that time."""
    if page.due_at is None or page.last_look_at is None:
        return (2, 0.0)
    if page.failed_count and not page.is_gone:
        return (0, page.due_at.timestamp())
    wait = max((page.due_at - page.last_look_at).total_seconds(), 1.0)
    return (1, -(now - page.due_at).total_seconds() / wait)


def _again(page: KnownPage, sources: list[SourceFacts]) -> Planned | None:
    source = _source_of(page, sources)
    if source is None:
        return None
    # After a failed look the document's other addresses have their turn: it may have moved within the site.
    places = [asked_address(page.address)]
    places += [other for one in page.addresses if is_ministry(one) and (other := asked_address(one)) not in places]
    address = places[page.failed_count % len(places)]
    # Bytes that an answer only confirms are read for the source for which they came.
    is_own = source.source_key == page.source_key
    is_held = is_own and address == page.address and page.held is not None and not page.failed_count
    why = "never looked at here" if page.due_at is None else f"due since {page.due_at:%Y-%m-%d %H:%M}"
    if page.failed_count and not page.is_gone:
        why = f"after {page.failed_count} failed looks"
    ask = Ask(
        address,
        Purpose.PAGE,
        source.source_key,
        page.document_key,
        page.etag if is_held else None,
        page.last_modified if is_held else None,
        page.held if is_held else None,
    )
    return Planned(source, ask, why)


def _source_of(page: KnownPage, sources: list[SourceFacts]) -> SourceFacts | None:
    """Return the source for which a page is looked at again: its own, else one of its language, if that is fetched."""
    own = next((source for source in sources if source.source_key == page.source_key), None)
    if own is not None:
        return own
    named = page_of(page.address)
    lang = None if named is None else named.lang
    return next((source for source in sources if lang is not None and source.language == lang), None)


def _known_keys(site: Site) -> frozenset[str]:
    return frozenset(page.document_key for page in site.pages)


def _key_of(address: str) -> str | None:
    page = page_of(address)
    return None if page is None else page.key()


def asked_address(address: str) -> str:
    """Return the address at which a found one is asked for: https, without fragment, port and marks of campaigns."""
    parts = urlsplit(address)
    query = [one for one in parse_qsl(parts.query, keep_blank_values=True) if not one[0].lower().startswith(_DROPPED)]
    return urlunsplit(("https", (parts.hostname or "").lower(), parts.path or "/", urlencode(query), ""))
