"""A month of the site, looked at once a day: the archive tells what truly happened to its pages, and no more."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Desk
from tests.fetching.fetcher import Fetcher, row
from tests.standin.month import DAYS, EDITED, RETURNED, VANISHED, Month, What, thirty_days
from tests.standin.server import Standin

BUDGET = 60
HOUR = timedelta(hours=8)  # of the day, at which the site is looked at


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Month, Fetcher]]:
    """An archive that has fetched for a month."""
    month = thirty_days()
    with Standin(month.world.handler) as standin:
        rows = [row(_key(address), address, urlsplit(address).path[1:3]) for address in (*month.listings, *month.feeds)]
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("month") / "data"), month.world, standin, rows)
        month.world.now = month.begins_at + timedelta(hours=1)
        fetcher.addresses(*month.given)
        fetcher.environment["MFA_ARCHIVE_BUDGETS"] = f"mid.ru={BUDGET}"
        for day in range(1, DAYS):
            month.world.now = month.begins_at + timedelta(days=day) + HOUR
            fetcher.pages()
        yield month, fetcher


def _key(address: str) -> str:
    return Path(urlsplit(address).path).as_posix().strip("/").replace("/", "_")


def test_every_page_that_the_listings_and_feeds_showed_is_a_document(lived: tuple[Month, Fetcher]) -> None:
    month, fetcher = lived
    published = {one.key for one in month.of(What.PUBLISHED)}
    known = {key for (key,) in fetcher.desk.query("select document_key from documents")}
    assert published <= known
    assert len(known) == len(published) + len(month.given)


def test_the_edits_are_the_versions_with_the_words_that_were_published(lived: tuple[Month, Fetcher]) -> None:
    month, fetcher = lived
    truly = Counter(one.key for one in month.of(What.EDITED))
    told = Counter(key for (key,) in fetcher.desk.query("select document_key from changes where cause = 'edited'"))
    assert told == truly
    assert len(truly) == EDITED
    last = {one.key: (one.title, "\n".join(one.paragraphs)) for one in month.of(What.EDITED)}
    rows = fetcher.desk.query("select document_key, title, text from documents")
    assert {key: words for key, *words in rows if key in last} == {key: list(words) for key, words in last.items()}


def test_what_vanished_is_gone_and_what_came_back_is_restored(lived: tuple[Month, Fetcher]) -> None:
    month, fetcher = lived
    vanished = {one.key for one in month.of(What.VANISHED)}
    returned = {one.key for one in month.of(What.RETURNED)}
    gone = {key for (key,) in fetcher.desk.query("select document_key from documents where status = 'gone'")}
    assert (len(vanished), len(returned)) == (VANISHED, RETURNED)
    assert gone == vanished - returned
    removed = {key for (key,) in fetcher.desk.query("select document_key from changes where cause = 'removed'")}
    back = {key for (key,) in fetcher.desk.query("select document_key from changes where cause = 'restored'")}
    assert removed == vanished
    assert back == returned


def test_no_request_was_made_that_robots_txt_forbids(lived: tuple[Month, Fetcher]) -> None:
    month, _ = lived
    assert not [url for url in month.world.asked if "PAGEN" in url or "asset_publisher" in url]


def test_no_day_had_more_requests_than_the_budget(lived: tuple[Month, Fetcher]) -> None:
    month, _ = lived
    asked = [one.at for one in month.world.log if one.at >= month.begins_at + timedelta(days=1)]
    for first in asked:
        assert sum(first <= at < first + timedelta(hours=24) for at in asked) <= BUDGET


def test_two_requests_are_never_nearer_than_the_pause(lived: tuple[Month, Fetcher]) -> None:
    month, _ = lived
    assert all(later.at - former.at >= timedelta(seconds=10) for former, later in pairwise(month.world.log))


def test_a_challenge_ends_the_day_and_no_document(lived: tuple[Month, Fetcher]) -> None:
    month, fetcher = lived
    stops = fetcher.desk.query("select captured_at from captures where verdict = 'challenged' order by captured_at")
    assert stops
    for (at,) in stops:
        assert not [one for one in month.world.log if at < one.at < at + timedelta(hours=12)]  # type: ignore[operator]


def test_an_answer_304_is_one_capture_and_no_reading(lived: tuple[Month, Fetcher]) -> None:
    _, fetcher = lived
    unchanged = fetcher.desk.value("select count(*) from captures where http_status = 304")
    readings = fetcher.desk.value("select count(*) from captures where http_status = 304 and verdict <> 'unchanged'")
    assert unchanged
    assert readings == 0
