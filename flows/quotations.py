"""Quotations held against the archive: whether each stands there word for word, where, since when, and what is nearest.

Marks are compared by their meaning (quotes, dashes, apostrophes, ellipses, spaces), letters with their case. All
versions are searched, and a quotation ends where a word ends. `...`, `[...]` and `<...>` within a quotation stand for
words left out, unless the text itself has them. What is found in SQL for all quotations at once is looked at more
closely here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any

import duckdb

from extract.addresses import page_of, telegram_post_of
from flows.command.output import rows_of
from flows.quotation_list import Quotation
from flows.sequences import stretches
from flows.worddiff import Change, Piece, word_diff
from warehouse.statements import statement

MOST_DOCUMENTS = 5  # that are named where a quotation stands in several
NEAR_TEXTS = 8  # that are looked at for the words nearest to a quotation
LEAST_SIMILARITY = 0.5  # what is less alike is no version of the same words
_OMISSION = re.compile(r"\s*(?:\[\s*\.{3,4}\s*\]|<\s*\.{3,4}\s*>|\(\s*\.{3,4}\s*\)|\.{3,4})\s*")
_EDGES = re.compile(rf"\A(?:{_OMISSION.pattern})+|(?:{_OMISSION.pattern})+\Z")
_WORD = re.compile(r"[^\W_]+")
_LEFT_OUT = " ... "  # between parts; it stays as it is when it is folded


class Outcome(StrEnum):
    """Whether a quotation stands in the archive."""

    VERBATIM = "verbatim"  # word for word
    WITH_OMISSIONS = "with_omissions"  # its parts stand in order in one document
    ELSEWHERE = "elsewhere"  # it stands, but not in the document or version that the list names
    ALTERED = "altered"  # it stands nowhere; something like it does
    NOT_FOUND = "not_found"


class Now(StrEnum):
    """What became of the words since."""

    PRESENT = "present"
    EDITED = "edited"  # the document is there, and its current version lacks the words
    GONE = "gone"
    UNKNOWN = "unknown"  # a look that should have shown the document did not


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, by lines; where the title stands apart, it is line 0."""

    document_key: str
    ref: str
    is_current: bool
    seen_from: datetime | None
    seen_until: datetime | None
    recorded_at: datetime
    title: str | None
    published_date: date | None
    status: str
    form: str
    lost_in_form: tuple[str, ...]
    has_title: bool
    lines: tuple[str, ...]
    folded: tuple[str, ...]
    speakers: tuple[str | None, ...] | None

    def number(self, at: int) -> int:
        """Return the number of the passage that is a line of the version; 0 is the title."""
        return at if self.has_title else at + 1

    def speaker(self, at: int) -> str | None:
        """Return who says a line, as printed."""
        place = self.number(at) - 1
        return self.speakers[place] if self.speakers and 0 <= place < len(self.speakers) else None


@dataclass(frozen=True, slots=True)
class Near:
    """The words of a version that are nearest to a quotation, and what differs."""

    ref: str
    passage: int
    text: str  # as it stands
    quoted: str = ""  # what of the quotation is compared with them, folded
    similarity: float = 0.0  # share of the characters that both have, of 1
    # Folded: from the archive's words to the quotation's; from the quotation's to those that stand there now.
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one quotation."""

    quotation: Quotation
    outcome: Outcome
    document_key: str | None = None
    title: str | None = None
    published_date: date | None = None
    refs: tuple[str, ...] = ()  # the versions in which it stands, the first one first
    passage_from: int | None = None
    passage_to: int | None = None
    speaker: str | None = None
    seen_from: datetime | None = None
    seen_until: datetime | None = None
    recorded_at: datetime | None = None
    now: Now | None = None
    says_now: Near | None = None
    form: str | None = None
    lost_in_form: tuple[str, ...] = ()
    nearest: Near | None = None
    document_count: int = 0  # in which it stands
    also_in: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether the archive bears the quotation out."""
        return self.outcome in (Outcome.VERBATIM, Outcome.WITH_OMISSIONS)


@dataclass(frozen=True, slots=True)
class _Sought:
    """One quotation, ready to be searched for."""

    quotation: Quotation
    folded: str
    parts: tuple[str, ...]  # between omissions
    document_key: str | None
    ref: str | None  # or the beginning of one
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """One document in which a quotation stands."""

    document_key: str
    refs: frozenset[str]
    is_whole: bool
    document_count: int


def checked(connection: duckdb.DuckDBPyConnection, quotations: Sequence[Quotation]) -> list[Finding]:
    """Return what the archive says of each quotation, in their order."""
    sought = _sought(connection, quotations)
    _ask(connection, sought)
    places = _places(connection)
    absent = [one.quotation.number for one in sought if one.quotation.number not in places]
    near = _near_refs(connection, absent)
    keys = {place.document_key for some in places.values() for place in some}
    versions = _versions(connection, keys | {key for some in near.values() for key, _ in some})
    findings = []
    for one in sought:
        number = one.quotation.number
        if number in places:
            findings.append(_standing(one, places[number], versions))
        else:
            findings.append(_absent(one, [_of_ref(versions[key], ref) for key, ref in near.get(number, [])]))
    return _measured(connection, findings)


def _sought(connection: duckdb.DuckDBPyConnection, quotations: Sequence[Quotation]) -> list[_Sought]:
    channels = dict(connection.execute(statement("reading/channels")).fetchall())
    named = [_named(one, channels) for one in quotations]
    held = _held(connection, {key for key, _ in named if key})
    found = []
    texts = _folded(connection, [one.text for one in quotations])
    for one, folded, (key, ref) in zip(quotations, texts, named, strict=True):
        notes = [f"the archive does not hold {key}"] if key and key not in held else []
        if one.url and key is None:
            notes.append("the address names no page or post that is known")
        bare = _bare(folded)
        parts = tuple(part for part in _OMISSION.split(bare) if _WORD.search(part))
        found.append(_Sought(one, bare, parts, key, ref, tuple(notes)))
    return found


def _folded(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> list[str]:
    return [text for (text,) in connection.execute(statement("reading/fold_texts"), {"texts": texts}).fetchall()]


def _bare(folded: str) -> str:
    """Return a quotation without the marks that a list puts around it, and what is left out at its ends."""
    while len(folded) > 1 and folded[0] == folded[-1] == "'":
        folded = folded[1:-1].strip()
    return _EDGES.sub("", folded)


def _named(one: Quotation, channels: Mapping[str, int]) -> tuple[str | None, str | None]:
    """Return the document, and the version, that a row of the list names."""
    if one.key:
        key, at, _ = one.key.partition("@")
        return key, one.key if at else None
    page = page_of(one.url) if one.url else None
    if page is not None:
        return page.key(), None
    post = telegram_post_of(one.url) if one.url else None
    if post is None:
        return None, None
    channel_id = post[0] if isinstance(post[0], int) else channels.get(post[0])
    return (f"telegram:{channel_id}:{post[1]}" if channel_id else None), None


def _held(connection: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> set[str]:
    rows = connection.execute(statement("reading/held_documents"), {"document_keys": list(keys)}).fetchall()
    return {key for (key,) in rows}


def _ask(connection: duckdb.DuckDBPyConnection, sought: Sequence[_Sought]) -> None:
    connection.execute(
        statement("reading/quotes_asked"),
        {
            "numbers": [one.quotation.number for one in sought],
            "folded": [one.folded for one in sought],
            "parts": [list(one.parts) for one in sought],
            "keys": [one.document_key for one in sought],
            "days": [one.quotation.day for one in sought],
        },
    )
    connection.execute(statement("reading/quotes_words"))


def _places(connection: duckdb.DuckDBPyConnection) -> dict[int, list[_Place]]:
    places: dict[int, list[_Place]] = defaultdict(list)
    cursor = connection.execute(statement("reading/quotes_standing"), {"most": MOST_DOCUMENTS})
    for number, key, refs, is_whole, count in cursor.fetchall():
        places[number].append(_Place(key, frozenset(refs), is_whole, count))
    return places


def _near_refs(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> dict[int, list[tuple[str, str]]]:
    near: dict[int, list[tuple[str, str]]] = defaultdict(list)
    cursor = connection.execute(statement("reading/quotes_near"), {"numbers": numbers, "most": NEAR_TEXTS})
    for number, key, ref in cursor.fetchall():
        near[number].append((key, ref))
    return near


def _versions(connection: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> dict[str, list[Version]]:
    versions: dict[str, list[Version]] = defaultdict(list)
    cursor = connection.execute(statement("reading/quotes_versions"), {"document_keys": list(keys)})
    for row in rows_of(cursor).objects():
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        versions[row["document_key"]].append(Version(**fields))
    return versions


def _of_ref(versions: Sequence[Version], ref: str) -> Version:
    return next(version for version in reversed(versions) if version.ref == ref)


def _standing(one: _Sought, places: Sequence[_Place], versions: Mapping[str, list[Version]]) -> Finding:
    place = places[0]
    current = versions[place.document_key][-1]
    bearing = [version for version in versions[place.document_key] if version.ref in place.refs]
    cited = [version for version in bearing if one.ref and version.ref.startswith(one.ref)]
    shown = (cited or bearing)[-1]
    passage = _passage(one, shown, is_whole=place.is_whole)
    doubts = _doubts(one, place, shown)
    return Finding(
        one.quotation,
        _outcome(one, place, shown),
        document_key=place.document_key,
        title=shown.title,
        published_date=shown.published_date,
        refs=tuple(dict.fromkeys(version.ref for version in bearing)),
        passage_from=shown.number(passage[0]) if passage else None,
        passage_to=shown.number(passage[1]) if passage else None,
        speaker=shown.speaker(passage[0]) if passage else None,
        seen_from=min((version.seen_from for version in bearing if version.seen_from), default=None),
        seen_until=max((version.seen_until for version in bearing if version.seen_until), default=None),
        recorded_at=min(version.recorded_at for version in bearing),
        now=_now(current, bearing),
        says_now=None if current in bearing else _nearest(one, [current]),
        form=shown.form,
        lost_in_form=shown.lost_in_form,
        document_count=place.document_count,
        also_in=tuple(other.document_key for other in places[1:]),
        notes=(*one.notes, *doubts),
    )


def _outcome(one: _Sought, place: _Place, shown: Version) -> Outcome:
    if (one.document_key or place.document_key) != place.document_key or not shown.ref.startswith(one.ref or ""):
        return Outcome.ELSEWHERE
    return Outcome.VERBATIM if place.is_whole else Outcome.WITH_OMISSIONS


def _doubts(one: _Sought, place: _Place, shown: Version) -> list[str]:
    doubts = []
    if one.document_key and one.document_key != place.document_key:
        doubts.append(f"it does not stand in {one.ref or one.document_key}")
    elif not shown.ref.startswith(one.ref or ""):
        doubts.append(f"it stands in another version than {one.ref}")
    day = one.quotation.day
    if day and shown.published_date and day != shown.published_date:
        doubts.append(f"the list dates it {day}, the archive {shown.published_date}")
    return doubts


def _now(current: Version, bearing: Sequence[Version]) -> Now:
    if current.status != "present":
        return Now(current.status)
    return Now.PRESENT if current in bearing else Now.EDITED


def _passage(one: _Sought, version: Version, *, is_whole: bool) -> tuple[int, int] | None:
    """Return the first and last line that a quotation stands in, within one line where it does."""
    parts = (one.folded,) if is_whole else one.parts
    for at, line in enumerate(version.folded):
        if _span(parts, line) is not None:
            return at, at
    ends = list(accumulate(len(line) + 1 for line in version.folded))
    span = _span(parts, " ".join(version.folded))
    if span is None:
        return None
    return _line_of(ends, span[0]), _line_of(ends, span[1] - 1)


def _line_of(ends: Sequence[int], place: int) -> int:
    return next(at for at, end in enumerate(ends) if place < end)


def _span(parts: Sequence[str], text: str) -> tuple[int, int] | None:
    """Return where parts that stand in order begin and end in a text."""
    start, end = None, 0
    for part in parts:
        before = r"(?<![^\W_])" if _WORD.match(part) else ""
        after = r"(?![^\W_])" if _WORD.match(part[-1]) else ""
        found = re.compile(f"{before}{re.escape(part)}{after}").search(text, end)
        if found is None:
            return None
        start, end = found.start() if start is None else start, found.end()
    return None if start is None else (start, end)


def _absent(one: _Sought, versions: Sequence[Version]) -> Finding:
    nearest = _nearest(one, versions)
    if nearest is None:
        return Finding(one.quotation, Outcome.NOT_FOUND, notes=one.notes)
    shown = next(version for version in versions if version.ref == nearest.ref)
    return Finding(
        one.quotation,
        Outcome.ALTERED,
        document_key=shown.document_key,
        title=shown.title,
        published_date=shown.published_date,
        speaker=shown.speaker(nearest.passage if shown.has_title else nearest.passage - 1),
        form=shown.form,
        lost_in_form=shown.lost_in_form,
        nearest=nearest,
        notes=one.notes,
    )


def _nearest(one: _Sought, versions: Sequence[Version]) -> Near | None:
    """Return the words of these versions that have the most words of a quotation, in its order.

    They stand in one stretch, or, where more words are met so, in one stretch for each part between omissions.
    """
    best_count, best = 0, None
    for version in versions:
        words = [(at, match) for at, line in enumerate(version.lines) for match in _WORD.finditer(line)]
        lowered = [match.group().lower() for _, match in words]
        for parts in dict.fromkeys(((" ".join(one.parts),), one.parts)):
            found = _windows(parts, lowered)
            count = sum(same for same, _, _ in found)
            if count > best_count:
                shown = [_words_shown(version, words[begin:end]) for _, begin, end in found]
                quoted = _LEFT_OUT.join(parts) if len(parts) > 1 else one.folded
                near = Near(version.ref, version.number(words[found[0][1]][0]), _LEFT_OUT.join(shown), quoted)
                best_count, best = count, near
    return best


def _windows(parts: Sequence[str], words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the best stretch of a text for each part, see `_window`, each behind the one before."""
    found: list[tuple[int, int, int]] = []
    end = 0
    for part in parts:
        window = _window([word.lower() for word in _WORD.findall(part)], words[end:])
        if window:
            same, begin, until = window
            found.append((same, end + begin, end + until))
            end += until
    return found


def _words_shown(version: Version, words: Sequence[tuple[int, re.Match[str]]]) -> str:
    """Return a stretch of a version as it stands, from a first word to a last with the mark that closes it."""
    (first, begin), (last, end) = words[0], words[-1]
    if first == last:
        return version.lines[first][begin.start() : end.end()]
    between = version.lines[first + 1 : last]
    return "\n".join((version.lines[first][begin.start() :], *between, version.lines[last][: end.end()]))


def _window(wanted: Sequence[str], words: Sequence[str]) -> tuple[int, int, int] | None:
    """Return how many of the wanted words stand in order in the best stretch of a text, and where that is."""
    if not wanted or not words:
        return None
    start = _densest(wanted, words)
    slack = 3 + len(wanted) // 10
    region_from = max(start - slack, 0)
    region = words[region_from : start + len(wanted) + slack]
    same = [part for part in stretches(list(wanted), list(region)) if part.is_equal]
    if not same:
        return None
    begin = max(same[0].new_from - same[0].old_from, 0)
    end = min(same[-1].new_to + len(wanted) - same[-1].old_to, len(region))
    return sum(part.old_to - part.old_from for part in same), region_from + begin, region_from + end


def _densest(wanted: Sequence[str], words: Sequence[str]) -> int:
    """Return where the stretch of as many words as are wanted begins that has the most of them."""
    missing = Counter(wanted)
    held = best = best_at = 0
    for at, word in enumerate(words):
        held += missing[word] > 0
        missing[word] -= 1
        if at >= len(wanted):
            left = words[at - len(wanted)]
            missing[left] += 1
            held -= missing[left] > 0
        if held > best:
            best, best_at = held, max(at - len(wanted) + 1, 0)
    return best_at


def _measured(connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with what differs between each quotation and the words nearest to it."""
    texts = [near.text for one in findings for near in (one.nearest, one.says_now) if near]
    folded = dict(zip(texts, _folded(connection, texts), strict=True))

    measured = []
    for one in findings:
        nearest, now = one.nearest, one.says_now
        found = replace(
            one,
            nearest=nearest and _compared(nearest, folded[nearest.text], nearest.quoted),
            says_now=now and _compared(now, now.quoted, folded[now.text]),
        )
        if found.nearest and found.nearest.similarity < LEAST_SIMILARITY:
            found = Finding(one.quotation, Outcome.NOT_FOUND, notes=one.notes)
        if found.says_now and found.says_now.similarity < LEAST_SIMILARITY:
            found = replace(found, says_now=None)
        measured.append(found)
    return measured


def _compared(near: Near, before: str, after: str) -> Near:
    pieces = tuple(word_diff(before, after))
    same = sum(len(piece.text) for piece in pieces if piece.change is Change.SAME)
    return replace(near, similarity=round(2 * same / max(len(before) + len(after), 1), 3), pieces=pieces)
