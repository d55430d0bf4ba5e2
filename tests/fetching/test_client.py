"""Rules of `flows.fetching.client`: what one request may do, and what is known of it however it ends."""

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import brotli
import httpx
import pytest
import zstandard

from flows.errors import SettingRefused
from flows.fetching.client import Client, Limits
from flows.fetching.settings import fetch_settings_from
from flows.fetching.values import Answer, Ask, Failure, Purpose
from tests.standin.certificates import Certificate
from tests.standin.http import Request, Response
from tests.standin.http2 import Http2Standin
from tests.standin.server import Standin

CONTACT = {"MFA_ARCHIVE_CONTACT": "archive@example.org"}
SHORT = Limits(connect_s=2, read_s=0.4, whole_s=0.8, most_bytes=1_000_000, most_decoded_bytes=3_000_000)
PAGE = "<p>Страница</p>".encode() * 100
HOSTS = ("mid.ru", "www.mid.ru", "t.me", "http://mid.ru")


def client_of(server: Standin | Http2Standin, limits: Limits = SHORT, **more: str) -> Client:
    env = {"MFA_ARCHIVE_CA_FILE": str(server.ca_file), "MFA_ARCHIVE_CONNECT_TO": server.connect_to}
    return Client(fetch_settings_from({**CONTACT, **env, **more}), HOSTS, now, limits)


def now() -> datetime:
    return datetime.now(UTC)


def asking(address: str, **facts: Any) -> Ask:
    return Ask(address, Purpose.PAGE, "mid", **facts)


def always(**facts: Any) -> Callable[[Request], Response]:
    return lambda _: Response(**facts)


def got(response: Response, limits: Limits = SHORT) -> Answer:
    with Standin(lambda _: response) as server, client_of(server, limits) as client:
        return client.get(asking("https://mid.ru/ru/"))


def refused(address: str, *hosts: str, **env: str) -> Answer:
    with Client(fetch_settings_from({**CONTACT, **env}), hosts, now, SHORT) as client:
        return client.get(asking(address))


def test_an_answer_has_its_status_its_headers_in_lower_case_and_its_body() -> None:
    answer = got(Response(404, PAGE, {"Content-Type": "text/html", "X-Name": "MiD"}))
    assert (answer.status, answer.body, answer.failure, answer.detail) == (404, PAGE, None, None)
    assert answer.header("content-type") == "text/html"
    assert answer.header("x-name") == "MiD"
    assert answer.asked_at <= answer.answered_at
    assert answer.asked_at.tzinfo is UTC


def test_a_request_says_who_asks_and_little_else() -> None:
    with Standin(always(body=PAGE)) as server, client_of(server) as client:
        client.get(asking("https://mid.ru/ru/?PAGEN_1=2#end"))
        client.get(asking("http://mid.ru/ru/"))
    assert [request.target for request in server.requests] == ["/ru/?PAGEN_1=2", "/ru/"]
    sent = server.requests[0].headers
    assert sent.pop("user-agent").startswith("mfa-archive/")
    assert sent == {"host": "mid.ru", "accept": "*/*", "accept-encoding": "gzip, br, zstd, deflate"}


def test_nothing_is_asked_without_a_contact() -> None:
    with pytest.raises(SettingRefused, match=r"MFA_ARCHIVE_CONTACT: not set.*for example"):
        Client(fetch_settings_from({}), HOSTS, now)


def test_a_condition_that_holds_is_answered_without_a_body() -> None:
    def held(request: Request) -> Response:
        is_held = request.headers.get("if-none-match") == '"7"' and request.headers["if-modified-since"] == "yesterday"
        # Some servers name the coding and the length of the body that they leave out.
        return Response(304, b"", {"ETag": '"7"', "Content-Encoding": "br"}) if is_held else Response(200, PAGE)

    with Standin(held) as server, client_of(server) as client:
        answer = client.get(asking("https://mid.ru/ru/", etag='"7"', last_modified="yesterday"))
        assert (answer.status, answer.body, answer.failure) == (304, b"", None)
        assert client.get(asking("https://mid.ru/ru/")).status == 200


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    for location in ("http://127.0.0.1:1/", "https://elsewhere.example/", "/ru/", "https://[:bad"):
        with Standin(always(status=302, headers={"Location": location})) as server, client_of(server) as client:
            answer = client.get(asking("https://mid.ru/ru/1/"))
        assert (answer.status, answer.header("location"), answer.failure) == (302, location, None)
        assert len(server.requests) == 1


def test_cookies_are_let_go() -> None:
    with Standin(always(body=PAGE, headers={"Set-Cookie": "TSPD_101=1"})) as server, client_of(server) as client:
        answers = [client.get(asking("https://mid.ru/")) for _ in range(2)]
    assert all(answer.header("set-cookie") is None for answer in answers)
    assert "cookie" not in server.requests[1].headers


def test_a_host_is_asked_over_one_connection() -> None:
    with Standin(always(body=PAGE)) as server, client_of(server) as client:
        for _ in range(5):
            client.get(asking("https://mid.ru/"))
        assert server.connection_count == 1
        client.get(asking("https://www.mid.ru/"))  # the same place, another name that its certificate has to prove
        assert server.connection_count == 2


def test_no_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert got(Response(200, PAGE)).body == PAGE


CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", CODED)
def test_a_coded_body_comes_without_its_coding(coding: str) -> None:
    answer = got(Response(200, CODED[coding](PAGE), {"Content-Encoding": coding}))
    assert (answer.body, answer.failure) == (PAGE, None)
    assert answer.header("content-encoding") == coding


def test_codings_are_taken_off_in_their_order_and_a_plain_body_with_a_wrong_header_is_left() -> None:
    twice = Response(200, CODED["br"](CODED["gzip"](PAGE)), {"Content-Encoding": "gzip, br"})
    assert got(twice).body == PAGE
    assert got(Response(200, PAGE, {"Content-Encoding": "gzip"})).body == PAGE


@pytest.mark.parametrize("coding", CODED)
def test_a_bomb_is_measured_while_it_unpacks(coding: str) -> None:
    answer = got(Response(200, CODED[coding](bytes(50_000_000)), {"Content-Encoding": coding}))
    assert (answer.status, answer.failure) == (200, Failure.TOO_LARGE)
    assert answer.body == bytes(3_000_000)
    assert answer.detail == "a body that unpacks to more than 3,000,000 bytes"


@pytest.mark.parametrize(
    ("body", "coding", "detail"),
    [
        (gzip.compress(PAGE, mtime=0)[:-9], "gzip", "the coding gzip (it breaks off)"),
        (b"\x1f\x8b\x08\x00" + b"no gzip" * 9, "gzip", "the coding gzip (Error -3"),
        (b"no brotli at all", "br", "the coding br ("),
        (PAGE, "exi", "the coding 'exi', which is not known here"),
    ],
)
def test_a_body_that_cant_be_decoded_stays_as_it_came(body: bytes, coding: str, detail: str) -> None:
    answer = got(Response(200, body, {"Content-Encoding": coding}))
    assert (answer.status, answer.failure, answer.body) == (200, Failure.UNDECODABLE, body)
    assert detail in (answer.detail or "")


@pytest.mark.parametrize(
    ("fault", "status", "failure", "body"),
    [
        ("reset", None, Failure.RESET, b""),
        ("reset_in_body", 200, Failure.RESET, PAGE[: len(PAGE) // 2]),
        ("short_body", 200, Failure.TRUNCATED, PAGE),
        ("silence", None, Failure.TIMEOUT, b""),
        ("garbage", None, Failure.BAD_ANSWER, b""),
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_an_answer_that_fails_keeps_what_came_of_it(
    scheme: str, fault: str, status: int | None, failure: Failure, body: bytes
) -> None:
    def spoiled(request: Request) -> Response:
        return Response(200, PAGE, fault=fault if request.target == "/spoiled" else None)

    with Standin(spoiled) as server, client_of(server) as client:
        client.get(asking(f"{scheme}://mid.ru/"))
        answer = client.get(asking(f"{scheme}://mid.ru/spoiled"))
        assert (answer.status, answer.failure, answer.body) == (status, failure, body)
        assert answer.detail
        assert "\n" not in answer.detail
        assert client.get(asking(f"{scheme}://mid.ru/")).body == PAGE  # the next request is none the worse
    assert len(server.requests) == 3  # none was made twice


@pytest.mark.parametrize("fault", ["drip", "drip_in_head"])
def test_an_answer_that_drips_ends_at_the_time_for_one_answer(fault: str) -> None:
    answer = got(Response(200, PAGE, fault=fault))
    assert answer.failure is Failure.TOO_SLOW
    assert PAGE.startswith(answer.body)
    assert (answer.answered_at - answer.asked_at).total_seconds() < 2 * SHORT.whole_s


def test_a_body_without_end_is_cut_at_the_limit() -> None:
    answer = got(Response(200, b"", fault="endless"))
    assert (answer.status, answer.failure, len(answer.body)) == (200, Failure.TOO_LARGE, SHORT.most_bytes)


def test_what_came_of_a_coded_body_that_broke_off_is_decoded() -> None:
    coded = gzip.compress(PAGE, mtime=0)
    answer = got(Response(200, coded[: len(coded) - 9], {"Content-Encoding": "gzip"}, fault="short_body"))
    assert answer.failure is Failure.TRUNCATED
    assert PAGE.startswith(answer.body)
    assert answer.body


@pytest.mark.parametrize(
    ("certificate", "detail"),
    [
        (Certificate.UNTRUSTED, "unable to get local issuer certificate"),
        (Certificate.EXPIRED, "certificate has expired"),
        (Certificate.OTHER_NAME, "certificate is not valid for 'mid.ru'"),
    ],
)
def test_a_certificate_is_checked_against_the_name_that_was_asked(certificate: Certificate, detail: str) -> None:
    with Standin(always(body=PAGE), certificate) as server, client_of(server) as client:
        answer = client.get(asking("https://mid.ru/"))
    assert (answer.status, answer.failure) == (None, Failure.TLS)
    assert detail in (answer.detail or "")
    assert server.requests == []


def test_an_authority_is_trusted_only_where_the_operator_names_it() -> None:
    with Standin(always(body=PAGE)) as server, client_of(server, MFA_ARCHIVE_CA_FILE="") as client:
        assert client.get(asking("https://mid.ru/")).failure is Failure.TLS


def test_a_port_without_tls_is_no_https() -> None:
    with Standin(always(body=PAGE)) as server:
        place = f"mid.ru:443=127.0.0.1:{server.plain_port}"
        with client_of(server, MFA_ARCHIVE_CONNECT_TO=place) as client:
            answer = client.get(asking("https://mid.ru/"))
    assert answer.failure in (Failure.TLS, Failure.RESET)
    assert server.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "https://archive.mid.ru/",
        "https://mid.ru.elsewhere.example/",
        "https://mid.ru@elsewhere.example/",
        "https://me:secret@mid.ru/",
        "https://mid.ru:8443/",
        "https://mid.ru:80/",
        "http://www.mid.ru/",
        "http://mid.ru:443/",
        "ftp://mid.ru/",
        "file:///etc/passwd",
        "//mid.ru/",
        "/ru/",
        "",
        "https://mid.ru:port/",
        "https://[mid.ru/",
    ],
)
def test_no_other_host_port_or_scheme_is_asked(address: str) -> None:
    with Standin(always(body=PAGE)) as server, client_of(server) as client:
        answer = client.get(asking(address))
    assert (answer.status, answer.failure) == (None, Failure.REFUSED_ADDRESS)
    assert "secret" not in (answer.detail or "")
    assert server.connection_count == 0


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "0.0.0.0",  # noqa: S104 -- as an address to be refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_host_whose_address_is_not_public_is_not_connected_to(scheme: str, host: str) -> None:
    name = host.strip("[]")
    answer = refused(f"{scheme}://{host}/", name, f"http://{name}")
    assert (answer.status, answer.failure) == (None, Failure.REFUSED_ADDRESS)
    assert "not a public one" in (answer.detail or "")


def test_a_host_without_an_address_is_told_from_one_where_nobody_listens() -> None:
    answer = refused("https://nowhere.invalid/", "nowhere.invalid")
    assert answer.failure is Failure.UNRESOLVED
    answer = refused("https://mid.ru/", "mid.ru", MFA_ARCHIVE_CONNECT_TO="mid.ru:443=127.0.0.1:1")
    assert (answer.failure, answer.detail) == (Failure.NOT_CONNECTED, "127.0.0.1 port 1: Connection refused")


def test_http_2_is_spoken_where_the_server_does() -> None:
    def spoken(request: Request) -> Response:
        match request.target:
            case "/endless":
                return Response(200, PAGE, fault="endless")
            case "/short":
                return Response(200, PAGE, {"Content-Length": str(len(PAGE) + 1)})
        return Response(200, gzip.compress(PAGE, mtime=0), {"Content-Encoding": "gzip", "Set-Cookie": "a=b"})

    limits = Limits(2, 1, 2, 200_000, 300_000)
    with Http2Standin(spoken) as server, client_of(server, limits) as client:
        answer = client.get(asking("https://mid.ru/ru/?a=1"))
        assert (answer.status, answer.body, answer.failure) == (200, PAGE, None)
        assert answer.header("set-cookie") is None
        endless = client.get(asking("https://mid.ru/endless"))
        assert (endless.failure, len(endless.body)) == (Failure.TOO_LARGE, limits.most_bytes)
        short = client.get(asking("https://mid.ru/short"))
        assert (short.status, short.failure, short.body) == (200, Failure.TRUNCATED, PAGE)
        assert client.get(asking("https://mid.ru/")).body == PAGE
        assert set(server.protocols) == {"2"}


def test_a_fault_of_ours_is_no_failure_of_the_server() -> None:
    with Standin(always(body=PAGE)) as server, client_of(server) as client, pytest.raises(httpx.LocalProtocolError):
        client.get(asking("https://mid.ru/", last_modified="two\nlines"))
