"""A page of which the archive has nothing but copies of a web archive is looked at where it was published."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.fetching.errands import PagesErrand
from tests.conftest import Desk
from tests.fetching.asking import done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.http import Request
from tests.standin.papers import Paper, published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.wayback import Wayback
from tests.standin.world import World

NEWS = "foreign_policy/news"
SINCE = datetime(2016, 3, 1, 12, 30, 15, tzinfo=UTC)
PAPER = published(2_339_561, NEWS, SINCE, "On the talks", "The ministers met and spoke of the talks in these words.")
OTHER = published(1_900_000, NEWS, SINCE, "On what is public", "The ministers met and spoke of what is public.")
ENTRANCE = f"https://mid.ru/en/{NEWS}/"
PLACE = PAPER.address("en")


def kept(paper: Paper) -> Wayback:
    """Return a web archive that holds a page as it was two years after it was published."""
    when = SINCE + timedelta(days=730)
    web_archive = Wayback()
    answer = site_of([paper]).answer(Request("mid.ru", paper.path("en")), when)
    web_archive.take(f"http://mid.ru{paper.path('en')}", answer, when)
    return web_archive


@pytest.mark.parametrize(
    ("papers", "status", "looks"), [((PAPER, OTHER), "present", [1, 0, 0]), ((OTHER,), "gone", [1, 1, 1])]
)
def test_it_is_looked_at_there_and_what_is_not_there_any_more_is_gone(
    tmp_path: Path, papers: tuple[Paper, ...], status: str, looks: list[int]
) -> None:
    world = World(NOW, site_of(papers), wayback=kept(PAPER))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path / "data"), world, standin, [row("news", ENTRANCE)])
        fetcher.copies(PLACE)
        counts = []
        for _ in looks:
            world.now += timedelta(hours=30)
            counts.append(done(fetcher, fetcher.pages).addresses.count(PLACE))
        found = fetcher.desk.query("select status from documents where document_key = 'mid:2339561:en'")
    assert counts == looks
    assert found == [(status,)]


def test_what_is_planned_is_the_publishers_address_and_not_that_of_the_copy(tmp_path: Path) -> None:
    world = World(NOW, site_of([OTHER]), wayback=kept(PAPER))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path / "data"), world, standin, [row("news", ENTRANCE)])
        fetcher.copies(PLACE)
        world.now += timedelta(hours=30)
        planned = fetcher.planned(PagesErrand(fetcher._entrances()))
    assert [(one.ask.address, one.why) for one in planned] == [
        (ENTRANCE, "looks for new documents"),
        (PLACE, "never looked at here"),
    ]
