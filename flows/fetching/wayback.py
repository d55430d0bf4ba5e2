"""Copies that the Wayback Machine holds: what the site refuses, has removed, or said before we looked.

Its index is asked for the captures of an address, or of all below one; then each copy that the archive lacks, as the
web archive received it (`id_`). A copy is a capture at the instant that the web archive tells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from extract.addresses import is_ministry, page_of
from extract.index import Index, IndexRow, index_in
from flows.errors import InputRefused
from flows.fetching.entrances import WEB_ARCHIVE
from flows.fetching.memory import LED_SPAN, Asked, Directory, held_bytes
from flows.fetching.pages import FRESH, Days, Planned, is_waiting
from flows.fetching.session import Session
from flows.fetching.values import Ask, Purpose, Verdict
from flows.taking import on_one_line
from warehouse.staging import SourceFacts

SOURCE = SourceFacts("web_archive", format="mid_page_html", note="Copies that the Wayback Machine holds")
_FIELDS = "timestamp,original,mimetype,statuscode,digest"
_ROWS_AT_ONCE = 10_000  # the copies of these are fetched before the next ones are asked for
_PREFIX_MARK = "*"
_FIRST = datetime(1996, 1, 1, tzinfo=UTC)  # the Wayback Machine's oldest captures are of that year
_PAGES = ("text/html", "application/xhtml+xml", "warc/revisit")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which copies are wanted."""

    address: str  # without its scheme's mark of a prefix
    is_prefix: bool
    days: Days | None  # of capture by the web archive


def wanted_of(text: str, first: date | None, last: date | None) -> Wanted:
    """Return what a person asks for: an address, or all below one that ends in `*`. Raises `InputRefused`."""
    address = text.removesuffix(_PREFIX_MARK)
    if not address.strip() or _PREFIX_MARK in address:
        raise InputRefused(
            f"{text!r} is no address; expected one, or the beginning of several with a {_PREFIX_MARK} at its end; "
            "for example https://mid.ru/en/foreign_policy/news/*"
        )
    if not is_ministry(address):
        raise InputRefused(
            f"{address}: no address of the ministry's site; expected one; for example "
            "https://mid.ru/en/foreign_policy/news/*"
        )
    days = None if first is None and last is None else Days(first or date(1996, 1, 1), last or date(9999, 12, 31))
    return Wanted(address, text.endswith(_PREFIX_MARK), days)


def fetch_copies(session: Session, wanted: Wanted, asked: Mapping[str, Asked]) -> None:
    """Ask the index, then for each copy that the archive lacks, the oldest first."""
    for planned in planned_copies(session, wanted, asked):
        if session.is_closed_to(planned.ask.address):
            return
        session.ask(SOURCE, planned.ask)


def planned_copies(
    session: Session, wanted: Wanted, asked: Mapping[str, Asked], unheld: list[Ask] | None = None
) -> Iterator[Planned]:
    """Yield the copies to be asked for, as the index lists them.

    Where the index is not held it is asked, or the question is put into `unheld`, if that is given.
    """
    passed_over = 0
    before: set[str] = set()
    for index in _indexes(session, wanted, unheld):
        planned: set[str] = set()  # rows of the same copy stand together
        for row in index.rows():
            now = session.clock.now()
            if not _is_wanted(row, wanted, now):
                passed_over += 1
                continue
            address = copy_address(row)
            known = asked.get(address)
            if address in planned or address in before or _is_held(known) or is_waiting(known, now):
                continue
            planned.add(address)
            ask = Ask(address, Purpose.PAGE, SOURCE.source_key, copy_of=row.address, stamped_at=row.captured_at)
            yield Planned(SOURCE, ask, f"captured there {row.captured_at:%Y-%m-%d %H:%M}")
        before = planned
    if passed_over:
        report = session.run.report_of(SOURCE.source_key)
        report.notes.append(f"{SOURCE.source_key}: passed over captures that are no document's page: {passed_over:,}")


def _is_wanted(row: IndexRow, wanted: Wanted, now: datetime) -> bool:
    """Say whether a row of the index is a capture of a page of the site, at a time at which there can be one."""
    is_page = is_ministry(row.address) and not (wanted.is_prefix and page_of(row.address) is None)
    return is_page and row.mime_type in _PAGES and _FIRST <= row.captured_at <= now


def planned_index(session: Session, wanted: Wanted, asked: Mapping[str, Asked]) -> list[Planned]:
    """Return the copies to which the index leads as far as it is held, and the question for what is not."""
    unheld: list[Ask] = []
    planned = list(planned_copies(session, wanted, asked, unheld))
    return [*(Planned(SOURCE, ask, "asks which copies there are") for ask in unheld), *planned]


def listed_copies(
    raw: Path, directories: Mapping[tuple[str, Purpose], Directory], asked: Mapping[str, Asked], now: datetime
) -> Iterator[str]:
    """Yield the addresses of copies that the index listed in the last weeks and that are not held; some repeatedly."""
    for (address, purpose), known in directories.items():
        if purpose is not Purpose.INDEX or known.held is None or known.good_at is None:
            continue
        if now - known.good_at > LED_SPAN:
            continue
        query = parse_qs(urlsplit(address).query)
        wanted = Wanted("", is_prefix=query.get("matchType") == ["prefix"], days=None)
        held = held_bytes(raw, known.held.raw_sha256)
        if held is None:
            continue
        index = index_in(held)
        for row in index.rows():
            if _is_wanted(row, wanted, now):
                copy = copy_address(row)
                if not _is_held(asked.get(copy)) and not is_waiting(asked.get(copy), now):
                    yield copy


def _is_held(asked: Asked | None) -> bool:
    return asked is not None and asked.read_at is not None


def copy_address(row: IndexRow) -> str:
    """Return the address of a copy as it was received, without what the web archive puts around it."""
    return f"https://{WEB_ARCHIVE}/web/{row.stamp}id_/{row.address}"


def index_ask(wanted: Wanted, resume_key: str | None) -> Ask:
    """Return the question for the captures of an address: those that brought a page, each content once in a row."""
    query = [
        ("url", wanted.address),
        ("matchType", "prefix" if wanted.is_prefix else "exact"),
        ("output", "json"),
        ("fl", _FIELDS),
        # A repeat of earlier bytes has no status of its own; without it a page that went back to old words would not.
        ("filter", "!statuscode:[345].."),
        ("collapse", "digest"),
        ("limit", str(_ROWS_AT_ONCE)),
        ("showResumeKey", "true"),
    ]
    if wanted.days is not None:
        query += [("from", f"{wanted.days.first:%Y%m%d}"), ("to", f"{wanted.days.last:%Y%m%d}")]
    if resume_key is not None:
        query.append(("resumeKey", unquote_plus(resume_key)))  # the index hands it out quoted
    address = f"https://{WEB_ARCHIVE}/cdx/search/cdx?{urlencode(query)}"
    return Ask(address, Purpose.INDEX, SOURCE.source_key)


def _indexes(session: Session, wanted: Wanted, unheld: list[Ask] | None) -> Iterator[Index]:
    """Yield the answers of the index one after another; the next one is asked for when the one before is dealt with."""
    resume_key: str | None = None
    seen: set[str | None] = set()
    while resume_key not in seen:  # one that comes again leads in a circle
        seen.add(resume_key)
        ask = index_ask(wanted, resume_key)
        data = _held_index(session, ask)
        if data is None and unheld is not None:
            unheld.append(ask)
            return
        data = _index(session, ask) if data is None else data
        if data is None:
            return
        index = index_in(data)
        resume_key = index.key
        if not index.count and len(seen) == 1:
            note = on_one_line(f"{SOURCE.source_key}: the index lists no copies of {_named(wanted)}")
            session.run.report_of(SOURCE.source_key).notes.append(note)
        yield index
        if resume_key is None or not index.count:
            return


def _named(wanted: Wanted) -> str:
    days = wanted.days
    within = "" if days is None else f" that were captured from {days.first} to {days.last}"
    return f"{wanted.address}{_PREFIX_MARK if wanted.is_prefix else ''}{within}"


def _held_index(session: Session, ask: Ask) -> bytes | None:
    known = session.directories.get((ask.address, Purpose.INDEX))
    if (
        known is not None
        and known.held is not None
        and session.is_fresh(ask.address, Purpose.INDEX, FRESH[Purpose.INDEX])
    ):
        return held_bytes(session.run.layout.raw, known.held.raw_sha256)
    return None


def _index(session: Session, ask: Ask) -> bytes | None:
    kept = session.ask(SOURCE, ask)
    return session.bytes_of(kept) if kept is not None and kept.verdict is Verdict.FETCHED else None
