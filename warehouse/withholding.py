"""Withholding: the one way out of the archive, for private or unlawful bytes that got in.

What was withheld is a row of an append like any other. Carrying it out follows from these rows alone, can be repeated
and cut off anywhere: stretches of the raw store are blanked, and the writer's file is written anew without the words,
so that no freed block keeps them. Hashes, folds and places stay.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from extract.fields import made_key
from warehouse.archive import Writing, opened_for_writing
from warehouse.errors import ArchiveBusy, ArchiveDamaged, WithholdingRefused
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.publish import note_of_copy, publish
from warehouse.raw_store import is_withheld, sync_folder, take_out
from warehouse.staging import WithholdingFacts
from warehouse.statements import quoted, statement
from warehouse.withheld import WHOLE, Withheld, ranges_of

_HEAD_BYTES = 1024  # what a rejection of a whole input may show of it
_COPIES = (
    "withholding/copy_content",
    "withholding/copy_description",
    "withholding/copy_rejection",
    "withholding/copy_run_end",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to have withheld: a ref with its document, or a capture; and who asks, and why."""

    key: str
    document_key: str | None  # None: a capture
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a withholding would take out."""

    rows: tuple[WithholdingFacts, ...]
    record_count: int
    document_keys: tuple[str, ...]
    places: tuple[str, ...]  # where the files were found
    remaining: tuple[str, ...]  # refs whose words stay: the same letters, or the same record in another capture


@dataclass(frozen=True, slots=True)
class _Place:
    """One record as one extraction read it."""

    raw_sha256: bytes
    byte_from: int
    byte_to: int
    extraction_key: str
    document_key: str
    content_sha256: bytes

    @property
    def ref(self) -> str:
        return f"{self.document_key}@{self.content_sha256.hex()[:8]}"

    def overlaps(self, other: "_Place") -> bool:
        is_same = self.raw_sha256 == other.raw_sha256
        return is_same and self.byte_from < other.byte_to and other.byte_from < self.byte_to


def planned(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Plan:
    """Return what a withholding would take out. Raises `WithholdingRefused` where that can't be done as it is asked."""
    if asked.document_key is None:
        return _plan_of_capture(connection, asked)
    found = connection.execute(
        statement("withholding/ref_contents"), {"document_key": asked.document_key, "ref": asked.key}
    ).fetchall()
    if any(not has_words and document_count > 1 for _, has_words, document_count in found):
        raise WithholdingRefused(
            f"{asked.key}: has no words, like {found[0][2] - 1:,} other documents; expected words that can be known "
            "again; withhold the capture that brought it"
        )
    contents = {content for content, *_ in found}
    places = _places(connection, contents)
    # What other versions of an extractor read of the same bytes are the same words.
    while more := _other_readings(connection, asked, places) - contents:
        contents |= more
        places = _places(connection, contents)
    if not places:
        raise WithholdingRefused(
            f"{asked.key}: no record shows these words any more; expected one; mfa-archive withhold --list shows what "
            "was withheld"
        )
    by_blob: dict[bytes, list[_Place]] = defaultdict(list)
    for place in places:
        by_blob[place.raw_sha256].append(place)
    remaining = connection.execute(statement("withholding/same_letters"), {"contents": list(contents)}).fetchall()
    return _plan(connection, asked, by_blob, [ref for (ref,) in remaining])


def _plan_of_capture(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Plan:
    rows = connection.execute(statement("withholding/named_captures"), {"key": asked.key}).fetchall()
    if not rows or (len(rows) > 1 and rows[0][0] != asked.key):
        found = "no capture" if not rows else "more than one capture"
        raise WithholdingRefused(
            f"{found} has a key that begins with {asked.key!r}; expected the key of one, or a ref; the views captures "
            "and versions have them"
        )
    raw_sha256 = rows[0][1]
    places = _rows(connection, "withholding/places", {"contents": None, "raw_sha256": raw_sha256})
    contents = list({place.content_sha256 for place in places})
    asked_of = {"contents": contents, "raw_sha256": raw_sha256}
    elsewhere = {one for (one,) in connection.execute(statement("withholding/standing_elsewhere"), asked_of).fetchall()}
    remaining = sorted({place.ref for place in places if place.content_sha256 in elsewhere})
    only_here = [place for place in places if place.content_sha256 not in elsewhere]
    return _plan(connection, asked, {raw_sha256: only_here}, remaining, is_whole=True)


def _places(connection: duckdb.DuckDBPyConnection, contents: Collection[bytes]) -> list[_Place]:
    return _rows(connection, "withholding/places", {"contents": list(contents), "raw_sha256": None})


def _rows(connection: duckdb.DuckDBPyConnection, name: str, asked: dict[str, Any]) -> list[_Place]:
    return [_Place(*row) for row in connection.execute(statement(name), asked).fetchall()]


def _other_readings(connection: duckdb.DuckDBPyConnection, asked: Asked, places: Sequence[_Place]) -> set[bytes]:
    """Return the words that were read of the same bytes another time.

    Raises `WithholdingRefused` where one reading found several records there, as it does in a database.
    """
    found: set[bytes] = set()
    for raw_sha256 in {place.raw_sha256 for place in places}:
        ours = [place for place in places if place.raw_sha256 == raw_sha256]
        for other in _rows(connection, "withholding/places", {"contents": None, "raw_sha256": raw_sha256}):
            touched = [place for place in ours if place.overlaps(other)]
            if any(place.extraction_key == other.extraction_key and place != other for place in touched):
                raise WithholdingRefused(
                    f"{asked.key}: its record has no place of its own in the bytes {raw_sha256.hex()}, which hold "
                    "others too; expected one that can be taken out by itself; withhold the capture that brought them"
                )
            if touched:
                found.add(other.content_sha256)
    return found


def _plan(
    connection: duckdb.DuckDBPyConnection,
    asked: Asked,
    by_blob: dict[bytes, list[_Place]],
    remaining: Sequence[str],
    *,
    is_whole: bool = False,
) -> Plan:
    facts = [_facts(connection, asked, raw, places, is_whole=is_whole) for raw, places in sorted(by_blob.items())]
    taken = [place for places in by_blob.values() for place in places]
    contents = list({place.content_sha256 for place in taken})
    known = connection.execute(
        statement("withholding/already"), {"contents": contents, "raw_sha256s": list(by_blob)}
    ).fetchone()
    if known is not None and not known[0]:
        raise WithholdingRefused(
            f"{asked.key}: withheld already; expected what is still there; mfa-archive withhold --list shows by whom "
            "and why"
        )
    return Plan(
        rows=tuple(row for row, _ in facts),
        record_count=len({(place.raw_sha256, place.byte_from, place.document_key) for place in taken}),
        document_keys=tuple(sorted({place.document_key for place in taken})),
        places=tuple(locator for _, locator in facts),
        remaining=tuple(remaining),
    )


def _facts(
    connection: duckdb.DuckDBPyConnection, asked: Asked, raw_sha256: bytes, places: Sequence[_Place], *, is_whole: bool
) -> tuple[WithholdingFacts, str]:
    row = connection.execute(statement("withholding/blob_facts"), {"raw_sha256": raw_sha256}).fetchone()
    size_bytes, locator, rejections = row or (0, "", [])
    ranges = sorted({(place.byte_from, place.byte_to) for place in places})
    is_whole = is_whole or (0, size_bytes) in ranges
    facts = WithholdingFacts(
        withholding_key=made_key("withholding/1", asked.key, asked.who, asked.why),
        asked=asked.key,
        who=asked.who,
        why=asked.why,
        raw_sha256=raw_sha256,
        byte_ranges=WHOLE if is_whole else " ".join(f"{start}-{end}" for start, end in ranges),
        content_sha256s=" ".join(sorted({place.content_sha256.hex() for place in places})),
        leaves=" ".join(
            f"{one['rejection_key']}:{one['leaf_sha256']}"
            for one in rejections
            if is_whole or _shows(one["byte_from"], one["byte_to"], ranges)
        ),
    )
    return facts, locator or raw_sha256.hex()


def _shows(byte_from: int | None, byte_to: int | None, ranges: Sequence[tuple[int, int]]) -> bool:
    """Say whether a rejection may show words of stretches; one of a whole input shows how that begins."""
    start, end = (0, _HEAD_BYTES) if byte_from is None else (byte_from, byte_to or byte_from + 1)
    return any(one_from < end and start < one_to for one_from, one_to in ranges)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was taken out by carrying out the withholdings."""

    blob_count: int = 0
    row_count: int = 0  # of the archive's tables
    source_keys: tuple[str, ...] = ()  # for which these blobs were read
    problems: tuple[str, ...] = ()  # blobs that could not be blanked, a line each
    left: tuple[str, ...] = ()  # files that may hold the words still and are not the archive's to alter


def apply_withholdings(layout: Layout, writing: Writing) -> Applied:
    """Take out whatever is withheld and still stands; nothing is written where nothing does.

    What people open is published anew. Raises `ArchiveBusy` where another process writes.
    """
    with opened_for_writing(layout, writing) as connection:
        if not is_any(connection):
            return Applied()
        applied = _apply_to_raw(connection, layout)
        connection.execute(statement("withholding/due_descriptions"))
        due = connection.execute(statement("withholding/count_due")).fetchone()
        row_count = sum(due) if due else 0
        if row_count:
            note_of_copy(layout).unlink(missing_ok=True)
            _write_anew(connection, layout)
            connection.close()
            _put_in_place(layout)
    if row_count:
        _remove_copies(layout)
    if not note_of_copy(layout).exists():  # what people open was made when the words were still there
        publish(layout, writing)
    left = tuple(left_files(layout)) if row_count or applied.blob_count else ()
    return replace(applied, row_count=row_count, left=left)


def is_any(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether anything was ever withheld."""
    row = connection.execute(statement("withholding/is_any")).fetchone()
    return row is not None and bool(row[0])


def _apply_to_raw(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Applied:
    count = 0
    source_keys: set[str] = set()
    problems: list[str] = []
    for *facts, texts, formats, keys, why in connection.execute(statement("withholding/wanted")).fetchall():
        raw_sha256, size_bytes, blocks_root = facts
        ranges = ranges_of(texts, size_bytes)
        wanted = Withheld(raw_sha256, size_bytes, blocks_root, ranges, WHOLE in texts, {}, None, tuple(formats))
        try:
            if not is_withheld(layout.raw, wanted):
                take_out(layout.raw, wanted, why)
                count += 1
                source_keys.update(keys)
        except ArchiveDamaged as error:
            problems.append(str(error))
    return Applied(blob_count=count, source_keys=tuple(sorted(source_keys)), problems=tuple(problems))


def _write_anew(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Write the archive into a new file beside the old one, without the words."""
    part = _aside(layout)
    for path in (part, part.with_name(f"{part.name}.wal")):
        path.unlink(missing_ok=True)
    connection.execute(f"attach {quoted(part)} as anew")
    connection.execute(statement("withholding/copy_schema"))
    for schema, table in connection.execute(statement("withholding/other_tables")).fetchall():
        connection.execute(f'insert into anew."{schema}"."{table}" by name from "{schema}"."{table}"')
    for name in _COPIES:
        connection.execute(statement(name))
    connection.execute("checkpoint anew")
    connection.execute("detach anew")
    connection.execute("checkpoint")
    with part.open("rb") as file:
        os.fsync(file.fileno())


def _aside(layout: Layout) -> Path:
    return layout.store.with_name(".withholding.duckdb")


def _put_in_place(layout: Layout) -> None:
    layout.store.with_suffix(".duckdb.wal").unlink(missing_ok=True)  # all of it is in the file
    _aside(layout).replace(layout.store)
    sync_folder(layout.store.parent)
    for path in layout.store.parent.glob("rebuilding.*"):  # a rebuild holds the lock: this one was cut off
        path.unlink()


def _remove_copies(layout: Layout) -> None:
    """Remove what a verifying that was cut off has left; one that is under way removes it at its end."""
    try:
        with locked(layout.store.with_name("verify.lock"), 0.0):
            shutil.rmtree(layout.store.parent / "verifying", ignore_errors=True)
    except ArchiveBusy:
        return


def left_files(layout: Layout) -> Iterator[str]:
    """Return the files beside the archive that may hold what was withheld: older ones are nobody's but a person's."""
    patterns = ("replaced-*", "*.unreadable-*", "quarantine*")
    for path in sorted(one for pattern in patterns for one in layout.store.parent.glob(pattern)):
        yield str(path)
    for path in sorted((layout.home / "snapshots").glob("*")):
        yield str(path)
