"""Posts of a channel as a table: CSV, TSV, JSON Lines or an array of JSON objects, one row a post.

Tables of known tools are read as they are (see `table_layouts`). Of any other a person must say which column is what;
until then nothing of it is taken in, and the error proposes the words.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from extract.errors import ExtractError
from extract.formats.table_columns import (
    POST_NEEDS,
    Field,
    known_layout,
    layout_columns,
    proposed_columns,
    resolved_declaration,
    unconfirmed,
)
from extract.formats.table_layouts import LAYOUTS
from extract.formats.table_posts import NOTICES as _NOTICES
from extract.formats.table_posts import Plan, post_of, with_first_row
from extract.formats.table_rows import Table, Writing, rows_in, sampled, split_rows
from extract.formats.table_values import has_message_id
from extract.model import Format, Hints, Record, Rejection, Stretch

NOTICES = _NOTICES

_TYPES = frozenset({"_", "_type", "className"})  # Telethon and Pyrogram, 4CAT, GramJS


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield stretches of many rows. Raises `UnconfirmedColumns` for a table whose columns nobody has named."""

    def plan(table: Table, first: Mapping[str, Any] | None) -> bytes:
        return with_first_row(_plan(table.names, hints.columns), table.names, first).packed()

    return split_rows(stream, hints.encoding, plan)


def _plan(names: tuple[str, ...], declared: str | None) -> Plan:
    if declared is not None:
        return Plan(resolved_declaration(declared, names, POST_NEEDS))
    known = known_layout(LAYOUTS, names)
    if known is None:
        raise unconfirmed(names, POST_NEEDS)
    return Plan(
        layout_columns(known, names),
        known.name,
        known.carries_paragraphs,
        known.carries_punctuation,
        known.is_utc,
    )


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the posts of a stretch, and the rejections of rows that are none."""
    packed, rows = rows_in(stretch)
    plan = Plan.unpacked(packed)
    return tuple(row if isinstance(row, Rejection) else post_of(row, plan, hints) for row in rows)


def claims(head: bytes) -> bool:
    """Tell whether an input is a table with what may be a message id and a text, and not one of pages."""
    try:
        table, first = sampled(head)
    except ExtractError:
        return False
    if known_layout(LAYOUTS, table.names) is not None:
        return True
    proposed = proposed_columns(table.names)
    if Field.TITLE in proposed or not all(need in proposed for need in POST_NEEDS):
        return False
    number = None if first is None else first.get(proposed[Field.ID])
    return (first is None or has_message_id(number)) and not _is_api(table)


def _is_api(table: Table) -> bool:
    """Say whether rows are messages of the API and its libraries, which name their types."""
    names = (name.rpartition(".")[2] for name in table.names)
    return table.writing is not Writing.DELIMITED and any(name in _TYPES for name in names)


FORMAT = Format(
    name="post_table",
    extractor_version=1,
    form="table of a channel's posts",
    lost_in_form=("links", "bold and italics", "media", "reactions"),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
)
