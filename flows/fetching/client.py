"""One request to one host, and whatever comes of it.

Knows nothing of pauses, robots.txt and the archive. Redirects are answers, cookies are let go, no proxy is used.
"""

import re
import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

import httpcore
import httpx
from h2.events import Event
from h2.exceptions import H2Error, InvalidBodyLengthError

from flows.content_coding import KNOWN, Trouble, decoded
from flows.fetching.settings import FetchSettings
from flows.fetching.values import Answer, Ask, Failure
from flows.fetching.wire import NotConnected, Patience, RefusedAddress, Wire

_Problem = tuple[Failure, str]

_KEPT_ALIVE_S = 60.0  # longer than a pause
_MOST_DETAIL_CHARS = 300
# What a server may call its bytes. One that calls them "*", or by what no header can hold, is asked without that name:
# a request that bears "*" is answered with 304 whatever has changed.
_ETAG = re.compile(r'(?:W/)?"[!#-~]*"')


# The first that an error is of counts. Those of HTTP itself are left.
_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Failure, str], ...] = (
    (RefusedAddress, Failure.REFUSED_ADDRESS, "{error}"),
    (socket.gaierror, Failure.UNRESOLVED, "the host has no address ({error})"),
    (NotConnected, Failure.NOT_CONNECTED, "{error}"),
    (TimeoutError, Failure.TIMEOUT, "nothing came for too long; given up {came}"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), Failure.RESET, "the connection broke {came}"),
    (ssl.SSLError, Failure.TLS, "{error}"),
    (InvalidBodyLengthError, Failure.TRUNCATED, "{error}"),
    ((OSError, httpx.NetworkError), Failure.RESET, "the connection broke {came} ({error})"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one answer may take."""

    connect_s: float = 20.0  # for a connection, and again for its TLS
    read_s: float = 45.0  # without a byte
    whole_s: float = 240.0  # for the answer
    most_bytes: int = 32_000_000  # of the body as it is sent
    most_decoded_bytes: int = 100_000_000  # of what it unpacks to


LIMITS = Limits()


class _Stopped(Exception):
    """An answer that is not taken any further."""

    def __init__(self, failure: Failure, detail: str) -> None:
        """Keep the parts apart."""
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


@dataclass(slots=True)
class _Coming:
    """What has come of an answer so far."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def header(self, name: str) -> str:
        """Return a header with all its lines."""
        return ", ".join(value for key, value in self.headers if key == name)


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a host was first spoken to."""

    protocol: str  # HTTP/1.1 or HTTP/2
    issuer: str | None  # who vouches for its certificate, which was verified; None without TLS


class _Transport(httpx.HTTPTransport):
    """That of httpx over connections of ours, for which it has no parameter."""

    def __init__(self, context: ssl.SSLContext, wire: Wire) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, http2=True, keepalive_expiry=_KEPT_ALIVE_S, network_backend=wire
        )

    @property
    def holds_more(self) -> bool:
        """True where more came than an answer says: read on, it would be the answer to the next question."""
        spoken = (getattr(one, "_connection", None) for one in self._pool.connections)
        states = (getattr(one, "_h11_state", None) for one in spoken)
        return any(state is not None and state.trailing_data[0] for state in states)


class Client:
    """Asks hosts, one request after another, over one connection each. One thread uses it.

    `hosts` are those that may be asked: a name means https, `http://` before it that plain HTTP is allowed too.
    """

    def __init__(
        self, settings: FetchSettings, hosts: Collection[str], now: Callable[[], datetime], limits: Limits = LIMITS
    ) -> None:
        """Connect to nothing yet. Raises `SettingRefused` where the operator set no contact."""
        self.spoken: dict[str, Spoken] = {}
        self._hosts = frozenset(hosts)
        self._now = now
        self._limits = limits
        self._patience = Patience()
        self._parsed: tuple[str, httpx.URL] | None = None  # the last address
        self._headers = (
            ("user-agent", settings.user_agent),
            ("accept", "*/*"),
            ("accept-encoding", ", ".join(KNOWN)),
        )
        self._timeout = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s}
        self._wire = Wire(self._patience, settings.connect_to)
        self._context = httpx.create_ssl_context(trust_env=False)
        if settings.ca_file is not None:
            self._context.load_verify_locations(settings.ca_file)
        self._transport = _Transport(self._context, self._wire)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close its connections."""
        self._transport.close()

    def may_ask(self, address: str) -> bool:
        """Say whether an address is one that the sources name."""
        try:
            self._url(address)
        except _Stopped:
            return False
        return True

    def get(self, ask: Ask) -> Answer:
        """Return what comes of one request. Nothing that the network or the server does is raised."""
        asked_at = self._now()
        coming = _Coming()
        problem = None
        try:
            self._receive(self._url(ask.address), ask, coming)
        except _Stopped as stopped:
            problem = (stopped.failure, stopped.detail)
        except (OSError, httpx.TransportError, H2Error) as error:
            problem = self._named(error, coming)
        is_broken = problem is not None and problem[0] is not Failure.REFUSED_ADDRESS
        if is_broken or self._transport.holds_more:
            self._let_go()
        body, problem = self._body(coming, problem)
        failure, detail = problem or (None, None)
        headers = tuple((name, value) for name, value in coming.headers if name != "set-cookie")
        return Answer(asked_at, self._now(), coming.status, headers, body, failure, detail)

    def _url(self, address: str) -> httpx.URL:
        if self._parsed is not None and self._parsed[0] == address:  # `may_ask` is asked before
            return self._parsed[1]
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise _Stopped(Failure.REFUSED_ADDRESS, f"no address that can be asked ({error})") from error
        name = url.host if url.scheme == "https" else f"{url.scheme}://{url.host}"
        if name not in self._hosts or url.port is not None or url.userinfo:
            place = f"{url.scheme}://{url.netloc.decode()}" + (" with a login" if url.userinfo else "")
            raise _Stopped(Failure.REFUSED_ADDRESS, f"{place} is no place that the sources name")
        self._parsed = address, url.copy_with(fragment=None) if url.fragment else url
        return self._parsed[1]

    def _receive(self, url: httpx.URL, ask: Ask, coming: _Coming) -> None:
        """Take in an answer as far as it goes."""
        headers = [*self._headers, *_conditions(ask)]
        self._patience.begin(self._limits.whole_s)
        request = httpx.Request("GET", url, headers=headers, extensions={"timeout": self._timeout})
        with closing(self._transport.handle_request(request)) as response:
            coming.headers = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
            )
            coming.status = response.status_code
            if url.host not in self.spoken:
                self.spoken[url.host] = _spoken(response)
            for part in response.iter_raw():
                self._take(part, coming)

    def _take(self, part: bytes, coming: _Coming) -> None:
        coming.parts.append(part[: self._limits.most_bytes - coming.size])
        coming.size += len(part)
        if coming.size > self._limits.most_bytes:
            raise _Stopped(Failure.TOO_LARGE, f"a body of more than {self._limits.most_bytes:,} bytes")

    def _body(self, coming: _Coming, problem: _Problem | None) -> tuple[bytes, _Problem | None]:
        """Return the body without its codings; as it came, where they can't be taken off."""
        raw = b"".join(coming.parts)
        if not raw:
            return raw, problem
        outcome = decoded(raw, coming.header("content-encoding"), self._limits.most_decoded_bytes)
        match outcome.trouble:
            case None:
                return outcome.body, problem
            case Trouble.TOO_LARGE:
                return outcome.body, problem or (Failure.TOO_LARGE, outcome.found)
            case Trouble.BROKEN_OFF if problem is not None:
                return outcome.body, problem
        return raw, problem or (Failure.UNDECODABLE, f"a body in {outcome.found}")

    def _named(self, error: Exception, coming: _Coming) -> _Problem:
        """Return which failure an error is."""
        came = f"after {coming.size:,} bytes of the body" if coming.status is not None else "before an answer"
        if isinstance(error, TimeoutError) and self._patience.has_come and self._patience.is_over:
            return Failure.TOO_SLOW, f"not whole within {self._limits.whole_s:g} s; given up {came}"
        for kinds, failure, detail in _FAILURES:
            if isinstance(error, kinds):
                return failure, detail.format(came=came, error=_line(error))
        return self._broken_rule(error, coming, came)

    def _broken_rule(self, error: Exception, coming: _Coming, came: str) -> _Problem:
        """Return which failure it is that HTTP's rules were broken: often because the other side was gone too early.

        Raises the error where it is ours.
        """
        told = error.__cause__.args[0] if error.__cause__ is not None and error.__cause__.args else None
        if isinstance(error, httpx.LocalProtocolError) and not isinstance(told, H2Error):
            raise error
        if isinstance(told, Event):  # of HTTP/2: it took the question or the connection back
            return Failure.RESET, f"the connection was taken back {came} ({type(told).__name__})"
        if not self._patience.has_ended:
            return Failure.BAD_ANSWER, _line(error)
        if coming.status is None:
            return Failure.RESET, f"the connection was closed {came}"
        return Failure.TRUNCATED, f"the connection was closed {came} ({_line(error)})"

    def _let_go(self) -> None:
        """Use no connection again: bytes of the answer that was given up may still stand in it."""
        self._transport.close()
        self._transport = _Transport(self._context, self._wire)


def _conditions(ask: Ask) -> Iterator[tuple[str, str]]:
    """Yield the headers that make a request conditional, of what a server said that can be said back to it."""
    if ask.etag is not None and _ETAG.fullmatch(ask.etag):
        yield "if-none-match", ask.etag
    if ask.last_modified is not None and ask.last_modified.isascii():
        yield "if-modified-since", ask.last_modified


def _spoken(response: httpx.Response) -> Spoken:
    tls = response.extensions["network_stream"].get_extra_info("ssl_object")
    names = {} if tls is None else dict(pair for part in tls.getpeercert()["issuer"] for pair in part)
    issuer = names.get("commonName") or names.get("organizationName")
    return Spoken(response.extensions["http_version"].decode("ascii"), issuer)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:_MOST_DETAIL_CHARS]
