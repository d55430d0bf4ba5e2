"""One address of each kind, asked as a fetch asks, and what is found there compared with what the code assumes.

Every request is a capture: what is probed is in the archive like all that is fetched. Nothing is asked that robots.txt
forbids, and a host that says no is left alone, as ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from extract.addresses import LANGUAGES, SITE, Generation, page_of
from extract.index import IndexRow
from extract.preview_paging import shown_in
from flows.fetching.compared import Finding, Outcome, compared, finding, unasked
from flows.fetching.entrances import PREVIEW, WEB_ARCHIVE, Entrance, hosts_of
from flows.fetching.expected import Kind, Rule, expected_of
from flows.fetching.keeping import Keeper, Kept
from flows.fetching.memory import Memory
from flows.fetching.pages import Planned, asked_address
from flows.fetching.seen import Found, Hop, Seen, copies_in, directory_of
from flows.fetching.session import Session
from flows.fetching.values import Answer, Ask, Purpose
from flows.fetching.wayback import SOURCE as COPIES
from flows.fetching.wayback import Wanted, copy_address, index_ask
from warehouse.raw_store import Blob
from warehouse.staging import SourceFacts

HOSTS = (SITE, PREVIEW, WEB_ARCHIVE)
_LISTING = f"https://{SITE}/en/foreign_policy/news/"  # where the registry has none
_ARTICLE = f"https://{SITE}/en/foreign_policy/news/1906578/"  # quoted by others; where nothing names a newer one
_OLD_PATH = "en/foreign_policy/news/-/asset_publisher/cKNonkJE02Bw/content/id/2732506"  # likewise
_DAY = "22.09.2011"  # others list the documents of this day
_OPEN = "…"  # stands in an address for what is found on the way


@dataclass(frozen=True, slots=True)
class _Probe:
    """One kind, and the address that stands for it."""

    kind: Kind
    host: str  # of HOSTS
    purpose: Purpose
    address: str  # with names of `ProbeErrand.known` in braces


# In this order: what is told of later addresses comes first, and the host that may be gone last.
_PROBES = (
    _Probe(Kind.LISTING, SITE, Purpose.LISTING, "{listing}"),
    _Probe(Kind.RSS, SITE, Purpose.FEED, f"https://{SITE}/{{lang}}/rss.php"),
    _Probe(Kind.ATOM, SITE, Purpose.FEED, f"https://{SITE}/{{lang}}/rss"),
    _Probe(Kind.ARTICLE, SITE, Purpose.PAGE, "{article}"),
    _Probe(Kind.AGAIN, SITE, Purpose.PAGE, "{article}"),
    _Probe(Kind.OTHER, SITE, Purpose.PAGE, "{article}?lang={other}"),
    # The site's numbers had come to two million by 2026.
    _Probe(Kind.NO_ARTICLE, SITE, Purpose.PAGE, f"https://{SITE}/{{lang}}/foreign_policy/news/9999999/"),
    _Probe(Kind.PAST_END, SITE, Purpose.LISTING, "{listing}?PAGEN_1=100000"),
    _Probe(Kind.DAY, SITE, Purpose.LISTING, f"{{listing}}?activeFrom={_DAY}&activeTo={_DAY}"),
    _Probe(Kind.OLD_MOVED, SITE, Purpose.PAGE, f"https://www.{SITE}/{_OLD_PATH}"),
    _Probe(Kind.OLD, SITE, Purpose.PAGE, f"https://archive.{SITE}/{_OLD_PATH}"),
    _Probe(Kind.CHANNEL, PREVIEW, Purpose.CHANNEL, f"https://{PREVIEW}/s/{{channel}}"),
    _Probe(Kind.BEFORE, PREVIEW, Purpose.CHANNEL, f"https://{PREVIEW}/s/{{channel}}?before={{lowest}}"),
    _Probe(Kind.POST, PREVIEW, Purpose.POST, f"https://{PREVIEW}/{{channel}}/{{highest}}?embed=1&mode=tme"),
    _Probe(Kind.NO_POST, PREVIEW, Purpose.POST, f"https://{PREVIEW}/{{channel}}/999999999?embed=1&mode=tme"),
    _Probe(Kind.NO_CHANNEL, PREVIEW, Purpose.CHANNEL, f"https://{PREVIEW}/s/mfa_archive_no_such_channel"),
    _Probe(Kind.INDEX, WEB_ARCHIVE, Purpose.INDEX, "{index}"),
    _Probe(Kind.COPY, WEB_ARCHIVE, Purpose.PAGE, "{copy}"),
)
_GOOD_STATUS = 200


@dataclass(slots=True)
class _Watching(Keeper):
    """Keeps answers, and shows what it kept."""

    hops: list[Hop] = field(default_factory=list)

    def keep(self, source: SourceFacts, ask: Ask, answer: Answer) -> Kept:
        """Keep an answer."""
        kept = Keeper.keep(self, source, ask, answer)  # `super()` doesn't know a class with slots
        rejections = [] if self.run.batch is None else self.run.batch.rejections()
        wrong = [one.found for one in rejections if one.byte_from is None and one.locator == ask.address]
        self.hops.append(Hop(source, ask, answer, kept, wrong[-1] if wrong else ""))
        return kept


@dataclass(slots=True)
class ProbeErrand:
    """One address of each kind, at the hosts that the registry's sources have and at the web archive."""

    entrances: list[Entrance]  # of the whole registry
    only: str | None = None  # of HOSTS
    command: str = "probe"
    nothing: str = "Nothing was asked."
    findings: list[Finding] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # what addresses are made of
    _article: Hop | None = None
    _copy: IndexRow | None = None

    def __post_init__(self) -> None:
        """Begin with what the registry tells."""
        listing = next((one.address for one in self.entrances if one.purpose is Purpose.LISTING), _LISTING)
        channel = next((one.source.channel for one in self.entrances if one.purpose is Purpose.CHANNEL), None)
        lang = urlsplit(listing).path.strip("/").partition("/")[0]
        lang = lang if lang in LANGUAGES else "en"
        self.known = {
            "listing": listing,
            "lang": lang,
            "other": "en" if lang == "ru" else "ru",
            "article": f"{listing}{_OPEN}/",
            "channel": channel or _OPEN,
            "lowest": _OPEN,
            "highest": _OPEN,
            "index": _index(listing),
            "copy": f"https://{WEB_ARCHIVE}/web/{_OPEN}id_/{listing}{_OPEN}/",
        }

    @property
    def hosts(self) -> frozenset[str]:
        """Those of the registry, and the web archive's."""
        hosts = hosts_of(self.entrances) | {WEB_ARCHIVE}
        return frozenset(host for host in hosts if self.only is None or f".{host}".endswith(f".{self.only}"))

    def recall(self, memory: Memory) -> None:
        """Need nothing of what is known: each address is asked, even where its bytes are held."""

    def plan(self, session: Session) -> list[Planned]:
        """Return a request for each kind, with … for what is found on the way."""
        del session
        return [
            Planned(self._source(probe), Ask(self._address(probe), probe.purpose, self._source(probe).source_key), why)
            for probe in self._probes()
            if probe.host in self.hosts and (why := probe.kind.value)
        ]

    def work(self, session: Session) -> None:
        """Ask one after another, and compare."""
        watching = _Watching(session.keeper.run, session.keeper.vantage)
        session.keeper = watching
        session.moves.clear()  # where an address leads is what is probed
        for probe in self._probes():
            if probe.host not in self.hosts:
                self._note_not_asked(probe, "no source of the registry is fetched from there")
            elif (ask := self._ask(probe)) is None:
                self._note_not_asked(probe, "what leads to it did not come")
            else:
                watching.hops.clear()
                # What a name leads to that nobody has is no page of a channel, and would be rejected as that.
                look = session.ask_here if probe.kind is Kind.NO_CHANNEL else session.ask
                look(self._source(probe), ask)
                self._compare(session, probe, ask, watching.hops)

    def _probes(self) -> Iterator[_Probe]:
        return (probe for probe in _PROBES if self.only in (None, probe.host))

    def _address(self, probe: _Probe) -> str:
        return probe.address.format(**self.known)

    def _ask(self, probe: _Probe) -> Ask | None:
        """Return the request of a probe; None where what leads to it did not come."""
        if probe.kind is Kind.ARTICLE and _OPEN in self.known["article"]:
            self.known["article"] = _ARTICLE
        source_key, address = self._source(probe).source_key, self._address(probe)
        if _OPEN in address:
            return None
        if probe.kind is Kind.AGAIN:
            return None if self._article is None else _again(self._article)
        if probe.kind is Kind.COPY and self._copy is not None:
            copy = self._copy
            return Ask(address, probe.purpose, source_key, copy_of=copy.address, stamped_at=copy.captured_at)
        page = page_of(address) if probe.kind is Kind.ARTICLE else None
        return Ask(address, probe.purpose, source_key, None if page is None else page.key())

    def _source(self, probe: _Probe) -> SourceFacts:
        """Return the source to which an answer belongs: one of the registry, of the same language, where it has one."""
        if probe.host == WEB_ARCHIVE:
            return COPIES
        if probe.host == PREVIEW:
            own = (one.source for one in self.entrances if one.purpose is Purpose.CHANNEL)
            other = SourceFacts("probe_telegram_preview", format="telegram_preview")
            return other if probe.kind is Kind.NO_CHANNEL else next(own, other)
        lang = LANGUAGES[self.known["other" if probe.kind is Kind.OTHER else "lang"]]
        own = (one.source for one in self.entrances if one.purpose is not Purpose.CHANNEL)
        other = SourceFacts("probe_mid_page_html", format="mid_page_html")
        return next((source for source in own if source.language == lang), other)

    def _compare(self, session: Session, probe: _Probe, ask: Ask, made: list[Hop]) -> None:
        host, name = session.host_of(ask.address), urlsplit(ask.address).hostname or ""
        rules, hops = host.rules.get(name), _by_address(made)
        if rules is None or not hops:
            if rules is not None:
                self.findings += unasked(probe.kind, ask.address, rules)
            self._note_not_asked(probe, host.stopped or host.shut.get(name) or "robots.txt forbids it")
            return
        robots = next((hop for hop in made if hop.ask.purpose is Purpose.ROBOTS), None)
        extra = session.settings.ca_file
        store = "the usual store" if extra is None else f"the usual store or {extra.name}"
        found = compared(Seen(probe.kind, hops, rules, robots, session.client.spoken.get(name), store))
        self.findings += found
        if all(one.outcome is Outcome.OK for one in found if one.rule is Rule.VERDICT):
            self._learn(probe, hops[-1])

    def _note_not_asked(self, probe: _Probe, why: str) -> None:
        status = next(one for one in expected_of(probe.kind) if one.rule is Rule.STATUS)
        self.findings.append(finding(probe.kind, self._address(probe), status, Found(Outcome.NOT_ASKED, why)))

    def _learn(self, probe: _Probe, hop: Hop) -> None:
        """Take from an answer what later addresses are made of."""
        match probe.kind:
            case Kind.LISTING | Kind.RSS | Kind.ATOM if _OPEN in self.known["article"]:
                pages = (one.address for one in directory_of(hop).found)
                self.known["article"] = next(map(asked_address, filter(_is_present, pages)), self.known["article"])
            case Kind.ARTICLE:
                self._article = hop
            case Kind.CHANNEL if ids := shown_in(hop.answer.body).ids:
                self.known |= {"lowest": str(ids[0]), "highest": str(ids[-1])}
            case Kind.INDEX if rows := copies_in(hop):
                self._copy = next((row for row in rows if row.status == _GOOD_STATUS), rows[0])
                self.known["copy"] = copy_address(self._copy)


def _by_address(hops: list[Hop]) -> tuple[Hop, ...]:
    """Return the last try of each address, in the order of the redirects, without those for robots.txt."""
    return tuple({hop.ask.address: hop for hop in hops if hop.ask.purpose is not Purpose.ROBOTS}.values())


def _again(article: Hop) -> Ask | None:
    """Return the request for what is held; None where its answer bears nothing to ask by."""
    capture, request = article.kept.capture, article.kept.fetch
    if request.etag is None and request.last_modified is None:
        return None
    held = Blob(capture.raw_sha256, capture.size_bytes, capture.blocks_root)
    return replace(article.ask, etag=request.etag, last_modified=request.last_modified, held=held)


def _index(listing: str) -> str:
    return index_ask(Wanted(listing, is_prefix=True, days=None), None).address


def _is_present(address: str) -> bool:
    page = page_of(address)
    return page is not None and page.generation is Generation.PRESENT
