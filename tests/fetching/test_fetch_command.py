"""`mfa-archive fetch` as a person runs it: what it prints, how it ends, and that a dry run asks nothing."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from tests.command.conftest import environment, script
from tests.standin.channel import Channel, Telegram, sent
from tests.standin.faults import ERROR_PAGE, Fault, at
from tests.standin.http import Request
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World

NOW = datetime.now(UTC)
NEWS = "foreign_policy/news"
WORDS = ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun.")
PAPERS = [published(1_900_000 + one, NEWS, NOW - timedelta(days=3), f"On the talks {one}", *WORDS) for one in range(3)]
UNLISTED = published(1_607_500, "maps/gb", NOW - timedelta(days=3_000), "On what no listing shows", *WORDS)
POSTS = [sent(one, NOW - timedelta(days=3), f"Post {one} speaks of the visit") for one in range(1, 31)]
REGISTRY = f"""\
source_key,format,locator,language,coverage,minimum,maximum,publisher
news,mid_page_html,https://mid.ru/en/{NEWS}/,en,unknown,1,,Ministry
channel,telegram_preview,https://t.me/s/mid_rus,ru,unknown,1,,Ministry
"""
LISTING = f"https://mid.ru/en/{NEWS}/"


@dataclass(frozen=True, slots=True)
class Operator:
    """One who runs the command, his settings, and the world that it asks."""

    world: World
    settings: dict[str, str]

    def run(self, *arguments: str, **more: str | None) -> Result:
        env = {**self.settings, **more}
        return CliRunner().invoke(ROOT, ["fetch", *arguments], env=env, prog_name="mfa-archive")

    def json(self, question: str) -> list[dict[str, object]]:
        done = CliRunner().invoke(ROOT, ["sql", "--json", question], env=self.settings, prog_name="mfa-archive")
        assert done.exit_code == 0, done.output
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found


def operator_of(folder: Path, world: World, standin: Standin, registry: str = REGISTRY) -> Operator:
    sources = folder / "sources.csv"
    sources.write_text(registry, encoding="utf-8")
    return Operator(
        world,
        {
            "MFA_ARCHIVE_HOME": str(folder / "data"),
            "MFA_ARCHIVE_SOURCES": str(sources),
            "MFA_ARCHIVE_LOCK_WAIT_S": "5",
            "MFA_ARCHIVE_CONTACT": "archive@example.org",
            "MFA_ARCHIVE_VANTAGE": "tests",
            "MFA_ARCHIVE_PAUSES": "mid.ru=0,t.me=0,web.archive.org=0",
            "MFA_ARCHIVE_CA_FILE": str(standin.ca_file),
            "MFA_ARCHIVE_CONNECT_TO": standin.connect_to,
        },
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Operator, dict[str, Result], dict[str, int]]]:
    """What the commands printed, one after another, and how much each asked."""
    folder = tmp_path_factory.mktemp("command")
    world = World(NOW, site_of((*PAPERS, UNLISTED)), Telegram([Channel("mid_rus", 1_101_170_442, "MFA", POSTS)]))
    earlier = NOW - timedelta(days=1_000)
    world.wayback.take(UNLISTED.address("en"), world.site.answer(Request("mid.ru", UNLISTED.path("en")), NOW), earlier)
    listed = folder / "list.txt"
    listed.write_text(
        f"# what no listing shows\n{UNLISTED.address('en')}\n\nhttps://t.me/mid_rus/3\n", encoding="utf-8"
    )
    with Standin(world.handler) as standin:
        operator = operator_of(folder, world, standin)
        results, counts = {}, {}

        def run(name: str, *arguments: str) -> None:
            before = len(world.log)
            results[name] = operator.run(*arguments)
            counts[name] = len(world.log) - before

        run("pages dry", "pages", "--dry-run")
        run("channel dry", "channel", "--all", "--dry-run")
        run("wayback dry", "wayback", UNLISTED.address("en"), "--dry-run")
        run("urls dry", "urls", str(listed), "--dry-run")
        flawed = folder / "flawed.txt"
        flawed.write_text(f"{UNLISTED.address('en')}\r\n\r\nhttps://kremlin.ru/1\r\nmid.ru\n", encoding="utf-8")
        run("urls flawed dry", "urls", str(flawed), "--dry-run")
        run("pages", "pages", "--source", "news")
        run("channel", "channel", "--all")
        run("wayback", "wayback", f"https://mid.ru/en/{UNLISTED.section}/*", "--from", "2000-01-01")
        run("urls", "urls", str(listed))
        run("urls flawed", "urls", str(flawed))
        run("urls dry again", "urls", str(listed), "--dry-run")
        run(
            "wayback dry again",
            "wayback",
            f"https://mid.ru/en/{UNLISTED.section}/*",
            "--from",
            "2000-01-01",
            "--dry-run",
        )
        run("pages again", "pages", "--source", "news")
        run("channel again", "channel")
        run("urls again", "urls", str(listed))
        run("wayback again", "wayback", f"https://mid.ru/en/{UNLISTED.section}/*", "--from", "2000-01-01")
        run("no copies", "wayback", "https://mid.ru/en/nothing/*")
        run("no copies dry", "wayback", "https://mid.ru/en/nothing/*", "--dry-run")
        world.site.faults.append(Fault(at(f"{PAPERS[0].path('en')}?lang=en"), ERROR_PAGE))
        run("spoiled", "urls", f"{PAPERS[0].address('en')}?lang=en")
        yield operator, results, counts


Ran = tuple[Operator, dict[str, Result], dict[str, int]]


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("pages dry", [LISTING]),
        ("channel dry", ["https://t.me/s/mid_rus"]),
        ("wayback dry", ["https://web.archive.org/cdx/search/cdx?"]),
        ("urls dry", [UNLISTED.address("en"), "https://t.me/mid_rus/3?embed=1&mode=tme"]),
    ],
)
def test_a_dry_run_shows_what_would_be_asked_and_asks_nothing(name: str, addresses: list[str], ran: Ran) -> None:
    _, results, counts = ran
    result = results[name]
    assert (result.exit_code, counts[name]) == (0, 0)
    flat = "".join(result.stdout.split())
    assert all(address in flat for address in addresses)
    many = "requests" if len(addresses) > 1 else "request"
    assert f"{len(addresses)} {many} known beforehand; nothing was asked" in result.stdout


@pytest.mark.parametrize("name", ["pages", "channel", "wayback", "urls"])
def test_a_fetch_prints_what_came_in_and_ends_well(name: str, ran: Ran) -> None:
    _, results, counts = ran
    assert results[name].exit_code == 0, results[name].output
    assert counts[name] > 0
    host = {"channel": "t.me", "wayback": "web.archive.org"}.get(name, "mid.ru")
    assert host in results[name].output


def test_what_was_fetched_is_in_the_archive(ran: Ran) -> None:
    operator, _, _ = ran
    found = operator.json("select medium, count(*) as number from documents group by medium order by medium")
    assert found == [{"medium": "page", "number": len(PAPERS) + 1}, {"medium": "post", "number": len(POSTS)}]
    copies = operator.json(
        "select captured_via, count(*) as number from captures where captured_via = 'wayback' group by all"
    )
    assert copies == [{"captured_via": "wayback", "number": 1}]
    commands = operator.json("select distinct command from runs order by command")
    assert [row["command"] for row in commands] == ["fetch channel", "fetch pages", "fetch urls", "fetch wayback"]
    assert operator.json("select distinct vantage from captures") == [{"vantage": "tests"}]


@pytest.mark.parametrize("name", ["urls dry again", "wayback dry again"])
def test_a_dry_run_after_a_fetch_shows_that_nothing_is_left(name: str, ran: Ran) -> None:
    _, results, counts = ran
    assert (results[name].exit_code, counts[name]) == (0, 0)
    assert "0 requests known beforehand" in results[name].stdout


@pytest.mark.parametrize(
    ("name", "told", "after"),
    [
        (
            "pages",
            "no listing or feed is to be looked at again yet, and no page is new or due.",
            "mid.ru: nothing due; ",
        ),
        (
            "channel",
            "no channel's newest page is to be looked at again yet, and no post is due.",
            "t.me: nothing due; ",
        ),
        ("urls", "each address gave a document within the last 6 hours.", "mid.ru: nothing due; next "),
        (
            "wayback",
            "the index was asked within 20 hours, and no copy that it lists is to be had.",
            "web.archive.org: ",
        ),
    ],
)
def test_a_fetch_that_had_nothing_to_ask_for_says_so_and_what_is_next(
    name: str, told: str, after: str, ran: Ran
) -> None:
    _, results, counts = ran
    again = results[f"{name} again"]
    assert (again.exit_code, counts[f"{name} again"]) == (0, 0)
    assert f"\nNothing was asked: {told}\n" in f"\n{again.stdout}"
    assert f"\nWhat is next:\n  {after}" in again.stdout
    assert "Nothing was asked" not in results[name].stdout


def test_what_is_due_next_is_told_with_its_instant_and_how_many_there_are(ran: Ran) -> None:
    _, results, _ = ran
    (line,) = [line for line in results["pages again"].stdout.splitlines() if line.startswith("  mid.ru: ")]
    at = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"
    due = rf"nothing due; next {at} \(0 of {len(PAPERS) + 1} documents within 24 hours\)"
    assert re.fullmatch(rf"  mid\.ru: {due}; new ones are looked for from {at} on", line)


def test_an_index_without_copies_is_told(ran: Ran) -> None:
    _, results, counts = ran
    told = "web_archive: the index lists no copies of https://mid.ru/en/nothing/*\n"
    assert told in results["no copies"].stdout
    assert (results["no copies"].exit_code, counts["no copies dry"]) == (0, 0)
    assert told in results["no copies dry"].stdout


def test_something_that_went_wrong_is_told_and_gives_exit_status_1(ran: Ran) -> None:
    _, results, _ = ran
    assert results["spoiled"].exit_code == 1
    lines = [line for line in results["spoiled"].output.splitlines() if "no_document" in line]
    assert len(lines) == 1
    assert f"{PAPERS[0].address('en')}?lang=en" in lines[0]


@pytest.mark.parametrize("name", ["urls flawed dry", "urls flawed"])
def test_a_wrong_line_of_a_list_is_told_with_its_number_and_the_others_are_dealt_with(name: str, ran: Ran) -> None:
    _, results, counts = ran
    assert (results[name].exit_code, counts[name]) == (1, 0)
    output = " ".join(results[name].output.split())
    for line, address in ((3, "https://kremlin.ru/1"), (4, "mid.ru")):
        assert f"flawed.txt, line {line}: {address}: an address that is not asked; expected a page" in output
    assert "1 request known beforehand" in output or "Nothing was asked" in output


ERRORS = {
    "no contact": ({"MFA_ARCHIVE_CONTACT": ""}, ("pages",), 1, "MFA_ARCHIVE_CONTACT: not set"),
    "no contact, dry": ({"MFA_ARCHIVE_CONTACT": ""}, ("channel", "--dry-run"), 1, "MFA_ARCHIVE_CONTACT: not set"),
    "a contact that is none": ({"MFA_ARCHIVE_CONTACT": "me"}, ("pages",), 1, "MFA_ARCHIVE_CONTACT: found 'me'"),
    "an unknown source": ({}, ("pages", "--source", "nowhere"), 1, "source 'nowhere' is none that is fetched so"),
    "a source of another kind": ({}, ("channel", "--source", "news"), 1, "expected one of channel"),
    "a list that is not there": ({}, ("urls", "no-such-list.txt"), 1, "no-such-list.txt: can't be read"),
    "a list without an address": ({}, ("urls", "{folder}/empty.txt"), 1, "empty.txt: no address in it"),
    "a list of others": (
        {},
        ("urls", "{folder}/others.txt"),
        1,
        "others.txt, line 2: https://kremlin.ru/1: an address",
    ),
    "a list that is no text": ({}, ("urls", "{folder}/list.bin"), 1, "can't be read (no UTF-8)"),
    "another host": (
        {},
        ("urls", "https://kremlin.ru/events/1"),
        1,
        "https://kremlin.ru/events/1: an address that is not",
    ),
    "a loopback address": ({}, ("urls", "http://127.0.0.1/"), 1, "http://127.0.0.1/: an address that is not asked"),
    "one day without the other": ({}, ("pages", "--from", "2011-09-01"), 2, "--from and --to belong together"),
    "days backwards": ({}, ("pages", "--from", "2011-09-02", "--to", "2011-09-01"), 2, "is after --to 2011-09-01"),
    "no address": ({}, ("urls",), 2, "Missing argument"),
    "an address with a star within": ({}, ("wayback", "https://mid.ru/*/news/*"), 1, "is no address"),
    "a registry without addresses": (
        {"MFA_ARCHIVE_SOURCES": "{folder}/files.csv"},
        ("pages",),
        1,
        "the registry has no row that is fetched so",
    ),
    "an address of an unknown kind": (
        {"MFA_ARCHIVE_SOURCES": "{folder}/odd.csv"},
        ("pages",),
        1,
        "locator is 'https://kremlin.ru/news/'",
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Operator, Path]]:
    """One whose commands are refused."""
    folder = tmp_path_factory.mktemp("refused")
    (folder / "list.bin").write_bytes(b"\xff\xfe\x00https://mid.ru/\n")
    (folder / "empty.txt").write_text("# none yet\n\n")
    (folder / "others.txt").write_text("# not ours\nhttps://kremlin.ru/1\nhttps://kremlin.ru/2\n")
    header = REGISTRY.splitlines()[0]
    (folder / "files.csv").write_text(f"{header}\npages,mid_page_text,documents/a.txt,en,sample,1,1,Ministry\n")
    (folder / "odd.csv").write_text(f"{header}\nodd,mid_page_html,https://kremlin.ru/news/,en,unknown,1,,Ministry\n")
    with Standin(World(NOW).handler) as standin:
        yield operator_of(folder, World(NOW), standin), folder


@pytest.mark.parametrize("name", ERRORS)
def test_what_can_not_be_done_is_one_line_that_says_why_and_nothing_is_asked(
    name: str, refused: tuple[Operator, Path]
) -> None:
    operator, folder = refused
    settings, arguments, status, told = ERRORS[name]
    more = {key: value.format(folder=folder) for key, value in settings.items()}
    result = operator.run(*(one.format(folder=folder) for one in arguments), **more)
    assert result.exit_code == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("mfa-archive: ")
    assert told in line
    assert operator.world.log == []


def test_the_command_is_the_same_in_a_process_of_its_own(tmp_path: Path) -> None:
    world = World(NOW, site_of(PAPERS[:1]))
    with Standin(world.handler) as standin:
        operator = operator_of(tmp_path, world, standin)
        done = script(tmp_path / "data", "fetch", "pages", more=operator.settings)
        dry = script(tmp_path / "data", "fetch", "pages", "--dry-run", more=operator.settings)
    assert (done.returncode, dry.returncode) == (0, 0), done.stderr
    assert [one.request.target for one in world.log] == ["/robots.txt", f"/en/{NEWS}/", PAPERS[0].path("en")]
    assert "Traceback" not in done.stderr + dry.stderr


def broken_off(operator: Operator, sign: signal.Signals, count: int) -> tuple[int, str, str]:
    """Fetch pages in a process of its own, send it a signal after some requests, and return how it ends."""
    # A test runner may ignore interrupts, and its children would with it.
    code = (
        "import signal\nfrom flows.command import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\nmain()\n"
    )
    home = Path(operator.settings["MFA_ARCHIVE_HOME"])
    env = {"PATH": os.environ["PATH"], **environment(home), **operator.settings, "MFA_ARCHIVE_PAUSES": "mid.ru=0.4"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "fetch", "pages", "--source", "news"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        until = time.monotonic() + 60
        while len(operator.world.log) < count and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(sign)
        try:
            shown, complaint = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, shown, complaint


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_fetch_that_is_asked_to_end_counts_what_came_and_the_next_one_goes_on(
    sign: signal.Signals, status: int, tmp_path: Path
) -> None:
    many = [
        published(1_900_000 + one, NEWS, NOW - timedelta(days=3), f"On the talks {one}", *WORDS) for one in range(15)
    ]
    world = World(NOW, site_of(many))
    with Standin(world.handler) as standin:
        operator = operator_of(tmp_path, world, standin)
        ended, shown, complaint = broken_off(operator, sign, 5)
        asked = len(world.log)
        assert (ended, asked < len(many)) == (status, True), complaint
        assert "Traceback" not in complaint
        assert complaint.splitlines()[-1] == (
            "mfa-archive: interrupted; what was captured is kept, and the next run goes on where it was"
        )
        (cells,) = [line.split() for line in shown.splitlines() if line.startswith("mid.ru ")]
        assert cells[:3] == ["mid.ru", str(asked), str(asked)]
        assert f"; {len(many) - asked + 2} found and not fetched yet; " in shown
        assert operator.json("select outcome from runs") == [{"outcome": "interrupted"}]
        assert operator.run("pages", "--source", "news").exit_code == 0
        assert operator.json("select count(*) as number from documents") == [{"number": len(many)}]
    assert len(world.log) == len(many) + 2


def test_a_host_that_nothing_is_fetched_from_is_told_where_a_setting_names_it(ran: Ran) -> None:
    operator, _, _ = ran
    for name, value in (
        ("PAUSES", "mid.rru=5"),
        ("BUDGETS", "mid.rru=9,www.mid.ru=9"),
        ("CONNECT_TO", "mid.rru:1=h:1"),
    ):
        result = operator.run("pages", "--dry-run", **{f"MFA_ARCHIVE_{name}": value})
        assert result.exit_code == 0
        (line,) = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
        assert line == (
            f"note: MFA_ARCHIVE_{name}: names mid.rru, which no source of the registry is fetched from, so that it "
            "changes nothing; expected one of archive.mid.ru, mid.ru, t.me, web.archive.org, www.mid.ru; correct it"
        )


def test_a_dry_run_tells_what_would_keep_a_host_from_being_asked(ran: Ran) -> None:
    operator, _, _ = ran
    result = operator.run("urls", "https://mid.ru/en/maps/gb/1600000/", "--dry-run", MFA_ARCHIVE_BUDGETS="mid.ru=2")
    assert result.exit_code == 0
    last = result.stdout.splitlines()[-1]
    assert last.startswith("mid.ru would not be asked now: its budget of 2 requests in 24 hours is used up until 2")
