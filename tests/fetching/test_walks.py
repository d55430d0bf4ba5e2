"""Whatever breaks a walk through a listing off, each document that it names is come to in the end, and asked for."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from flows.withholding import withhold
from tests.conftest import Desk
from tests.fetching.asking import cut_after, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.faults import Fault, at
from tests.standin.http import Response
from tests.standin.papers import Paper, published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World
from warehouse.raw_store import blob_path
from warehouse.withholding import Asked

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEWS = "foreign_policy/news"
START = f"/en/{NEWS}/"
REGISTRY_ADDRESS = f"https://mid.ru{START}"
REGISTRY = [row("news", REGISTRY_ADDRESS)]
WORDS = ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun.")
COUNT = "select count(*) from documents"


def papers_of(first: int, count: int, since: timedelta = -40 * DAY) -> list[Paper]:
    """Return documents that were published one after another, an hour apart."""
    return [
        published(1_900_000 + number, NEWS, NOW + since + number % 1_000 * HOUR / 60, f"On visit {number}", *WORDS)
        for number in range(first, first + count)
    ]


def paged(number: int) -> str:
    return START if number == 1 else f"{START}?PAGEN_1={number}"


@pytest.fixture
def walker(desk: Desk) -> Iterator[Fetcher]:
    """An archive before a listing of 65 documents on four pages, which robots.txt allows."""
    world = World(NOW, site_of(papers_of(0, 65)))
    world.site.robots = None
    with Standin(world.handler) as standin:
        yield Fetcher(desk, world, standin, REGISTRY, {"MFA_ARCHIVE_PAUSES": "mid.ru=1"})


def walked(fetcher: Fetcher, hours: float = 25) -> list[int]:
    """Fetch, let some time pass, and return which pages of the listing were asked for, in their order."""
    paths = done(fetcher, fetcher.pages).paths
    fetcher.world.now += hours * HOUR
    return [int(path.partition("PAGEN_1=")[2] or 1) for path in paths if path.partition("?")[0] == START]


def test_a_whole_walk_goes_to_the_end_and_the_next_ones_no_further_than_to_what_was_listed(walker: Fetcher) -> None:
    assert walked(walker) == [1, 2, 3, 4]
    assert walked(walker) == [1]
    walker.world.site.put(*papers_of(100, 25, DAY))
    assert walked(walker) == [1, 2, 3]  # the first that names nothing new
    assert walked(walker) == [1]
    assert walker.desk.value(COUNT) == 90


@pytest.mark.parametrize("gap", [faults.EMPTY_LISTING, faults.ERROR_PAGE, Response(404)])
def test_one_page_without_documents_is_a_gap_and_no_end(walker: Fetcher, gap: Response) -> None:
    walker.world.site.faults.append(Fault(at(paged(2)), gap))
    assert walked(walker) == [1, 2, 3, 4]
    assert walker.desk.value(COUNT) == 45


def test_two_pages_without_documents_end_a_walk_and_are_asked_for_again_where_one_above_leads_there(
    walker: Fetcher,
) -> None:
    walker.world.site.faults.append(Fault(at(paged(2), paged(3)), faults.EMPTY_LISTING))
    assert [walked(walker), walked(walker)] == [[1, 2, 3]] * 2
    walker.world.site.faults.clear()
    assert [walked(walker), walked(walker)] == [[1, 2, 3, 4], [1]]
    assert walker.desk.value(COUNT) == 65


def test_a_page_that_failed_is_asked_for_by_the_next_run_though_all_before_it_is_known(walker: Fetcher) -> None:
    walker.world.site.faults.append(Fault(at(paged(2)), faults.UNAVAILABLE))
    assert walked(walker) == [1, 2, 2, 2]
    assert walker.desk.value(COUNT) == 20
    assert walked(walker) == [1, 2, 2, 2, 3, 4]
    assert walker.desk.value(COUNT) == 45
    walker.world.site.faults.clear()
    assert walked(walker) == [1, 2, 3]  # what page 3 named then may have stood on page 2 meanwhile
    assert walker.desk.value(COUNT) == 65
    assert walked(walker) == [1]


def test_a_walk_that_the_budget_ended_goes_on_where_it_was_on_the_next_days(walker: Fetcher) -> None:
    walker.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=8"
    assert [walked(walker) for _ in range(2)] == [[1, 2, 3], [1, 3, 4]]
    walker.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=100"
    assert walked(walker) == [1]
    assert walker.desk.value(COUNT) == 65


def test_a_walk_that_was_killed_goes_on_where_it_was(walker: Fetcher) -> None:
    cut_after(walker, 3, walker.pages)  # robots.txt, and two pages
    assert walked(walker) == [3, 4]
    assert walker.desk.value(COUNT) == 65


def test_what_came_while_nobody_looked_is_come_to_though_the_walk_to_it_broke_off_twice(walker: Fetcher) -> None:
    assert walked(walker) == [1, 2, 3, 4]
    walker.world.site.put(*papers_of(100, 70, DAY))  # more than three pages, while nobody looks
    walker.world.now += 10 * DAY
    walker.world.site.faults.append(Fault(at(paged(2), paged(3)), faults.UNAVAILABLE))
    assert walked(walker)[:2] == [1, 2]
    walker.world.site.put(*papers_of(200, 20, 11 * DAY))  # a page of others, which pushes the known ones down
    assert walked(walker)[:2] == [1, 2]
    walker.world.site.put(*papers_of(300, 20, 12 * DAY))
    walker.world.site.faults.clear()
    walked(walker)
    walked(walker)
    assert walker.desk.value(COUNT) == 65 + 70 + 20 + 20
    assert walked(walker) == [1]


def test_what_a_feed_named_and_could_not_be_had_that_day_is_fetched_when_the_feed_names_it_no_more(
    walker: Fetcher,
) -> None:
    walker.registry = [row("feed", "https://mid.ru/en/rss.php")]
    newest = papers_of(64, 1)[0]
    walker.world.site.faults.append(Fault(at(newest.path("en")), faults.CHALLENGE))
    walker.pages()
    assert walker.desk.value(COUNT) == 0
    walker.world.site.put(*papers_of(100, 15, -DAY))
    walker.world.now += 25 * HOUR
    walker.world.site.faults.append(Fault(at(papers_of(114, 1)[0].path("en")), faults.CHALLENGE))
    walker.pages()
    walker.world.site.faults.clear()
    walker.world.now += 25 * HOUR
    walker.pages()
    assert walker.desk.value(COUNT) == 10 + 10


def test_documents_that_wait_for_their_turn_are_not_listed_anew_each_day(walker: Fetcher) -> None:
    walker.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=24"
    days = [walked(walker) for _ in range(4)]
    assert days[0] == [1, 2, 3, 4]
    assert days[1:] == [[1]] * 3
    assert walker.desk.value(COUNT) == 65


@pytest.mark.parametrize("seed", [0, 7])
def test_however_the_walks_of_a_week_break_off_nothing_that_was_listed_is_left_out(seed: int, walker: Fetcher) -> None:
    chance = random.Random(seed)  # noqa: S311 -- nothing here is secret
    count = 65
    for day in range(7):
        fresh = papers_of(1_000 * (day + 1), chance.choice((0, 1, 20, 30)), day * DAY)
        count += len(fresh)
        walker.world.site.put(*fresh)
        failing = [paged(number) for number in range(2, 9) if chance.random() < 0.4]
        walker.world.site.faults[:] = [Fault(at(*failing), chance.choice((faults.UNAVAILABLE, faults.EMPTY_LISTING)))]
        if chance.random() < 0.3:
            cut_after(walker, chance.randint(1, 6), walker.pages)
        walked(walker)
    walker.world.site.faults.clear()
    walked(walker)
    walked(walker)
    assert walker.desk.value(COUNT) == count
    assert walked(walker) == [1]


def test_what_was_published_late_among_older_ones_is_reached_with_the_next_new_one(walker: Fetcher) -> None:
    walked(walker)
    before = walker.desk.value(COUNT)
    late = [
        published(1_950_000 + n, NEWS, NOW - 40 * DAY + (30 + n) * HOUR / 60, f"Late {n}", *WORDS) for n in range(3)
    ]
    walker.world.site.put(*late, *papers_of(100, 5, DAY / 2))
    walked(walker)
    walked(walker)
    assert walker.desk.value(COUNT) == before + 8  # type: ignore[operator]


@pytest.mark.parametrize("purpose", ["listing", "robots"])
def test_an_earlier_answer_whose_bytes_are_gone_is_asked_for_anew(walker: Fetcher, purpose: str) -> None:
    walked(walker)
    gone = f"select hex(raw_sha256) from captures where purpose = '{purpose}'"
    for (sha256,) in walker.desk.query(gone):
        blob_path(walker.desk.layout.raw, bytes.fromhex(str(sha256))).unlink(missing_ok=True)
    walker.world.site.put(*papers_of(100, 5, DAY / 2))
    before = walker.desk.value(COUNT)
    walked(walker)
    assert walker.desk.value(COUNT) == before + 5  # type: ignore[operator]


def test_a_listing_whose_bytes_are_withheld_is_a_gap_and_ends_no_fetch(walker: Fetcher) -> None:
    walked(walker)
    (key,) = walker.desk.query(f"select capture_key from captures where locator = '{REGISTRY_ADDRESS}'")[0]
    withhold(walker.run("withhold"), Asked(str(key), None, "an archivist", "names that must not be there"))
    told = done(walker, walker.pages).told
    assert "its bytes are withheld" in told
    walker.world.site.put(*papers_of(100, 5, DAY / 2))
    walker.world.now += 25 * HOUR
    before = walker.desk.value(COUNT)
    walked(walker)
    assert walker.desk.value(COUNT) == before + 5  # type: ignore[operator]
