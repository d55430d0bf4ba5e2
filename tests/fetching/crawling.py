"""One crawl of a site and a channel in a process of its own, which may be killed at a step."""

import os
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

from tests.conftest import Desk
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.flows.killing import Step, at_step, die, killed
from tests.standin.channel import Channel, Telegram, sent
from tests.standin.papers import Paper, published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World

NEWS = "foreign_policy/news"
REGISTRY = [
    row("news", f"https://www.mid.ru/en/{NEWS}/"),
    row("feed", "https://mid.ru/en/rss.php"),
    row("channel", "https://t.me/s/mid_rus", "ru"),
]
BETWEEN = timedelta(minutes=2)  # from one start to the next, so that nothing is due in the meantime
STEPS = (
    ("flows.fetching.client:Client.get", "before"),
    ("flows.fetching.client:Client.get", "after"),
    ("flows.fetching.keeping.keep", "after"),  # the bytes
    ("warehouse.staging:Batch.note", "before"),
    ("warehouse.staging:Batch.note", "after"),
    ("flows.fetching.keeping.read_fetched", "after"),
)
ENDS = (
    ("warehouse.staging:Batch.seal", "after", 1),
    ("flows.pipeline.append_batch", "before", 1),
    ("sql:commit", "after", 1),
)


def world_of_both() -> World:
    """Return a site of nine pages and a channel of fifty posts."""
    words = ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun.")
    days = timedelta(days=9)
    papers: list[Paper] = [
        published(1_900_000 + one, NEWS, NOW - days, f"On the talks {one}", *words) for one in range(9)
    ]
    posts = [
        sent(one, NOW - days + one * timedelta(hours=1), f"Post {one} speaks of the visit") for one in range(1, 51)
    ]
    return World(NOW, site_of(papers), Telegram([Channel("mid_rus", 1_101_170_442, "MFA", posts)]))


def steps_of(seed: int, count: int) -> list[Step]:
    """Return moments at which a crawl is killed, each a few requests after it went on; the last as it ends."""
    drawn = random.Random(seed)  # noqa: S311 -- nothing here is secret
    found: list[Step] = [(*drawn.choice(STEPS), drawn.randint(1, 5)) for _ in range(count - 1)]
    return [*found, drawn.choice(ENDS)]


@dataclass(frozen=True, slots=True)
class Place:
    """An archive, where it asks, and when."""

    home: Path
    ca_file: Path
    connect_to: str
    now: datetime

    def crawl(self) -> Desk:
        """Fetch the pages and the whole channel."""
        standin = SimpleNamespace(ca_file=self.ca_file, connect_to=self.connect_to)
        desk = Desk(self.home, wait_s=30)
        fetcher = Fetcher(desk, World(self.now), standin, REGISTRY)  # type: ignore[arg-type]
        fetcher.environment["MFA_ARCHIVE_PAUSES"] = "mid.ru=1"
        fetcher.pages()
        fetcher.channel(is_whole=True)
        return desk


def place_of(home: Path, standin: Standin, number: int) -> Place:
    return Place(home, standin.ca_file, standin.connect_to, NOW + number * BETWEEN)


def crawled_and_killed(began: Connection, place: Place, step: Step) -> None:
    """Crawl; die at the step."""
    os.setsid()
    at_step(step, die)
    began.send(None)
    place.crawl()


def crawled_in_pieces(home: Path, world: World, standin: Standin, steps: list[Step]) -> tuple[Desk, Counter[str]]:
    """Crawl with a kill at each step, then to the end. Returns what was in flight as it was killed, too."""
    in_flight: Counter[str] = Counter()
    for number, step in enumerate(steps):
        if killed(crawled_and_killed, place_of(home, standin, number), step) is not None and world.log:
            in_flight[world.log[-1].request.url] += 1
    return place_of(home, standin, len(steps)).crawl(), in_flight
