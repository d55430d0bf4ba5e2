"""What a fetch asked for, beside what it reported."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from flows.reports import RunReport
from tests.fetching.fetcher import Fetcher
from tests.standin.world import Asked


@dataclass(frozen=True, slots=True)
class Done:
    """One fetch and what it asked for."""

    report: RunReport
    asked: tuple[Asked, ...]  # with the questions for robots.txt

    @property
    def addresses(self) -> list[str]:
        """The addresses that it asked for, without robots.txt."""
        return [one.request.url for one in self.asked if one.request.target != "/robots.txt"]

    @property
    def paths(self) -> list[str]:
        """Their paths with their queries."""
        return [address.removeprefix(f"https://{urlsplit(address).netloc}") for address in self.addresses]

    @property
    def told(self) -> str:
        """All lines that tell what is wrong."""
        lines = [*self.report.problems, *(line for source in self.report.sources for line in source.problems)]
        return "\n".join(lines)

    @property
    def noted(self) -> str:
        """All lines that tell what was passed over."""
        return "\n".join(line for source in self.report.sources for line in source.notes)

    @property
    def stopped(self) -> dict[str, str | None]:
        """Why each host was not asked any further."""
        return {host.host: host.stopped for host in self.report.hosts}


def done(fetcher: Fetcher, act: Callable[[], RunReport]) -> Done:
    """Fetch, and return what was asked for meanwhile."""
    before = len(fetcher.world.log)
    report = act()
    return Done(report, tuple(fetcher.world.log[before:]))


class Cut(BaseException):
    """The end of a process, as far as the archive can tell."""


def cut_after(fetcher: Fetcher, count: int, act: Callable[[], RunReport]) -> list[str]:
    """Fetch, break off at the pause after some requests, and return what was asked for."""
    before = len(fetcher.world.log)

    def sleep(seconds: float) -> None:
        if len(fetcher.world.log) - before >= count:
            raise Cut
        Fetcher.sleep(fetcher, seconds)

    fetcher.sleep = sleep  # type: ignore[method-assign]
    with suppress(Cut):
        act()
    del fetcher.sleep
    return [one.request.url for one in fetcher.world.log[before:]]
