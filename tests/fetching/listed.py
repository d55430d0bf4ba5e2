"""Listings of one site, and the stories that are told of them: each fetch asks for all listings.

A story is a generator. At each `yield` a fetch is made; what comes back is the numbers of the pages of its own listing
that were asked for.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from tests.conftest import Desk
from tests.fetching.asking import done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.faults import Fault, at
from tests.standin.http import Response
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.site import Site
from tests.standin.world import World

DAY, MINUTE = timedelta(hours=25), timedelta(minutes=1)
SINCE = NOW - timedelta(days=40)
PAGE_SIZE = 5
FIRST_COUNT = 17  # on four pages
WORDS = ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun.")


@contextmanager
def site_with_listings(desk: Desk, count: int = 1) -> Iterator[list["Listing"]]:
    """Begin an archive before so many listings of a site whose robots.txt allows everything."""
    world = World(NOW, Site(robots=None, page_size=PAGE_SIZE))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, environment={"MFA_ARCHIVE_PAUSES": "mid.ru=1"})
        yield [Listing(fetcher, number).begin() for number in range(count)]


@dataclass
class Listing:
    """A listing and its documents: at first 17 of them, a minute after another, forty days ago."""

    fetcher: Fetcher
    number: int
    count: int = 0  # of its documents
    told: str = ""  # by the last fetch
    asked: Sequence[str] = ()  # addresses that the last fetch asked for, whosever they are
    _faults: list[Fault] = field(default_factory=list)

    def begin(self) -> Self:
        """Publish the first documents, and enter it in the registry."""
        self._publish(FIRST_COUNT, SINCE)
        self.fetcher.registry.append(row(f"listing_{self.number}", self.address))
        return self

    @property
    def address(self) -> str:
        return f"https://mid.ru{self.path(1)}"

    @property
    def held(self) -> object:
        """How many of its documents the archive holds."""
        key = f"mid:{1_000 + self.number}%"
        return self.fetcher.desk.value("select count(*) from documents where document_key like ?", key)

    def path(self, page: int) -> str:
        """Return the path of a page."""
        return f"/en/{self._section}/" + f"?PAGEN_1={page}" * (page > 1)

    def put(self, count: int) -> None:
        """Publish documents an hour ago."""
        self._publish(count, self.fetcher.world.now - timedelta(hours=1))

    def put_late(self, count: int) -> None:
        """Publish documents at the time of the ninth of the first ones and after."""
        self._publish(count, SINCE + 8 * MINUTE)

    def spoil(self, response: Response, *pages: int) -> None:
        """Let pages be answered so."""
        self._faults.append(Fault(at(*map(self.path, pages)), response))
        self.fetcher.world.site.faults.append(self._faults[-1])

    def mend(self) -> None:
        """Let its pages be answered well again."""
        while self._faults:
            self.fetcher.world.site.faults.remove(self._faults.pop())

    def walked(self) -> list[int]:
        """Fetch, let a day pass, and return which of its pages were asked for, in their order."""
        (pages,) = walked([self])
        return pages

    def pages_among(self, addresses: Sequence[str]) -> list[int]:
        """Return which of its pages are among these."""
        found = [one.removeprefix(self.address) for one in addresses if one.partition("?")[0] == self.address]
        return [int(one.removeprefix("?PAGEN_1=") or 1) for one in found]

    @property
    def _section(self) -> str:
        return f"press_service/part_{self.number}"

    def _publish(self, count: int, since: datetime) -> None:
        numbers = range(self.count, self.count + count)
        self.count += count
        self.fetcher.world.site.put(
            *(
                published(self._number(n), self._section, since + place * MINUTE, f"On visit {n}", *WORDS)
                for place, n in enumerate(numbers)
            )
        )

    def _number(self, place: int) -> int:
        return (1_000 + self.number) * 1_000 + place


def walked(listings: Sequence[Listing], span: timedelta = DAY) -> list[list[int]]:
    """Fetch, let some time pass, and return which pages of each listing were asked for, in their order."""
    fetcher = listings[0].fetcher
    fetched = done(fetcher, fetcher.pages)
    fetcher.world.now += span
    asked = [one.request.url for one in fetched.asked]
    for one in listings:
        one.asked, one.told = asked, fetched.told
    return [one.pages_among(asked) for one in listings]


Story = Callable[[Listing], Generator[None, list[int], None]]


def lived(stories: Sequence[Story], listings: Sequence[Listing], span: timedelta) -> dict[Story, AssertionError | None]:
    """Live through all stories at once, each on a listing of its own; returns what was not as a story tells it."""
    ends: dict[Story, AssertionError | None] = {}
    under_way = {story: story(listing) for story, listing in zip(stories, listings, strict=True)}
    for one in under_way.values():
        next(one)
    while under_way:
        for story, pages in zip(stories, walked(listings, span), strict=True):
            if story in under_way and not _goes_on(story, under_way[story], pages, ends):
                del under_way[story]
    return ends


def _goes_on(
    story: Story, told: Generator[None, list[int], None], pages: list[int], ends: dict[Story, AssertionError | None]
) -> bool:
    """Go on with a story to the next fetch; False where it has ended."""
    try:
        told.send(pages)
    except StopIteration:
        ends[story] = None
    except AssertionError as error:
        ends[story] = error
    return story not in ends
