"""Rules of `flows.fetching.settings` and `flows.fetching.waits`: what the operator and a server ask for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.errors import SettingRefused
from flows.fetching.settings import domain_of, fetch_settings_from
from flows.fetching.values import Answer
from flows.fetching.waits import LONGEST, not_before
from flows.settings import settings_from
from tests.standin.certificates import authority

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "pause_s", "budget"),
    [
        ("mid.ru", 10, 3_000),
        ("www.mid.ru", 10, 3_000),
        ("archive.mid.ru", 10, 3_000),
        ("t.me", 1, 10_000),
        ("web.archive.org", 5, 2_000),
        ("notmid.ru", 10, 1_000),
        ("archive.org", 10, 1_000),
    ],
)
def test_a_host_has_the_pause_and_the_budget_of_its_domain(host: str, pause_s: float, budget: int) -> None:
    settings = fetch_settings_from({})
    assert (settings.pause_s(host), settings.budget(host)) == (pause_s, budget)


def test_what_is_set_changes_the_defaults_of_the_hosts_that_it_names() -> None:
    settings = fetch_settings_from(
        {"MFA_ARCHIVE_PAUSES": " MID.ru = 2.5, archive.mid.ru=0 ,", "MFA_ARCHIVE_BUDGETS": "t.me=5"}
    )
    hosts = ("mid.ru", "www.mid.ru", "archive.mid.ru", "old.archive.mid.ru", "t.me")
    assert [settings.pause_s(host) for host in hosts] == [2.5, 2.5, 0, 0, 1]
    assert [settings.budget(host) for host in (*hosts, "other.ru")] == [3_000, 3_000, 3_000, 3_000, 5, 1_000]
    assert domain_of("www.mid.ru", settings.budgets) == "mid.ru"
    assert domain_of("elsewhere.example", settings.budgets) == "elsewhere.example"


def test_the_user_agent_names_the_program_and_whom_to_write_to() -> None:
    for contact in ("archive@example.org", "https://example.org/about?who=us"):
        agent = fetch_settings_from({"MFA_ARCHIVE_CONTACT": f" {contact} "}).user_agent
        assert agent.startswith("mfa-archive/0.")
        assert agent.endswith(f" (+{contact})")


def test_all_else_works_without_a_contact_and_fetching_says_what_to_set() -> None:
    settings = settings_from({}).fetching
    assert (settings.contact, settings.vantage, settings.ca_file, settings.connect_to) == (None, None, None, {})
    with pytest.raises(SettingRefused) as refusal:
        settings.require_contact()
    assert str(refusal.value) == (
        "MFA_ARCHIVE_CONTACT: not set; expected an address at which a server's operator reaches you, which is sent "
        "with every request; for example archive@example.org or https://example.org/archive"
    )


def test_where_to_connect_is_read_as_curl_reads_it() -> None:
    text = "mid.ru:443=127.0.0.1:8443, T.me:80=[::1]:8080,"
    assert fetch_settings_from({"MFA_ARCHIVE_CONNECT_TO": text}).connect_to == {
        ("mid.ru", 443): ("127.0.0.1", 8443),
        ("t.me", 80): ("::1", 8080),
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CONTACT", "me", "found 'me'; expected an e-mail address or an https address; for example archive@example"),
        ("CONTACT", "a@b.org\r\nx: y", "expected an e-mail address"),
        ("CONTACT", "почта@пример.рф", "expected an e-mail address"),
        ("CONTACT", "http://example.org/", "expected an e-mail address or an https address"),
        ("CONTACT", "https://example.org/(a)", "expected an e-mail address or an https address"),
        ("VANTAGE", "two\nlines", "expected a name on one line, at most 80 characters"),
        ("VANTAGE", "v" * 81, "expected a name on one line, at most 80 characters"),
        (
            "PAUSES",
            "mid.ru",
            "expected host=number for each, the number 0 or more, a pause a day at most; for example mid.ru=10,",
        ),
        ("PAUSES", "t.me=1,mid.ru=-1", "found 'mid.ru=-1'"),
        ("PAUSES", "mid.ru=nan", "found 'mid.ru=nan'"),
        ("PAUSES", "mid.ru=inf", "found 'mid.ru=inf'"),
        ("PAUSES", "mid.ru=10s", "found 'mid.ru=10s'"),
        ("PAUSES", "https://mid.ru=10", "found 'https://mid.ru=10'"),
        ("BUDGETS", "mid.ru=1.5", "found 'mid.ru=1.5'; expected host=number"),
        ("BUDGETS", "=3", "found '=3'"),
        ("CA_FILE", "/nowhere/ca.pem", "found '/nowhere/ca.pem (No such file or directory)'; expected a file of"),
        ("CONNECT_TO", "mid.ru=127.0.0.1", "found 'mid.ru=127.0.0.1'; expected host:port=host:port for each"),
        ("CONNECT_TO", "mid.ru:443=127.0.0.1:99999", "expected host:port=host:port"),
        ("CONNECT_TO", "mid.ru:443", "expected host:port=host:port"),
    ],
)
def test_a_setting_that_cant_be_understood_is_told_on_one_line(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingRefused) as refusal:
        settings_from({f"MFA_ARCHIVE_{name}": value})
    text = str(refusal.value)
    assert text.startswith(f"MFA_ARCHIVE_{name}: found ")
    assert message in text
    assert "for example" in text
    assert "\n" not in text


def test_a_file_of_authorities_must_hold_certificates(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    with pytest.raises(SettingRefused, match=r"ca\.pem \(no certificate in PEM\)'; expected a file of certificates"):
        fetch_settings_from({"MFA_ARCHIVE_CA_FILE": str(path)})
    authority().cert_pem.write_to_path(path)
    assert fetch_settings_from({"MFA_ARCHIVE_CA_FILE": str(path)}).ca_file == path


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("0", None),
        ("00000000000000000000", None),
        ("000000000000120", timedelta(minutes=2)),
        ("99999999999999999999", LONGEST),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Thu, 01 Jan 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Thursday, 01-Jan-26 13:00:00 GMT", timedelta(hours=1)),
        ("Thu Jan  1 13:00:00 2026", timedelta(hours=1)),
        ("Thu, 01 Jan 2026 16:00:00 +0300", timedelta(hours=1)),
        ("Thu, 01 Jan 2026 11:00:00 GMT", None),
        ("Fri, 01 Jan 2099 11:00:00 GMT", LONGEST),
        ("Thu, 99 Jan 2026 11:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", LONGEST),
    ],
)
def test_a_wait_is_read_from_seconds_or_a_date_and_is_a_week_at_most(text: str | None, wait: timedelta | None) -> None:
    headers = () if text is None else (("retry-after", text),)
    expected = None if wait is None else NOON + wait
    assert not_before(Answer(NOON, NOON, 429, headers, b""), NOON) == expected
