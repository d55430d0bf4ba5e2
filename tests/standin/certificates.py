"""Certificates of an authority of the tests' own."""

import ssl
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

import trustme

HOSTS = ("mid.ru", "www.mid.ru", "archive.mid.ru", "t.me", "web.archive.org")


class Certificate(StrEnum):
    """What the stand-in shows for itself."""

    GOOD = "good"
    UNTRUSTED = "untrusted"  # of an authority that its file doesn't name
    EXPIRED = "expired"
    OTHER_NAME = "other_name"  # of a host that nobody asks for


@cache
def authority() -> trustme.CA:
    """The authority that the stand-in's file names."""
    return trustme.CA()


def server_context(certificate: Certificate, protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """Return what a server needs to speak TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(list(protocols))
    _issued(certificate).configure_cert(context)
    return context


@cache
def _issued(certificate: Certificate) -> trustme.LeafCert:
    match certificate:
        case Certificate.GOOD:
            return authority().issue_cert(*HOSTS)
        case Certificate.UNTRUSTED:
            return trustme.CA().issue_cert(*HOSTS)
        case Certificate.EXPIRED:
            return authority().issue_cert(*HOSTS, not_after=datetime.now(UTC) - timedelta(days=1))
        case Certificate.OTHER_NAME:
            return authority().issue_cert("another.example")
