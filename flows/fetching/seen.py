"""What stands in the answers of a probe, rule by rule, in words that can be compared with what is expected.

Bytes are read by the very formats that read them for the archive, so that a rule that fires here fires there.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from extract.addresses import Generation, page_of
from extract.dates import date_line
from extract.directories import charset_in
from extract.errors import ExtractError
from extract.feeds import feed_in
from extract.formats import formats
from extract.found import Directory
from extract.index import IndexRow, index_in
from extract.listings import listing_in
from extract.model import Record, Rejection
from extract.preview_paging import shown_in
from flows.fetching.client import Spoken
from flows.fetching.expected import Kind, Rule
from flows.fetching.keeping import Kept
from flows.fetching.robots import Rules
from flows.fetching.values import Answer, Ask, Failure, Purpose
from flows.taking import hints_of
from warehouse.staging import SourceFacts

NONE = "none"
_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?([a-z0-9_.:-]+)")
_FORMS = ((re.compile(rb"<rss\b"), "RSS"), (re.compile(rb"<feed\b"), "Atom"), (re.compile(rb"<rdf:RDF\b"), "RSS 1.0"))
_FORM_WITHIN = 2_000
_OLDER = re.compile(rb'data-before="([0-9]{1,18})"')
_VALIDATORS = ("etag", "last-modified")


@dataclass(frozen=True, slots=True)
class Hop:
    """One request, its answer, and how it was kept."""

    source: SourceFacts
    ask: Ask
    answer: Answer
    kept: Kept
    why: str  # what stands there in place of what was asked for; empty where nothing is wrong


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one probe: one request, or several where redirects led on."""

    kind: Kind
    hops: tuple[Hop, ...]
    rules: Rules  # of robots.txt of the host that was asked first
    robots: Hop | None  # that request, where it was made for this one
    spoken: Spoken | None  # how that host was spoken to; None where no answer came
    store: str  # which authorities are trusted

    @property
    def last(self) -> Hop:
        """The request that counts."""
        return self.hops[-1]


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule finds: in the words of the table, and what else a person wants to see."""

    text: str
    detail: str = ""


Finder = Callable[[Seen], Found]


def found_by(rule: Rule, seen: Seen) -> Found:
    """Return what a rule finds."""
    return _FINDERS[rule](seen)


def what_robots_say(rules: Rules, address: str) -> Found:
    """Return whether a host's robots.txt lets an address be asked."""
    if rules.stop is not None:
        return Found("stops", f"it {rules.stop}")
    return Found("allows" if rules.allows(address) else "forbids")


def directory_of(hop: Hop) -> Directory:
    """Return what a listing or a feed names; nothing where it is none."""
    read = feed_in if hop.ask.purpose is Purpose.FEED else listing_in
    try:
        return read(hop.answer.body, hop.ask.address, charset_in(hop.kept.capture.content_type))
    except ExtractError:
        return Directory((), None)


def copies_in(hop: Hop) -> tuple[IndexRow, ...]:
    """Return the rows of an index that are copies of documents; nothing where it is none."""
    try:
        index = index_in(hop.answer.body)
    except ExtractError:
        return ()
    return tuple(row for row in index.rows() if row.mime_type == "text/html" and page_of(row.address) is not None)


def _robots(seen: Seen) -> Found:
    said = what_robots_say(seen.rules, seen.hops[0].ask.address)
    if seen.robots is None or said.detail:
        return said
    answer = seen.robots.answer
    return Found(said.text, f"{seen.robots.ask.address}: status {answer.status}, {len(answer.body):,} bytes")


def _delay(seen: Seen) -> Found:
    delay = seen.rules.crawl_delay_s
    return Found(NONE if delay is None else f"{delay:g} s")


def _tls(seen: Seen) -> Found:
    failure, detail = seen.last.answer.failure, seen.last.answer.detail
    if failure is Failure.TLS:
        return Found("refused", detail or "")
    if seen.spoken is None:
        return Found("not reached", detail or "")
    return Found("verified", f"by {seen.store}; issued by {seen.spoken.issuer}")


def _protocol(seen: Seen) -> Found:
    return Found("not reached" if seen.spoken is None else seen.spoken.protocol)


def _status(seen: Seen) -> Found:
    statuses = [NONE if hop.answer.status is None else str(hop.answer.status) for hop in seen.hops]
    last = seen.last.answer
    to = seen.last.ask.address if len(seen.hops) > 1 else ""
    failed = "" if last.failure is None else f"{last.failure}: {last.detail or 'nothing more is known'}"
    return Found(", ".join(statuses), failed or to)


def _type(seen: Seen) -> Found:
    return Found((seen.last.answer.header("content-type") or NONE).partition(";")[0].strip().lower())


def _charset(seen: Seen) -> Found:
    found = _CHARSET.search(seen.last.answer.header("content-type") or "")
    return Found(NONE if found is None else found[1].lower())


def _coding(seen: Seen) -> Found:
    return Found((seen.last.answer.header("content-encoding") or NONE).lower())


def _validators(seen: Seen) -> Found:
    etag, modified = (seen.last.answer.header(name) for name in _VALIDATORS)
    if etag and modified:
        return Found("both")
    return Found("ETag" if etag else "Last-Modified" if modified else NONE)


def _verdict(seen: Seen) -> Found:
    return Found(seen.last.kept.verdict.value, seen.last.why)


def _form(seen: Seen) -> Found:
    head = seen.last.answer.body[:_FORM_WITHIN]
    return Found(next((name for mark, name in _FORMS if mark.search(head)), NONE))


def _count(seen: Seen) -> Found:
    rows = copies_in(seen.last) if seen.kind is Kind.INDEX else directory_of(seen.last).found
    return Found(f"{len(rows):,}")


def _leads(seen: Seen) -> Found:
    pages = [page_of(one.address) for one in directory_of(seen.last).found]
    return _all_of([page is not None and page.generation is Generation.PRESENT for page in pages], "to numbered pages")


def _dates(seen: Seen) -> Found:
    printed = [one.printed for one in directory_of(seen.last).found]
    if seen.last.ask.purpose is Purpose.FEED:
        return _all_of([text is not None for text in printed], "with a date")
    lines = [None if text is None else date_line(text) for text in printed]
    return _all_of([bool(line and line.day and line.at) for line in lines], "with date and time")


def _days(seen: Seen) -> Found:
    asked = parse_qs(urlsplit(seen.hops[0].ask.address).query)["activeFrom"][0]
    lines = [date_line(one.printed or "") for one in directory_of(seen.last).found]
    return _all_of([bool(line and line.day and f"{line.day:%d.%m.%Y}" == asked) for line in lines], "of that day")


def _next(seen: Seen) -> Found:
    if seen.kind is Kind.CHANNEL:
        return _older(seen)
    to = directory_of(seen.last).next_address
    return Found(NONE if to is None else urlsplit(to).query)


def _older(seen: Seen) -> Found:
    link, ids = _OLDER.search(seen.last.answer.body), shown_in(seen.last.answer.body).ids
    if link is None:
        return Found(NONE)
    return Found(
        "before the lowest post" if ids and int(link[1]) == ids[0] else "before another post", link[1].decode()
    )


def _of_page(name: str, value: Callable[[Record], str | None]) -> Finder:
    """Return what finds which rule found a field of a page, and what it says."""

    def find(seen: Seen) -> Found:
        record = _page(seen)
        matched = () if record is None or record.page is None else record.page.matched
        rules = dict(one.split(": ", 1) for one in matched)
        return Found(rules.get(name, NONE), (value(record) if record and name in rules else None) or "")

    return find


def _key(seen: Seen) -> Found:
    record, page = _page(seen), page_of(_address(seen))
    key = None if record is None else record.key
    is_same = page is not None and key is not None and key == page.key()
    return Found("as its address says" if is_same else "another", key or NONE)


def _language(seen: Seen) -> Found:
    record, page = _page(seen), page_of(_address(seen))
    lang = None if record is None else record.lang
    is_same = page is not None and lang is not None and lang == page.lang
    return Found("as its address says" if is_same else "another", lang or NONE)


def _languages(seen: Seen) -> Found:
    record = _page(seen)
    return Found(", ".join(() if record is None else record.languages_available) or NONE)


def _posts(seen: Seen) -> Found:
    return Found(str(len(shown_in(seen.last.answer.body).ids)))


def _read(seen: Seen) -> Found:
    values = _values(seen.last)
    sound = [
        isinstance(one, Record) and one.published_at is not None and bool(one.text or one.media or one.poll)
        for one in values
    ]
    return _all_of(sound, "with date and words or media", ", ")


def _ids(seen: Seen) -> Found:
    ids, asked = shown_in(seen.last.answer.body).ids, urlsplit(seen.hops[0].ask.address)
    if seen.kind is Kind.POST:
        number = int(asked.path.rpartition("/")[2])
        return Found("the one asked" if number in ids else "another", ", ".join(map(str, ids)))
    before = int(parse_qs(asked.query)["before"][0])
    return _all_of([one < before for one in ids], "below the one asked")


def _channel(seen: Seen) -> Found:
    number = shown_in(seen.last.answer.body).channel_id
    return Found(NONE if number is None else str(number))


def _memento(seen: Seen) -> Found:
    told, asked = seen.last.kept.capture.captured_at, seen.hops[0].ask.stamped_at
    is_told = seen.last.answer.header("memento-datetime") is not None
    if not is_told or told is None:
        return Found(NONE)
    return Found("the one asked for" if told == asked else "another", f"{told:%Y-%m-%d %H:%M:%S}")


def _all_of(sound: list[bool], what: str, comma: str = " ") -> Found:
    if not sound:
        return Found(NONE)
    return Found(f"all{comma}{what}" if all(sound) else f"{sum(sound)} of {len(sound)} {what}")


def _address(seen: Seen) -> str:
    capture = seen.last.kept.capture
    return capture.address or capture.locator


def _page(seen: Seen) -> Record | None:
    return next((one for one in _values(seen.last) if isinstance(one, Record)), None)


def _values(hop: Hop) -> tuple[Record | Rejection, ...]:
    """Return what the hop's own format reads in its bytes; nothing where they are refused as a whole."""
    form = formats()[hop.source.format or ""]
    hints = hints_of(hop.source, hop.kept.capture)
    try:
        stretches = form.split(io.BytesIO(hop.answer.body), hints)
        return tuple(value for stretch in stretches for value in form.read(stretch, hints))
    except ExtractError:
        return ()


_FINDERS: Mapping[Rule, Finder] = {
    Rule.ROBOTS: _robots,
    Rule.DELAY: _delay,
    Rule.TLS: _tls,
    Rule.PROTOCOL: _protocol,
    Rule.STATUS: _status,
    Rule.TYPE: _type,
    Rule.CHARSET: _charset,
    Rule.CODING: _coding,
    Rule.VALIDATORS: _validators,
    Rule.VERDICT: _verdict,
    Rule.FORM: _form,
    Rule.COUNT: _count,
    Rule.LEADS: _leads,
    Rule.DATES: _dates,
    Rule.DAYS: _days,
    Rule.NEXT: _next,
    Rule.BODY: _of_page("body", lambda record: f"{len(record.text):,} characters"),
    Rule.TITLE: _of_page("title", lambda record: record.title),
    Rule.DATE: _of_page("date", lambda record: record.published_text),
    Rule.TIME: _of_page("time", lambda record: record.published_text),
    Rule.NUMBER: _of_page("number", lambda record: record.document_number),
    Rule.KEY: _key,
    Rule.LANGUAGE: _language,
    Rule.LANGUAGES: _languages,
    Rule.POSTS: _posts,
    Rule.READ: _read,
    Rule.IDS: _ids,
    Rule.CHANNEL: _channel,
    Rule.MEMENTO: _memento,
}
