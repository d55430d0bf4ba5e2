"""Batches: what waits on disk until a checkpoint of the archive holds it.

A batch is whole inputs. Its captures are noted in `raw/captures/` the moment their bytes are safe, so that the archive
can be made anew from there; what was read of them stands as Parquet in `staging/<batch>/` and is sealed by a file that
is written last. A sealed batch can be appended; of one that was cut off, everything but the noted captures is made
again.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa

from extract import columns
from extract.fields import made_key
from warehouse.errors import ArchiveDamaged
from warehouse.layout import Layout
from warehouse.raw_store import sync_folder, write_safely
from warehouse.staged_reads import StagedReads, part_path, write_part

_INSTANT = pa.timestamp("us", tz="UTC")
_HASH = pa.binary(32)
_STAMP = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One row of the registry, or what a person said of a file handed in."""

    source_key: str
    format: str | None = None  # None: exactly one format must claim each input
    locator: str | None = None
    publisher: str | None = None
    channel: str | None = None  # username in lower case, without "@"
    language: str | None = None
    time_zone: str | None = None  # None: nobody says in which zone its times are
    encoding: str | None = None
    coverage: str = "unknown"
    captured_at: datetime | None = None
    minimum: int | None = None
    maximum: int | None = None
    note: str | None = None
    held_count: int = 0  # records of the source that the archive held when the batch was filled
    channel_id: int | None = None  # bare and positive
    columns: str | None = None  # a table's columns, as a person declares them


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """One look at a locator that gave bytes."""

    capture_key: str
    source_key: str
    locator: str
    captured_via: str
    captured_at: datetime | None
    captured_basis: str
    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes
    coverage: str
    coverage_basis: str
    recorded_order: int
    # What a container, a manifest or a server tells of it.
    address: str | None = None  # URL of the page
    http_status: int | None = None
    content_type: str | None = None
    note: str | None = None
    # Of bytes that were read before: why they are read again (see `warehouse.rereading.Cause`), and by what.
    reread_cause: str | None = None
    reread_hints: str | None = None  # JSON: a part of the source's facts


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the request behind one capture told, noted with it, see the table store.request."""

    capture_key: str
    asked_at: datetime  # when the answer came, by this program's clock
    purpose: str
    looked_for: str | None = None
    failure: str | None = None
    detail: str | None = None
    vantage: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    not_before: datetime | None = None
    headers: str | None = None  # JSON: a list of name and value
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ExtractionFacts:
    """What became of reading one blob for one source."""

    extraction_key: str
    raw_sha256: bytes
    source_key: str
    locator: str
    format: str | None
    extractor_version: int
    cleaning_version: int
    outcome: str
    record_count: int
    rejection_count: int
    told_at: datetime | None
    claim: str = "unknown"  # what the form claims to show of the stretch of ids that stands in it


@dataclass(frozen=True, slots=True)
class RejectionFacts:
    """One rejection, of a record or of a whole input."""

    source_key: str
    locator: str
    raw_sha256: bytes | None
    extraction_key: str | None
    byte_from: int | None
    byte_to: int | None
    reason: str
    found: str
    expected: str
    remedy: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class WithholdingFacts:
    """What one withholding takes out of one blob, see the table store.withholding."""

    withholding_key: str
    asked: str
    who: str
    why: str
    raw_sha256: bytes
    byte_ranges: str
    content_sha256s: str
    leaves: str


_KINDS: dict[Any, pa.DataType] = {
    str: pa.string(),
    str | None: pa.string(),
    int: pa.int64(),
    int | None: pa.int64(),
    bytes: _HASH,
    bytes | None: _HASH,
    datetime: _INSTANT,
    datetime | None: _INSTANT,
}


def _schema(facts: type) -> pa.Schema:
    return pa.schema([(field.name, _KINDS[field.type]) for field in fields(facts)])


_TABLES: dict[type, tuple[str, pa.Schema]] = {
    SourceFacts: ("source", _schema(SourceFacts)),
    CaptureFacts: ("capture", _schema(CaptureFacts)),
    RequestFacts: ("request", _schema(RequestFacts)),
    ExtractionFacts: ("extraction", _schema(ExtractionFacts)),
    RejectionFacts: ("rejection", _schema(RejectionFacts)),
    WithholdingFacts: ("withholding", _schema(WithholdingFacts)),
}
READING = columns.READING.insert(0, pa.field("extraction_key", pa.string()))
ORDER = pa.schema(
    [
        ("extraction_key", pa.string()),
        ("byte_from", pa.int64()),
        ("event_from", pa.date32()),
        ("event_to", pa.date32()),
        ("event_basis", pa.string()),
        ("published_after", pa.date32()),
        ("published_before", pa.date32()),
    ]
)
# The columns of all that is staged, as a hash: what other code staged in another form is staged again from its log.
FORM = made_key(
    *(str(schema) for _, schema in _TABLES.values()), str(columns.CONTENT), str(columns.DESCRIPTION), str(READING)
)
Noted = SourceFacts | CaptureFacts | RequestFacts | RejectionFacts | WithholdingFacts
Facts = Noted | ExtractionFacts


class Batch:
    """One batch while it is being filled."""

    def __init__(self, layout: Layout, batch_key: str, run_key: str) -> None:
        """Name a batch; `opened_batch` and `cut_off_batches` make its places."""
        self.batch_key = batch_key
        self.run_key = run_key
        self.folder = layout.staging / batch_key
        self.log = log_path(layout, batch_key)
        self.rows: dict[type, list[Facts]] = {facts: [] for facts in _TABLES}
        self._read: dict[str, ExtractionFacts] = {}
        self._mark: BinaryIO | None = None
        self.reads = StagedReads(self.folder)

    def hold(self) -> bool:
        """Mark the batch as being filled by this process, and return False where another one fills it."""
        mark = (self.folder / "held").open("ab")
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mark.close()
            return False
        self._mark = mark
        return True

    @property
    def recorded_at(self) -> datetime:
        """The instant at which its captures were recorded."""
        return datetime.strptime(self.batch_key, _STAMP).replace(tzinfo=UTC)

    def note(self, *noted: Noted) -> None:
        """Keep facts in the raw store's log, synced, all of them or none, and stage them."""
        lines = [{"kind": _TABLES[type(facts)][0], "run_key": self.run_key, **_plain(facts)} for facts in noted]
        with self.log.open("ab") as file:
            file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))  # in one go: a kill can't part them
            file.flush()
            os.fsync(file.fileno())
        for facts in noted:
            self.stage(facts)

    def stage(self, facts: Facts) -> None:
        """Stage facts that the raw store's log need not hold, or holds already."""
        self.rows[type(facts)].append(facts)
        if isinstance(facts, ExtractionFacts):
            self._read[facts.extraction_key.rpartition(":")[0]] = facts

    def reading_of(self, base: str) -> ExtractionFacts | None:
        """Return what was read in this batch of the same bytes for the same source, if it was."""
        return self._read.get(base)

    def sources(self) -> list[SourceFacts]:
        """Return the sources staged so far."""
        return [facts for facts in self.rows[SourceFacts] if isinstance(facts, SourceFacts)]

    def captures(self) -> list[CaptureFacts]:
        """Return the captures staged so far, in their order."""
        return [facts for facts in self.rows[CaptureFacts] if isinstance(facts, CaptureFacts)]

    def rejections(self) -> list[RejectionFacts]:
        """Return the rejections staged so far."""
        return [facts for facts in self.rows[RejectionFacts] if isinstance(facts, RejectionFacts)]

    def take_back(self, extraction: ExtractionFacts) -> None:
        """Forget what was read of one capture; the capture itself stays."""
        self.rows[ExtractionFacts].remove(extraction)
        del self._read[extraction.extraction_key.rpartition(":")[0]]
        key = extraction.extraction_key
        self.rows[RejectionFacts] = [facts for facts in self.rejections() if facts.extraction_key != key]
        read = (extraction.source_key, extraction.locator, extraction.raw_sha256)
        for capture in self.captures():
            if (capture.source_key, capture.locator, capture.raw_sha256) == read:
                self.drop_parts(f"{capture.recorded_order:06d}")

    def part_path(self, table: str, name: str) -> Path:
        """Return the place of one Parquet part of a table."""
        return part_path(self.folder, table, name)

    def drop_parts(self, name: str) -> None:
        """Forget what was read of one input."""
        self.reads.drop(name)
        for table in ("content", "description", "reading", "order"):
            # The dash ends the name: a part of an input may be numbered like another input.
            for part in (self.part_path(table, name), *self.folder.glob(f"{table}-{name}-*.parquet")):
                part.unlink(missing_ok=True)

    def _staged(self, kind: type) -> list[Facts]:
        """Return the facts of one kind; of a source that was noted more than once, its newest state."""
        if kind is not SourceFacts:
            return self.rows[kind]
        return list({facts.source_key: facts for facts in self.sources()}.values())

    def seal(self) -> None:
        """Write what is left and mark the batch as whole."""
        self.reads.write()
        for facts, (table, schema) in _TABLES.items():
            rows = self._staged(facts)
            columns_of = {name: [getattr(row, name) for row in rows] for name in schema.names}
            write_part(self.part_path(table, "facts"), pa.Table.from_pydict(columns_of, schema))
        empty = {
            "content": columns.CONTENT,
            "description": columns.DESCRIPTION,
            "reading": READING,
            "order": ORDER,
        }
        for table, schema in empty.items():
            write_part(self.part_path(table, "none"), schema.empty_table())
        for part in self.folder.glob("*.parquet"):
            with part.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(self.folder)
        write_safely(self.folder / "sealed", orjson.dumps({"run_key": self.run_key, "form": FORM}))
        self.close()

    def close(self) -> None:
        """Let go of a batch that this process doesn't fill any more."""
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    def abandon(self) -> None:
        """Remove a batch in which nothing was noted."""
        self.close()
        self.log.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_empty(self) -> bool:
        """True while nothing was staged."""
        return not any(self.rows.values())


def log_path(layout: Layout, batch_key: str) -> Path:
    """Return where the captures of a batch are noted."""
    return layout.raw / "captures" / f"{batch_key[:4]}-{batch_key[4:6]}" / f"{batch_key}.jsonl"


def opened_batch(layout: Layout, run_key: str, now: datetime) -> Batch:
    """Return a new, empty batch. Its instant of recording is later than any other's, whatever the clock says."""
    with _stamping(layout):
        last = max((path.stem for path in (layout.raw / "captures").glob("*/*.jsonl")), default="")
        stamp = now
        if last and last >= now.strftime(_STAMP):
            stamp = datetime.strptime(last, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1)
        batch = Batch(layout, stamp.strftime(_STAMP), run_key)
        batch.folder.mkdir(parents=True)
        batch.hold()
        batch.log.parent.mkdir(parents=True, exist_ok=True)
        batch.log.touch(exist_ok=False)
        sync_folder(batch.log.parent)
    return batch


@contextmanager
def _stamping(layout: Layout) -> Iterator[None]:
    folder = layout.raw / "captures"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".stamp").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def noted(layout: Layout, batch_key: str) -> Iterator[Noted]:
    """Return the facts that the raw store's log holds of a batch, in their order. A torn last line is none.

    Raises `ArchiveDamaged` for a line that can't be understood.
    """
    for number, line in enumerate(_log(layout, batch_key).split(b"\n")[:-1], 1):
        try:
            yield _facts_of(line)
        except (ValueError, TypeError, KeyError) as error:
            raise ArchiveDamaged(
                f"{log_path(layout, batch_key)}, line {number}: can't be understood ({error}); expected what was noted "
                "of a capture; copy the file back from a backup of the raw store"
            ) from error


def _facts_of(line: bytes) -> Noted:
    row: dict[str, Any] = orjson.loads(line)
    row.pop("run_key")
    match row.pop("kind"):
        case "source":
            return SourceFacts(**_rich(row))
        case "capture":
            return CaptureFacts(**_rich(row))
        case "request":
            return RequestFacts(**_rich(row))
        case "rejection":
            return RejectionFacts(**_rich(row))
        case "withholding":
            return WithholdingFacts(**_rich(row))
        case other:
            raise ValueError(f"a line of the kind {other!r}")


def run_of(layout: Layout, batch_key: str) -> str | None:
    """Return the run whose batch it was, by the raw store's log; None where the log is empty."""
    first, end, _ = _log(layout, batch_key).partition(b"\n")
    try:
        return str(orjson.loads(first)["run_key"]) if end else None
    except (orjson.JSONDecodeError, TypeError, KeyError):  # `noted` tells of it
        return None


def _log(layout: Layout, batch_key: str) -> bytes:
    path = log_path(layout, batch_key)
    return path.read_bytes() if path.exists() else b""


def _plain(facts: Noted) -> dict[str, Any]:
    row = {name: getattr(facts, name) for name in _TABLES[type(facts)][1].names}  # `asdict` copies each value deeply
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}


def _rich(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("raw_sha256", "blocks_root"):
        if row.get(name):
            row[name] = bytes.fromhex(row[name])
    for name in ("captured_at", "asked_at", "not_before"):
        if row.get(name):
            row[name] = datetime.fromisoformat(row[name])
    return row


def sealed_batches(layout: Layout) -> list[str]:
    """Return the keys of the batches that wait to be appended, oldest first."""
    return sorted(path.parent.name for path in layout.staging.glob("*/sealed") if _is_of_this_form(path))


def _is_of_this_form(seal: Path) -> bool:
    """Say whether a batch was staged with the columns that this code appends."""
    try:
        return bool(orjson.loads(seal.read_bytes()).get("form") == FORM)
    except FileNotFoundError:  # another run has appended it
        return False


def cut_off_batches(layout: Layout) -> list[str]:
    """Return the keys of the batches that were never sealed, or by code that stages otherwise, oldest first."""
    folders = (path for path in layout.staging.glob("*Z") if path.is_dir())
    return sorted(path.name for path in folders if not _is_of_this_form(path / "sealed"))


def recorded_batches(layout: Layout) -> list[str]:
    """Return the keys of all batches that the raw store's log knows, oldest first."""
    return sorted(path.stem for path in (layout.raw / "captures").glob("*/*.jsonl"))


def emptied_batch(layout: Layout, batch_key: str) -> Batch | None:
    """Return a batch to be filled again from the raw store's log; None while its own process fills it."""
    batch = held_batch(layout, batch_key)
    if batch is None:
        return None
    (batch.folder / "sealed").unlink(missing_ok=True)
    for part in batch.folder.glob("*.parquet"):
        part.unlink()
    _cut_torn_line(batch.log)
    return batch


def held_batch(layout: Layout, batch_key: str) -> Batch | None:
    """Return a batch as it stands, kept from others; None while its own process fills it."""
    with _stamping(layout):  # a batch that is just being opened is not yet held by its process
        batch = Batch(layout, batch_key, run_of(layout, batch_key) or "")
        batch.folder.mkdir(parents=True, exist_ok=True)
        return batch if batch.hold() else None


def _cut_torn_line(log: Path) -> None:
    """Take off the end of a line that a power cut tore, so that what is noted next stands on a line of its own."""
    data = log.read_bytes() if log.exists() else b""
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with log.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())


def remove(layout: Layout, batch_keys: Iterable[str]) -> None:
    """Remove batches that a synced checkpoint of the archive holds."""
    for batch_key in batch_keys:
        shutil.rmtree(layout.staging / batch_key, ignore_errors=True)
