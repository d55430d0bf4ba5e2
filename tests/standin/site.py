"""The ministry's site: what it answers to a request at an instant."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qs, urlencode

from tests.standin import layouts
from tests.standin.coding import coded
from tests.standin.faults import Fault, spoiled
from tests.standin.http import Request, Response
from tests.standin.layouts import MOSCOW, Entry
from tests.standin.papers import Paper

HOSTS = ("mid.ru", "www.mid.ru", "archive.mid.ru")
LANGUAGES = ("ru", "en", "de", "fr", "es", "pt")  # those with feeds
ROBOTS = "User-agent: *\nDisallow: /*?PAGEN\nDisallow: /*asset_publisher\n"
IN_FEED = 10
HTML = "text/html; charset=UTF-8"

_DOCUMENT = re.compile(r"/(?P<lang>[a-z]{2})/(?P<section>(?:[a-z0-9_-]+/)*[a-z0-9_-]+)/(?P<number>\d{6,8})/?")
_LISTING = re.compile(r"/(?P<lang>[a-z]{2})/(?P<section>(?:[a-z0-9_-]+/)*[a-z0-9_-]+)/?")
_FEED = re.compile(rf"/(?P<lang>{'|'.join(LANGUAGES)})/(?P<name>rss\.php|rss/?|rss\.xml)")
_OLD = re.compile(
    r"(?:/(?P<lang>[a-z]{2})(?:_[A-Z]{2})?)?(?:/[^?]*?)?/-/asset_publisher/\w{12}/content/id/(?P<number>\d+)"
)
_Query = dict[str, list[str]]


@dataclass
class Site:
    """The site with its documents; `faults` are looked at before them, the first that fits answers."""

    faults: list[Fault] = field(default_factory=list)
    robots: str | None = ROBOTS  # None: there is none
    has_validators: bool = True  # documents and feeds bear ETag and Last-Modified
    page_size: int = 20  # documents on a page of a listing
    _papers: dict[tuple[bool, int], Paper] = field(default_factory=dict)

    def put(self, *papers: Paper) -> None:
        """Take documents in; one with a number that is there takes its place."""
        self._papers |= {(paper.layout.is_old, paper.number): paper for paper in papers}

    @property
    def papers(self) -> tuple[Paper, ...]:
        return tuple(self._papers.values())

    def answer(self, request: Request, now: datetime) -> Response:
        """Return what the site answers at an instant."""
        return coded(request, spoiled(self.faults, request, now, self._whole))

    def _whole(self, request: Request, now: datetime) -> Response:
        path, _, query = request.target.partition("?")
        if path == "/robots.txt":
            return _missing(404) if self.robots is None else Response(200, self.robots.encode(), _typed("text/plain"))
        asked = parse_qs(query)
        if request.host in HOSTS[1:] and (old := _OLD.fullmatch(path)):
            return self._document(request, now, self._papers.get((True, int(old["number"]))), old["lang"] or "ru")
        if request.host == "www.mid.ru":
            return Response(301, b"", {"Location": f"https://mid.ru{request.target}"})
        return self._present(request, now, path, asked) if request.host == "mid.ru" else _missing(404)

    def _present(self, request: Request, now: datetime, path: str, asked: _Query) -> Response:
        if found := _FEED.fullmatch(path):
            return self._feed(request, now, found["lang"], found["name"])
        if found := _DOCUMENT.fullmatch(path):
            paper = self._papers.get((False, int(found["number"])))
            is_here = paper is not None and found["section"] in (paper.section, *paper.also_in)
            lang = asked.get("lang", [found["lang"]])[-1]  # whatever the path says
            return self._document(request, now, paper if is_here else None, lang)
        found = _LISTING.fullmatch(path)
        return _missing(404) if found is None else self._listing(now, found["lang"], found["section"], asked)

    def _document(self, request: Request, now: datetime, paper: Paper | None, lang: str) -> Response:
        if paper is None or now < paper.published_at:
            return _missing(404)
        if not paper.is_there(now):
            return _missing(paper.missing_status)
        if paper.moved_at is not None and paper.moved_at <= now:
            return Response(302, b"", {"Location": f"https://mid.ru/{lang}/{paper.section}/"})
        shown = lang if paper.said(lang, now) is not None else (paper.stands_in or lang)
        version = paper.said(shown, now)
        if version is None:
            return _missing(404)
        languages = paper.languages(now)
        latest = self._newest(shown, now)[:5] if paper.is_restless else []
        marks = (paper.number, shown, version.since, languages, [(one.number, said.since) for one, said in latest])
        return self._validated(
            request, marks, version.since, lambda: layouts.document(paper, shown, version, languages, latest), HTML
        )

    def _feed(self, request: Request, now: datetime, lang: str, name: str) -> Response:
        entries = self._newest(lang, now)[:IN_FEED]
        if name == "rss.xml":  # was seen to answer with markup
            return Response(200, layouts.missing(404).encode(), _typed(HTML))
        write, form = (layouts.rss, "rss") if name == "rss.php" else (layouts.atom, "atom")
        since = max((said.since for _, said in entries), default=datetime(2021, 8, 1, tzinfo=UTC))
        marks = (form, [(paper.number, said.since) for paper, said in entries])
        return self._validated(
            request, marks, since, lambda: write(lang, entries), f"application/{form}+xml; charset=UTF-8"
        )

    def _listing(self, now: datetime, lang: str, section: str, asked: _Query) -> Response:
        if not any(section in (paper.section, *paper.also_in) and lang in paper.versions for paper in self.papers):
            return _missing(404)
        entries = self._newest(lang, now, section)
        days = [_day(asked, "activeFrom"), _day(asked, "activeTo")]
        entries = [entry for entry in entries if _is_between(entry[0].published_at, *days)]
        number = int(asked["PAGEN_1"][-1]) if asked.get("PAGEN_1", [""])[-1].isdecimal() else 1
        page_count = -(-len(entries) // self.page_size)
        kept = {name: values[-1] for name, values in asked.items() if name.startswith("active")}
        further = [
            (one, f"/{lang}/{section}/?{urlencode({**kept, 'PAGEN_1': one})}") for one in range(1, page_count + 1)
        ]
        shown = entries[(number - 1) * self.page_size : number * self.page_size] if number > 0 else []
        body = layouts.listing(lang, f"https://mid.ru/{lang}/{section}/", shown, further if page_count > 1 else [])
        return Response(200, body.encode(), _typed(HTML))

    def _newest(self, lang: str, now: datetime, section: str | None = None) -> list[Entry]:
        """Return the documents of the present site in a language, the newest first."""
        shown = [
            (paper, said)
            for paper in self.papers
            if not paper.layout.is_old
            and lang in paper.versions
            and (section is None or section in (paper.section, *paper.also_in))
            and paper.is_there(now)
            and (said := paper.said(lang, now)) is not None
        ]
        return sorted(shown, key=lambda entry: (entry[0].published_at, entry[0].number), reverse=True)

    def _validated(
        self, request: Request, marks: object, since: datetime, write: Callable[[], str], content_type: str
    ) -> Response:
        """Return an answer with the marks of its bytes; 304 without a body where the request bears the same."""
        if not self.has_validators:
            return Response(200, write().encode(), _typed(content_type))
        etag = f'"{hashlib.sha256(repr(marks).encode()).hexdigest()[:20]}"'
        headers = {"ETag": etag, "Last-Modified": format_datetime(since.astimezone(UTC), usegmt=True)}
        if _is_held(request, etag, since):
            return Response(304, b"", headers)
        return Response(200, write().encode(), _typed(content_type) | headers)


def _typed(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type}


def _missing(status: int) -> Response:
    return Response(status, layouts.missing(status).encode(), _typed(HTML))


def _is_held(request: Request, etag: str, since: datetime) -> bool:
    """Say whether a request tells that its sender has these bytes; the ETag alone counts where both are told."""
    held = request.headers.get("if-none-match")
    if held is not None:
        return etag in [one.strip().removeprefix("W/") for one in held.split(",")]
    modified = request.headers.get("if-modified-since")
    return modified is not None and since.replace(microsecond=0) <= parsedate_to_datetime(modified)


def _day(asked: _Query, name: str) -> str | None:
    """Return a day of the query as year, month and day; None where it is none."""
    found = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", asked.get(name, [""])[-1])
    return None if found is None else f"{found[3]}-{found[2]}-{found[1]}"


def _is_between(at: datetime, first: str | None, last: str | None) -> bool:
    day = at.astimezone(MOSCOW).date().isoformat()
    return (first is None or first <= day) and (last is None or day <= last)


def site_of(papers: Iterable[Paper]) -> Site:
    """Return the site with these documents and no faults."""
    site = Site()
    site.put(*papers)
    return site
