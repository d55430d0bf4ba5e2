"""One archive that fetches from a stand-in, at a time that the test sets."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flows.fetching.client import Limits
from flows.fetching.entrances import Entrance, entrance_of
from flows.fetching.errands import AddressesErrand, ChannelErrand, CopiesErrand, Errand, PagesErrand
from flows.fetching.pages import Days, Planned
from flows.fetching.running import fetch, plan
from flows.fetching.session import Clock
from flows.fetching.settings import FetchSettings, fetch_settings_from
from flows.fetching.wayback import wanted_of
from flows.reports import RunReport
from flows.run import Listener, Run, new_run
from tests.conftest import Desk
from tests.standin.server import Standin
from tests.standin.world import World
from warehouse.archive import Writing
from warehouse.staging import SourceFacts

LIMITS = Limits(connect_s=5.0, read_s=1.0, whole_s=2.0)


@dataclass
class Fetcher:
    """What an operator has: a data folder, a registry and the settings; the world's time is the program's."""

    desk: Desk
    world: World
    standin: Standin
    registry: list[SourceFacts] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    slept_s: float = 0.0
    limits: Limits = LIMITS

    @property
    def settings(self) -> FetchSettings:
        return fetch_settings_from(
            {
                "MFA_ARCHIVE_CONTACT": "archive@example.org",
                "MFA_ARCHIVE_VANTAGE": "tests",
                "MFA_ARCHIVE_CA_FILE": str(self.standin.ca_file),
                "MFA_ARCHIVE_CONNECT_TO": self.standin.connect_to,
                **self.environment,
            }
        )

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)

    def now(self) -> datetime:
        """Return the world's time, a millisecond later each time."""
        self.world.now += timedelta(milliseconds=1)
        return self.world.now

    def sleep(self, seconds: float) -> None:
        """Let the world's time go on."""
        self.slept_s += seconds
        self.world.now += timedelta(seconds=seconds)

    def run(self, command: str) -> Run:
        writing = Writing(self.now(), "test", 0.2)
        return new_run(command, self.desk.layout, writing, self.now, Listener(say=self.told.append))

    def do(self, errand: Errand) -> RunReport:
        return fetch(self.run(errand.command), self.settings, errand, self.clock, self.limits)

    def planned(self, errand: Errand) -> list[Planned]:
        return plan(self.run(errand.command), self.settings, errand, self.clock)

    def pages(self, days: Days | None = None) -> RunReport:
        """Fetch the pages of all listings and feeds."""
        return self.do(PagesErrand([one for one in self._entrances() if one.source.channel is None], days))

    def channel(self, *, is_whole: bool = False) -> RunReport:
        """Fetch the posts of all channels."""
        return self.do(ChannelErrand([one for one in self._entrances() if one.source.channel is not None], is_whole))

    def copies(self, address: str) -> RunReport:
        """Fetch the copies of an address."""
        return self.do(CopiesErrand(wanted_of(address, None, None)))

    def addresses(self, *addresses: str) -> RunReport:
        """Fetch pages and posts by their addresses."""
        return self.do(AddressesErrand(list(addresses), self._entrances()))

    def _entrances(self) -> list[Entrance]:
        return [entrance_of(row) for row in self.registry]


def row(source_key: str, locator: str, language: str | None = "en", minimum: int = 0) -> SourceFacts:
    """Return a row of a registry."""
    return SourceFacts(
        source_key, locator=locator, language=language, time_zone="Europe/Moscow", minimum=minimum, publisher="Ministry"
    )
