"""What of an input was read before, record by record, so that only the rest of it goes to the extractor.

A new export of a channel is for the most part what the last one was. The records of both are told apart by the hashes
of their bytes; whatever is not taken over is read as ever.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby

import duckdb
import pyarrow as pa

from extract.formats import formats
from extract.model import Apart, Format, Stretch
from extract.text import CLEANING_VERSION
from flows.reading import Part, extraction_key, pool
from flows.run import Run
from flows.taking import base_key
from warehouse.archive import opened_for_writing
from warehouse.errors import ArchiveBusy
from warehouse.raw_store import opened
from warehouse.staging import Batch, CaptureFacts, SourceFacts
from warehouse.takeover import (
    Earlier,
    Places,
    Reader,
    Staging,
    Taken,
    earlier_places,
    earlier_readings,
    hashed,
    take_over,
)

LEAST_BYTES = 1_000_000  # of an input: a smaller one is read sooner than asked for
POOL_BYTES = 16_000_000  # of an input: with less to hash, no process is worth being started
MOST_TIMES = 4  # as large as an input: to hash what was read before takes longer than to read it beyond ten times


@dataclass(slots=True)
class _Shown:
    """The records of an input by their places."""

    places: Places
    channel: tuple[int, str | None]
    has_others: bool = False  # something stands in it that must be read as a whole

    def add(self, stretch: Stretch, form: Format) -> None:
        """Add what stands in one stretch."""
        apart = form.apart(stretch)
        if apart is None or (apart.channel_id, apart.channel_title) != self.channel:
            self.has_others = True
            return
        data = memoryview(stretch.data)
        for start, end in apart.places:
            self.places.add(stretch.byte_from + start, data[start:end])


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an input to be read, and what was taken over of it."""

    taken: Taken
    channel: tuple[int, str | None]
    is_nothing: bool

    def stretches(self, form: Format, whole: Iterator[Stretch], progress: Callable[[int], None]) -> Iterator[Stretch]:
        """Yield the stretches without the records that were taken over. `progress` is told of their bytes."""
        for stretch in () if self.is_nothing else whole:
            apart = form.apart(stretch)
            if apart is None or (apart.channel_id, apart.channel_title) != self.channel:
                yield stretch
                continue
            size = len(stretch.data)
            for one in self._runs(stretch, apart):
                size -= len(one.data)
                yield one
            progress(size)

    def _runs(self, stretch: Stretch, apart: Apart) -> Iterator[Stretch]:
        """Yield each run of neighbouring records that were not taken over as a stretch."""
        base = stretch.byte_from
        for is_taken, run in groupby(apart.places, lambda place: self._is_taken(base + place[0])):
            if not is_taken:
                places = list(run)
                start, end = places[0][0], places[-1][1]
                yield replace(stretch, byte_from=base + start, byte_to=base + end, data=stretch.data[start:end])

    def _is_taken(self, byte_from: int) -> bool:
        index = bisect_left(self.taken.byte_from, byte_from)
        return index < len(self.taken.byte_from) and self.taken.byte_from[index] == byte_from


def taken_over(run: Run, batch: Batch, capture: CaptureFacts, source: SourceFacts, part: Part) -> Left | None:
    """Stage what of a capture was read before, and return what is left of it; None where all of it is.

    Errors that its format finds in it pass through, as they do where it is read.
    """
    form = formats()[part.format]
    if capture.size_bytes < LEAST_BYTES:
        return None
    with opened(run.layout.raw, capture.raw_sha256) as stream:
        apart = next((form.apart(stretch) for stretch in form.split(stream, part.hints)), None)
    if apart is None:
        return None
    channel = (apart.channel_id, apart.channel_title)
    staging = Staging(
        part.extraction_key,
        batch.part_path("reading", f"{part.name}-taken"),
        batch.part_path("description", f"{part.name}-taken"),
    )
    run.let_go()  # it is opened for moments only, while much is hashed
    try:
        found = _earlier(run, capture, source, part, apart.channel_id)
        if not found:
            return None
        run.listener.say(f"{source.source_key}: comparing {capture.locator} with what was read before")
        shown, earlier = _hashed(run, capture, part, channel, found)
        with _archive(run) as connection:
            taken = take_over(connection, shown.places, earlier, channel, staging)
    except ArchiveBusy:  # nothing is lost but time
        return None
    count, taken_count = len(shown.places.byte_from), len(taken.byte_from)
    run.listener.say(
        f"{source.source_key}: {taken_count:,} of {count:,} records of {capture.locator} were read before, "
        "byte for byte"
    )
    is_nothing = not shown.has_others and taken_count == count
    if is_nothing:
        run.listener.advance(capture.size_bytes)
    return Left(taken, channel, is_nothing)


def _archive(run: Run) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open the writer's file, which alone holds what the batch will be appended to, without waiting for others."""
    return opened_for_writing(run.layout, replace(run.writing, now=run.clock(), wait_s=0.0))


def _earlier(
    run: Run, capture: CaptureFacts, source: SourceFacts, part: Part, channel_id: int
) -> list[tuple[Earlier, pa.Table]]:
    """Return the newest reading of the channel by the same versions and hints, and the largest if it is another.

    None of much more than the input: a small one must not cost what the archive holds.
    """
    form = formats()[part.format]
    reader = Reader(source.source_key, form.name, form.extractor_version, CLEANING_VERSION, channel_id)
    with _archive(run) as connection:
        alike = [
            one
            for one in earlier_readings(connection, reader)
            if one.extraction_key == extraction_key(base_key(source, one.raw_sha256, capture), form.name)
            and one.size_bytes <= MOST_TIMES * capture.size_bytes
        ]
        chosen = {one.extraction_key: one for one in (*alike[:1], *_largest(alike))}
        return [(one, earlier_places(connection, one)) for one in chosen.values()]


def _largest(alike: list[Earlier]) -> list[Earlier]:
    return [max(alike, key=lambda one: one.post_count)] if alike else []


def _hashed(
    run: Run,
    capture: CaptureFacts,
    part: Part,
    channel: tuple[int, str | None],
    found: list[tuple[Earlier, pa.Table]],
) -> tuple[_Shown, list[tuple[Earlier, Places]]]:
    """Return the records of a capture, and those of earlier readings, with the hashes of their bytes."""
    raw = run.layout.raw
    is_large = capture.size_bytes >= POOL_BYTES
    hashing = [pool().submit(hashed, raw, *each) for each in found] if is_large else []
    shown = _shown(run, capture, part, channel)
    try:
        places = [one.result() for one in hashing]
    except BrokenExecutor:
        pool.cache_clear()
        places = []
    places = places or [hashed(raw, *each) for each in found]
    return shown, [(one, each) for (one, _), each in zip(found, places, strict=True)]


def _shown(run: Run, capture: CaptureFacts, part: Part, channel: tuple[int, str | None]) -> _Shown:
    form = formats()[part.format]
    shown = _Shown(Places(), channel)
    with opened(run.layout.raw, capture.raw_sha256) as stream:
        for stretch in form.split(stream, part.hints):
            shown.add(stretch, form)
    return shown
