"""Pages of the ministry's site: what is new on its listings and feeds, and what is due to be looked at again."""

from collections.abc import Collection, Iterable, Mapping
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
from flows.fetching.memory import Asked, KnownPage, Led, held_bytes
from flows.fetching.session import Session
from flows.fetching.values import Ask, Purpose
from flows.tables import counted
from warehouse.staging import SourceFacts

# A directory that gave what was asked for is not asked again within this time: its bytes are held.
FRESH = {Purpose.FEED: timedelta(minutes=50), Purpose.LISTING: timedelta(hours=20), Purpose.INDEX: timedelta(hours=20)}
_AGAIN_AFTER = timedelta(hours=20)
_MOST_AGAIN_AFTER = timedelta(days=30)
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
    led: tuple[Led, ...] = ()


def planned_entrances(session: Session, entrances: list[Entrance], days: Days | None) -> list[Planned]:
    """Return the requests for the entrances themselves, of those whose bytes are not held as fresh."""
    return [
        Planned(one.source, ask_of(session, one, address), "looks for new documents")
        for one in entrances
        for address in addresses_of(one, days)
        if not is_fresh(session, one, address)
    ]


def addresses_of(entrance: Entrance, days: Days | None) -> list[str]:
    """Return the addresses at which an entrance is looked at: its own, or those of its days, the newest first."""
    if days is None:
        return [entrance.address]
    return days_of(entrance, days.first, days.last) if entrance.purpose is Purpose.LISTING else []


def leads_in(purpose: Purpose, data: bytes, address: str, content_type: str | None) -> Leads | None:
    """Return what a listing or a feed names; None for what is neither."""
    try:
        return _READERS[purpose](data, address, charset_in(content_type))
    except ExtractError:  # it stands in the report and among the rejections already
        return None


def is_fresh(session: Session, entrance: Entrance, address: str) -> bool:
    """Say whether a page of an entrance was had so lately that it is not asked for again."""
    return session.is_fresh(address, entrance.purpose, FRESH[entrance.purpose])


def ask_of(session: Session, entrance: Entrance, address: str) -> Ask:
    """Return the request for a page of an entrance, conditional where its bytes are held."""
    known = session.directories.get((address, entrance.purpose))
    key = entrance.source.source_key
    if known is None or known.held is None or known.locator != address:
        return Ask(address, entrance.purpose, key)
    if held_bytes(session.run.layout.raw, known.held.raw_sha256) is None:  # a 304 would bring nothing back
        return Ask(address, entrance.purpose, key, held=known.held)
    return Ask(address, entrance.purpose, key, None, known.etag, known.last_modified, known.held)


def planned_pages(
    entrances: Iterable[Entrance], site: Site, found: Iterable[tuple[Entrance, Found]], now: datetime
) -> list[Planned]:
    """Return the pages to be asked for: the new ones as they were found, then those that are due, the latest first."""
    new = new_pages(found, known_keys(site), site.asked, now)
    sources = [one.source for one in entrances]
    due = [one for one in site.pages if (one.due_at is None or one.due_at <= now) and is_ministry(one.address)]
    due.sort(key=lambda page: _rank(page, now))
    return [*new, *(planned for page in due if (planned := _again(page, sources)) is not None)]


def new_pages(
    found: Iterable[tuple[Entrance, Found]], known: Collection[str], asked: Mapping[str, Asked], now: datetime
) -> list[Planned]:
    """Return the pages to be asked for of which the archive has no document yet, as they were found."""
    asks: dict[str, Planned] = {}
    for entrance, lead in found:
        address = asked_address(lead.address)
        page = page_of(address)
        # One whose host isn't asked must not stand in the way of another that leads to the same document.
        is_asked = page is not None and urlsplit(address).hostname in SITES
        if page is None or not is_asked or key_of(address) in known or is_waiting(asked.get(address), now):
            continue
        ask = Ask(address, Purpose.PAGE, entrance.source.source_key, page.key())
        asks.setdefault(page.canonical, Planned(entrance.source, ask, "new"))
    return list(asks.values())


def is_waiting(asked: Asked | None, now: datetime) -> bool:
    """Say whether an address that gave no document is left alone: until another day, and twice as long each time."""
    if asked is None or asked.answered_at is None:
        return False
    span: timedelta = _AGAIN_AFTER * 2 ** min(asked.answer_count - 1, 8)
    return now - asked.answered_at < min(span, _MOST_AGAIN_AFTER)


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
        why = f"after {counted(page.failed_count, 'failed look')}, {why}"
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


def known_keys(site: Site) -> frozenset[str]:
    """Return the keys of the documents that the archive has."""
    return frozenset(page.document_key for page in site.pages)


def key_of(address: str) -> str | None:
    """Return the key of the document that an address names; None where it tells none."""
    page = page_of(address)
    return None if page is None else page.key()


def asked_address(address: str) -> str:
    """Return the address at which a found one is asked for: https, without fragment, port and marks of campaigns."""
    parts = urlsplit(address)
    query = [one for one in parse_qsl(parts.query, keep_blank_values=True) if not one[0].lower().startswith(_DROPPED)]
    return urlunsplit(("https", (parts.hostname or "").lower(), parts.path or "/", urlencode(query), ""))
