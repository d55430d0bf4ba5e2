"""One fetch while it is under way: what each request goes through, from robots.txt to the archive.

stop? ─► robots.txt ─► budget ─► pause ─► request ─► keep, read ─► what it teaches of the host
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from extract.addresses import original, page_of, stored_at
from flows.fetching.client import Client
from flows.fetching.hosts import MOST_SKEW, Came, Host, host_in, host_name, recall_all
from flows.fetching.keeping import Keeper, Kept
from flows.fetching.memory import MOST_HOPS, Directory, Memory, Move, held_bytes, led_to
from flows.fetching.robots import held_answer, rules_of
from flows.fetching.settings import FetchSettings
from flows.fetching.values import Answer, Ask, Failure, Purpose, Verdict
from flows.pipeline import append_staged
from flows.run import Run
from flows.taking import on_one_line
from warehouse.staging import CaptureFacts, ExtractionFacts, SourceFacts

# After so many captures, or so many that were read, they are appended: a long crawl is seen in the archive as it goes,
# and takes no more memory than a short one.
APPEND_COUNT = 20_000
APPEND_READ_COUNT = 1_000
APPEND_SPAN = timedelta(minutes=30)
MOST_TRIES = 3  # of one address in a run, where trying again may help
ROBOTS_SPAN = timedelta(hours=24)
ROBOTS_AGAIN = timedelta(minutes=10)  # after an answer that says nothing of the rules
_TELLING = (200, 404, 410)  # of the rules, or that there are none
MOVED_SPAN = timedelta(hours=1)  # an address that led elsewhere is passed over: a run was cut off at the next hop
_TOO_MANY = 429
_ENTRANCES = (Purpose.LISTING, Purpose.FEED)
_REDIRECTS = (301, 302, 303, 307, 308)
_AGAIN = (
    *(Failure.RESET, Failure.TIMEOUT, Failure.TOO_SLOW, Failure.TRUNCATED, Failure.NOT_CONNECTED),
    Failure.BAD_ANSWER,  # of a relay on the way, or of a connection that went out of step: the next one is a new one
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, as a value: a test brings its own."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    until: datetime | None = None  # from when on nothing more is asked in this run
    is_cut_off: Callable[[], bool] = lambda: False  # whether somebody wants the run to end now


class CutOff(Exception):
    """A run that somebody ends, told before a request: what was asked is kept and read."""


@dataclass(slots=True)
class Session:
    """One fetch while it is under way."""

    run: Run
    client: Client
    settings: FetchSettings
    clock: Clock
    draw: Callable[[], float]
    keeper: Keeper
    directories: dict[tuple[str, Purpose], Directory]
    moves: dict[str, Move] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    _appended_at: datetime | None = None
    _entrances: set[str] = field(default_factory=set)  # that were asked in this run
    _robots_came: dict[str, Answer] = field(default_factory=dict)  # in this run, by address

    def recall(self, memory: Memory) -> None:
        """Take into account what was asked within the last day, and who asked to be left alone for longer."""
        now = self.clock.now()
        requests = memory.requests(now)
        if requests and requests[-1].asked_at - now > MOST_SKEW:
            self._tell_of_run(
                f"the archive holds a request of {requests[-1].asked_at:%Y-%m-%d %H:%M} UTC and the clock says "
                f"{now:%Y-%m-%d %H:%M}; expected none that is to come; look at the clock: it is wrong, or it was, "
                "and what was looked at then is not looked at again before"
            )
        recall_all(self.host_of, requests, now)

    def host_of(self, address: str) -> Host:
        """Return the host of an address."""
        return host_in(self.hosts, self.settings, address, self.draw)

    def ask(self, source: SourceFacts, ask: Ask) -> Kept | None:
        """Make one request and follow where it leads; None where it may not be made. What came last is returned."""
        move = self.moves.get(ask.address)
        is_held = move is not None and _is_within(MOVED_SPAN, move.asked_at, self.clock.now())
        if move is not None and is_held and not self._is_left(ask, move.to):
            ask = _led_to(ask, move.to)
        for _ in range(MOST_HOPS + 1):
            kept = self.ask_here(source, ask)
            target = None if kept is None else _target(kept)
            if kept is None or target is None or self._is_left(ask, target):
                return kept
            ask = _led_to(ask, target)
        self.run.report_of(source.source_key).problems.append(
            on_one_line(f"{ask.address}: redirects lead on after {MOST_HOPS} of them; expected an end; it is left")
        )
        return kept

    def _is_left(self, ask: Ask, target: str) -> bool:
        """Say whether a redirect is not followed.

        From a document to a listing, whose bytes are read as that alone; from a web archive's copy to what is none.
        """
        if ask.copy_of is not None and stored_at(target) is None:
            return True
        is_entrance = target in self._entrances or any((target, one) in self.directories for one in _ENTRANCES)
        return ask.purpose not in _ENTRANCES and is_entrance

    def ask_here(self, source: SourceFacts, ask: Ask) -> Kept | None:
        """Make one request, again after a pause where that may help; where it leads is not followed."""
        kept: Kept | None = None
        for _ in range(MOST_TRIES):
            kept = self._once(source, ask) or kept
            if kept is None or not _is_worth_again(kept) or self.host_of(ask.address).stopped:
                break
        if kept is not None and (kept.verdict is Verdict.FAILED or kept.capture.http_status == _TOO_MANY):
            self._tell(source, f"{ask.address}: {_failed(kept)}")
        return kept

    def _once(self, source: SourceFacts, ask: Ask) -> Kept | None:
        host = self.host_of(ask.address)
        if not self.client.may_ask(ask.address):  # kept with the reason; nothing is asked
            return self._keep(source, host, ask, self.client.get(ask))
        if self._is_closed(host) or not self._is_allowed(source, host, ask.address):
            return None
        return self._request(source, host, ask)

    def _is_closed(self, host: Host) -> bool:
        """Say whether a host isn't asked any more; if that is for something that went wrong, it is told once."""
        if host.stopped is None and (ended := self._ended(host)) is not None:
            host.stopped = ended
            host.is_told = True  # which is as it should be
        if host.stopped is not None and not host.is_told:
            host.is_told = True
            self._tell_of_run(f"{host.name}: {host.stopped}")
        return host.stopped is not None

    def _ended(self, host: Host) -> str | None:
        """Return what has been used up of what a host or the run is given; None while nothing has."""
        now = self.clock.now()
        if self.clock.until is not None and now >= self.clock.until:
            return "the time for this run is over; the next one goes on where it was"
        if not host.has_budget(now):
            return host.used_up
        return None

    def _is_allowed(self, source: SourceFacts, host: Host, address: str) -> bool:
        """Say whether robots.txt allows an address; it is asked for where none is known of today."""
        name = host_name(address)
        if name not in host.rules:
            host.rules[name] = rules_of(self._robots(source, host, address))
        if self._is_closed(host):
            return False
        if (why := host.rules[name].stop) is not None:
            host.shut.setdefault(name, f"{name}/robots.txt: {why}; nothing is asked of it now")
            self._tell_of_run(host.shut[name])
            return False
        if host.rules[name].allows(address):
            return True
        host.counts["forbidden"] += 1
        self.run.report_of(source.source_key).notes.append(on_one_line(f"{address}: robots.txt forbids it"))
        return False

    def _robots(self, source: SourceFacts, host: Host, address: str) -> Answer:
        """Return the answer to the question for robots.txt, of today or anew; redirects are followed."""
        place = urljoin(address, "/robots.txt")
        answer = self._held_robots(place)
        for _ in range(MOST_HOPS):
            if answer is not None and not (answer.status in _REDIRECTS and answer.header("location")):
                return answer
            if answer is not None:
                place = led_to(place, answer.header("location") or "")
            answer = self._held_robots(place) or self._fresh_robots(source, host, place)
        return answer if answer is not None else self._fresh_robots(source, host, place)

    def _fresh_robots(self, source: SourceFacts, host: Host, place: str) -> Answer:
        ask = Ask(place, Purpose.ROBOTS, source.source_key)
        self._pause(host)
        answer = self._robots_came[place] = self.client.get(ask)
        self._keep(source, host, ask, answer)
        return answer

    def _held_robots(self, place: str) -> Answer | None:
        if place in self._robots_came:
            return self._robots_came[place]
        known = self.directories.get((place, Purpose.ROBOTS))
        if known is None:
            return None
        is_telling = known.failure is None and known.http_status in (*_TELLING, *_REDIRECTS)
        if not _is_within(ROBOTS_SPAN if is_telling else ROBOTS_AGAIN, known.asked_at, self.clock.now()):
            return None
        return held_answer(known, self.run.layout.raw)

    def _request(self, source: SourceFacts, host: Host, ask: Ask) -> Kept:
        self._pause(host)
        return self._keep(source, host, ask, self.client.get(ask))

    def _pause(self, host: Host) -> None:
        seconds = host.wait_s(self.clock.now())
        if seconds > 0:
            self.clock.sleep(seconds)
        if self.clock.is_cut_off():
            raise CutOff

    def _keep(self, source: SourceFacts, host: Host, ask: Ask, answer: Answer) -> Kept:
        kept = self.keeper.keep(source, ask, answer)
        if ask.purpose in _ENTRANCES:
            self._entrances.add(ask.address)
        if answer.failure is not Failure.REFUSED_ADDRESS:
            host.learn(answer.answered_at, Came(kept.verdict, answer.status, kept.fetch.not_before))
        self.run.listener.say(on_one_line(f"{kept.verdict.value:14} {ask.address}"))
        self._append_now_and_then()
        return kept

    def _append_now_and_then(self) -> None:
        run, now = self.run, self.clock.now()
        self._appended_at = self._appended_at or now
        if run.batch is None:
            return
        rows = run.batch.rows
        is_full = len(rows[CaptureFacts]) >= APPEND_COUNT or len(rows[ExtractionFacts]) >= APPEND_READ_COUNT
        if is_full or now - self._appended_at >= APPEND_SPAN:
            append_staged(run)
            run.let_go()  # before the pause
            self._appended_at = now

    def _tell_of_run(self, line: str) -> None:
        line = on_one_line(line)
        if line not in self.run.problems:
            self.run.problems.append(line)

    def _tell(self, source: SourceFacts, line: str) -> None:
        self.run.report_of(source.source_key).problems.append(on_one_line(line))

    def is_closed_to(self, address: str) -> bool:
        """Say whether the host of an address isn't asked any more in this run."""
        host = self.host_of(address)
        return host.stopped is not None or host_name(address) in host.shut

    def is_fresh(self, address: str, purpose: Purpose, span: timedelta) -> bool:
        """Say whether an address answered within this time, so that it need not be asked again: or isn't there."""
        known = self.directories.get((address, purpose))
        if known is None or known.answered_at is None:
            return False
        return _is_within(span, known.answered_at, self.clock.now())

    def bytes_of(self, kept: Kept) -> bytes | None:
        """Return the bytes of an answer, or those that it confirms; None where they are withheld."""
        return held_bytes(self.run.layout.raw, kept.capture.raw_sha256)


def _is_within(span: timedelta, at: datetime, now: datetime) -> bool:
    """Say whether an instant lies no further back than that; one that is to come does not: a clock was wrong then."""
    return -MOST_SKEW <= now - at < span


def _target(kept: Kept) -> str | None:
    """Return where a redirect leads."""
    if kept.capture.http_status not in _REDIRECTS or kept.location is None:
        return None
    return led_to(kept.capture.locator, kept.location)


def _led_to(ask: Ask, target: str) -> Ask:
    """Return the request that a redirect makes of another one: for the same document only where the address says so.

    From copy to copy it is for what that one is a copy of, at its instant: a page that was taken down may lead away.
    """
    page = page_of(target)
    is_same = ask.looked_for is not None and page is not None and page.key() == ask.looked_for
    return replace(
        ask,
        address=target,
        looked_for=ask.looked_for if is_same else None,
        etag=None,
        last_modified=None,
        held=None,
        copy_of=None if ask.copy_of is None else original(target),
        stamped_at=None if ask.copy_of is None else stored_at(target),
    )


def _is_worth_again(kept: Kept) -> bool:
    if kept.fetch.failure is not None:
        return Failure(kept.fetch.failure) in _AGAIN
    status = kept.capture.http_status
    return status is not None and (status >= 500 or status == _TOO_MANY)  # the server's own trouble


def _failed(kept: Kept) -> str:
    if kept.fetch.failure is not None:
        return f"{kept.fetch.failure}: {kept.fetch.detail or 'nothing more is known'}"
    return f"HTTP status {kept.capture.http_status}"
