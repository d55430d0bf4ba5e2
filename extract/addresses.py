"""Addresses: which page of the ministry's site, or which post, one names, and how two are compared.

The rules were read off addresses that others quote; no live page was asked. An address proves nothing of what stands
there: a page says more of its language and title than its address does.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urljoin, urlsplit

from extract.telegram import username_of

MOST_CHARS = 4_096  # a longer one is no address that a server takes


class Generation(StrEnum):
    """Which numbers a page of the site bears; the numbers of the two have nothing to do with each other."""

    PRESENT = "mid"  # since August 2021
    OLD_PORTAL = "mid-lr"  # about 2015 to August 2021


@dataclass(frozen=True, slots=True)
class PageAddress:
    """What the address of a document on the ministry's site tells."""

    generation: Generation
    number: int
    lang: str | None  # ISO 639-1, of `?lang`, else of the path; None where neither tells it
    section: str | None  # path of the section, as foreign_policy/news
    canonical: str

    def key(self, lang: str | None = None) -> str | None:
        """Return the document's key; `lang` stands in where the address tells no language."""
        known = self.lang or lang
        return None if known is None else f"{self.generation}:{self.number}:{known}"


# Segment of a path or value of `?lang`, and the language that it stands for.
LANGUAGES = {"ru": "ru", "en": "en", "fr": "fr", "de": "de", "es": "es", "pt": "pt", "cn": "zh", "zh": "zh", "ar": "ar"}
_SEGMENT = {language: segment for segment, language in reversed(LANGUAGES.items())}
SITE = "mid.ru"
ARCHIVE_SITE = "archive.mid.ru"  # has served the paths of the old portal
_PRESENT = re.compile(
    r"/(?P<lang>ru|en|fr|de|es|pt|cn|zh|ar)/(?P<section>(?:[A-Za-z0-9_-]+/)+)(?P<number>[0-9]{6,8})/?"
)
_OLD_PORTAL = re.compile(
    r"(?:/(?P<lang>[a-z]{2})(?:[_-][A-Za-z]{2})?(?=/))?(?:/(?P<section>[^?\s]*?))?/?-/asset_publisher/"
    r"[A-Za-z0-9]{12}/content/id/(?P<number>[0-9]{1,18})(?:/.*)?"
)
# An instance of the portlet is part of an address and tells nothing; this is the one of the news.
_OLD_PORTAL_TAIL = "foreign_policy/news/-/asset_publisher/cKNonkJE02Bw/content/id/"
_PRESENT_TAIL = "foreign_policy/news/"
_DOMINO = re.compile(r"(?i)/(?:bdomp/)?[a-z0-9_-]+\.nsf(?:/.*)?")
_DOMINO_DOCUMENT = re.compile(r"(?i)/(?:bdomp/)?[a-z0-9_-]+\.nsf/(?:[^/]+/)*[0-9a-f]{32}(?:[/!].*)?")
_DROPPED = re.compile(r"(?i)utm_\w+|PAGEN_\w+")
_STORED_COPY = re.compile(r"(?i)(?:https?:)?//web\.archive\.org/web/[0-9]{1,14}[a-z_]*/(?P<address>.+)")
_STORED_BYTES = re.compile(r"(?i)https://web\.archive\.org/web/([0-9]{8})([0-9]{6})id_/.")
_POST_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_NO_USERNAMES = frozenset(
    ("joinchat", "share", "addstickers", "addlist", "boost", "iv", "proxy", "socks", "setlanguage")
)
_MOST_DIGITS = 18  # of a number that fits 64 bits
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BARE = re.compile(r"[^\s/:@?#]+\.[^\s/:@?#]+(?:[:/?#].*)?", re.DOTALL)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# An address of which nothing but its scheme, a "www." and a slash is left out, as nearly all are.
_PLAIN = re.compile(
    r"https?://(?:www\.)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?P<path>(?:/[A-Za-z0-9_./~-]*)?)(?P<query>\?[\w=&./-]+)?",
    re.ASCII,
)
_SAFE = "!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~"  # every sign of ASCII stays but "#" and controls
_RESERVED = frozenset(b"%#?/&=+;: ")


def page_of(address: str) -> PageAddress | None:
    """Return which document of the ministry's site an address names; None for any other, whatever it is."""
    parts = _original_parts(address)
    host = None if parts is None else _host(parts)
    if parts is None or host not in (SITE, ARCHIVE_SITE):
        return None
    path = unquote(parts.path)
    found = _OLD_PORTAL.fullmatch(path)
    if found is not None:
        return _page(Generation.OLD_PORTAL, found, parts, host)
    found = _PRESENT.fullmatch(path)
    return _page(Generation.PRESENT, found, parts, host) if found is not None and host == SITE else None


def _page(generation: Generation, found: re.Match[str], parts: SplitResult, host: str) -> PageAddress:
    lang = _asked_language(parts) or LANGUAGES.get(found["lang"] or "")
    number = int(found["number"])
    start = f"https://{host}/" if lang is None else f"https://{host}/{_SEGMENT[lang]}/"
    tail = f"{_PRESENT_TAIL}{number}/" if generation is Generation.PRESENT else f"{_OLD_PORTAL_TAIL}{number}"
    return PageAddress(generation, number, lang, (found["section"] or "").strip("/") or None, start + tail)


def _asked_language(parts: SplitResult) -> str | None:
    """Language of `?lang=xx`, which the present site serves whatever the path says; the last one counts."""
    asked = [LANGUAGES.get(value.lower()) for name, value in _query(parts) if name == "lang"]
    return asked[-1] if asked else None


def canonical(address: str) -> str:
    """Return an address of the ministry's site in its one form; any other as it stands."""
    page = page_of(address)
    if page is not None:
        return page.canonical
    parts = _original_parts(address)
    if parts is None or not is_ministry(address):
        return address
    query = urlencode([(name, value) for name, value in _query(parts) if not _DROPPED.fullmatch(name)])
    return f"https://{_host(parts)}{parts.path or '/'}{'?' if query else ''}{query}"


def is_ministry(address: str) -> bool:
    """Say whether an address is one of the ministry's site, of whatever generation; embassies have sites apart."""
    parts = _original_parts(address)
    return parts is not None and _host(parts) in (SITE, ARCHIVE_SITE)


def original(address: str) -> str:
    """Return the address whose copy a web archive keeps at an address; any other as it stands."""
    copy = _STORED_COPY.match(address)
    return address if copy is None else copy["address"]


def stored_at(address: str) -> datetime | None:
    """Return the instant of a web archive's copy of the bytes as they came (`id_`); None for all other addresses."""
    copy = _STORED_BYTES.match(address)
    try:
        return None if copy is None else datetime.fromisoformat(f"{copy[1]}T{copy[2]}+00:00")
    except ValueError:  # 14 digits of no calendar
        return None


def _original_parts(address: str) -> SplitResult | None:
    return _parts(original(address))


def is_domino(address: str) -> bool:
    """Say whether an address is one of the site before 2015, whose documents have no number."""
    parts = _original_parts(address)
    return parts is not None and _DOMINO.fullmatch(unquote(parts.path)) is not None


def is_domino_document(address: str) -> bool:
    """Say whether an address is that of one document of the site before 2015, not of a view that lists them."""
    parts = _original_parts(address)
    return parts is not None and _DOMINO_DOCUMENT.fullmatch(unquote(parts.path)) is not None


def telegram_post_of(address: str) -> tuple[str | int, int] | None:
    """Return the username, in lower case, or the channel's id, and the message's id of a link to a post."""
    parts = _parts(address)
    if parts is None:
        return None
    host = _host(parts) or ""
    segments = [segment for segment in parts.path.split("/") if segment]
    name, is_own_host, rest = host.partition(".t.me")
    if host in _POST_HOSTS:
        if segments[:1] == ["s"]:
            segments = segments[1:]
    elif is_own_host and not rest:
        segments = [name, *segments]
    else:
        return None
    return _post(segments)


def _post(segments: list[str]) -> tuple[str | int, int] | None:
    """Post by the parts of a path: name/message, or c/id/message, each with a topic before the message."""
    is_private = segments[:1] == ["c"]
    place, numbers = (segments[1:2], segments[2:]) if is_private else (segments[:1], segments[1:])
    values = [_positive(number) for number in numbers]
    if not place or len(values) not in (1, 2) or values[-1] is None:
        return None
    if is_private:
        channel_id = _positive(place[0])
        return None if channel_id is None else (channel_id, values[-1])
    username = username_of(place[0])
    return None if username is None or username in _NO_USERNAMES else (username, values[-1])


def _positive(digits: str) -> int | None:
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return (int(digits) or None) if is_number else None


def folded_address(address: str) -> str:
    """Return an address without what forms change: scheme, www., default port, fragment, last slash, escapes.

    It is for comparison, not to be followed; a file name in an address keeps its case, a host loses it.
    """
    plain = _PLAIN.fullmatch(address)
    if plain is not None and "xn--" not in plain["host"]:
        return f"{plain['host']}{plain['path'].rstrip('/')}{plain['query'] or ''}"
    address = address.strip().encode(errors="replace").decode()  # a surrogate that stands alone is in no address
    if address[:7].lower() == "mailto:":
        return _folded_escapes(address[7:]).lower()
    parts = _parts(address, most_chars=None)
    host = None if parts is None else _host(parts)
    if parts is None or host is None:
        return _folded_escapes(address.partition("#")[0]).rstrip("/")
    port = _port(parts)
    place = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    path = _folded_escapes(parts.path).rstrip("/")
    return f"{place}{path}{'?' if parts.query else ''}{_folded_escapes(parts.query)}"


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    """Scheme and host of an address. Raises `ValueError` for what is none."""
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def resolved(address: str, base: str | None) -> str:
    """Return an address as it is followed from the page `base`; as it stands where that can't be told."""
    address = address.strip()
    is_plain = "/." not in address
    if base is None or (is_plain and address.startswith(("https://", "http://"))):
        return address
    try:
        if is_plain and address.startswith("/") and not address.startswith("//"):
            return _origin(base) + address  # as `urljoin` does in ten times as long
        return urljoin(base, address)
    except ValueError:
        return address


def _parts(address: str, most_chars: int | None = MOST_CHARS) -> SplitResult | None:
    """Parts of an http address, or of one without its scheme."""
    if most_chars is not None and len(address) > most_chars:
        return None
    address = address.strip()
    if address.startswith("//") or (not address.lower().startswith(("http:", "https:")) and _BARE.fullmatch(address)):
        address = f"http://{address.removeprefix('//')}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if parts.scheme in _DEFAULT_PORTS and parts.netloc else None


def _host(parts: SplitResult) -> str | None:
    host = (parts.hostname or "").rstrip(".")
    if "xn--" in host:
        try:
            host = host.encode("ascii").decode("idna")
        except UnicodeError:
            return host
    return host.removeprefix("www.") or None


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def _query(parts: SplitResult) -> list[tuple[str, str]]:
    try:
        return parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


def _folded_escapes(text: str) -> str:
    """Return a part of an address with its escapes undone where that changes no meaning, and all others alike."""
    return _ESCAPES.sub(_unescaped, quote(text, safe=_SAFE, errors="replace"))


def _unescaped(escapes: re.Match[str]) -> str:
    """Return the characters of a run of escapes; what parts an address, and what is no UTF-8, stays escaped."""
    data = unquote_to_bytes(escapes[0])
    try:
        characters = data.decode()
    except UnicodeDecodeError:
        return escapes[0].upper()
    return "".join(
        f"%{ord(sign):02X}" if ord(sign) in _RESERVED or (not sign.isprintable() and sign.isascii()) else sign
        for sign in characters
    )
