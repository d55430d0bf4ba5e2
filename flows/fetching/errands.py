"""What a fetch can be sent out for. Each errand says which hosts it needs, what it must know, and what it asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from extract.addresses import is_ministry, page_of, telegram_post_of
from flows.errors import InputRefused
from flows.fetching.channels import Channel, fetch_channel, planned_posts
from flows.fetching.entrances import PREVIEW, WEB_ARCHIVE, Entrance, hosts_of
from flows.fetching.memory import Asked, Memory
from flows.fetching.pages import (
    Days,
    Planned,
    Site,
    asked_address,
    known_keys,
    planned_entrances,
    planned_pages,
)
from flows.fetching.session import Session
from flows.fetching.shelf import shelf_of
from flows.fetching.values import Ask, Purpose
from flows.fetching.walks import fetch_pages
from flows.fetching.wayback import Wanted, fetch_copies, planned_index
from flows.taking import on_one_line
from warehouse.staging import SourceFacts

ASKED_FOR = "asked_for"  # the source of addresses that a person gives
ONCE_WITHIN = timedelta(hours=6)  # an address that gave a document is not asked again on a person's word


class Errand(Protocol):
    """One thing that a fetch can be sent out for."""

    command: str  # as it stands in the archive's runs
    entrances: list[Entrance]  # by which it finds what is new
    nothing: str  # what is told where it had nothing to ask for

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that may be asked."""

    def recall(self, memory: Memory) -> None:
        """Ask the archive for what must be known."""

    def plan(self, session: Session) -> list[Planned]:
        """Return the requests that are known beforehand; what they lead to is not."""

    def work(self, session: Session) -> None:
        """Make the requests."""


@dataclass(slots=True)
class PagesErrand:
    """New pages of the ministry's site, and those that are due."""

    entrances: list[Entrance]
    days: Days | None = None
    command: str = "fetch pages"
    nothing: str = "Nothing was asked: no listing or feed is to be looked at again yet, and no page is new or due."
    _site: Site = field(default_factory=lambda: Site((), {}))

    @property
    def hosts(self) -> frozenset[str]:
        """The site's."""
        return hosts_of(self.entrances)

    def recall(self, memory: Memory) -> None:
        """Ask for the pages that are known, and for the addresses that were asked for."""
        self._site = Site(tuple(memory.pages()), memory.asked(), tuple(memory.led()))

    def plan(self, session: Session) -> list[Planned]:
        """Return the entrances to be looked at, and the pages that are due."""
        site, raw = self._site, session.run.layout.raw
        waiting = shelf_of(raw, self.entrances, site.led, known_keys(site)).waiting
        due = planned_pages(self.entrances, site, waiting, session.clock.now())
        return [*planned_entrances(session, self.entrances, self.days), *due]

    def work(self, session: Session) -> None:
        """Fetch them."""
        fetch_pages(session, self.entrances, self._site, self.days)


@dataclass(slots=True)
class ChannelErrand:
    """New posts of channels, what lies between, and those that are due."""

    entrances: list[Entrance]
    is_whole: bool = False  # back to the first post
    command: str = "fetch channel"
    nothing: str = "Nothing was asked: no channel's newest page is to be looked at again yet, and no post is due."
    _channels: list[Channel] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing that is known."""
        self._channels = [Channel(entrance, (), ()) for entrance in self.entrances]

    @property
    def hosts(self) -> frozenset[str]:
        """The preview's."""
        return frozenset({PREVIEW})

    def recall(self, memory: Memory) -> None:
        """Ask for the posts and the stretches of ids that are known."""
        self._channels.clear()
        for entrance in map(memory.expected, self.entrances):
            number = entrance.source.channel_id
            posts = () if number is None else tuple(memory.posts(number))
            stretches = () if number is None else tuple(memory.shown_ids(number))
            self._channels.append(Channel(entrance, posts, stretches))

    def plan(self, session: Session) -> list[Planned]:
        """Return the newest pages, and the posts that are due."""
        return [planned for one in self._channels for planned in planned_posts(session, one, is_whole=self.is_whole)]

    def work(self, session: Session) -> None:
        """Fetch them, one channel after another."""
        for channel in self._channels:
            fetch_channel(session, channel, is_whole=self.is_whole)


@dataclass(slots=True)
class CopiesErrand:
    """Copies that the Wayback Machine holds of an address, or of all below one."""

    wanted: Wanted
    command: str = "fetch wayback"
    entrances: list[Entrance] = field(default_factory=list)  # its index is asked for what a person wants
    nothing: str = "Nothing was asked: the index was asked within 20 hours, and no copy that it lists is to be had."
    _asked: Mapping[str, Asked] = field(default_factory=dict)

    @property
    def hosts(self) -> frozenset[str]:
        """The web archive's."""
        return frozenset({WEB_ARCHIVE})

    def recall(self, memory: Memory) -> None:
        """Ask for the copies that are held."""
        self._asked = memory.asked()

    def plan(self, session: Session) -> list[Planned]:
        """Return the question to the index, or the copies that its answer of today leads to."""
        return planned_index(session, self.wanted, self._asked)

    def work(self, session: Session) -> None:
        """Fetch them."""
        fetch_copies(session, self.wanted, self._asked)


@dataclass(slots=True)
class AddressesErrand:
    """Pages and posts whose addresses a person gives."""

    addresses: list[str]
    entrances: list[Entrance]  # of the whole registry: only their hosts are asked
    command: str = "fetch urls"
    nothing: str = "Nothing was asked: each address gave a document within the last 6 hours."
    faults: tuple[str, ...] = ()  # lines of a list that hold no such address, in words
    _asked: Mapping[str, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse addresses that can't be asked. Raises `InputRefused`."""
        for address in self.addresses:
            _refuse_unfit(address, hosts_of(self.entrances))

    @property
    def hosts(self) -> frozenset[str]:
        """Those of the registry that are needed: Telegram for posts, the site for pages. Others may ask the rest."""
        is_post = {telegram_post_of(address) is not None for address in self.addresses}
        return frozenset(host for host in hosts_of(self.entrances) if (host == PREVIEW) in is_post)

    def recall(self, memory: Memory) -> None:
        """Ask for the addresses that were asked for, and for the numbers of channels."""
        self._asked = memory.asked()
        self.entrances = [memory.expected(one) for one in self.entrances]

    def plan(self, session: Session) -> list[Planned]:
        """Return a request for each address that gave no document within the last hours; tell of wrong lines."""
        session.run.report_of(ASKED_FOR).notes.extend(self.faults)
        return self._planned_now(session)

    def _planned_now(self, session: Session) -> list[Planned]:
        now = session.clock.now()
        planned = [self._planned(address) for address in dict.fromkeys(self.addresses)]
        return [one for one in planned if not _is_done(self._asked.get(one.ask.address), now - ONCE_WITHIN)]

    def _planned(self, address: str) -> Planned:
        post = telegram_post_of(address)
        if post is not None:
            name, message_id = post
            source = self._source(Purpose.CHANNEL, lambda one: one.source.channel == name)
            place = f"https://{PREVIEW}/{name}/{message_id}?embed=1&mode=tme"
            return Planned(source, Ask(place, Purpose.POST, source.source_key), "asked for")
        page = page_of(address)
        key = None if page is None else page.key()
        lang = None if page is None else page.lang
        source = self._source(Purpose.LISTING, lambda one: lang is not None and one.source.language == lang)
        return Planned(source, Ask(asked_address(address), Purpose.PAGE, source.source_key, key), "asked for")

    def _source(self, purpose: Purpose, is_right: Callable[[Entrance], bool]) -> SourceFacts:
        found = (one.source for one in self.entrances if one.purpose is purpose and is_right(one))
        form = "telegram_preview" if purpose is Purpose.CHANNEL else "mid_page_html"
        return next(found, SourceFacts(f"{ASKED_FOR}_{form}", format=form))

    def work(self, session: Session) -> None:
        """Fetch them, in their order."""
        session.run.problems.extend(self.faults)
        for planned in self._planned_now(session):
            session.ask(planned.source, planned.ask)


def addresses_errand(given: Sequence[str], entrances: list[Entrance]) -> AddressesErrand:
    """Return the errand for addresses, and for those that stand in files, one a line.

    Raises `InputRefused` for an address that can't be asked, and for a file that can't be read or has none that can; a
    wrong line among others is told in the run's report.
    """
    hosts = hosts_of(entrances)
    fit: list[str] = []
    faults: list[str] = []
    for one in given:
        for address, where in _listed(one):
            try:
                _refuse_unfit(address, hosts)
            except InputRefused as refused:
                if where is None:
                    raise
                faults.append(on_one_line(f"{where}: {refused}"))
            else:
                fit.append(address)
    if faults and not fit:
        raise InputRefused(faults[0])
    return AddressesErrand(fit, entrances, faults=tuple(faults))


def _listed(given: str) -> list[tuple[str, str | None]]:
    """Return an address, or those in a file, each with where it stands. Raises `InputRefused`."""
    if given.lower().startswith(("https://", "http://")):
        return [(given, None)]
    try:
        lines = Path(given).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8"
        raise InputRefused(
            f"{given}: can't be read ({reason}); expected an address that begins with https://, or a file of them; "
            "write one a line"
        ) from error
    numbered = [(line.strip(), number) for number, line in enumerate(lines, 1)]
    found = [(line, f"{given}, line {number}") for line, number in numbered if line and not line.startswith("#")]
    if not found:
        raise InputRefused(f"{given}: no address in it; expected one a line; write them, or give one by itself")
    return [*found]


def _is_done(asked: Asked | None, since: datetime) -> bool:
    return asked is not None and asked.read_at is not None and asked.read_at >= since


def _refuse_unfit(address: str, hosts: frozenset[str]) -> None:
    post = telegram_post_of(address)
    is_post = post is not None and isinstance(post[0], str)
    if (is_post or is_ministry(address)) and address.isprintable() and (urlsplit(address).hostname or "") in hosts:
        return
    address = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in address)
    raise InputRefused(
        f"{address}: an address that is not asked; expected a page of the ministry's site or a post of a channel, at a "
        f"host of the registry ({', '.join(sorted(hosts)) or 'which names none'}); add its source to the registry, or "
        "save the page and hand it in with mfa-archive ingest"
    )
