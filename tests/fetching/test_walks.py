"""Whatever breaks a walk through a listing off, each document that it names is come to in the end, and asked for."""

import random
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.withholding import withhold
from tests.conftest import Desk, begun
from tests.fetching.asking import cut_after
from tests.fetching.fetcher import Fetcher, row
from tests.fetching.listed import FIRST_COUNT, Listing, Story, lived, site_with_listings, walked
from tests.standin import faults
from tests.standin.faults import Fault, at
from tests.standin.http import Response
from warehouse.raw_store import blob_path
from warehouse.withholding import Asked

Walks = Generator[None, list[int], None]
ROBOTS = "https://mid.ru/robots.txt"


def a_whole_walk_goes_to_the_end_and_the_next_ones_no_further_than_to_what_was_listed(listing: Listing) -> Walks:
    assert (yield) == [1, 2, 3, 4]
    assert (yield) == [1]
    listing.put(6)
    assert (yield) == [1, 2, 3]  # the first that names nothing new
    assert (yield) == [1]
    assert listing.held == listing.count


def one_page_without_documents_is_a_gap_and_no_end(listing: Listing) -> Walks:
    listing.spoil(faults.EMPTY_LISTING, 2)
    assert (yield) == [1, 2, 3, 4]
    assert listing.held == 12


def an_error_page_is_a_gap_and_no_end(listing: Listing) -> Walks:
    listing.spoil(faults.ERROR_PAGE, 2)
    assert (yield) == [1, 2, 3, 4]
    assert listing.held == 12


def a_page_that_is_not_there_is_a_gap_and_no_end(listing: Listing) -> Walks:
    listing.spoil(Response(404), 2)
    assert (yield) == [1, 2, 3, 4]
    assert listing.held == 12


def two_pages_without_documents_end_a_walk_and_are_asked_for_again_where_one_above_leads_there(
    listing: Listing,
) -> Walks:
    listing.spoil(faults.EMPTY_LISTING, 2, 3)
    assert (yield) == [1, 2, 3]
    assert (yield) == [1, 2, 3]
    listing.mend()
    assert (yield) == [1, 2, 3, 4]
    assert (yield) == [1]
    assert listing.held == FIRST_COUNT


def a_page_that_failed_is_asked_for_by_the_next_run_though_all_before_it_is_known(listing: Listing) -> Walks:
    listing.spoil(faults.UNAVAILABLE, 2)
    assert (yield) == [1, 2, 2, 2]
    assert listing.held == 5
    assert (yield) == [1, 2, 2, 2, 3, 4]
    assert listing.held == 12
    listing.mend()
    assert (yield) == [1, 2, 3]  # what page 3 named then may have stood on page 2 meanwhile
    assert listing.held == FIRST_COUNT
    assert (yield) == [1]


def what_was_published_late_among_older_ones_is_reached_with_the_next_new_one(listing: Listing) -> Walks:
    yield
    listing.put_late(3)  # on the second and the third page
    listing.put(2)
    yield
    yield
    assert listing.held == FIRST_COUNT + 5


def a_listing_whose_bytes_are_gone_is_asked_for_anew(listing: Listing) -> Walks:
    yield
    forget(listing, f"{listing.address}%")
    listing.put(2)
    yield
    assert listing.held == FIRST_COUNT + 2


def a_robots_txt_whose_bytes_are_gone_is_asked_for_anew(listing: Listing) -> Walks:
    yield
    forget(listing, ROBOTS)
    listing.put(2)
    yield
    assert ROBOTS in listing.asked  # though the answer to it is less than a day old
    assert listing.held == FIRST_COUNT + 2


def a_listing_whose_bytes_are_withheld_is_a_gap_and_ends_no_fetch(listing: Listing) -> Walks:
    yield
    desk = listing.fetcher.desk
    (key,) = desk.query("select capture_key from captures where locator = ?", listing.address)[0]
    withhold(desk.run("withhold"), Asked(str(key), None, "an archivist", "names that must not be there"))
    yield
    assert f"{listing.address}: its bytes are withheld" in listing.told
    listing.put(2)
    yield
    assert listing.held == FIRST_COUNT + 2


STORIES: tuple[Story, ...] = (
    a_whole_walk_goes_to_the_end_and_the_next_ones_no_further_than_to_what_was_listed,
    one_page_without_documents_is_a_gap_and_no_end,
    an_error_page_is_a_gap_and_no_end,
    a_page_that_is_not_there_is_a_gap_and_no_end,
    two_pages_without_documents_end_a_walk_and_are_asked_for_again_where_one_above_leads_there,
    a_page_that_failed_is_asked_for_by_the_next_run_though_all_before_it_is_known,
    what_was_published_late_among_older_ones_is_reached_with_the_next_new_one,
    a_listing_whose_bytes_are_gone_is_asked_for_anew,
    a_robots_txt_whose_bytes_are_gone_is_asked_for_anew,
    a_listing_whose_bytes_are_withheld_is_a_gap_and_ends_no_fetch,
)


def forget(listing: Listing, locator: str) -> None:
    """Take the bytes of captures out of the raw store."""
    desk = listing.fetcher.desk
    for (sha256,) in desk.query("select distinct raw_sha256 from captures where locator like ?", locator):
        blob_path(desk.layout.raw, bytes.fromhex(str(sha256))).unlink()


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> dict[Story, AssertionError | None]:
    """How each story ended."""
    desk = begun(tmp_path_factory.mktemp("stories") / "data", empty_store)
    with site_with_listings(desk, len(STORIES)) as listings:
        # An answer for robots.txt still holds at the next fetch.
        return lived(STORIES, listings, timedelta(hours=22))


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.__name__)
def test_of_each_listing(story: Story, ends: dict[Story, AssertionError | None]) -> None:
    if (found := ends[story]) is not None:
        raise found


@pytest.fixture
def listing(desk: Desk) -> Iterator[Listing]:
    with site_with_listings(desk) as (listing,):
        yield listing


def test_a_walk_that_the_budget_ended_goes_on_where_it_was_on_the_next_days(listing: Listing) -> None:
    listing.fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=8"
    assert [listing.walked() for _ in range(2)] == [[1, 2, 3], [1, 3, 4]]
    listing.fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=100"
    assert listing.walked() == [1]
    assert listing.held == FIRST_COUNT


def test_a_walk_that_was_killed_goes_on_where_it_was(listing: Listing) -> None:
    cut_after(listing.fetcher, 3, listing.fetcher.pages)  # robots.txt, and two pages
    assert listing.walked() == [3, 4]
    assert listing.held == FIRST_COUNT


def test_documents_that_wait_for_their_turn_are_not_listed_anew_each_day(listing: Listing) -> None:
    listing.fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=10"
    assert [listing.walked() for _ in range(3)] == [[1, 2, 3, 4], [1], [1]]
    assert listing.held == FIRST_COUNT


def test_what_came_while_nobody_looked_is_come_to_though_the_walk_to_it_broke_off_twice(listing: Listing) -> None:
    assert listing.walked() == [1, 2, 3, 4]
    listing.put(18)  # more than three pages
    listing.spoil(faults.UNAVAILABLE, 2, 3)
    assert listing.walked()[:2] == [1, 2]
    listing.put(5)  # a page of others, which pushes the known ones down
    assert listing.walked()[:2] == [1, 2]
    listing.put(5)
    listing.mend()
    listing.walked()
    listing.walked()
    assert listing.held == listing.count
    assert listing.walked() == [1]


def test_what_a_feed_named_and_could_not_be_had_that_day_is_fetched_when_the_feed_names_it_no_more(
    listing: Listing,
) -> None:
    fetcher = listing.fetcher
    fetcher.registry[:] = [row("feed", "https://mid.ru/en/rss.php")]
    fetcher.world.site.faults.append(Fault(at(newest(fetcher)), faults.CHALLENGE))
    listing.walked()
    assert listing.held == 0
    listing.put(15)
    fetcher.world.site.faults.append(Fault(at(newest(fetcher)), faults.CHALLENGE))
    listing.walked()
    fetcher.world.site.faults.clear()
    listing.walked()
    assert listing.held == 10 + 10


def newest(fetcher: Fetcher) -> str:
    """Return the path of the document that was published last."""
    return max(fetcher.world.site.papers, key=lambda paper: paper.published_at).path("en")


def test_however_the_walks_of_some_days_break_off_nothing_that_was_listed_is_left_out(
    tmp_path: Path, empty_store: Path
) -> None:
    chance = random.Random(0)  # noqa: S311 -- nothing here is secret
    with site_with_listings(begun(tmp_path / "data", empty_store), 3) as listings:
        fetcher = listings[0].fetcher
        for _ in range(5):
            for one in listings:
                one.mend()
                one.put(chance.choice((0, 1, 5, 8)))
                failing = [page for page in range(2, 9) if chance.random() < 0.4]
                one.spoil(chance.choice((faults.UNAVAILABLE, faults.EMPTY_LISTING)), *failing)
            fetcher.registry.append(fetcher.registry.pop(0))
            if chance.random() < 0.3:
                cut_after(fetcher, chance.randint(1, 12), fetcher.pages)
            walked(listings)
        for one in listings:
            one.mend()
        walked(listings)
        walked(listings)
        assert [one.held for one in listings] == [one.count for one in listings]
        assert walked(listings) == [[1]] * 3
