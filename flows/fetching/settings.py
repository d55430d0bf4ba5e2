"""What the operator sets for fetching, read from the environment."""

import re
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from flows.errors import SettingRefused

_Number = TypeVar("_Number", int, float)

PAUSES = MappingProxyType({"mid.ru": 10.0, "t.me": 1.0, "web.archive.org": 5.0})
BUDGETS = MappingProxyType({"mid.ru": 3_000, "t.me": 10_000, "web.archive.org": 2_000})
OTHER_PAUSE_S = 10.0
OTHER_BUDGET = 1_000

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")
_PAGE = re.compile(r"https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?:/[!-'*-~]*)?")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_PLACE = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+):(?P<port>[0-9]{1,5})")
_MOST_VANTAGE_CHARS = 80
_LONGEST_PAUSE_S = 86_400.0


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How hosts are asked, and as whom. What is named for a host counts for those under its domain."""

    contact: str | None  # MFA_ARCHIVE_CONTACT: whom a server's operator can write to
    vantage: str | None  # MFA_ARCHIVE_VANTAGE: from where looks are made, since blocks depend on it
    pauses: Mapping[str, float]  # MFA_ARCHIVE_PAUSES: seconds between two requests, by host
    budgets: Mapping[str, int]  # MFA_ARCHIVE_BUDGETS: requests in 24 hours, by host
    ca_file: Path | None  # MFA_ARCHIVE_CA_FILE: certificates to trust on top of the usual ones
    # MFA_ARCHIVE_CONNECT_TO: by host and port, where to connect in their place, loopback and private ones too
    connect_to: Mapping[tuple[str, int], tuple[str, int]]

    def require_contact(self) -> str:
        """Return the contact. Raises `SettingRefused` where none is set."""
        if self.contact is None:
            raise SettingRefused(
                "MFA_ARCHIVE_CONTACT: not set; expected an address at which a server's operator reaches you, which is "
                "sent with every request; for example archive@example.org or https://example.org/archive"
            )
        return self.contact

    @property
    def user_agent(self) -> str:
        """What is sent as User-Agent. Raises `SettingRefused` without a contact."""
        return f"mfa-archive/{version('mfa-archive')} (+{self.require_contact()})"

    def asked_as(self, host: str) -> str:
        """Return the name under which a host is asked, with all that count with it."""
        return domain_of(host, {**self.pauses, **self.budgets})

    def pause_s(self, host: str) -> float:
        """Return the least time between two requests to a host."""
        return self.pauses.get(domain_of(host, self.pauses), OTHER_PAUSE_S)

    def budget(self, host: str) -> int:
        """Return how many requests within 24 hours a host gets, together with those that `domain_of` names alike."""
        return self.budgets.get(domain_of(host, self.budgets), OTHER_BUDGET)


def unknown_hosts(settings: FetchSettings, hosts: Collection[str]) -> list[str]:
    """Return a line for each host that the operator names and that is none of those that are asked, nor above one."""
    named = {
        "MFA_ARCHIVE_PAUSES": set(settings.pauses) - set(PAUSES),
        "MFA_ARCHIVE_BUDGETS": set(settings.budgets) - set(BUDGETS),
        "MFA_ARCHIVE_CONNECT_TO": {host for host, _ in settings.connect_to} - set(PAUSES),
    }
    return [
        f"{name}: names {host}, which no source of the registry is fetched from, so that it changes nothing; expected "
        f"one of {', '.join(sorted(hosts))}; correct it"
        for name, found in named.items()
        for host in sorted(found)
        if all(domain_of(one, {host: None}) != host for one in hosts)
    ]


def domain_of(host: str, named: Mapping[str, object]) -> str:
    """Return the longest named domain in which a host lies; the host where none is named."""
    labels = host.split(".")
    parents = (".".join(labels[place:]) for place in range(len(labels)))
    return next((parent for parent in parents if parent in named), host)


def fetch_settings_from(env: Mapping[str, str]) -> FetchSettings:
    """Return the settings. Raises `SettingRefused` for what can't be understood."""
    return FetchSettings(
        contact=_contact(env.get("MFA_ARCHIVE_CONTACT", "")),
        vantage=_vantage(env.get("MFA_ARCHIVE_VANTAGE", "")),
        pauses=_by_host(env, "MFA_ARCHIVE_PAUSES", PAUSES, _seconds),
        budgets=_by_host(env, "MFA_ARCHIVE_BUDGETS", BUDGETS, int),
        ca_file=_ca_file(env.get("MFA_ARCHIVE_CA_FILE", "")),
        connect_to=_connect_to(env.get("MFA_ARCHIVE_CONNECT_TO", "")),
    )


def _contact(text: str) -> str | None:
    text = text.strip()
    if text and not (_MAIL.fullmatch(text) or _PAGE.fullmatch(text)):
        raise _refused("MFA_ARCHIVE_CONTACT", text, "an e-mail address or an https address", "archive@example.org")
    return text or None


def _vantage(text: str) -> str | None:
    text = text.strip()
    if not text.isprintable() or len(text) > _MOST_VANTAGE_CHARS:
        expected = f"a name on one line, at most {_MOST_VANTAGE_CHARS} characters"
        raise _refused("MFA_ARCHIVE_VANTAGE", text[: _MOST_VANTAGE_CHARS + 1], expected, "hetzner-helsinki")
    return text or None


def _by_host(
    env: Mapping[str, str], name: str, defaults: Mapping[str, _Number], number_in: Callable[[str], _Number]
) -> Mapping[str, _Number]:
    """Return a number for each host: what is set, and the defaults for the rest."""
    numbers = dict(defaults)
    for entry in _entries(env.get(name, "")):
        host, _, text = (part.strip().lower() for part in entry.partition("="))
        try:
            number = number_in(text)
        except ValueError:
            number = number_in("-1")
        if number < 0 or not _HOST.fullmatch(host):
            example = ",".join(f"{known}={value:g}" for known, value in defaults.items())
            raise _refused(name, entry, "host=number for each, the number 0 or more, a pause a day at most", example)
        numbers[host] = number
    return MappingProxyType(numbers)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not seconds <= _LONGEST_PAUSE_S:
        raise ValueError(text)
    return seconds


def _ca_file(text: str) -> Path | None:
    if not text.strip():
        return None
    try:
        path = Path(text.strip()).expanduser().absolute()
    except RuntimeError as error:  # "~" and the name of nobody
        raise _refused("MFA_ARCHIVE_CA_FILE", text, "a file of certificates in PEM", "/etc/ssl/extra.pem") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror if not isinstance(error, ssl.SSLError) and error.strerror else "no certificate in PEM"
        found = f"{path} ({reason})"
        raise _refused("MFA_ARCHIVE_CA_FILE", found, "a file of certificates in PEM", "/etc/ssl/extra.pem") from error
    return path


def _connect_to(text: str) -> Mapping[tuple[str, int], tuple[str, int]]:
    places: dict[tuple[str, int], tuple[str, int]] = {}
    for entry in _entries(text):
        asked, _, there = (_PLACE.fullmatch(part.strip().lower()) for part in (*entry.partition("="),))
        if asked is None or there is None or not all(0 < int(place["port"]) < 65_536 for place in (asked, there)):
            expected = "host:port=host:port for each"
            raise _refused("MFA_ARCHIVE_CONNECT_TO", entry, expected, "mid.ru:443=127.0.0.1:8443")
        places[_place(asked)] = _place(there)
    return MappingProxyType(places)


def _place(match: re.Match[str]) -> tuple[str, int]:
    return match["host"].strip("[]"), int(match["port"])


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _refused(name: str, found: str, expected: str, example: str) -> SettingRefused:
    return SettingRefused(f"{name}: found {found!r}; expected {expected}; for example {example}")
