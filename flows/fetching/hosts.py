"""How a host is asked: one request after another, with pauses, within its budget, and not at all once it says no.

Knows nothing of the network and of the archive. Times are aware and UTC; what was asked before comes in as values.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flows.fetching.memory import BUDGET_SPAN, Request
from flows.fetching.robots import Rules
from flows.fetching.settings import FetchSettings
from flows.fetching.values import Failure, Verdict, verdict_of
from flows.tables import counted

JITTER = 0.5  # of a pause, at most, on top of it
STOP_SPAN = timedelta(hours=20)  # after a refusal or a challenge: another day, at about the same hour
MOST_SKEW = timedelta(hours=1)  # by which a clock is set back; what seems to come later was asked at a wrong time
MOST_WAIT = timedelta(minutes=10)  # that a server may ask for within a run; for longer the next run comes back
MOST_PAUSE = timedelta(minutes=10)  # between tries, however often they fail
_MOST_DOUBLINGS = 10  # of a pause; beyond it only the number grows
MOST_FAILURES = 4  # in a row, after which a run lets go of the host
_SAID = {Verdict.REFUSED: "refused us", Verdict.CHALLENGED: "showed a challenge in place of what was asked for"}
_BUSY = (429, 503)  # ask to come back later, and say no more


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one request, as far as its host's patience goes."""

    verdict: Verdict
    status: int | None
    not_before: datetime | None

    @property
    def is_no(self) -> bool:
        """True where the host doesn't want us today: 401, 403 or a challenge."""
        return self.verdict in _SAID and self.status not in _BUSY

    @property
    def is_failure(self) -> bool:
        """True where trying again later may help."""
        return self.verdict is Verdict.FAILED or self.status in _BUSY


@dataclass(slots=True)
class Host:
    """One host while it is being asked, with those that count with it, such as its `www.`."""

    name: str
    pause_s: float  # at least, between two requests
    budget: int  # requests in 24 hours
    draw: Callable[[], float]  # of a number from 0 to 1
    asked: deque[datetime] = field(default_factory=deque)  # within the last 24 hours
    not_before: datetime | None = None  # the server asks to wait so long
    failures: int = 0  # in a row
    stopped: str | None = None  # why it isn't asked any more in this run
    is_told: bool = False  # as something that went wrong
    rules: dict[str, Rules] = field(default_factory=dict)  # by the name of each host that counts with it
    shut: dict[str, str] = field(default_factory=dict)  # by name: why its robots.txt keeps us from asking
    counts: Counter[str] = field(default_factory=Counter)  # of this run, by verdict, and "forbidden" by robots.txt

    def recall(self, at: datetime, came: Came, now: datetime) -> None:
        """Take a request of the past into account."""
        self._learn(at, came)
        if came.is_no and now - at < STOP_SPAN:
            self.stopped = _said_no(at, came)
            self.is_told = True  # by the run to which it said so
        else:
            self.stopped = self.stopped or self._wish(now)

    def learn(self, at: datetime, came: Came) -> None:
        """Take a request of this run into account."""
        self._learn(at, came)
        self.counts[came.verdict] += 1
        if came.is_no:
            self.stopped = _said_no(at, came)
        elif (wish := self._wish(at)) is not None:
            self.stopped = wish
        elif self.failures >= MOST_FAILURES:
            self.stopped = f"failed {self.failures} times in a row; the next run tries again"

    def _learn(self, at: datetime, came: Came) -> None:
        self.asked.append(at)
        self.failures = self.failures + 1 if came.is_failure else 0
        if came.not_before is not None:
            self.not_before = came.not_before

    def _wish(self, now: datetime) -> str | None:
        """Return for how long the server asks to be left alone, where a run doesn't wait so long."""
        if self.not_before is None or self.not_before - now <= MOST_WAIT:
            return None
        return f"asks to wait until {self.not_before:%Y-%m-%d %H:%M} UTC"

    def has_budget(self, now: datetime) -> bool:
        """Say whether one more request may be made now, or soon: yesterday's come free one after another."""
        while self.asked and now - self.asked[0] >= BUDGET_SPAN:
            self.asked.popleft()
        if not self.budget:
            return False
        free_at = self._free_at()
        return free_at is None or free_at - now <= MOST_WAIT

    @property
    def used_up(self) -> str:
        """What is told where there is no budget left, and until when."""
        free_at = self._free_at() if self.budget else None
        until = "" if free_at is None else f" until {free_at:%Y-%m-%d %H:%M} UTC"
        return f"its budget of {counted(self.budget, 'request')} in 24 hours is used up{until}"

    @property
    def is_half_spent(self) -> bool:
        """True when half of the budget is used up."""
        return 2 * len(self.asked) >= self.budget

    def _free_at(self) -> datetime | None:
        """Return when the budget allows one more request; None where it does at once."""
        over = len(self.asked) - self.budget
        return None if over < 0 else self.asked[over] + BUDGET_SPAN

    def wait_s(self, now: datetime) -> float:
        """Return how long to wait before the next request."""
        delays = (rules.crawl_delay_s or 0.0 for rules in self.rules.values())
        pause = timedelta(seconds=max(self.pause_s, *delays, 0.0) * (1 + JITTER * self.draw()))
        pause = max(pause, min(pause * 2 ** min(self.failures, _MOST_DOUBLINGS), MOST_PAUSE))
        earliest = min(self.asked[-1], now) + pause if self.asked else now  # a clock may be set back
        earliest = max(earliest, self.not_before or earliest, (self._free_at() if self.budget else None) or earliest)
        return max((earliest - now).total_seconds(), 0.0)


def host_in(hosts: dict[str, Host], settings: FetchSettings, address: str, draw: Callable[[], float]) -> Host:
    """Return the host of an address, begun when it is first asked for."""
    name = settings.asked_as(host_name(address))
    if name not in hosts:
        hosts[name] = Host(name, settings.pause_s(name), settings.budget(name), draw)
    return hosts[name]


def host_name(address: str) -> str:
    """Return the name of the host of an address; an empty one where there is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:  # a redirect can lead anywhere
        return ""


def recall_all(host_of: Callable[[str], Host], requests: Iterable[Request], now: datetime) -> None:
    """Take the requests of the past into account, each at the host of its address."""
    hosts: dict[str, Host] = {}  # by the beginning of an address: a budget's requests are many, and their hosts few
    for request in requests:
        if request.failure != Failure.REFUSED_ADDRESS and request.asked_at - now <= MOST_SKEW:
            verdict = verdict_of(request.http_status, request.failure, request.reason)
            came = Came(verdict, request.http_status, request.not_before)
            place = "/".join(request.locator.split("/", 3)[:3])
            host = hosts.setdefault(place, hosts.get(place) or host_of(request.locator))
            host.recall(request.asked_at, came, now)


def _said_no(at: datetime, came: Came) -> str:
    """Return what a host said that doesn't want us, when, and until when it is left alone."""
    status = "" if came.status is None else f" with status {came.status}"
    return (
        f"{_SAID[came.verdict]}{status} on {at:%Y-%m-%d %H:%M} UTC; it is not asked before "
        f"{at + STOP_SPAN:%Y-%m-%d %H:%M} UTC"
    )
