"""Connections that are made to vetted addresses only, and end when the time for an answer is over.

A host is resolved here, its addresses are looked at, and exactly these are connected to: no second resolution can lead
elsewhere. The certificate is still checked against the host's name. Errors are those of `socket` and `ssl`.
"""

import select
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Self

import httpcore

_READABLE = select.POLLIN | select.POLLERR | select.POLLHUP


class RefusedAddress(OSError):
    """A host has only addresses that must not be asked."""


class NotConnected(OSError):
    """No address of a host takes a connection."""


class Patience:
    """How long one answer may still take, whether anything of it came, and whether the other side has ended."""

    def __init__(self) -> None:
        """Begin with none."""
        self._end = 0.0
        self.has_come = False
        self.has_ended = False

    def begin(self, whole_s: float) -> None:
        """Begin with the next answer."""
        self._end = time.monotonic() + whole_s
        self.has_come = False
        self.has_ended = False

    def note(self, data: bytes) -> None:
        """Note what came."""
        self.has_come = self.has_come or bool(data)
        self.has_ended = not data

    @property
    def is_over(self) -> bool:
        """True when no time is left."""
        return time.monotonic() >= self._end

    def wait_s(self, most_s: float | None) -> float:
        """Return how long one step may wait. Raises `TimeoutError` when no time is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if most_s is None else min(left, most_s)


class Wire(httpcore.NetworkBackend):
    """Makes the connections of a client."""

    def __init__(self, patience: Patience, connect_to: Mapping[tuple[str, int], tuple[str, int]]) -> None:
        """Keep where the operator wants to be connected to in place of a host: that needs no vetting."""
        self._patience = patience
        self._connect_to = connect_to

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 -- of the interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 -- of the interface
    ) -> httpcore.NetworkStream:
        """Return a connection to a host.

        Raises `RefusedAddress`, `NotConnected`, `socket.gaierror` or `TimeoutError`.
        """
        reasons: list[str] = []
        for place in self._places(host, port):
            try:
                connection = socket.create_connection(place, self._patience.wait_s(timeout))
            except TimeoutError:
                if self._patience.is_over:
                    raise
                reasons.append(f"{place[0]} port {place[1]}: no answer")
            except OSError as error:
                reasons.append(f"{place[0]} port {place[1]}: {error.strerror or error}")
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return Stream(connection, self._patience)
        raise NotConnected("; ".join(reasons))

    def _places(self, host: str, port: int) -> list[tuple[str, int]]:
        if (host, port) in self._connect_to:
            return [self._connect_to[host, port]]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        vetted = [address for address in addresses if _is_public(address)]
        if not vetted:
            raise RefusedAddress(f"{host} has the address {', '.join(addresses)}, which is not a public one")
        return [(address, port) for address in vetted]


def _is_public(address: str) -> bool:
    """Say whether an address is of the open network: not private, loopback, link-local, reserved or multicast."""
    ip = ip_address(address)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class Stream(httpcore.NetworkStream):
    """One connection."""

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        """Take over a connection."""
        self._socket = connection
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came; nothing where the other side said goodbye."""
        self._socket.settimeout(self._patience.wait_s(timeout))
        data = self._socket.recv(max_bytes)
        self._patience.note(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it. Raises `httpcore.WriteError` where the other side closed: it may have answered before."""
        self._socket.settimeout(self._patience.wait_s(timeout))
        try:
            self._socket.sendall(buffer)
        except TimeoutError:
            raise
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Self:
        """Return it under TLS, the certificate checked against the name.

        An end without TLS's own goodbye is an error: somebody on the way may have cut the answer short.
        """
        self._socket.settimeout(self._patience.wait_s(timeout))
        try:
            self._socket = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, suppress_ragged_eofs=False
            )
        except OSError:
            self.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what the protocol above asks: the TLS in use, and whether the other side closed an idle connection."""
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if info == "is_readable":
            return self._is_readable()
        return None

    def _is_readable(self) -> bool:
        if self._socket.fileno() < 0:
            return True
        poll = select.poll()
        poll.register(self._socket, _READABLE)
        return bool(poll.poll(0))
