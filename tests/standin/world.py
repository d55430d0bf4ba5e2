"""All hosts that are asked, at an instant that is set: what is answered, and what was asked."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from tests.standin import channel, site, wayback
from tests.standin.channel import Telegram
from tests.standin.faults import Fault, spoiled
from tests.standin.http import Request, Response
from tests.standin.site import Site
from tests.standin.wayback import Wayback


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and how it was answered."""

    at: datetime
    request: Request
    status: int  # of a connection that broke what would have come
    fault: str | None


@dataclass
class World:
    """The hosts by their names. `now` moves only when it is set; `faults` come before those of a host."""

    now: datetime
    site: Site = field(default_factory=Site)
    telegram: Telegram = field(default_factory=Telegram)
    wayback: Wayback = field(default_factory=Wayback)
    faults: list[Fault] = field(default_factory=list)
    log: list[Asked] = field(default_factory=list)  # in the order of answers

    def handler(self, request: Request) -> Response:
        """Answer a request as of `now`, and note it."""
        now = self.now
        response = spoiled(self.faults, request, now, self._answer)
        self.log.append(Asked(now, request, response.status, response.fault))
        return response

    @property
    def asked(self) -> Counter[str]:
        """Return how often each address was asked."""
        return Counter(one.request.url for one in self.log)

    @property
    def asked_of(self) -> Counter[str]:
        """Return how often each host was asked."""
        return Counter(one.request.host for one in self.log)

    def _answer(self, request: Request, now: datetime) -> Response:
        if request.host in site.HOSTS:
            return self.site.answer(request, now)
        if request.host == channel.HOST:
            return self.telegram.answer(request, now)
        if request.host == wayback.HOST:
            return self.wayback.answer(request, now)
        return Response(421, b"no such host here\n", {"Content-Type": "text/plain"})
