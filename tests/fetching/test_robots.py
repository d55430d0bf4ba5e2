"""Rules of `flows.fetching.robots`: what may be asked, and when nothing may."""

from datetime import UTC, datetime

import pytest

from flows.fetching.robots import MOST_BYTES, rules_of
from flows.fetching.values import Answer, Failure

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BITRIX = b"""# comment
User-agent: *
Disallow: /*?PAGEN
Disallow: /*/search/
Disallow: /bitrix/
Disallow: /*.pdf$
Allow: /bitrix/images/
Allow: /*/search/about$
Disallow: /maps/$
Disallow: /*&print=Y
Disallow: /\xd1\x84\xd0\xbe\xd1\x82\xd0\xbe/
Crawl-delay: 2.5
Sitemap: https://mid.ru/sitemap.xml
"""


def answer(body: bytes, status: int | None = 200, failure: Failure | None = None, detail: str | None = None) -> Answer:
    return Answer(NOON, NOON, status, (), body, failure, detail)


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("", True),
        ("/", True),
        ("/ru/foreign_policy/news/2071436/", True),
        ("/ru/foreign_policy/news/?PAGEN_1=2", False),
        ("/ru/foreign_policy/news/?activeFrom=22.09.2011", True),
        ("/ru/foreign_policy/news/?a=b&PAGEN_1=2", True),
        ("/ru/search/", False),
        ("/ru/search/about", True),
        ("/ru/search/about/us", False),
        ("/search/", True),
        ("/bitrix/a", False),
        ("/bitrix/images/a", True),
        ("/file.pdf", False),
        ("/file.pdf?download", True),
        ("/maps/", False),
        ("/maps/gb/", True),
        ("/ru/1/?a=b&print=Y", False),
        ("/фото/1", False),
        ("/%D1%84%D0%BE%D1%82%D0%BE/1", False),
        ("/robots.txt", True),
    ],
)
@pytest.mark.parametrize("spelling", ["as it is", "byte order mark", "CRLF"])
def test_wildcards_ends_and_the_longest_rule_count(path: str, is_allowed: bool, spelling: str) -> None:
    text = {"byte order mark": b"\xef\xbb\xbf" + BITRIX[10:], "CRLF": BITRIX.replace(b"\n", b"\r\n")}
    rules = rules_of(answer(text.get(spelling, BITRIX)))
    assert rules.stop is None
    assert rules.allows(f"https://mid.ru{path}") is is_allowed
    assert rules.crawl_delay_s == 2.5


@pytest.mark.parametrize(
    ("text", "is_allowed", "delay_s"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: mfa-archive\nDisallow: /en/\nCrawl-delay: 30\n", True, 30),
        ("User-agent: MFA-Archive\nUser-agent: other\nDisallow: /ru/\n", False, None),
        ("User-agent: other\nDisallow: /\n", True, None),
        ("User-agent: archive\nDisallow: /\n", True, None),  # no name of ours, though our address may contain it
        ("User-agent: *\nDisallow:\n", True, None),
        ("User-agent: *\nDisallow: /\n", False, None),
        ("User-agent: *\nCrawl-delay: soon\n", True, None),
        ("Disallow: /\n", True, None),  # of nobody
        ("# nothing is forbidden\n", True, None),
        ("", True, None),
    ],
)
def test_the_group_that_names_us_counts_and_else_the_one_for_all(
    text: str, is_allowed: bool, delay_s: float | None
) -> None:
    rules = rules_of(answer(text.encode()))
    assert rules.stop is None
    assert rules.allows("https://mid.ru/ru/1/") is is_allowed
    assert rules.crawl_delay_s == delay_s


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_missing_sets_no_rules(status: int) -> None:
    rules = rules_of(answer(b"<html>User-agent: *\nDisallow: /</html>", status))
    assert (rules.stop, rules.crawl_delay_s) == (None, None)
    assert rules.allows("https://mid.ru/ru/1/")


@pytest.mark.parametrize(
    ("given", "stop"),
    [
        (answer(b"", 401), "was answered with status 401, neither 200 nor 404"),
        (answer(b"", 403), "was answered with status 403, neither 200 nor 404"),
        (answer(b"", 429), "was answered with status 429, neither 200 nor 404"),
        (answer(b"", 500), "was answered with status 500, neither 200 nor 404"),
        (answer(b"", 503), "was answered with status 503, neither 200 nor 404"),
        (answer(BITRIX, 302), "was answered with status 302, neither 200 nor 404"),
        (answer(BITRIX, 206), "was answered with status 206, neither 200 nor 404"),
        (answer(BITRIX, 200, Failure.TRUNCATED, "40 bytes came"), "could not be had (40 bytes came)"),
        (answer(b"", None, Failure.TIMEOUT), "could not be had (timeout)"),
        (answer(b"<!DOCTYPE html><title>mid.ru</title>"), "is a page in markup"),
        (answer(b"\xef\xbb\xbf\r\n <html>User-agent: *\nDisallow:\n"), "is a page in markup"),
        (answer(b"<script>window['bobcmn'] = 1;</script>"), "is the page of a shield ('bobcmn' stands in it)"),
        (answer(b"User-agent: *\nDisallow:\n\0"), "is a NUL character"),
        (answer(b'{"error": "too many requests"}'), "has no line that is a rule"),
        (answer("User-agent: *\nDisallow: /\n".encode("utf-16")), "has no line that is a rule"),
    ],
)
def test_what_is_no_robots_txt_stops_everything(given: Answer, stop: str) -> None:
    rules = rules_of(given)
    assert rules.stop == stop
    assert not rules.allows("https://mid.ru/ru/1/")
    assert not rules.allows("https://mid.ru/robots.txt")


def test_of_a_huge_file_whole_lines_are_read_up_to_the_limit() -> None:
    head = b"User-agent: *\nDisallow: /en/\n"
    filler = b"#" * (MOST_BYTES - len(head) - len(b"\nDisallow: /r"))
    rules = rules_of(answer(head + filler + b"\nDisallow: /ru/secret/\nDisallow: /de/\n"))
    assert not rules.allows("https://mid.ru/en/1/")
    assert rules.allows("https://mid.ru/ru/1/")
    assert rules.allows("https://mid.ru/de/1/")


def test_bytes_that_are_no_text_spoil_only_their_own_line() -> None:
    rules = rules_of(answer(b"User-agent: *\nDisallow: /\xff\xfe/\nDisallow: /en/\n"))
    assert not rules.allows("https://mid.ru/en/")
    assert rules.allows("https://mid.ru/ru/")
