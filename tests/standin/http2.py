"""The stand-in over HTTP/2."""

import asyncio
import logging
import socket
import ssl
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

from tests.standin.certificates import HOSTS, Certificate, authority, server_context
from tests.standin.http import Handler, Request


class Http2Standin:
    """Answers every request as `handler` says, until it is left; of the faults it knows a body that has no end."""

    def __init__(self, handler: Handler) -> None:
        self.protocols: list[str] = []  # of each request
        self._handler = handler
        self._folder = TemporaryDirectory(prefix="standin-")
        self.ca_file = Path(self._folder.name) / "authority.pem"
        authority().cert_pem.write_to_path(self.ca_file)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run)

    @property
    def connect_to(self) -> str:
        """The text for MFA_ARCHIVE_CONNECT_TO that leads every host here."""
        return ",".join(f"{host}:443=127.0.0.1:{self.port}" for host in HOSTS)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End every answer under way."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    def _run(self) -> None:
        self._loop.set_exception_handler(lambda *_: None)  # a client that goes away cancels what it asked for
        config = _Config()
        config.bind = [f"fd://{self._socket.detach()}"]
        config.errorlog = logging.getLogger("standin")
        config.graceful_timeout = 0.1
        self._loop.run_until_complete(serve(self._answer, config, shutdown_trigger=self._ended.wait, mode="asgi"))

    async def _answer(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":  # of its own life
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        target = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        self.protocols.append(scope["http_version"])
        response = self._handler(Request(headers.get("host", headers.get(":authority", "")), target, headers))
        told = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": told})
        while response.fault == "endless" and not self._ended.is_set():
            await send({"type": "http.response.body", "body": response.body, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": response.body})


class _Config(Config):
    """Hypercorn reads certificates from files; these are in memory."""

    @property
    def ssl_enabled(self) -> bool:
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        return server_context(Certificate.GOOD, ("h2", "http/1.1"))
