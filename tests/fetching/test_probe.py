"""A probe tells, rule by rule, what a site answers and what differs from what the code assumes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from flows.fetching.compared import Finding, Outcome
from flows.fetching.entrances import entrance_of
from flows.fetching.expected import EXPECTED, Kind, Rule
from flows.fetching.probe import ProbeErrand
from flows.reports import RunReport
from tests.conftest import PROJECT, REGISTRY, Desk, begun
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults, layouts
from tests.standin.channel import Channel, sent
from tests.standin.faults import Fault
from tests.standin.http import Request, Response
from tests.standin.papers import Layout, Paper, Version
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.wayback import Snapshot
from tests.standin.world import World

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LISTING = "https://mid.ru/en/foreign_policy/news/"
OLD_ID = 2_732_506
NEWEST = 2_071_449


def paper(number: int, at: datetime, layout: Layout = Layout.ARTICLE) -> Paper:
    words = {
        "en": ("On the talks of the ministers", "The ministers met in the capital and spoke of trade and of culture."),
        "ru": ("О переговорах министров", "Министры встретились в столице и говорили о торговле и о культуре."),
    }
    versions = {lang: (Version(at, title, (text,) * 5),) for lang, (title, text) in words.items()}
    return Paper(number, "foreign_policy/news", at, versions, layout, document_number=f"{number}-{at:%d-%m-%Y}")


def usual_world() -> World:
    """Return hosts that answer as the programs that read them tell."""
    news = [paper(NEWEST - at, NOW - timedelta(hours=7 * (at + 1))) for at in range(30)]
    day = paper(1_607_500, datetime(2011, 9, 22, 9, tzinfo=UTC))
    old = paper(OLD_ID, datetime(2017, 4, 3, 9, tzinfo=UTC), Layout.OLD_PORTAL)
    world = World(NOW, site_of([*news, day, old]))
    posts = [
        sent(number, NOW - timedelta(hours=100 - number), f"What the post {number} says.") for number in range(1, 51)
    ]
    world.telegram.channels.append(Channel("mid_rus", 1_101_170_442, "МИД России", posts))
    copied = news[5].address("en")
    answer = world.site.answer(_request(copied), NOW)
    world.wayback.snapshots.append(Snapshot(NOW - timedelta(days=1), copied, answer.body, headers=answer.headers))
    return world


def _request(url: str) -> Request:
    host, _, path = url.partition("://")[2].partition("/")
    return Request(host, f"/{path}")


@contextmanager
def fetching(desk: Desk) -> Iterator[Fetcher]:
    """Begin to answer an archive as usual."""
    world = usual_world()
    with Standin(world.handler) as standin:
        registry = [row("news", LISTING), row("news_ru", LISTING.replace("/en/", "/ru/"), "ru")]
        yield Fetcher(desk, world, standin, [*registry, row("channel", "https://t.me/s/mid_rus", "ru")])


@pytest.fixture
def fetcher(desk: Desk) -> Iterator[Fetcher]:
    with fetching(desk) as fetcher:
        yield fetcher


@dataclass(frozen=True, slots=True)
class Probed:
    """An archive after one probe of all hosts, and what it found."""

    fetcher: Fetcher
    findings: list[Finding]
    report: RunReport


Probing = Callable[..., Probed]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Probing:
    """Probe hosts that answer as usual but for some bytes, or robots.txt: of each sort there is one probe."""

    @cache
    def probed(*changes: tuple[bytes, bytes], is_all_allowed: bool = False) -> Probed:
        with fetching(begun(tmp_path_factory.mktemp("probed") / "data", empty_store)) as fetcher:
            uncoded(fetcher, replacing(*changes))
            if is_all_allowed:
                fetcher.world.site.robots = None
            return Probed(fetcher, *probe(fetcher, "mid.ru" if changes else None))

    return probed


@pytest.fixture(params=[False, True], ids=["robots.txt as usual", "all allowed"])
def probed(request: pytest.FixtureRequest, once: Probing) -> Probed:
    """One probe of hosts that answer as usual, and one where robots.txt forbids nothing besides."""
    return once(is_all_allowed=request.param)


def probe(fetcher: Fetcher, only: str | None = None) -> tuple[list[Finding], RunReport]:
    errand = ProbeErrand([entrance_of(one) for one in fetcher.registry], only)
    report = fetcher.do(errand)
    return errand.findings, report


def differing(findings: list[Finding]) -> set[tuple[Kind, Rule, str]]:
    return {(one.kind, one.rule, one.found) for one in findings if one.outcome is Outcome.DIFFERS}


def found_by(findings: list[Finding], kind: Kind, rule: Rule) -> Finding:
    (found,) = [one for one in findings if (one.kind, one.rule) == (kind, rule)]
    return found


def replacing(*changes: tuple[bytes, bytes]) -> Fault:
    """Return what puts other bytes into every page of the site."""

    def made(whole: Response) -> Response:
        body = whole.body
        for old, new in changes:
            body = body.replace(old, new)
        return replace(whole, body=body)

    return Fault(faults.always, made)


def uncoded(fetcher: Fetcher, *spoiling: Fault) -> None:
    """Let the site go wrong before its answers are put into a coding."""
    fetcher.world.site.faults.extend(spoiling)


def test_hosts_that_answer_as_the_code_assumes_differ_in_nothing(probed: Probed) -> None:
    assert differing(probed.findings) == set()
    assert {one.kind for one in probed.findings} == set(Kind)
    assert not any(host.stopped for host in probed.report.hosts)
    unasked = [one for one in probed.findings if one.outcome is Outcome.NOT_ASKED]
    is_all_allowed = probed.fetcher.world.site.robots is None
    assert {one.kind for one in unasked} == (set() if is_all_allowed else {Kind.PAST_END, Kind.OLD, Kind.OLD_MOVED})
    assert all(one.detail == "robots.txt forbids it" for one in unasked)


def test_a_probe_that_finds_what_is_expected_leaves_nothing_to_answer(probed: Probed) -> None:
    assert probed.report.is_good, probed.report
    assert probed.fetcher.desk.query("select outcome from runs") == [("completed",)]
    assert probed.fetcher.desk.query("select locator, reason from rejections where is_open") == []


def test_what_is_not_there_is_no_fault_of_a_rule_of_ours(fetcher: Fetcher) -> None:
    fetcher.registry[0] = row("news", "https://mid.ru/en/no_such_section/")
    fetcher.world.site.faults.append(Fault(faults.below("/en/no_such_section/"), Response(404)))
    findings, _ = probe(fetcher, "mid.ru")
    told = [one for one in findings if one.kind is Kind.LISTING and one.outcome is Outcome.DIFFERS]
    assert {(one.rule, one.found) for one in told} >= {(Rule.STATUS, "404"), (Rule.VERDICT, "missing")}
    assert {one.place for one in told} == {None}


def test_a_name_that_nobody_has_and_that_leads_nowhere_is_told(fetcher: Fetcher) -> None:
    page = Response(200, b"<html><body>Nobody has this name.</body></html>", {"content-type": "text/html"})
    fetcher.world.telegram.faults.append(Fault(faults.below("/s/mfa_archive_no_such_channel"), page))
    findings, report = probe(fetcher, "t.me")
    assert {(one.rule, one.found, one.place) for one in findings if one.outcome is Outcome.DIFFERS} == {
        (Rule.STATUS, "200", "flows/fetching/channels.py"),
        (Rule.VERDICT, "not_a_document", "flows/fetching/channels.py"),
    }
    assert not report.is_good


def test_what_robots_txt_does_not_forbid_is_looked_at_too(once: Probing) -> None:
    findings = once(is_all_allowed=True).findings
    assert all(one.outcome is Outcome.OK for one in findings)
    assert found_by(findings, Kind.PAST_END, Rule.COUNT).found == "0"
    assert found_by(findings, Kind.OLD, Rule.DATE).found == "div.article-status-line > span > span"
    size = len(layouts.missing(404).encode())
    assert (
        found_by(findings, Kind.LISTING, Rule.ROBOTS).detail == f"https://mid.ru/robots.txt: status 404, {size} bytes"
    )


def test_every_rule_of_the_table_is_looked_at(once: Probing) -> None:
    findings = once(is_all_allowed=True).findings
    assert {(one.kind, one.rule) for one in findings} == {(kind, one.rule) for one in EXPECTED for kind in one.kinds}
    assert len(findings) == sum(len(one.kinds) for one in EXPECTED)  # none stands twice


def test_every_place_of_the_table_is_a_file_or_a_setting() -> None:
    for one in EXPECTED:
        assert one.ground
        if one.place is not None and not one.place.startswith("MFA_ARCHIVE_"):
            assert (PROJECT / one.place).is_file(), one.place


def test_every_request_of_a_probe_is_a_capture_with_the_usual_pauses(probed: Probed) -> None:
    kept = {str(locator) for (locator,) in probed.fetcher.desk.query("select locator from captures")}
    assert kept == set(probed.fetcher.world.asked)
    times = [asked.at for asked in probed.fetcher.world.log if asked.request.host.endswith("mid.ru")]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= timedelta(seconds=10)


PAGES = "extract/formats/page_rules.py"
LISTINGS = "extract/listings.py"


PARTS = (  # of different rules: one probe finds them all
    (b"photo-content__title", b"page__title"),
    (b"photo-content__date", b"day"),
    (b"article-line__note", b"note"),
    (b'<li><a href="/ru/', b'<li><a data-to="/ru/'),
    (b"announce__time", b"at"),
    (b"PAGEN_1", b"page"),
)
TEXT = ((b"text article-content", b"words"),)
LIST = ((b'"announce announce', b'"list announce'),)


@pytest.mark.parametrize(
    ("changes", "where", "found", "place"),
    [
        (PARTS, (Kind.ARTICLE, Rule.TITLE), "h1", PAGES),
        (PARTS, (Kind.ARTICLE, Rule.DATE), "text beside the title", PAGES),
        (PARTS, (Kind.ARTICLE, Rule.NUMBER), "none", PAGES),
        (PARTS, (Kind.ARTICLE, Rule.LANGUAGES), "none", "extract/formats/mid_page_html.py"),
        (PARTS, (Kind.LISTING, Rule.DATES), "0 of 20 with date and time", LISTINGS),
        (PARTS, (Kind.LISTING, Rule.NEXT), "none", LISTINGS),
        (TEXT, (Kind.ARTICLE, Rule.VERDICT), "not_a_document", PAGES),
        (LIST, (Kind.LISTING, Rule.VERDICT), "not_a_document", LISTINGS),
    ],
)
def test_another_layout_is_told_with_the_rule_that_no_longer_fires(
    once: Probing, changes: tuple[tuple[bytes, bytes], ...], where: tuple[Kind, Rule], found: str, place: str
) -> None:
    one = found_by(once(*changes).findings, *where)
    assert (one.found, one.outcome, one.place) == (found, Outcome.DIFFERS, place)


def test_a_page_without_etag_and_last_modified_is_not_asked_again(fetcher: Fetcher) -> None:
    fetcher.world.site.has_validators = False
    findings, _ = probe(fetcher, "mid.ru")
    assert differing(findings) == {(Kind.ARTICLE, Rule.VALIDATORS, "none")}
    (unasked,) = [one for one in findings if one.kind is Kind.AGAIN]
    assert (unasked.outcome, unasked.detail) == (Outcome.NOT_ASKED, "what leads to it did not come")


def test_a_challenge_is_told_once_and_the_host_is_let_go(fetcher: Fetcher) -> None:
    uncoded(fetcher, Fault(faults.below("/en/"), faults.CHALLENGE))
    findings, report = probe(fetcher, "mid.ru")
    (told,) = [one for one in findings if one.rule is Rule.VERDICT]
    assert (told.kind, told.found, told.outcome, told.place) == (Kind.LISTING, "challenged", Outcome.DIFFERS, None)
    assert differing(findings) == {(Kind.LISTING, Rule.VERDICT, "challenged")}
    unasked = {one.kind for one in findings if one.outcome is Outcome.NOT_ASKED}
    assert len(unasked) == 10
    assert [host.stopped is not None for host in report.hosts] == [True]
    assert fetcher.world.asked_of["mid.ru"] == 2


@pytest.mark.parametrize(
    ("robots", "found"), [("User-agent: *\nDisallow: /\n", "forbids"), ("<html>no rules</html>", "stops")]
)
def test_robots_txt_that_forbids_more_than_expected_differs_and_is_obeyed(
    fetcher: Fetcher, robots: str, found: str
) -> None:
    fetcher.world.site.robots = robots
    findings, _ = probe(fetcher, "mid.ru")
    assert (Kind.LISTING, Rule.ROBOTS, found) in differing(findings)
    assert all(one.outcome is Outcome.NOT_ASKED for one in findings if one.rule is Rule.STATUS)
    assert all(asked.request.target == "/robots.txt" for asked in fetcher.world.log)


def test_a_number_that_isnt_there_and_is_answered_with_a_page_is_told(fetcher: Fetcher) -> None:
    uncoded(fetcher, Fault(faults.below("/en/foreign_policy/news/9999999/"), faults.ERROR_PAGE))
    findings, _ = probe(fetcher, "mid.ru")
    assert differing(findings) == {
        (Kind.NO_ARTICLE, Rule.STATUS, "200"),
        (Kind.NO_ARTICLE, Rule.VERDICT, "not_a_document"),
    }


def test_a_text_in_another_language_than_was_asked_for_is_told(fetcher: Fetcher) -> None:
    site = fetcher.world.site
    site.put(*(replace(one, versions={"en": one.versions["en"]}, stands_in="en") for one in site.papers))
    findings, _ = probe(fetcher, "mid.ru")
    assert (Kind.OTHER, Rule.VERDICT, "not_a_document") in differing(findings)
    assert "language" in found_by(findings, Kind.OTHER, Rule.VERDICT).detail


def test_a_host_that_shows_no_good_certificate_is_told_as_that(fetcher: Fetcher) -> None:
    fetcher.environment["MFA_ARCHIVE_CA_FILE"] = ""
    findings, report = probe(fetcher, "t.me")
    assert (Kind.CHANNEL, Rule.ROBOTS, "stops") in differing(findings)
    assert "certificate" in found_by(findings, Kind.CHANNEL, Rule.ROBOTS).detail
    assert all(host.stopped for host in report.hosts)


def test_a_host_that_no_source_has_is_not_asked(fetcher: Fetcher) -> None:
    fetcher.registry = [one for one in fetcher.registry if one.source_key == "channel"]
    findings, _ = probe(fetcher)
    assert differing(findings) == set()
    assert set(fetcher.world.asked_of) == {"t.me", "web.archive.org"}
    assert found_by(findings, Kind.ARTICLE, Rule.STATUS).detail == "no source of the registry is fetched from there"


def test_a_dry_run_shows_one_address_of_each_kind_and_asks_nothing(fetcher: Fetcher) -> None:
    planned = fetcher.planned(ProbeErrand([entrance_of(one) for one in fetcher.registry]))
    assert {one.why for one in planned} == {kind.value for kind in Kind}
    assert f"{LISTING}…/?lang=ru" in [one.ask.address for one in planned]
    assert fetcher.world.log == []


def command(fetcher: Fetcher, *arguments: str) -> Result:
    """Run the command against the stand-in, without its pauses."""
    environment = {
        "MFA_ARCHIVE_HOME": str(fetcher.desk.home),
        "MFA_ARCHIVE_SOURCES": str(REGISTRY),
        "MFA_ARCHIVE_CONTACT": "archive@example.org",
        "MFA_ARCHIVE_CA_FILE": str(fetcher.standin.ca_file),
        "MFA_ARCHIVE_CONNECT_TO": fetcher.standin.connect_to,
        "MFA_ARCHIVE_PAUSES": "mid.ru=0,t.me=0,web.archive.org=0",
    }
    return CliRunner().invoke(ROOT, ["probe", *arguments], env=environment)


def test_the_command_prints_each_rule_and_ends_with_0_where_all_is_as_expected(fetcher: Fetcher) -> None:
    ran = command(fetcher, "--only", "t.me")
    assert ran.exit_code == 0, ran.output
    assert "embedded post: https://t.me/mid_rus/50?embed=1&mode=tme\n" in ran.stdout
    assert "ok       channel number  1101170442" in ran.stdout
    assert ran.stdout.endswith("5 kinds of address, 0 of them not asked: 36 rules as expected, 0 that differ.\n")


def test_the_command_ends_with_1_and_names_the_file_of_the_rule_that_differs(fetcher: Fetcher) -> None:
    blank = replacing((b"data-view=", b"data-seen=")).response
    fetcher.world.telegram.faults.append(Fault(faults.below("/s/mid_rus"), blank))
    ran = command(fetcher, "--only", "t.me", "--json")
    assert ran.exit_code == 1, ran.output
    (told,) = [one for one in json.loads(ran.stdout) if one["outcome"] == "differs"]
    assert (told["kind"], told["rule"], told["found"]) == ("channel", "verdict", "not_a_document")
    assert "whose number is not known" in told["detail"]
    assert f"; {told['place']}\n" in command(fetcher, "--only", "t.me").stdout


def test_the_command_refuses_a_host_that_is_none_of_those_asked(fetcher: Fetcher) -> None:
    assert command(fetcher, "--only", "example.org").exit_code == 2
    assert fetcher.world.log == []
