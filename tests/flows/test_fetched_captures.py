"""Requests are captures like all others: noted with their answers, appended, and made again from the raw store."""

import gzip
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from extract.formats import formats, mid_page_html
from flows.command.root import ROOT
from flows.fetching.keeping import Keeper
from flows.fetching.values import Answer, Ask, Failure, Purpose
from flows.pipeline import append_staged, close_run, opened_run
from flows.rebuild import rebuild
from flows.reports import RunReport
from flows.reread import reread
from flows.retry import retry
from flows.waiting import Mended
from tests.conftest import PROJECT, Desk
from warehouse.archive import opened_for_writing
from warehouse.checks import run_checks
from warehouse.raw_store import keep
from warehouse.rereading import Wanted
from warehouse.staging import SourceFacts

PAGES = PROJECT / "tests" / "golden" / "mid_page_html"
PAGE = (PAGES / "ordinary_present_site.html").read_bytes()
CHALLENGE = (PAGES / "malformed_challenge_page.html").read_bytes()
ADDRESS = "https://mid.ru/en/foreign_policy/news/1900001/"
KEY = "mid:1900001:en"
FIRST = datetime(2026, 2, 1, 12, tzinfo=UTC)
HEADERS = (("content-encoding", "br"), ("etag", '"a"'))
SITE = SourceFacts("site", format="mid_page_html")
HEAD = "select lower(hex(head)) from store.append order by append_number desc"
TOLD = "select * from captures order by captured_at, capture_key"
STATE = "select status, version_count, last_seen_at, text from documents"


def fetch(
    desk: Desk,
    hours: int,
    *answers: tuple[int | Failure, bytes],
    purpose: Purpose = Purpose.PAGE,
    charset: str = "utf-8",
) -> RunReport:
    """Ask for the page once an hour in one run: what comes is a status, or why nothing does, and the bytes.

    An answer 304 confirms the page.
    """
    run = desk.run("fetch")
    with opened_run(run, []):
        keeper = Keeper(run, "desk")
        held = keep(desk.layout.raw, io.BytesIO(PAGE))
        for hour, (came, body) in enumerate(answers, hours):
            at = FIRST + timedelta(hours=hour)
            failure = came if isinstance(came, Failure) else None
            status = None if isinstance(came, Failure) else came
            kind = (("content-type", f"text/html; charset={charset}"),) if body else ()
            ask = Ask(
                ADDRESS, purpose, "site", looked_for=KEY, held=held if status == HTTPStatus.NOT_MODIFIED else None
            )
            keeper.keep(SITE, ask, Answer(at, at, status, (*kind, *HEADERS) if status else (), body, failure))
        append_staged(run)
        return close_run(run)


def test_requests_and_their_answers_come_back_from_the_raw_store_with_the_same_head(desk: Desk) -> None:
    fetch(desk, 0, (200, PAGE), (304, b""), (404, b"gone"), (Failure.TIMEOUT, b""), (503, b""), (301, b""))
    fetch(desk, 90, (200, CHALLENGE), (403, b"no"))
    head, told, state = desk.value(HEAD), desk.query(TOLD), desk.query(STATE)
    assert len(told) == 8
    assert desk.value("select count(*) from store.leaf where leaf_table = 'request'") == 8
    with opened_for_writing(desk.layout, desk.run().writing) as connection:
        assert [rule for rule in run_checks(connection, desk.layout, 0) if rule.broken_count] == []
    assert rebuild(desk.run("rebuild")).is_good
    assert (desk.value(HEAD), desk.query(TOLD), desk.query(STATE)) == (head, told, state)


def test_an_answer_that_is_not_read_counts_no_record_and_waits_for_nothing(desk: Desk) -> None:
    report = fetch(desk, 0, (200, PAGE), (304, b""), (404, b"gone"), (Failure.RESET, PAGE), (500, PAGE), (302, b""))
    assert report.is_good
    (site,) = report.sources
    assert (site.read_count, site.appended_count, site.unchanged_count, site.rejected_count) == (2, 1, 1, 0)
    outcomes = desk.query("select http_status, outcome from captures order by captured_at")
    assert outcomes == [(200, "read"), (304, "read"), (404, None), (None, None), (500, None), (302, None)]
    assert desk.value("select count(*) from rejections") == 0


def test_whole_bytes_that_came_with_a_failure_are_no_look_at_the_document(desk: Desk) -> None:
    fetch(desk, 0, (200, PAGE), (Failure.TRUNCATED, PAGE), (500, PAGE))
    assert desk.query("select last_seen_at from documents") == [(FIRST,)]


def test_a_document_that_is_missing_for_two_days_is_gone_and_a_304_brings_it_back(desk: Desk) -> None:
    fetch(desk, 0, (200, PAGE), (404, b"gone"))
    assert desk.query("select status, last_seen_at from documents") == [("unknown", FIRST)]
    fetch(desk, 30, (410, b""))
    assert desk.query("select status from documents") == [("unknown",)]
    fetch(desk, 50, (404, b"gone"))
    assert desk.query("select status, version_count, text <> '' from documents") == [("gone", 1, True)]
    run = "select cause, len(evidence) from changes_of_run((select run_key from runs order by started_at desc limit 1))"
    assert desk.query(run) == [("removed", 3)]
    fetch(desk, 60, (200, PAGE), (304, b""))
    assert desk.query("select status, version_count from documents") == [("present", 2)]
    assert desk.query(run) == [("restored", None)]


def test_a_look_after_a_challenge_closes_its_rejection_whether_it_gives_bytes_or_confirms_them(desk: Desk) -> None:
    fetch(desk, 0, (200, CHALLENGE))
    assert desk.query("select is_open, reason from rejections") == [(True, "challenge_page")]
    fetch(desk, 1, (500, b""), (Failure.TIMEOUT, CHALLENGE))
    assert desk.query("select is_open from rejections") == [(True,)]
    fetch(desk, 2, (200, PAGE))
    assert desk.query("select is_open from rejections") == [(False,)]


def test_what_leads_to_documents_is_not_read_as_one_when_rejections_are_tried_again(desk: Desk) -> None:
    fetch(desk, 0, (200, CHALLENGE), purpose=Purpose.LISTING)
    fetch(desk, 1, (200, CHALLENGE + b" "), purpose=Purpose.PAGE)
    assert desk.value("select count(*) from rejections where is_open") == 2
    again = retry(desk.run("retry"), Mended())
    assert (again.tried_count, again.left_count) == (0, 1)


def test_what_is_read_again_is_the_answer_that_gave_the_bytes_not_one_that_confirms_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the type that its server told the encoding is known; an answer 304 tells none."""
    fetch(desk, 0, (200, PAGE), charset="windows-1251")
    fetch(desk, 1, (304, b""))
    held = desk.query("select document_key, text, version_count from documents")
    real = mid_page_html.FORMAT
    for more in (1, 2):
        monkeypatch.setattr(mid_page_html, "FORMAT", replace(real, extractor_version=real.extractor_version + more))
        formats.cache_clear()
        done = reread(desk.run("reread"), Wanted()).report
        assert done is not None
        assert done.is_good
    monkeypatch.undo()
    formats.cache_clear()
    assert desk.query("select document_key, text, version_count from documents") == held
    ways = "select count(*), count(distinct split_part(extraction_key, ':', 1)) from store.extraction"
    assert desk.query(ways) == [(3, 1)]


def test_answers_are_written_as_warc_with_their_headers_and_read_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MFA_ARCHIVE_HOME", str(desk.home))
    fetch(desk, 0, (200, PAGE), (304, b""), (404, b"gone"), (Failure.TRUNCATED, PAGE))
    out = tmp_path / "out.warc.gz"
    assert CliRunner().invoke(ROOT, ["warc", str(out)]).exit_code == 0
    found = []
    with out.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            body = record.content_stream().read()
            if record.http_headers is not None:
                found.append((record.rec_type, record.http_headers.get_statuscode(), body))
                assert record.http_headers.get_header("etag") == '"a"'
                assert record.http_headers.get_header("content-encoding") is None
    assert found == [("response", "200", PAGE), ("revisit", "304", b""), ("response", "404", b"gone")]
    text = gzip.decompress(out.read_bytes()).decode()
    assert text.count("http_headers: as received, without content-encoding") == 3
    assert f"content-length: {len(PAGE)}\r\n\r\n" in text
    other = Desk(tmp_path / "other")
    other.hand_in(out, "again")
    asked = "select document_key, text, last_seen_at from documents"
    assert other.query(asked) == [(KEY, desk.value("select text from documents"), FIRST)]


def test_status_tells_of_each_host_how_often_it_was_asked_and_what_came_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MFA_ARCHIVE_HOME", str(desk.home))
    fetch(desk, 0, (200, PAGE), (304, b""), (404, b""), (301, b""), (503, b""), (Failure.TIMEOUT, b""))
    assert json.loads(CliRunner().invoke(ROOT, ["status", "--json"]).stdout)[0]["hosts"][0]["last_stop"] is None
    fetch(desk, 24, (200, CHALLENGE))
    fetch(desk, 48, (403, b""))
    (told,) = json.loads(CliRunner().invoke(ROOT, ["status", "--json"]).stdout)
    assert told["hosts"] == [
        {
            "host": "mid.ru",
            "asked_count": 8,
            "fetched_count": 1,
            "unchanged_count": 1,
            "moved_count": 1,
            "missing_count": 1,
            "not_a_document_count": 0,
            "challenged_count": 1,
            "refused_count": 1,
            "failed_count": 2,
            "first_asked_at": "2026-02-01T12:00:00Z",
            "last_asked_at": "2026-02-03T12:00:00Z",
            "last_stop": "refused",
            "last_stopped_at": "2026-02-03T12:00:00Z",
            "forbidden_count": 0,
        }
    ]
    lines = CliRunner().invoke(ROOT, ["status"]).stdout.splitlines()
    (line,) = (line for line in lines if line.startswith("mid.ru "))
    counts = ["mid.ru", "8", "1", "1", "1", "1", "0", "1", "1", "2"]
    assert line.split() == [*counts, "0", "2026-02-03", "12:00:00Z", "refused", "on", "2026-02-03"]


def test_status_shows_no_hosts_where_nothing_was_asked(seeded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MFA_ARCHIVE_HOME", str(seeded.home))
    assert json.loads(CliRunner().invoke(ROOT, ["status", "--json"]).stdout)[0]["hosts"] == []
    assert "last asked" not in CliRunner().invoke(ROOT, ["status"]).stdout
