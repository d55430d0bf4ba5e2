"""Whatever comes in place of a page: it is kept and named for what it is, and the document stays as it was."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from flows.fetching.client import Limits
from tests.conftest import Desk
from tests.fetching.asking import Done, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.faults import Fault
from tests.standin.http import Request, Response
from tests.standin.papers import Paper, published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NEWS = "foreign_policy/news"
LIMITS = Limits(connect_s=5.0, read_s=0.5, whole_s=1.0, most_bytes=2_000_000, most_decoded_bytes=9_000_000)
REGISTRY = [row("news_en", f"https://mid.ru/en/{NEWS}/", "en"), row("news_ru", f"https://mid.ru/ru/{NEWS}/", "ru")]
# Long enough to tell their language.
ENGLISH = (
    "The ministers met in the capital and spoke of the talks, of the road and the bridge, and of what is still open.",
    "They will go on with what has begun, and the next meeting will be in the spring, as both of them have agreed.",
)
RUSSIAN = (
    "Министры встретились в столице и говорили о переговорах, о дороге и о мосте, и о том, что ещё предстоит решить.",
    "Начатое будет продолжено в срок, а следующая встреча состоится весной, как о том условились обе стороны.",
)
Answered = Response | Callable[[Response], Response]


@dataclass(frozen=True, slots=True)
class Case:
    """What comes in place of a page, and what each request for it is in the archive: status, verdict, failure."""

    name: str
    answered: Answered
    looks: tuple[tuple[int | None, str, str | None], ...]
    reason: str | None = None  # why the bytes were rejected
    lang: str = "en"

    @property
    def is_failed(self) -> bool:
        return self.looks[-1][1] == "failed"


def seen(status: int | None, verdict: str, failure: str | None = None, times: int = 1) -> tuple[object, ...]:
    return ((status, verdict, failure),) * times


TRIES = 3  # where trying again may help
MOVED = (302, "moved", None)
REFUSED = (None, "failed", "refused_address")
HERE = "https://mid.ru/en/foreign_policy/news/{number}/"
CASES = [
    Case("an error page with status 200", faults.ERROR_PAGE, seen(200, "not_a_document"), "no_document"),
    Case("an empty listing", faults.EMPTY_LISTING, seen(200, "not_a_document"), "no_document"),
    Case("a login wall", faults.LOGIN_WALL, seen(200, "not_a_document"), "no_document"),
    Case("a page that breaks off", faults.cut, seen(200, "not_a_document"), "broken_off"),
    Case("a page without its text", faults.without_text, seen(200, "not_a_document"), "no_document"),
    Case("fewer bytes than announced", faults.broken("short_body"), seen(200, "failed", "truncated", TRIES)),
    Case("a page in another language", lambda whole: whole, seen(200, "not_a_document"), "wrong_language"),
    Case("a wrong declaration", faults.declared_windows_1251, seen(200, "fetched"), lang="ru"),
    Case("an encoding that nobody declares", faults.in_windows_1251, seen(200, "not_a_document"), "undecodable", "ru"),
    Case("too many requests", faults.too_many("90"), seen(429, "refused", None, TRIES)),
    Case("an error of the server", faults.SERVER_ERROR, seen(500, "failed", None, TRIES)),
    Case("a server that is busy", faults.UNAVAILABLE, seen(503, "failed", None, TRIES)),
    Case("a reset", faults.RESET, seen(None, "failed", "reset", TRIES)),
    Case("a reset within the body", faults.broken("reset_in_body"), seen(200, "failed", "reset", TRIES)),
    Case("a drip", faults.broken("drip"), seen(200, "failed", "too_slow", TRIES)),
    Case("silence", faults.SILENCE, seen(None, "failed", "timeout", TRIES)),
    Case("an endless body", faults.ENDLESS, seen(200, "failed", "too_large")),
    Case("a bomb", faults.gzip_bomb(64), seen(200, "failed", "too_large")),
    Case("what is no HTTP", faults.GARBAGE, seen(None, "failed", "bad_answer", TRIES)),
    Case("the way to another host", faults.moved_to("https://evil.example/en/"), (MOVED, REFUSED)),
    Case("the way to a private address", faults.moved_to("https://127.0.0.1/"), (MOVED, REFUSED)),
    Case("the way to another scheme", faults.moved_to("ftp://mid.ru/"), (MOVED, REFUSED)),
    Case("the way to another port", faults.moved_to("https://mid.ru:8443/"), (MOVED, REFUSED)),
    Case("the way to no address", faults.moved_to("https://[:bad"), (MOVED, REFUSED)),
    Case("the way to the same place", faults.moved_to(HERE), (MOVED,) * 6),
]
FIRST = 1_900_000
PAPERS = {
    case.name: published(FIRST + place, NEWS, NOW - DAY, f"On the talks, part {place}", *ENGLISH).saying(
        "ru", NOW - DAY, f"О переговорах, часть {place}", *RUSSIAN
    )
    for place, case in enumerate(CASES)
}
GOOD = [published(FIRST + 500 + place, NEWS, NOW - DAY, f"On a visit, part {place}", *ENGLISH) for place in range(4)]
# One after each case, since a host that fails again and again is left.
BETWEEN = [
    published(FIRST + 600 + place, NEWS, NOW - DAY, f"On a stay, part {place}", *ENGLISH) for place in range(len(CASES))
]


def spoil(world: World, paper: Paper, answered: Answered, lang: str = "en") -> None:
    """Let something else be answered in place of a page."""
    if isinstance(answered, Response) and "Location" in answered.headers:
        place = answered.headers["Location"].format(number=paper.number)
        answered = replace(answered, headers=answered.headers | {"Location": place})
    world.site.faults.append(Fault(faults.at(paper.path(lang)), answered))


def in_russian(world: World, paper: Paper) -> Response:
    """Return what the site shows of a document in Russian."""
    return world.site.answer(Request("mid.ru", paper.path("ru")), world.now)


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, Done, datetime]]:
    """An archive of good documents, after a second look at each at which something else came."""
    world = World(NOW, site_of((*PAPERS.values(), *BETWEEN)))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("spoiled") / "data"), world, standin, REGISTRY, limits=LIMITS)
        addresses = [PAPERS[case.name].address(case.lang) for case in CASES]
        fetcher.addresses(*addresses)
        world.now = since = NOW + 2 * DAY
        for case in CASES:
            paper = PAPERS[case.name]
            answered = in_russian(world, paper) if case.reason == "wrong_language" else case.answered
            spoil(world, paper, answered, case.lang)
        between = [paper.address("en") for paper in BETWEEN]
        both = [address for pair in zip(addresses, between, strict=True) for address in pair]
        fetched = done(fetcher, lambda: fetcher.addresses(*both))
        yield fetcher, fetched, since


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_came_is_kept_and_named_and_the_document_is_as_it_was(
    case: Case, spoiled: tuple[Fetcher, Done, datetime]
) -> None:
    fetcher, _, since = spoiled
    paper = PAPERS[case.name]
    desk, version = fetcher.desk, paper.versions[case.lang][0]
    asked = "select address, http_status, verdict, failure from captures where asked_at > ? order by asked_at"
    rows = desk.query(asked, since)
    first = next(place for place, (address, *_) in enumerate(rows) if address == paper.address(case.lang))
    assert tuple(row[1:] for row in rows[first : first + len(case.looks)]) == case.looks
    assert len([row for row in rows if row[0] == paper.address(case.lang)]) == len(
        [look for look in case.looks if look != REFUSED]
    )
    question = "select title, text, status, version_count from documents where document_key = ?"
    words = (version.title, "\n".join(version.paragraphs))
    assert desk.query(question, paper.key(case.lang)) == [(*words, "present", 1)]
    seen_again = "select last_seen_at > ? from documents where document_key = ?"
    assert desk.value(seen_again, since, paper.key(case.lang)) == (case.looks[-1][1] == "fetched")


@pytest.mark.parametrize("case", [case for case in CASES if case.reason], ids=lambda case: case.name)
def test_bytes_in_which_no_document_is_found_are_rejected_with_the_reason(
    case: Case, spoiled: tuple[Fetcher, Done, datetime]
) -> None:
    fetcher, fetched, _ = spoiled
    address = PAPERS[case.name].address(case.lang)
    assert fetcher.desk.query("select reason from rejections where locator = ?", address) == [(case.reason,)]
    assert any(line.startswith(address) and case.reason in line for line in fetched.told.splitlines())


def test_every_failure_is_told_with_its_address_and_nothing_that_went_well_is(
    spoiled: tuple[Fetcher, Done, datetime],
) -> None:
    _, fetched, _ = spoiled
    assert not fetched.report.is_good
    for case in CASES:
        is_refused_elsewhere = isinstance(case.answered, Response) and case.looks[-1] == REFUSED
        address = case.answered.headers["Location"] if is_refused_elsewhere else PAPERS[case.name].address(case.lang)
        assert (address in fetched.told) == (case.looks[-1][1] != "fetched"), case.name
    assert BETWEEN[0].address("en") not in fetched.told
    assert fetched.stopped == {"mid.ru": None}


def test_no_host_but_those_of_the_registry_was_asked(spoiled: tuple[Fetcher, Done, datetime]) -> None:
    fetcher, _, _ = spoiled
    assert set(fetcher.world.asked_of) == {"mid.ru"}


def test_a_wait_that_the_server_asks_for_is_kept(spoiled: tuple[Fetcher, Done, datetime]) -> None:
    _, fetched, _ = spoiled
    address = PAPERS["too many requests"].address("en")
    at = [one.at for one in fetched.asked if one.request.url == address]
    assert all(later - former >= timedelta(seconds=90) for former, later in pairwise(at))


def test_the_bytes_that_came_are_held_whatever_they_are(spoiled: tuple[Fetcher, Done, datetime]) -> None:
    fetcher, _, since = spoiled
    sizes = "select size_bytes from captures where address = ? and asked_at > ?"
    login = PAPERS["a login wall"].address("en")
    assert fetcher.desk.query(sizes, login, since) == [(len(faults.LOGIN_WALL.body),)]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an archive of four good documents."""
    home = tmp_path_factory.mktemp("good") / "data"
    world = World(NOW, site_of(GOOD))
    with Standin(world.handler) as standin:
        Fetcher(Desk(home), world, standin, REGISTRY[:1]).addresses(*(paper.address("en") for paper in GOOD))
    return home


@pytest.fixture
def again(good: Path, tmp_path: Path) -> Iterator[Fetcher]:
    """A copy of it two days later."""
    shutil.copytree(good, tmp_path / "data")
    world = World(NOW + 2 * DAY, site_of(GOOD))
    with Standin(world.handler) as standin:
        yield Fetcher(Desk(tmp_path / "data"), world, standin, REGISTRY[:1], limits=LIMITS)


def look(fetcher: Fetcher) -> Done:
    return done(fetcher, lambda: fetcher.addresses(*(paper.address("en") for paper in GOOD)))


PATHS = [paper.path("en") for paper in GOOD]
STOPS = [
    (faults.UNAUTHORIZED, "refused", "refused us"),
    (faults.FORBIDDEN, "refused", "refused us"),
    (faults.CHALLENGE, "challenged", "showed a challenge"),
]


@pytest.mark.parametrize(("answered", "verdict", "why"), STOPS, ids=["401", "403", "challenge"])
def test_a_host_that_refuses_is_asked_nothing_more_that_day_and_no_document_is_lost(
    again: Fetcher, answered: Response, verdict: str, why: str
) -> None:
    spoil(again.world, GOOD[1], answered)
    first = look(again)
    assert first.paths == PATHS[:2]
    assert why in (first.stopped["mid.ru"] or "")
    assert why in first.told
    captures = "select verdict from captures order by asked_at desc limit 1"
    assert again.desk.query(captures) == [(verdict,)]
    documents = "select distinct status, version_count from documents"
    assert again.desk.query(documents) == [("present", 1)]
    if answered is faults.CHALLENGE:
        again.world.site.faults.clear()
        again.world.now += 10 * HOUR
        assert look(again).asked == ()
        again.world.now += 11 * HOUR
        assert sorted(look(again).paths) == sorted(PATHS)


@pytest.mark.parametrize(
    "answered",
    [faults.CHALLENGE, faults.LOGIN_WALL, faults.SERVER_ERROR],
    ids=["challenge", "markup", "500"],
)
def test_where_robots_txt_can_not_be_had_nothing_is_asked(again: Fetcher, answered: Response) -> None:
    again.world.site.faults.append(Fault(faults.at("/robots.txt"), answered))
    fetched = look(again)
    assert [one.request.target for one in fetched.asked] == ["/robots.txt"]
    assert "robots.txt" in fetched.told or "challenge" in fetched.told or "refused" in fetched.told
    assert "mid.ru" in fetched.told
    assert again.desk.value("select count(*) from captures where purpose = 'robots'") == 2
    if answered is faults.SERVER_ERROR:
        again.world.site.faults.clear()
        for hours in (25, 7):  # the second time robots.txt is held, and the trouble of another day is over
            again.world.now += hours * HOUR
            assert sorted(look(again).paths) == sorted(PATHS)


def test_a_host_that_asks_for_a_long_wait_is_left_until_then(again: Fetcher) -> None:
    spoil(again.world, GOOD[1], replace(faults.too_many("172800"), status=503))
    first = look(again)
    assert first.paths == PATHS[:2]
    assert "asks to wait until 2024-05-24 09:0" in (first.stopped["mid.ru"] or "")
    again.world.site.faults.clear()
    slept = again.slept_s
    again.world.now += DAY + HOUR
    assert look(again).asked == ()
    assert again.slept_s == slept
    again.world.now += DAY
    assert sorted(look(again).paths) == sorted(PATHS)


def test_a_host_that_fails_again_and_again_is_left_for_this_run(again: Fetcher) -> None:
    for paper in GOOD:
        spoil(again.world, paper, faults.RESET)
    first = look(again)
    assert first.paths == [PATHS[0]] * 3 + [PATHS[1]]
    assert "failed 4 times in a row" in first.told
    assert again.desk.query("select distinct status, version_count from documents") == [("present", 1)]
