"""Reading one blob: stretches are read in processes of their own and written as Parquet parts of a batch.

The parent splits the stream and keeps only a few numbers of each record, so that memory stays flat however long the
input is; what the order of the records tells is settled from those numbers at the end.
"""

import gc
import os
import signal
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.compute as pc

from extract import order
from extract.columns import tables_of
from extract.formats import formats
from extract.model import Claim, Hints, Record, Rejection, Stretch
from extract.text import CLEANING_VERSION
from flows.errors import ReadingStopped
from warehouse.staged_reads import ReadTables, write_part
from warehouse.staging import ORDER, Batch
from warehouse.takeover import Taken

CHUNK_BYTES = 2_000_000
_EPOCH_ORDINAL = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@dataclass(frozen=True, slots=True)
class Part:
    """The place of one part of what is read, and how its records are to be read."""

    folder: Path
    name: str
    extraction_key: str
    format: str
    hints: Hints


@dataclass(frozen=True, slots=True)
class Outline:
    """A few numbers of each record of a part, in the order of the input."""

    byte_from: "array[int]"
    date_from: "array[int]"
    date_to: "array[int]"
    month_days: "array[int]"
    is_ahead: "array[int]"
    told_at: datetime | None
    rejections: tuple[Rejection, ...]


@dataclass(slots=True)
class Read:
    """What was read of one blob: counts, rejections and the numbers that the order is settled from."""

    record_count: int = 0
    told_at: datetime | None = None
    claim: Claim = Claim.UNKNOWN  # what the form claims to show of the stretch of ids that stands in it
    rejections: list[Rejection] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)

    def add(self, outline: Outline) -> None:
        """Take in what one part gave."""
        self.record_count += len(outline.byte_from)
        self.rejections.extend(outline.rejections)
        self.outlines.append(outline)
        self._hear(outline.told_at)

    def add_taken(self, taken: Taken) -> None:
        """Take in what was read before."""
        self.record_count += len(taken.byte_from)
        self._hear(taken.told_at)

    def _hear(self, told_at: datetime | None) -> None:
        if told_at is not None:
            self.told_at = max(told_at, self.told_at or told_at)


def read_part(part: Part, stretches: list[Stretch]) -> tuple[Outline, ReadTables]:
    """Read stretches, and return their outline and what is staged of them. Runs in any process."""
    reader = formats()[part.format]
    values: list[Record | Rejection] = []
    for stretch in stretches:
        values.extend(reader.read(stretch, part.hints))
    tables = tables_of(values, part.hints.source_key)
    keys = pa.array([part.extraction_key] * tables.reading.num_rows, pa.string())
    reading = pa.Table.from_batches([tables.reading]).add_column(0, "extraction_key", keys)
    records = [value for value in values if isinstance(value, Record)]
    outline = _outline(records, tuple(value for value in values if isinstance(value, Rejection)))
    return outline, ReadTables(
        pa.Table.from_batches([tables.content]), pa.Table.from_batches([tables.description]), reading
    )


def _outline(records: list[Record], rejections: tuple[Rejection, ...]) -> Outline:
    events = [record.event for record in records]
    return Outline(
        byte_from=array("q", (record.byte_from for record in records)),
        date_from=array("i", (event.date_from.toordinal() if event.date_from else 0 for event in events)),
        date_to=array("i", (event.date_to.toordinal() if event.date_to else 0 for event in events)),
        month_days=array("i", (_packed(event.month_days) for event in events)),
        is_ahead=array("b", (event.is_ahead for event in events)),
        told_at=max((record.published_at for record in records if record.published_at), default=None),
        rejections=rejections,
    )


def _packed(month_days: tuple[int, int, int, int] | None) -> int:
    if month_days is None:
        return 0
    month_from, day_from, month_to, day_to = month_days
    return ((month_from * 100 + day_from) * 100 + month_to) * 100 + day_to


def _chunks(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    chunk: list[Stretch] = []
    size = 0
    for stretch in stretches:
        chunk.append(stretch)
        size += len(stretch.data)
        if size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


@cache
def pool() -> ProcessPoolExecutor:
    """Return the processes that read, started when the first large input needs them."""
    return ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn"), _stay_with_parent)


def _stay_with_parent() -> None:
    """Make a reading process end with its parent, and not before."""
    # An interrupt from the keyboard reaches the whole group; the parent answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    # The values that are read hold no cycles. To look for some among them takes a twentieth of the time, so that it is
    # done between parts, when they are gone.
    formats()
    gc.freeze()
    gc.disable()


def _read_and_written(part: Part, stretches: list[Stretch]) -> Outline:
    outline, tables = read_part(part, stretches)
    tables.write(part.folder, part.name)
    del tables
    gc.collect()
    return outline


def _end_with_parent() -> None:
    """End this process once its parent is gone: a killed parent tells nobody, and its readers would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def read_blob(batch: Batch, part: Part, stretches: Iterator[Stretch], progress: Callable[[int], None]) -> Read:
    """Read the stretches of a blob into parts of a batch. `progress` is told of bytes done.

    An `ExtractError` from the format passes through; what was written before it is then worthless. Raises
    `ReadingStopped` where a process that reads is killed.
    """
    read = Read()
    chunks = _chunks(stretches)
    first = list(islice(chunks, 2))
    if len(first) < 2:
        for chunk in first:
            outline, tables = read_part(_numbered(part, 0), chunk)
            batch.reads.add(part.name, tables)
            read.add(outline)
            progress(sum(len(stretch.data) for stretch in chunk))
    else:
        batch.reads.write()  # of earlier inputs: their parts come first
        _read_in_pool(read, part, (chunk for some in (first, chunks) for chunk in some), progress)
    if formats()[part.format].is_ordered and read.record_count:
        _settle_order(batch, part, read)
    return read


def _numbered(part: Part, number: int) -> Part:
    return Part(part.folder, f"{part.name}-{number:06d}", part.extraction_key, part.format, part.hints)


def _read_in_pool(read: Read, part: Part, chunks: Iterator[list[Stretch]], progress: Callable[[int], None]) -> None:
    """Keep every process busy with a chunk and another in hand, and take the results in the order of the input."""
    waiting: deque[tuple[Future[Outline], int]] = deque()
    most = 2 * (os.cpu_count() or 1)

    def take() -> None:
        future, size = waiting.popleft()
        read.add(future.result())
        progress(size)

    try:
        for number, chunk in enumerate(chunks):
            future = pool().submit(_read_and_written, _numbered(part, number), chunk)
            waiting.append((future, sum(len(stretch.data) for stretch in chunk)))
            if len(waiting) >= most:
                take()
        while waiting:
            take()
    except BrokenExecutor as error:
        pool.cache_clear()
        raise ReadingStopped(
            "a process that was reading it was killed, most likely for want of memory; expected it to end by itself; "
            "free memory and run the command again: the bytes are kept"
        ) from error
    finally:
        # Those under way write parts: nobody may drop the parts before they are done.
        wait([future for future, _ in waiting if not future.cancel()])


def _settle_order(batch: Batch, part: Part, read: Read) -> None:
    joined = {
        name: _joined(name, read.outlines) for name in ("byte_from", "date_from", "date_to", "month_days", "is_ahead")
    }
    settled = order.settle(
        order.EventColumns(joined["date_from"], joined["date_to"], joined["month_days"], joined["is_ahead"])
    )
    count = read.record_count
    basis = pa.DictionaryArray.from_arrays(pa.array(settled.basis, pa.int8()), pa.array(order.BASES, pa.string()))
    table = pa.table(
        {
            "extraction_key": pa.array([part.extraction_key] * count, pa.string()),
            "byte_from": pa.array(joined["byte_from"]),
            "event_from": _days(settled.date_from),
            "event_to": _days(settled.date_to),
            "event_basis": basis.cast(pa.string()),
            "published_after": _days(settled.after),
            "published_before": _days(settled.before),
        },
        schema=ORDER,
    )
    write_part(batch.part_path("order", part.name), table)


def _joined(name: str, outlines: list[Outline]) -> "array[int]":
    whole = array(getattr(outlines[0], name).typecode)
    for outline in outlines:
        whole.extend(getattr(outline, name))
    return whole


def _days(ordinals: Sequence[int]) -> pa.Array:
    days = pa.array(ordinals, pa.int32())
    known = pc.if_else(pc.equal(days, 0), pa.scalar(None, pa.int32()), pc.subtract(days, _EPOCH_ORDINAL))
    return known.cast(pa.int32()).cast(pa.date32())


def extraction_key(base: str, format_name: str | None) -> str:
    """Return the key of an extraction: what is read for whom, and by which versions."""
    version = formats()[format_name].extractor_version if format_name else 0
    return f"{base}:{version}.{CLEANING_VERSION}"
