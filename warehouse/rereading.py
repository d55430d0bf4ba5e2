"""What is to be read again: the questions that a rereading and a retry ask of the archive, and what they compare.

Which versions are present comes in from outside. Nothing here reads bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.layout import Layout
from warehouse.staging import CaptureFacts
from warehouse.statements import literal, statement

_SUCCESSION = pa.schema([("older_key", pa.string()), ("newer_key", pa.string())])
_MOST = 2**31
_FIRST_STATEMENTS = ("append/01_staged", "append/05_new_extraction", "append/09_new_reading")


class Cause(StrEnum):
    """Why bytes that were read before are read again."""

    NEWER_VERSION = "newer_version"  # of the extractor or of the cleaning; a person asked for it
    NEWER_BYTES = "newer_bytes"  # that are compared with them were read by a newer version
    RETRY = "retry"  # something of them was rejected


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the code that reads."""

    extractors: Mapping[str, int]
    cleaning: int

    def parameters(self) -> dict[str, Any]:
        """Return them as parameters of a statement."""
        present = [{"format": name, "extractor_version": version} for name, version in self.extractors.items()]
        return {"present": present, "cleaning_version": self.cleaning}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which inputs a person asks for; an empty part asks for all."""

    source_keys: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def parameters(self) -> dict[str, list[str] | None]:
        """Return them as parameters of a statement."""
        return {"source_keys": list(self.source_keys) or None, "formats": list(self.formats) or None}


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Older:
    """A reading by an older version, and a capture of the bytes that it read."""

    capture: CaptureFacts
    extraction_key: str
    append_number: int  # of the reading
    hints: list[str]  # by which its bytes were read again, if they were


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input of which something is rejected and still open."""

    capture: CaptureFacts
    append_number: int  # of the capture
    username: str | None  # of the channel that its posts wait for, where the rejection tells it
    refused_count: int | None  # records that the source had when it was refused for their number


@dataclass(frozen=True, slots=True)
class Changes:
    """What newer readings change in the inputs of one format and source. Documents count once for each input."""

    format: str
    source_key: str
    input_count: int
    record_count: int
    document_count: int  # same, other words, other description and gained together
    same_count: int
    other_words_count: int
    other_description_count: int
    gained_count: int
    lost_count: int
    rejections_gained_count: int
    rejections_lost_count: int

    def __add__(self, other: "Changes") -> "Changes":
        """Return the sum over the inputs of both, which are of one format and source."""
        mine, its = asdict(self), asdict(other)
        sums = {name: value + its[name] for name, value in mine.items() if isinstance(value, int)}
        return Changes(**mine | sums)


@dataclass(frozen=True, slots=True)
class Sample:
    """One document that is read otherwise: title and text before and after, None where it was not or is not there."""

    format: str
    source_key: str
    change: str  # other_words, gained, lost
    document_key: str
    older_title: str | None
    newer_title: str | None
    older_text: str | None
    newer_text: str | None


def list_older(connection: duckdb.DuckDBPyConnection, versions: Versions) -> bool:
    """List what older versions have read for the questions below, and return whether there can be any of it."""
    row = connection.execute(statement("rereading/is_any_older"), versions.parameters()).fetchone()
    is_any = bool(row and row[0])
    if is_any:
        connection.execute(statement("rereading/list_older"), versions.parameters())
    return is_any


def count_older(connection: duckdb.DuckDBPyConnection, versions: Versions, wanted: Wanted) -> tuple[int, int]:
    """Return how many inputs older versions have read, and their size in bytes."""
    if not list_older(connection, versions):
        return 0, 0
    row = connection.execute(statement("rereading/count_older"), wanted.parameters()).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def older_captures(connection: duckdb.DuckDBPyConnection, wanted: Wanted, after: str, most: int) -> list[Older]:
    """Return the next of what `list_older` has listed, in the order of the readings' keys."""
    found = connection.execute(
        statement("rereading/older_captures"), wanted.parameters() | {"after": after, "most": most}
    )
    return [Older(**row) for row in _with_captures(found)]


def touched_captures(
    connection: duckdb.DuckDBPyConnection, layout: Layout, batch_key: str, versions: Versions
) -> list[Older]:
    """Return what older versions have read of the documents that a sealed batch shows, but of its own bytes."""
    is_staged = (layout.staging / batch_key / "sealed").exists()  # else another run has appended it meanwhile
    if not is_staged or not list_older(connection, versions):
        return []
    _name_documents(connection, layout, batch_key)
    connection.execute(statement("rereading/keep_touched"))
    return older_captures(connection, EVERYTHING, "", _MOST)


def _name_documents(connection: duckdb.DuckDBPyConnection, layout: Layout, batch_key: str) -> None:
    """Make the staged tables of a batch, and name its documents as the append does. Nothing is inserted."""
    connection.execute("set variable staged = $value", {"value": literal(layout.staging / batch_key)})
    for name in _FIRST_STATEMENTS:
        connection.execute(statement(name))


def rejected_captures(
    connection: duckdb.DuckDBPyConnection, source_keys: Sequence[str], reasons: Sequence[str]
) -> list[Rejected]:
    """Return the inputs of which something is rejected and still open, in the order of their recording."""
    asked = {"source_keys": list(source_keys) or None, "reasons": list(reasons) or None}
    (is_any,) = connection.execute(statement("rereading/is_any_rejected"), asked).fetchone() or (True,)
    if not is_any:
        return []
    found = connection.execute(statement("rereading/rejected_captures"), asked)
    return [Rejected(**row) for row in _with_captures(found)]


def _with_captures(found: Any) -> Iterator[dict[str, Any]]:
    """Yield rows with the columns of a capture as one value."""
    names = [column[0] for column in found.description]
    of_capture = {one.name for one in fields(CaptureFacts)}
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        facts = {name: row.pop(name) for name in names if name in of_capture}
        yield {"capture": CaptureFacts(**facts), **row}


def held_keys(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> set[str]:
    """Return those of these readings that the archive holds."""
    return {key for (key,) in connection.execute(statement("rereading/held_keys"), {"keys": list(keys)}).fetchall()}


@contextmanager
def compared(
    connection: duckdb.DuckDBPyConnection, layout: Layout, batch_key: str, succession: Sequence[tuple[str, str]]
) -> Iterator[None]:
    """Compare the readings of a sealed batch with those whose place they take: pairs of an older and a newer key."""
    _name_documents(connection, layout, batch_key)
    rows = [{"older_key": older, "newer_key": newer} for older, newer in succession]
    connection.register("succession", pa.Table.from_pylist(rows, _SUCCESSION))
    try:
        connection.execute(statement("rereading/compare"))
        yield
    finally:
        connection.unregister("succession")


def changes(connection: duckdb.DuckDBPyConnection) -> list[Changes]:
    """Return what is `compared`, counted for each format and source."""
    return [Changes(*row) for row in connection.execute(statement("rereading/count_changes")).fetchall()]


def samples(connection: duckdb.DuckDBPyConnection, most: int) -> list[Sample]:
    """Return some of what is `compared` and read otherwise, of each kind for each format and source."""
    return [
        Sample(*row) for row in connection.execute(statement("rereading/sample_changes"), {"most": most}).fetchall()
    ]


def answers_of_run(connection: duckdb.DuckDBPyConnection, run_key: str) -> list[tuple[str, str, str, int]]:
    """Return what a run made of rejections: source, reason, outcome and number of them."""
    return connection.execute(statement("rereading/answers_of_run"), {"run_key": run_key}).fetchall()
