"""What an operator runs into in the first days: a server that was down, a wrong row, a budget of nothing, the times."""

from datetime import timedelta

import pytest

from flows.errors import InputRefused
from tests.fetching.asking import done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.channel import Channel, sent
from tests.standin.faults import Fault, at
from tests.standin.http import Response
from tests.standin.papers import published

NEWS = "foreign_policy/news"
PAPER = published(1_900_001, NEWS, NOW - timedelta(days=9), "On the talks", "The ministers spoke of the talks.")
LISTING = f"https://mid.ru/en/{NEWS}/"


def test_a_robots_txt_that_could_not_be_had_is_asked_for_again_by_the_next_run(fetcher: Fetcher) -> None:
    fetcher.world.site.put(PAPER)
    fetcher.registry = [row("news", LISTING)]
    fetcher.world.site.faults.append(Fault(at("/robots.txt"), faults.RESET))
    assert "robots.txt" in done(fetcher, fetcher.pages).told
    fetcher.world.site.faults.clear()
    fetcher.world.now += timedelta(hours=1)
    assert PAPER.path("en") in done(fetcher, fetcher.pages).paths


def test_a_listing_that_is_not_there_is_told_and_left_alone_for_the_day(fetcher: Fetcher) -> None:
    fetcher.registry = [row("briefings", "https://mid.ru/en/no_such_section/", minimum=1)]
    fetcher.world.site.faults.append(Fault(at("/en/no_such_section/"), Response(404)))
    first = done(fetcher, fetcher.pages)
    assert "there is nothing (404 or 410)" in first.told
    assert not first.report.is_good
    assert done(fetcher, fetcher.pages).paths == []
    fetcher.world.now += timedelta(days=1)
    assert done(fetcher, fetcher.pages).paths == ["/en/no_such_section/"]


def test_a_host_with_a_budget_of_nothing_is_not_asked(fetcher: Fetcher) -> None:
    fetcher.registry = [row("news", LISTING)]
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=0"
    assert done(fetcher, fetcher.pages).asked == ()


def test_only_copies_of_the_site_are_taken_from_the_web_archive(fetcher: Fetcher) -> None:
    with pytest.raises(InputRefused, match="no address of the ministry's site"):
        fetcher.copies("https://example.com/a")


def test_nothing_is_recorded_before_it_was_captured(fetcher: Fetcher) -> None:
    fetcher.world.site.put(PAPER)
    fetcher.registry = [row("news", LISTING)]
    fetcher.pages()
    assert fetcher.desk.query("from captures where recorded_at < captured_at") == []


def test_a_post_that_is_not_found_is_no_rejection_of_the_run(fetcher: Fetcher) -> None:
    fetcher.world.telegram.channels.append(Channel("mid_rus", 1_101_170_442, "MFA", [sent(1, NOW, "The first post.")]))
    fetcher.registry = [row("channel", "https://t.me/s/mid_rus", "ru")]
    report = fetcher.addresses("https://t.me/mid_rus/7")
    assert report.is_good
    assert fetcher.desk.value("select count(*) from rejections where reason = 'not_found'") == 1
    assert fetcher.desk.value("select count(*) from rejections where is_open") == 0
