"""A server on loopback that stands in for the hosts that are asked, over TLS and over plain HTTP."""

import os
import socket
import ssl
import struct
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, Self

from tests.standin.certificates import HOSTS, Certificate, authority, server_context
from tests.standin.http import Handler, Request, Response

_LONGEST_S = 20.0  # of any answer that has no end of its own
_DRIP_S = 0.05  # between two bytes
_PIECE = b"<p>and so on</p>" * 4_096
_BODILESS = (204, 304)


class Standin:
    """Answers every request as `handler` says, until it is left.

    `requests` holds what was asked, in the order in which it arrived.
    """

    def __init__(self, handler: Handler, certificate: Certificate = Certificate.GOOD) -> None:
        self.requests: list[Request] = []
        self.connection_count = 0  # over TLS and not
        self._handler = handler
        self._lock = threading.Lock()
        self._folder = TemporaryDirectory(prefix="standin-")
        self.ca_file = Path(self._folder.name) / "authority.pem"
        authority().cert_pem.write_to_path(self.ca_file)
        self._servers = (_Server(self, server_context(certificate)), _Server(self, None))
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in self._servers]
        self.port, self.plain_port = (one.server_address[1] for one in self._servers)

    @property
    def connect_to(self) -> str:
        """The text for MFA_ARCHIVE_CONNECT_TO that leads every host here."""
        ports = ((443, self.port), (80, self.plain_port))
        return ",".join(f"{host}:{asked}=127.0.0.1:{here}" for host in HOSTS for asked, here in ports)

    def asked(self, request: Request) -> Response:
        """Note a request and return what is to be answered."""
        with self._lock:
            self.requests.append(request)
        return self._handler(request)

    def connected(self) -> None:
        """Count a connection."""
        with self._lock:
            self.connection_count += 1

    def __enter__(self) -> Self:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End every answer under way."""
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            thread.join()
            server.end()
        self._folder.cleanup()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # they are waited for
    request_queue_size = 64

    def __init__(self, standin: Standin, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.standin = standin
        self.context = context
        self.ended = threading.Event()
        self.open: set[socket.socket] = set()

    def end(self) -> None:
        self.ended.set()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is gone already
                continue
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away or refused the certificate."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _LONGEST_S
    server: _Server

    def setup(self) -> None:
        self.server.standin.connected()
        self.request.settimeout(_LONGEST_S)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.open.add(self.request)
        self._listed = self.request
        if self.server.context is not None:
            self.request = self.server.context.wrap_socket(
                self.request, server_side=True, do_handshake_on_connect=False
            )
            self.server.open.discard(self._listed)
            self._listed = self.request
            self.server.open.add(self.request)
            self.request.do_handshake()
        super().setup()

    def finish(self) -> None:
        super().finish()
        if isinstance(self._listed, ssl.SSLSocket):  # an end that isn't announced is no end but a break
            with suppress(OSError, ValueError):  # the second where it was reset
                self._listed.settimeout(0.2)
                self._listed.unwrap()
        self.server.open.discard(self._listed)
        self._listed.close()

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").rsplit(":", 1)[0].lower()
        response = self.server.standin.asked(Request(host, self.path, headers))
        match response.fault:
            case None:
                self._answer(response)
            case "reset":
                self._reset()
            case "reset_in_body":
                self._begin(response, {"content-length": str(len(response.body) or 1_000)})
                self.wfile.write(response.body[: len(response.body) // 2])
                time.sleep(0.05)  # a reset throws away what the other side has not read yet
                self._reset()
            case "drip":
                self._begin(response, {"content-length": str(len(response.body))})
                self._keep_on([response.body[place : place + 1] for place in range(len(response.body))], _DRIP_S)
            case "drip_in_head":
                self._keep_on([b"HTTP/1.1 200 OK\r\nx-slow: "] + [b"a"] * 10_000, _DRIP_S)
            case "endless":
                self._begin(response, {"transfer-encoding": "chunked"})
                self._keep_on((b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE) for _ in range(100_000)), 0)
            case "short_body":
                self._begin(response, {"content-length": str(len(response.body) * 2 + 1)})
                self.wfile.write(response.body)
            case "silence":
                self.server.ended.wait(_LONGEST_S)
            case "garbage":
                self.wfile.write(b"\x00\x01\x02 what is this \xff\r\n\r\n")
            case unknown:
                raise ValueError(f"no fault of the stand-in: {unknown!r}")
        self.close_connection = self.close_connection or response.fault is not None

    def _answer(self, response: Response) -> None:
        body = b"" if response.status in _BODILESS else response.body
        self._begin(response, {} if response.status in _BODILESS else {"content-length": str(len(body))}, body)

    def _begin(self, response: Response, headers: dict[str, str], body: bytes = b"") -> None:
        told = {name.lower(): value for name, value in response.headers.items()}
        lines = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **told}.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _keep_on(self, pieces: Any, pause_s: float) -> None:
        end = time.monotonic() + _LONGEST_S
        for piece in pieces:
            if self.server.ended.wait(pause_s) or time.monotonic() > end:
                return
            self.wfile.write(piece)

    def _reset(self) -> NoReturn:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.open.discard(self._listed)
        os.close(self.connection.detach())
        raise ConnectionResetError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
