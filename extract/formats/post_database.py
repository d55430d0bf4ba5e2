"""Posts in SQLite databases of known tools, and of others once a person has said which column is what.

    tg-archive        messages, media; one channel a database, times are UTC
    telegram-export   Message, Channel, Forward, Media; an account-wide one is refused
    telegram-scraper  messages of unnohwn/telegram-scraper and its copies; one channel a database, times are UTC

A database is opened as a copy in memory. Only plain tables are read: no view, no trigger, no virtual table, and no
function that its schema calls. Its records have no places of their own, so each has the whole input for its place.
"""

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from extract.errors import TooLarge, UnreadableInput
from extract.formats.database_layouts import DatabaseRows, chosen_rows
from extract.formats.database_tables import MOST_BYTES, Tables
from extract.formats.table_posts import NOTICES as _NOTICES
from extract.formats.table_posts import Plan, post_of
from extract.formats.table_rows import EXCERPT, ROW_BYTES, STRETCH_BYTES, Row
from extract.model import Format, Hints, Reason, Record, Rejection, Stretch

NOTICES = _NOTICES

_MAGIC = b"SQLite format 3\0"
_REMEDY = "look at the row in the database; if the database is cut or damaged, fetch or copy it again"


def claims(head: bytes) -> bool:
    """Tell whether an input is a SQLite database."""
    return head.startswith(_MAGIC)


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield the rows of a database as JSON, many a stretch; a database that breaks off ends with a broken row.

    Raises `TooLarge`, `UnreadableInput`, `UnconfirmedColumns`.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"a database of more than {MOST_BYTES:,} bytes", "a smaller one", "take the channel's rows into a new one"
        )
    if not claims(data):
        raise UnreadableInput(
            f"{len(data):,} bytes that don't begin as a SQLite database",
            "a SQLite database",
            "name the right format with --format, or in the column `format` of the registry",
        )
    with Tables(data) as tables:
        yield from _stretches(tables, chosen_rows(tables, hints), len(data))


def _stretches(tables: Tables, chosen: DatabaseRows, size: int) -> Iterator[Stretch]:
    context = chosen.plan.packed()
    lines: list[bytes] = []
    length = 0
    for values in chosen.rows:
        line = _line(values)
        lines.append(line)
        length += len(line)
        if length >= STRETCH_BYTES:
            yield Stretch(0, size, b"\n".join(lines), context)
            lines, length = [], 0
    if tables.fault is not None:
        lines.append(orjson.dumps({"": [Reason.BROKEN_OFF, tables.fault, ""]}))
    if lines:
        yield Stretch(0, size, b"\n".join(lines), context)


def _line(values: dict[str, object]) -> bytes:
    """Return a row as a line of JSON, or in its place why it can't be read; a missing name can't be a column's."""
    sizes = [len(value) for value in values.values() if isinstance(value, bytes | str)]
    if sum(sizes) > ROW_BYTES:
        return orjson.dumps({"": [Reason.TOO_LARGE, f"a row of {sum(sizes):,} bytes", ""]})
    try:
        decoded = {key: value.decode() if isinstance(value, bytes) else value for key, value in values.items()}
        return orjson.dumps(decoded)
    except UnicodeDecodeError as error:
        shown = {
            key: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for key, value in values.items()
        }
        return orjson.dumps(
            {"": [Reason.UNDECODABLE, f"bytes that are no UTF-8 ({error.reason})", str(shown)[:EXCERPT]]}
        )


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the posts of a stretch of rows, and the rejections of rows that are none."""
    plan = Plan.unpacked(stretch.context)
    return tuple(_post(orjson.loads(line), stretch, plan, hints) for line in stretch.data.split(b"\n"))


def _post(values: dict[str, object], stretch: Stretch, plan: Plan, hints: Hints) -> Record | Rejection:
    fault = values.get("")
    if isinstance(fault, list):
        reason, found, excerpt = fault
        return Rejection(
            stretch.byte_from, stretch.byte_to, Reason(reason), found, "a row that can be read", _REMEDY, excerpt
        )
    return post_of(Row(stretch.byte_from, stretch.byte_to, values), plan, hints)


FORMAT = Format(
    name="post_database",
    extractor_version=1,
    form="SQLite database of a channel's posts",
    lost_in_form=("links", "bold and italics", "media", "reactions"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
