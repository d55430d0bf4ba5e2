"""The Wayback Machine: its index and its raw copies, as the documentation of its index server describes them."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, quote_plus, urlsplit

from tests.standin.coding import coded
from tests.standin.faults import Fault, spoiled
from tests.standin.http import Request, Response

HOST = "web.archive.org"
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_COPY = re.compile(r"/web/(?P<stamp>\d{4,14})(?P<form>[a-z]{2}_)?/(?P<address>.+)")
_Query = dict[str, list[str]]
_Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One capture that the archive holds."""

    captured_at: datetime
    address: str
    body: bytes
    status: int = 200
    mime_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)  # of the answer that was captured

    @property
    def stamp(self) -> str:
        return f"{self.captured_at.astimezone(UTC):%Y%m%d%H%M%S}"

    @property
    def digest(self) -> str:
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()


@dataclass
class Wayback:
    """The archive with its snapshots; `faults` are looked at before them."""

    snapshots: list[Snapshot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    robots: str | None = "User-agent: *\nDisallow:\n"  # None: there is none

    def take(self, address: str, response: Response, at: datetime) -> None:
        """Hold what another host answered, which must be in no coding."""
        mime_type = response.headers.get("Content-Type", "text/html").partition(";")[0]
        self.snapshots.append(Snapshot(at, address, response.body, response.status, mime_type, response.headers))

    def answer(self, request: Request, now: datetime) -> Response:
        """Return what the archive answers at an instant; of that it knows what it captured until then."""
        return coded(request, spoiled(self.faults, request, now, self._whole))

    def _whole(self, request: Request, now: datetime) -> Response:
        path, _, query = request.target.partition("?")
        held = [one for one in self.snapshots if one.captured_at <= now]
        if path == "/robots.txt" and self.robots is not None:
            return Response(200, self.robots.encode(), {"Content-Type": "text/plain"})
        if path == "/cdx/search/cdx":
            return _index(_rows(held), parse_qs(query))
        if found := _COPY.fullmatch(request.target):
            return _copy(held, found["stamp"], found["form"] or "", found["address"])
        return _not_held()


def urlkey(address: str) -> str:
    """Return an address as the index sorts it: host backwards, without `www.`, port, final slash and capitals."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    path = parts.path.rstrip("/") or "/"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}){path}{query}".lower()


def _rows(held: Sequence[Snapshot]) -> list[_Row]:
    """Return the lines of the index in its order; bytes that an address had before are a `warc/revisit`."""
    rows: list[_Row] = []
    seen: set[tuple[str, str]] = set()
    for one in sorted(held, key=lambda one: (urlkey(one.address), one.stamp)):
        is_known = (urlkey(one.address), one.digest) in seen
        seen.add((urlkey(one.address), one.digest))
        mime_type, status = ("warc/revisit", "-") if is_known else (one.mime_type, str(one.status))
        values = (urlkey(one.address), one.stamp, one.address, mime_type, status, one.digest, str(len(one.body)))
        rows.append(dict(zip(FIELDS, values, strict=True)))
    return rows


def _index(rows: Sequence[_Row], asked: _Query) -> Response:
    if not asked.get("url"):
        return Response(400, b"The url= param is required\n", {"Content-Type": "text/plain"})
    matching = _collapsed([row for row in rows if _is_asked(row, asked)], asked.get("collapse", []))
    limit = int(asked.get("limit", ["150000"])[-1])
    shown = matching[:limit] if limit >= 0 else matching[limit:]
    names = asked.get("fl", [",".join(FIELDS)])[-1].split(",")
    lines = [[row[name] for name in names] for row in shown]
    key = None
    if asked.get("showResumeKey") == ["true"] and 0 < limit < len(matching):
        # Already quoted, to be put into the next address as it stands.
        key = quote_plus(f"{shown[-1]['urlkey']} {shown[-1]['timestamp']}!")
    if asked.get("output", [""])[-1] == "json":
        table = [names, *lines] if lines else []
        text = json.dumps(table if key is None else [*table, [], [key]])
        return Response(200, text.encode(), {"Content-Type": "application/json"})
    text = "".join(f"{' '.join(line)}\n" for line in lines) + ("" if key is None else f"\n{key}\n")
    return Response(200, text.encode(), {"Content-Type": "text/plain"})


def _is_asked(row: _Row, asked: _Query) -> bool:
    stamp, resume = row["timestamp"], asked.get("resumeKey", [""])[-1]
    since, until = asked.get("from", [""])[-1], asked.get("to", [""])[-1]
    return (
        _is_at(row["urlkey"], asked["url"][-1], asked.get("matchType", ["exact"])[-1])
        and stamp[: len(since)] >= since
        and stamp[: len(until)] <= until
        and all(_passes(row, rule) for rule in asked.get("filter", []))
        and " ".join(row.values()) >= resume
    )


def _is_at(key: str, url: str, match_type: str) -> bool:
    if url.endswith("*"):
        url, match_type = url[:-1], "prefix"
    wanted = urlkey(url)
    if match_type == "prefix":
        return key.startswith(wanted + "/" if url.endswith("/") and not wanted.endswith("/") else wanted)
    if match_type in ("host", "domain"):
        host, here = wanted.partition(")")[0], key.partition(")")[0]
        return here == host or (match_type == "domain" and here.startswith(f"{host},"))
    return key == wanted


def _passes(row: _Row, rule: str) -> bool:
    name, _, pattern = rule.removeprefix("!").partition(":")
    value = row[name] if name in row else " ".join(row.values())
    return (re.fullmatch(pattern, value) is not None) != rule.startswith("!")


def _collapsed(rows: Sequence[_Row], by: Sequence[str]) -> list[_Row]:
    """Return the rows without those that say in a field, or its first characters, the same as the one before them."""
    kept = list(rows)
    for rule in by:
        name, _, count = rule.partition(":")
        values = [row[name][: int(count)] if count else row[name] for row in kept]
        kept = [row for place, row in enumerate(kept) if place == 0 or values[place] != values[place - 1]]
    return kept


def _copy(held: Sequence[Snapshot], stamp: str, form: str, address: str) -> Response:
    """Return a copy, the way to the nearest one, or 404."""
    copies = sorted((one for one in held if urlkey(one.address) == urlkey(address)), key=lambda one: one.stamp)
    if not copies:
        return _not_held()
    at = _instant(stamp)
    one = min(copies, key=lambda one: abs(one.captured_at - at))
    if one.stamp != stamp:
        return Response(302, b"", {"Location": f"https://{HOST}/web/{one.stamp}{form}/{one.address}"})
    originals = {f"x-archive-orig-{name.lower()}": value for name, value in one.headers.items()}
    headers = {
        "Content-Type": one.headers.get("Content-Type", one.mime_type),
        "Memento-Datetime": format_datetime(one.captured_at.astimezone(UTC), usegmt=True),
        "Link": f'<{one.address}>; rel="original"',
        "x-archive-src": "made-up-20240101000000.warc.gz",
        **originals,
    }
    if location := one.headers.get("Location"):
        headers["Location"] = f"https://{HOST}/web/{one.stamp}{form}/{location}"
    toolbar = b"" if form == "id_" else b"<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id=wm-ipp></div>\n"
    return Response(one.status, toolbar + one.body, headers)


def _instant(stamp: str) -> datetime:
    """Return the instant of a stamp; the first of the time for which a short one stands."""
    return datetime.strptime(stamp.ljust(4, "0") + "0101000000"[len(stamp) - 4 :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _not_held() -> Response:
    body = b"<html><body><p>Wayback Machine has not archived that URL.</p></body></html>\n"
    return Response(404, body, {"Content-Type": "text/html; charset=utf-8"})
