"""How hosts are asked: seldom, one request after another, by their rules, and by somebody who says who he is."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from flows.errors import InputRefused, SettingRefused
from flows.fetching.hosts import JITTER, MOST_PAUSE, Came, Host
from flows.fetching.values import Verdict
from tests.conftest import Desk
from tests.fetching.asking import done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.channel import Channel, sent
from tests.standin.faults import Fault, at, below
from tests.standin.http import Response
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import Asked, World

NEWS = "foreign_policy/news"
DAY = timedelta(days=1)
WORDS = ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun.")
PAPERS = [published(1_900_000 + number, NEWS, NOW - 9 * DAY, f"On the talks {number}", *WORDS) for number in range(12)]
LATER = [published(1_900_100 + number, NEWS, NOW + DAY / 2, f"On a visit {number}", *WORDS) for number in range(3)]
REGISTRY = [row("news", f"https://www.mid.ru/en/{NEWS}/"), row("channel", "https://t.me/s/mid_rus", "ru")]
COOKIE = "TSPD_101=08a5a1; Path=/"


def with_cookie(whole: Response) -> Response:
    return replace(whole, headers=whole.headers | {"Set-Cookie": COOKIE})


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, list[Asked]]]:
    """An archive of one site and one channel after fetches on two days; the site sets cookies and a delay."""
    world = World(NOW, site_of((*PAPERS, *LATER)))
    world.telegram.channels.append(Channel("mid_rus", 1_101_170_442, "MFA", [sent(1, NOW - DAY, "The first post.")]))
    moved = at("/robots.txt")
    world.site.faults += [
        Fault(
            lambda request, now: request.host == "www.mid.ru" and moved(request, now),
            faults.moved_to("https://mid.ru/robots.txt", 301),
        ),
        Fault(below("/en/"), with_cookie),
    ]
    world.site.robots = f"User-agent: *\nCrawl-delay: 13\nDisallow: /*?PAGEN\nDisallow: {PAPERS[3].path('en')}$\n"
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("manners") / "data"), world, standin, REGISTRY)
        fetcher.environment["MFA_ARCHIVE_PAUSES"] = "mid.ru=7"
        fetcher.pages()
        fetcher.channel()
        world.now = NOW + timedelta(hours=23)
        fetcher.pages()
        world.now = NOW + timedelta(hours=27)
        fetcher.pages()
        yield fetcher, world.log


def of_site(log: list[Asked]) -> list[Asked]:
    return [one for one in log if one.request.host.endswith("mid.ru")]


def test_between_two_requests_lies_the_longer_of_pause_and_crawl_delay_and_never_the_same_time(
    asked: tuple[Fetcher, list[Asked]],
) -> None:
    site = of_site(asked[1])
    gaps = [(later.at - former.at).total_seconds() for former, later in pairwise(site)]
    assert {one.request.host for one in site} == {"mid.ru", "www.mid.ru"}
    assert gaps[0] >= 7  # the delay stands in the robots.txt to which the first answer leads
    assert all(gap >= 13 for gap in gaps[1:])
    short = [gap for gap in gaps[1:] if gap < 13 * (1 + JITTER) + 1]
    assert len(short) > len(PAPERS)
    assert len({round(gap, 1) for gap in short}) > len(short) / 2


def test_robots_txt_is_asked_for_first_once_a_day_and_kept_as_a_capture(asked: tuple[Fetcher, list[Asked]]) -> None:
    fetcher, log = asked
    of_robots = [(one.request.host, one.at) for one in log if one.request.target == "/robots.txt"]
    assert [host for host, _ in of_robots] == ["www.mid.ru", "mid.ru", "t.me", "mid.ru"]
    assert [moment < NOW + DAY for _, moment in of_robots] == [True, True, True, False]
    assert log[0].request.target == "/robots.txt"
    captures = "select address, http_status, verdict from captures where purpose = 'robots' order by asked_at limit 3"
    assert fetcher.desk.query(captures) == [
        ("https://www.mid.ru/robots.txt", 301, "moved"),
        ("https://mid.ru/robots.txt", 200, "fetched"),
        ("https://t.me/robots.txt", 404, "missing"),
    ]


def test_what_robots_txt_forbids_is_not_asked_for_and_told(asked: tuple[Fetcher, list[Asked]]) -> None:
    fetcher, log = asked
    assert PAPERS[3].path("en") not in [one.request.target for one in log]
    assert fetcher.desk.value("select count(*) from documents where medium = 'page'") == len(PAPERS) + len(LATER) - 1


def test_every_request_says_who_asks_and_brings_no_cookie_back(asked: tuple[Fetcher, list[Asked]]) -> None:
    for one in asked[1]:
        agent = one.request.headers["user-agent"]
        assert re.fullmatch(r"mfa-archive/[0-9.]+ \(\+archive@example\.org\)", agent)
        assert not {"cookie", "referer", "from"} & set(one.request.headers)


def test_no_cookie_is_kept(asked: tuple[Fetcher, list[Asked]]) -> None:
    fetcher, _ = asked
    assert fetcher.desk.value("select count(*) from store.request where headers like '%08a5a1%'") == 0


def test_only_hosts_of_the_registry_are_asked(asked: tuple[Fetcher, list[Asked]]) -> None:
    fetcher, log = asked
    assert {one.request.host for one in log} == {"mid.ru", "www.mid.ru", "t.me"}
    for address in (
        "https://kremlin.ru/events/1",
        "https://germany.mid.ru/de/1900000/",
        "https://mid.ru.evil.example/",
    ):
        with pytest.raises(InputRefused, match="an address that is not asked"):
            fetcher.addresses(address)
    fetcher.registry = REGISTRY[:1]
    with pytest.raises(InputRefused, match="an address that is not asked"):
        fetcher.addresses("https://t.me/mid_rus/1")
    fetcher.registry = REGISTRY


def test_without_a_contact_nothing_is_asked(fetcher: Fetcher) -> None:
    fetcher.registry = REGISTRY
    fetcher.environment["MFA_ARCHIVE_CONTACT"] = ""
    with pytest.raises(SettingRefused, match="MFA_ARCHIVE_CONTACT: not set"):
        fetcher.pages()
    assert fetcher.world.log == []
    assert fetcher.standin.connection_count == 0


def test_a_budget_is_for_any_24_hours_whichever_runs_they_hold(fetcher: Fetcher) -> None:
    fetcher.world.site.put(*PAPERS)
    fetcher.registry = [row("news", f"https://mid.ru/en/{NEWS}/")]
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=6"
    first = done(fetcher, fetcher.pages)
    assert len(first.asked) == 6
    assert first.stopped == {"mid.ru": "its budget of 6 requests in 24 hours is used up until 2024-05-21 09:00 UTC"}
    assert first.report.is_good
    fetcher.environment["MFA_ARCHIVE_BUDGETS"] = "mid.ru=8"
    fetcher.world.now = NOW + timedelta(hours=20)
    assert len(done(fetcher, fetcher.pages).asked) == 2
    fetcher.world.now = NOW + timedelta(hours=25)
    assert len(done(fetcher, fetcher.pages).asked) == 6


CAME = {
    "fetched": Came(Verdict.FETCHED, 200, None),
    "failed": Came(Verdict.FAILED, 500, None),
    "busy": Came(Verdict.REFUSED, 429, None),
}


def host(pause_s: float = 10.0, drawn: float = 0.0) -> Host:
    return Host("mid.ru", pause_s, 100, lambda: drawn)


@pytest.mark.parametrize("came", ["failed", "busy"])
def test_pauses_double_with_each_failure_in_a_row_up_to_a_limit(came: str) -> None:
    one = host()
    pauses = []
    for number in range(60):
        moment = NOW + number * timedelta(hours=1)
        one.recall(moment, CAME[came], moment)
        pauses.append(one.wait_s(moment))
    assert pauses[:6] == [20, 40, 80, 160, 320, MOST_PAUSE.total_seconds()]
    assert set(pauses[5:]) == {MOST_PAUSE.total_seconds()}
    one.learn(NOW + 3 * DAY, CAME["fetched"])
    assert one.wait_s(NOW + 3 * DAY) == 10


def test_the_first_request_to_a_host_waits_for_nothing_and_chance_only_makes_a_pause_longer() -> None:
    assert host().wait_s(NOW) == 0
    for drawn, expected in ((0.0, 10), (0.5, 12.5), (1.0, 15)):
        one = host(drawn=drawn)
        one.learn(NOW, CAME["fetched"])
        assert one.wait_s(NOW) == expected
        assert one.wait_s(NOW + timedelta(seconds=expected)) == 0


@pytest.mark.parametrize(("wait", "is_left"), [(timedelta(minutes=9), False), (timedelta(minutes=11), True)])
def test_a_short_wait_that_a_server_asks_for_is_kept_and_for_a_long_one_it_is_left(
    wait: timedelta, is_left: bool
) -> None:
    came = Came(Verdict.REFUSED, 429, NOW + wait)
    now_asked, asked_before = host(), host()
    now_asked.learn(NOW, came)
    asked_before.recall(NOW, came, NOW)
    for one in (now_asked, asked_before):
        assert (one.stopped is not None) == is_left
        assert one.wait_s(NOW) == wait.total_seconds()


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.CHALLENGED])
def test_a_host_that_said_no_is_asked_again_at_the_same_hour_of_another_day(verdict: Verdict) -> None:
    came = Came(verdict, 403, None)
    for hours, is_stopped in ((1, True), (19, True), (21, False)):
        one = host()
        one.recall(NOW, came, NOW + timedelta(hours=hours))
        assert (one.stopped is not None) == is_stopped


def test_an_instant_of_the_past_is_counted_by_its_age() -> None:
    one = host()
    old = datetime(2024, 5, 19, 8, 59, tzinfo=UTC)
    for minute in range(100):
        one.recall(old + timedelta(minutes=minute), CAME["fetched"], NOW)
    assert one.has_budget(NOW)
    assert not one.has_budget(old + timedelta(minutes=100)) or len(one.asked) < 100
