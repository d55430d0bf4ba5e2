"""What fetching has before it, and what has been in its way for days: both follow from the captures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extract.addresses import is_ministry
from flows.fetching import channels, pages
from flows.fetching.channels import holes
from flows.fetching.entrances import WEB_ARCHIVE, Entrance
from flows.fetching.hosts import Host, host_in, host_name, recall_all
from flows.fetching.memory import Asked, Directory, Memory
from flows.fetching.pages import asked_address, is_waiting, new_pages
from flows.fetching.robots import Rules, held_answer, rules_of
from flows.fetching.settings import FetchSettings
from flows.fetching.shelf import shelf_of
from flows.fetching.values import Purpose
from flows.fetching.wayback import listed_copies
from flows.reports import HostOutlook
from flows.tables import counted
from warehouse.statements import statement

_FRESH = {**pages.FRESH, Purpose.CHANNEL: channels.FRESH}

TROUBLED_AFTER = timedelta(days=2)  # a refusal, a challenge or a failure of one day is told by its own run
_HOSTS = {
    "challenged": "shows a challenge in place of what is asked for",
    "refused": "refuses us",
    "failed": "fails",
}
_SOURCES = {
    "not_asked": "was not asked",
    "not_a_document": "shows no documents where it should lead to them",
    "missing": "is not there any more, says its host",
}
_REMEDIES = {
    "host": "look at it with a browser from the same place; nothing is done to get around it, "
    "and mfa-archive fetch wayback may have what it refuses",
    "source": "look at its address in the registry with a browser",
    "documents": "look at one of them with a browser: its layout may be new",
    "not_asked": "see whether its schedule is on, and what the last runs of its deployment say",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A host or a source of which nothing good came for days."""

    subject: str  # host; source: its listing, feed or channel page; documents: of a source
    name: str
    verdict: str  # of the newest request, or not_asked
    began_at: datetime
    request_count: int  # since then
    last_good_at: datetime | None  # None: not within a month

    @property
    def line(self) -> str:
        """The sentence that a person is told."""
        since = f"since {self.began_at:%Y-%m-%d %H:%M} UTC"
        good = "none within a month" if self.last_good_at is None else f"{self.last_good_at:%Y-%m-%d %H:%M} UTC"
        after = f" ({counted(self.request_count, 'request')})" if self.request_count else ""
        remedy = _REMEDIES.get(self.verdict) or _REMEDIES[self.subject]
        return f"{self._what} {since}{after}; last good answer: {good}; {remedy}"

    @property
    def _what(self) -> str:
        if self.subject == "host":
            return f"{self.name}: {_HOSTS[self.verdict]}"
        if self.subject == "documents":
            return f"source {self.name}: none of its documents can be had"
        return f"source {self.name}: {_SOURCES.get(self.verdict) or _HOSTS[self.verdict]}"


@dataclass(slots=True)
class Outlook:
    """What every host has before it. Empty where nothing was ever asked for."""

    hosts: tuple[HostOutlook, ...] = ()
    forbidden: Counter[str] = field(default_factory=Counter)  # addresses that robots.txt forbids, by exact host


def outlook(
    connection: duckdb.DuckDBPyConnection,
    raw: Path,
    settings: FetchSettings,
    entrances: list[Entrance],
    now: datetime,
) -> Outlook:
    """Return what hosts have before them: nothing is asked, all of it follows from the captures and their bytes.

    `entrances` are those of the registry by which new documents are found.
    """
    if not _is_any(connection):
        return Outlook()
    return _Looking(Memory(connection), raw, settings, entrances, now).outlook()


@dataclass(slots=True)
class _Looking:
    """What is known while the outlook is put together."""

    memory: Memory
    raw: Path
    settings: FetchSettings
    entrances: list[Entrance]
    now: datetime
    directories: dict[tuple[str, Purpose], Directory] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    found: dict[str, HostOutlook] = field(default_factory=dict)
    rules: dict[str, Rules | None] = field(default_factory=dict)
    asked: dict[str, Asked] | None = None

    def outlook(self) -> Outlook:
        """Return what is before each host."""
        self.directories = self.memory.directories()
        recall_all(self._host, self.memory.requests(self.now), self.now)
        for row in self.memory.dues(self.now):
            self._add_documents(*row)
        self._add_looks()
        forbidden = self._add_pages()
        self._add_posts()
        self._add_copies()
        for name in list(self.hosts):
            self._add_standing(name)
        return Outlook(tuple(self.found[name] for name in sorted(self.found)), forbidden)

    def _host(self, address: str) -> Host:
        return host_in(self.hosts, self.settings, address, lambda: 0.0)

    def _of(self, address: str) -> HostOutlook:
        name = self._host(address).name
        return self.found.setdefault(name, HostOutlook(name))

    def _add_documents(
        self, host: str, count: int, due_count: int, soon_count: int, next_due_at: datetime | None, unseen_count: int
    ) -> None:
        """Add the documents of one exact host, unless nothing of it was ever asked for; a copy is fetched once."""
        if host == WEB_ARCHIVE or (count == unseen_count and self.settings.asked_as(host) not in self.hosts):
            return
        one = self._of(f"https://{host}/")
        one.document_count += count
        one.due_count += due_count
        one.soon_count += soon_count
        one.next_due_at = min(filter(None, (one.next_due_at, next_due_at)), default=None)
        one.unseen_count += unseen_count

    def _add_looks(self) -> None:
        """Add when new documents are looked for: at the first of a host's listings, feeds and channels that is due."""
        for entrance in self.entrances:
            one = self._of(entrance.address)
            known = self.directories.get((entrance.address, entrance.purpose))
            answered_at = None if known is None else known.answered_at
            at = self.now if answered_at is None else answered_at + _FRESH[entrance.purpose]
            one.look_at = min(filter(None, (one.look_at, at)))
            one.is_look_due = one.look_at <= self.now

    def _add_pages(self) -> Counter[str]:
        """Add the pages to which listings and feeds lead and that were never fetched; return what is forbidden."""
        known = dict(self.memory.known_pages(self.now))
        waiting = shelf_of(self.raw, self.entrances, self.memory.led(), known).waiting
        found = [one.ask.address for one in new_pages(waiting, known, {}, self.now)]
        new = [one for one in found if not is_waiting(self._asked().get(one), self.now)]
        for address in new:
            self._of(address).found_count += 1
        due = (one for one in known.values() if one is not None and is_ministry(one))
        forbidden: Counter[str] = Counter()
        for address in {*new, *map(asked_address, due), *(one.address for one in self.entrances)}:
            if self._is_forbidden(address):
                forbidden[host_name(address)] += 1
                self._of(address).forbidden_count += 1
        return forbidden

    def _add_posts(self) -> None:
        for entrance in map(self.memory.expected, self.entrances):
            if entrance.source.channel_id is not None:
                known = self.memory.shown_ids(entrance.source.channel_id)
                self._of(entrance.address).lacking_count += sum(high - low - 1 for high, low in holes(known))

    def _add_copies(self) -> None:
        if any(purpose is Purpose.INDEX for _, purpose in self.directories):
            listed = listed_copies(self.raw, self.directories, self._asked(), self.now)
            self._of(f"https://{WEB_ARCHIVE}/").found_count = len(set(listed))

    def _asked(self) -> dict[str, Asked]:
        """Return the addresses that were asked for; they are many, and seldom needed here."""
        if self.asked is None:
            self.asked = self.memory.asked()
        return self.asked

    def _add_standing(self, name: str) -> None:
        """Add what a host was asked within a day, and why it isn't asked now."""
        host, one = self.hosts[name], self._of(f"https://{name}/")
        used_up = None if host.has_budget(self.now) else host.used_up
        one.asked_count, one.budget = len(host.asked), host.budget
        one.stopped = host.stopped or used_up or next(self._shut(name), None)

    def _shut(self, name: str) -> Iterator[str]:
        """Yield why the robots.txt of hosts that count with this one keep us from asking."""
        for host in sorted({host_name(one.address) for one in self.entrances}):
            rules = self._rules(host)
            if self.settings.asked_as(host) == name and rules is not None and rules.stop is not None:
                yield f"{host}/robots.txt: {rules.stop}; nothing is asked of it before it is had"

    def _is_forbidden(self, address: str) -> bool:
        rules = self._rules(host_name(address))
        return rules is not None and rules.stop is None and not rules.allows(address)

    def _rules(self, host: str) -> Rules | None:
        """Return the rules of the newest robots.txt of a host; None where it was never asked for."""
        if host not in self.rules:
            known = self.directories.get((f"https://{host}/robots.txt", Purpose.ROBOTS))
            held = None if known is None else held_answer(known, self.raw)
            self.rules[host] = None if held is None else rules_of(held)
        return self.rules[host]


def troubles(
    connection: duckdb.DuckDBPyConnection, now: datetime, source_keys: list[str] | None
) -> tuple[Trouble, ...]:
    """Return what has been in trouble for days. `source_keys` are the sources that ought to be asked, if known."""
    if not _is_any(connection):
        return ()
    asked = {"since": now - TROUBLED_AFTER, "source_keys": source_keys}
    return tuple(Trouble(*row) for row in connection.execute(statement("fetching/troubled"), asked).fetchall())


def _is_any(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute(statement("fetching/is_any")).fetchone() == (True,)
