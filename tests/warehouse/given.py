"""An archive in memory made of what a case gives: looks at documents and the words that each shows.

    given:
      sources:   rows of store.source
      captures:  one look each, and one append each, recorded a day after the one before, from 2026-01-01 on
      runs:      rows of store.run, with the columns of store.run_end beside them where the run has ended

A list instead of these is a list of captures. A capture has columns of store.capture and store.extraction (`at`, `told`
and `recorded` for short), and either `records`, or the one record's own fields beside them. A record has columns of
store.document, store.content, store.description, store.reading and store.measurement. `shows` of a capture is what its
form claims of the ids from the lowest to the highest of its posts, or from `id_from` to `id_to`. `address` and
`http_status` are those of store.transport; `asked` has columns of store.request, of a capture that is one request. All
that a case doesn't name has a plain default.
"""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from extract.fields import laid_out, made_key
from extract.model import Link, Media, MediaKind
from extract.richer import links_fold, media_kinds
from extract.text import folds
from warehouse.archive import settle
from warehouse.migrations import migrate

FIRST_RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]
COUNTS = {"views", "forwards", "replies", "reactions"}

_SOURCE = {"coverage": "unknown", "time_zone": "Europe/Moscow", "recorded_at": FIRST_RECORDED, "append_number": 1}
_RUN = {
    "command": "ingest",
    "started_at": FIRST_RECORDED,
    "code_version": "1",
    "host": "desk",
    "pid": 1,
    "outcome": "completed",
    "sources": [],
}
_CAPTURE = {
    "source_key": "site",
    "locator": "a.txt",
    "captured_via": "file",
    "captured_basis": "operator",
    "coverage": "unknown",
    "coverage_basis": "none",
    "recorded_order": 0,
}
_EXTRACTION = {
    "format": "mid_page_text",
    "extractor_version": 1,
    "cleaning_version": 1,
    "outcome": "read",
}
_RECORD = {
    "document_key": "mid:1:en",
    "key_is_strong": True,
    "medium": "page",
    "text": "",
    "carries_paragraphs": True,
    "languages_available": [],
    "kind": "other",
    "kind_basis": "none",
    "speakers": [],
    "hashtags": [],
    "flags": [],
    "is_excerpt": False,
    "has_media_placeholder": False,
    "furniture": [],
    "notices": [],
}
_REQUEST = {"purpose": "page"}
_REJECTION = {
    "reason": "missing_title",
    "found": "no line",
    "expected": "a title",
    "remedy": "look at it",
    "excerpt": "",
}


def empty_archive() -> duckdb.DuckDBPyConnection:
    """Return an archive in memory with nothing in it."""
    connection = duckdb.connect(config={"threads": 1})
    settle(connection)
    migrate(connection, FIRST_RECORDED, "test")
    return connection


def read_cases(path: Path) -> list[Row]:
    """Return the cases of a file."""
    cases: list[Row] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return cases


def fill(connection: duckdb.DuckDBPyConnection, given: Row | list[Row]) -> None:
    """Add what a case gives to an archive."""
    facts: Row = {"captures": given} if isinstance(given, list) else given
    tables = _Tables()
    for run in facts.get("runs", []):
        tables.add_run(run)
    for source in facts.get("sources", []):
        tables.add("source", _SOURCE | {name: instant(value) for name, value in source.items()})
    for number, capture in enumerate(facts.get("captures", []), 1):
        tables.add_capture(number, capture)
    for table, rows in tables.rows.items():
        schema = connection.execute(f"from store.{table} limit 0").to_arrow_table().schema
        connection.register("given_rows", pa.Table.from_pylist(rows, schema))
        connection.execute(f"insert into store.{table} from given_rows")
        connection.unregister("given_rows")


def sha256(*fields: object) -> bytes:
    """Return a hash of the fields."""
    return hashlib.sha256(laid_out(None if field is None else str(field) for field in fields)).digest()


def instant(value: object) -> object:
    """Return a day as its first instant in UTC, anything else as it is."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


class _Tables:
    """The rows of each table, equal ones once."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.seen: set[tuple[str, object]] = set()

    def add(self, table: str, row: Row, key: object = None) -> None:
        """Add a row, unless one with this key is there."""
        if key is not None:
            if (table, key) in self.seen:
                return
            self.seen.add((table, key))
        self.rows.setdefault(table, []).append(row)

    def add_run(self, run: Row) -> None:
        row = _RUN | {name: instant(value) for name, value in run.items()}
        self.add("run", row)
        if "ended_at" in row:
            self.add("run_end", row)

    def add_capture(self, number: int, given: Row) -> None:
        row: Row = {
            "append_number": number,
            "recorded_at": instant(given.get("recorded", FIRST_RECORDED + timedelta(days=number - 1))),
            "captured_at": instant(given.get("at")),
            "told_at": instant(given.get("told")),
            "capture_key": f"{number:08d}",
            "blob": f"bytes {number}",
            **given,
        }
        row = {**_CAPTURE, **_EXTRACTION, **row}
        if row["captured_at"] is None:
            row["captured_basis"] = "unknown"
        row["raw_sha256"] = sha256(row["blob"])
        way = "/".join(str(row[name]) for name in ("blob", "source_key", "format"))
        if row.get("address") is not None:
            way += f"@{made_key(row['address'])}"
        row["extraction_key"] = f"{way}:{row['extractor_version']}:{row['cleaning_version']}"
        self.add("append", _append(row), row["append_number"])
        if row.get("is_reread"):
            self.add_extraction(row, given)
            return
        self.add("capture", row)
        self.add("coverage", row | {"claim": row["coverage"], "claim_basis": row["coverage_basis"]})
        self.add("blob", row | {"size_bytes": len(row["blob"]), "blocks_root": sha256("root")}, row["raw_sha256"])
        self.add("source", _SOURCE | {"source_key": row["source_key"]}, row["source_key"])
        if {"address", "http_status"} & row.keys():
            self.add("transport", row)
        if "asked" in row:
            asked = {name: instant(value) for name, value in row["asked"].items()}
            self.add("request", _REQUEST | {"asked_at": row["captured_at"]} | row | asked)
        if {"text", "records", "rejections"} & given.keys() or "asked" not in row:
            self.add_extraction(row, given)

    def add_extraction(self, row: Row, given: Row) -> None:
        key = row["extraction_key"]
        if ("extraction", key) in self.seen:
            return
        records = given.get("records", [given] if "text" in given else [])
        rejections = given.get("rejections", [])
        counts = {"record_count": len(records), "rejection_count": len(rejections)}
        self.add("extraction", counts | row, key)
        for position, record in enumerate(records, 1):
            self.add_reading(row, position, _RECORD | record)
        if "shows" in given:
            self.add_showing(row, [record.get("document_key", _RECORD["document_key"]) for record in records])
        for position, rejection in enumerate(rejections, 1):
            fallen = _REJECTION | row | {"rejection_key": f"{key}#{position}"} | rejection
            self.add("rejection", fallen)
        for answer in given.get("answers", []):
            self.add("answer", row | answer)

    def add_showing(self, row: Row, keys: list[str]) -> None:
        ids = [int(key.rpartition(":")[2]) for key in keys]
        place = {"id_from": min(ids, default=0), "id_to": max(ids, default=0), "post_count": len(set(ids))}
        channel_id = int(keys[0].split(":")[1]) if keys else 1
        self.add("showing", {"channel_id": channel_id, "claim": row["shows"]} | place | row)

    def add_reading(self, row: Row, position: int, record: Row) -> None:
        if record["medium"] == "post":
            record = record | {"headline": record.get("title"), "title": None}
        words = _content(record)
        said = _description(record)
        place = {"position": position, "byte_from": position * 100, "byte_to": position * 100 + 99}
        reading = place | record | words | said | {name: row[name] for name in ("extraction_key", "append_number")}
        self.add("reading", reading)
        if COUNTS & record.keys():
            self.add("measurement", reading)
        if "channel_username" in record or "channel_title" in record:
            names = {"channel_id": int(record["document_key"].split(":")[1])}
            names |= {"username": record.get("channel_username"), "title": record.get("channel_title")}
            self.add("alias", row | names, tuple(names.values()))
        self.add("content", reading, words["content_sha256"])
        self.add("description", reading, said["description_sha256"])
        self.add("document", reading, record["document_key"])
        ref = f"{record['document_key']}@{words['content_sha256'].hex()[:8]}"
        self.add("ref", reading | {"ref": ref, "raw_sha256": row["raw_sha256"]}, ref)


def _append(row: Row) -> Row:
    return {
        "append_number": row["append_number"],
        "batch_key": f"batch {row['append_number']}",
        "run_key": row.get("run_key", "run"),
        "recorded_at": row["recorded_at"],
        "leaf_version": 1,
        "leaf_count": 1,
        "merkle_root": sha256("root"),
        "head": sha256(row["append_number"]),
    }


def _content(record: Row) -> Row:
    folded = folds(record["text"])
    words: Row = {
        "text_sha256": hashlib.sha256(folded.exact).digest(),
        "letters_sha256": hashlib.sha256(folded.letters).digest()[:16],
        "spaced_sha256": hashlib.sha256(folded.spaced).digest()[:16],
        "word_count": folded.word_count,
    }
    if record.get("lacks_marks"):
        words["spaced_sha256"] = None
    if "links" in record:
        words["links_sha256"] = links_fold(tuple(Link(**link) for link in record["links"]))
    if "media" in record:
        words["media_kinds"] = media_kinds(tuple(Media(MediaKind(one["kind"])) for one in record["media"]))
    facets = ("medium", "title", "text", "carries_paragraphs", "published_text", "document_number", "forwarded_from")
    facets = (*facets, "links", "media", "poll_sha256", "origin_message_id", "service_action", "service_detail")
    words["content_sha256"] = sha256(words["spaced_sha256"], *(record.get(name) for name in facets))
    return words


def _description(record: Row) -> Row:
    lines = record["text"].count("\n") + 1 if record["text"] else 0
    said: Row = {"passage_roles": record.get("passage_roles", ["body"] * lines)}
    for name in {"published_at", "edited_at"} & record.keys():
        said[name] = instant(record[name])
    said["description_sha256"] = sha256(*(f"{name}={value}" for name, value in sorted((record | said).items())))
    return said
