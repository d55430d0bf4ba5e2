"""One request to the stand-in, and one answer of it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    host: str  # of the Host header, without a port, in lower case
    target: str  # path and query as sent
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def url(self) -> str:
        """The address as an outsider would write it."""
        return f"https://{self.host}{self.target}"


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. `fault` makes the connection behave badly."""

    status: int = 200
    body: bytes = b""  # as sent, already in its content coding
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None  # reset, reset_in_body, drip, endless, short_body, silence, garbage


Handler = Callable[[Request], Response]
