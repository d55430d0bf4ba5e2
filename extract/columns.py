"""Records as columns: the three tables that one batch of records fills.

`content` holds the publisher's words, once for each hash; `description` what this extractor makes of them, once for
each hash; `reading` is one row a record and leads from its bytes to both. A better extractor changes descriptions and
leaves contents alone, so that its progress can't be mistaken for an edit.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
import pyarrow as pa

from extract.fields import laid_out, made_key
from extract.model import NOT_PROVEN_WHOLE, WORDS_NOT_SHOWN, Medium, PublishedBasis, Record, Rejection
from extract.richer import (
    COUNTS,
    NO_COUNTS,
    NO_DESCRIPTION,
    RICHER_CONTENT,
    RICHER_DESCRIPTION,
    counts_of,
    described,
    facets_of,
    richer_content,
    richer_description,
)
from extract.text import first_lines, folds, head_letters

CONTENT_VERSION = "content/1"
_CONTENT_HEADS = {medium.value: laid_out((CONTENT_VERSION, medium)) for medium in Medium}
WEAK_KEY_VERSION = "weak/1"
_UNSURE = frozenset((NOT_PROVEN_WHOLE, WORDS_NOT_SHOWN))

_HASH = pa.binary(32)
_FOLD = pa.binary(16)
_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())

CONTENT = pa.schema(
    [
        ("content_sha256", _HASH),
        ("medium", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("text_sha256", _HASH),
        ("letters_sha256", _FOLD),
        ("spaced_sha256", _FOLD),
        ("carries_paragraphs", pa.bool_()),
        ("published_text", pa.string()),
        ("document_number", pa.string()),
        ("forwarded_from", pa.string()),
        ("word_count", pa.int32()),
        *RICHER_CONTENT,
    ]
)
DESCRIPTION = pa.schema(
    [
        ("description_sha256", _HASH),
        ("published_at", _INSTANT),
        ("published_basis", pa.string()),
        ("headline", pa.string()),
        ("lang", pa.string()),
        ("languages_available", _TEXTS),
        ("kind", pa.string()),
        ("kind_basis", pa.string()),
        ("speakers", _TEXTS),
        ("event_text", pa.string()),
        ("event_place", pa.string()),
        ("hashtags", _TEXTS),
        ("flags", _TEXTS),
        ("is_excerpt", pa.bool_()),
        ("has_media_placeholder", pa.bool_()),
        ("passage_roles", _TEXTS),
        ("passage_speakers", _TEXTS),
        ("furniture", _TEXTS),
        ("notices", pa.list_(pa.struct([("code", pa.string()), ("detail", pa.string())]))),
        *RICHER_DESCRIPTION,
    ]
)
READING = pa.schema(
    [
        ("byte_from", pa.int64()),
        ("byte_to", pa.int64()),
        ("strong_key", pa.string()),
        ("weak_key", pa.string()),
        ("key_date", pa.string()),
        ("content_sha256", _HASH),
        ("description_sha256", _HASH),
        ("event_from", pa.date32()),
        ("event_to", pa.date32()),
        ("event_basis", pa.string()),
        ("event_month_days", pa.int32()),
        ("event_is_ahead", pa.bool_()),
        ("published_after", pa.date32()),
        ("published_before", pa.date32()),
        ("edited_at", _INSTANT),
        *COUNTS,
    ]
)


@dataclass(frozen=True, slots=True)
class Tables:
    """One batch of records as columns; the rows of `reading` stand in the order of the input."""

    content: pa.RecordBatch
    description: pa.RecordBatch
    reading: pa.RecordBatch


def tables_of(values: Iterable[Record | Rejection], source_key: str) -> Tables:
    """Return the columns for the records among these, equal contents and descriptions once."""
    contents: dict[bytes, tuple[Any, ...]] = {}
    descriptions: dict[bytes, tuple[Any, ...]] = {}
    readings: list[tuple[Any, ...]] = []
    for value in values:
        if isinstance(value, Rejection):
            continue
        content = _content(value)
        description = _description(value)
        contents[content[0]] = content
        descriptions[description[0]] = description
        readings.append(_reading(value, source_key, content[0], description[0]))
    return Tables(
        _batch(contents.values(), CONTENT),
        _batch(descriptions.values(), DESCRIPTION),
        _batch(readings, READING),
    )


def _batch(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def content_sha256(record: Record, text: bytes) -> bytes:
    """Return the hash of the publisher's words as read: the carried facets by name, so that later ones change none.

    `text` is the record's text in UTF-8.
    """
    carried: list[str | bytes | None] = []
    if record.document_number is not None:
        carried += "document_number", record.document_number
    if record.forwarded_from is not None:
        carried += "forwarded_from", record.forwarded_from
    if (printed_date := _printed_date(record)) is not None:
        carried += "published_text", printed_date
    carried += "text", text
    if (printed_title := _printed_title(record)) is not None:
        carried += "title", printed_title
    for facet in facets_of(record):
        carried += facet
    return _sha256(_CONTENT_HEADS[record.medium] + laid_out(carried))


def _printed_title(record: Record) -> str | None:
    """Return the title that stands above a page's text; a post's is a line of its text, which we call its headline."""
    return record.title if record.medium is Medium.PAGE else None


def _printed_date(record: Record) -> str | None:
    """Return the date line of a page; a post's local time is none, since it is the exporter's."""
    return record.published_text if record.medium is Medium.PAGE else None


def _content(record: Record) -> tuple[Any, ...]:
    folded = folds(record.text)
    is_whole = all(notice.code not in _UNSURE for notice in record.notices)
    return (
        content_sha256(record, folded.exact),
        record.medium,
        _printed_title(record),
        record.text,
        _sha256(folded.exact),
        _sha256(folded.letters)[:16] if is_whole else None,
        _sha256(folded.spaced)[:16] if is_whole and record.carries_punctuation else None,
        record.carries_paragraphs,
        _printed_date(record),
        record.document_number,
        record.forwarded_from,
        folded.word_count,
        *richer_content(record),
    )


def _description(record: Record) -> tuple[Any, ...]:
    roles = [passage.role for passage in record.passages]
    speakers = [passage.speaker for passage in record.passages]
    values = (
        record.published_at,
        record.published_basis or (PublishedBasis.LOCAL_DAY if record.published_within else None),
        record.title if record.medium is Medium.POST else None,
        record.lang,
        record.languages_available,
        record.kind,
        record.kind_basis,
        record.speakers,
        record.event.text,
        record.event.place,
        record.hashtags,
        record.flags,
        record.is_excerpt,
        record.has_media_placeholder,
        roles,
        speakers if any(speakers) else None,
        record.furniture,
        [{"code": notice.code, "detail": notice.detail} for notice in record.notices],
    )
    plain = _sha256(orjson.dumps(values, option=orjson.OPT_UTC_Z))
    richer = richer_description(record)
    if richer == NO_DESCRIPTION:
        return (plain, *values, *richer)
    return (_sha256(described(plain, richer)), *values, *richer)


def _reading(record: Record, source_key: str, content: bytes, description: bytes) -> tuple[Any, ...]:
    event = record.event
    packed = None
    if event.month_days is not None:
        month_from, day_from, month_to, day_to = event.month_days
        packed = ((month_from * 100 + day_from) * 100 + month_to) * 100 + day_to
    weak_key = None if record.key else made_weak_key(record, source_key)
    return (
        record.byte_from,
        record.byte_to,
        record.key,
        weak_key,
        record.key_date,
        content,
        description,
        event.date_from,
        event.date_to,
        event.basis,
        packed,
        event.is_ahead,
        *(record.published_within or (None, None)),
        None if record.post is None else record.post.edited_at,
        *(NO_COUNTS if record.counts is None else counts_of(record.counts)),
    )


def made_weak_key(record: Record, source_key: str) -> str:
    """Return the key of a record without the publisher's id, made of the source, the printed date and the head.

    A pure function of the source's key and the record; nothing of an extractor that may get better feeds it but the
    printed date and the first lines. Records of one input that share it are told apart when they are appended, by their
    whole text.
    """
    head = head_letters(chain((_printed_title(record) or "",), first_lines(record.text, 20)))
    return made_key(WEAK_KEY_VERSION, source_key, record.key_date, head)
