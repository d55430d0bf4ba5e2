"""What was read is read again: by newer extractors, or by what is known of a source by now.

Nothing is captured. What is to be read again is noted in the raw store's log with why and by what hints, so that a run
that is cut off, and a rebuild, read it in the same way.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from extract.formats import formats
from extract.text import CLEANING_VERSION
from flows.errors import ReadingStopped
from flows.intake import PORTION_BYTES, PORTION_COUNT, read_capture
from flows.run import Run
from flows.taking import base_key, hints_text, on_one_line, read_by
from warehouse.append import append_batch
from warehouse.errors import ArchiveDamaged
from warehouse.known import State
from warehouse.rereading import Cause, Older, Versions
from warehouse.staging import Batch, CaptureFacts, SourceFacts, opened_batch


@dataclass(frozen=True, slots=True)
class Again:
    """One input that is to be read again."""

    capture: CaptureFacts
    source: SourceFacts  # by what it is read
    row: SourceFacts  # the source as it stands
    older_key: str | None  # the reading whose place is taken; None where something was rejected


def present_versions() -> Versions:
    """Return the versions of this code."""
    return Versions({name: form.extractor_version for name, form in formats().items()}, CLEANING_VERSION)


def again_of(older: Older, states: Sequence[State]) -> Again:
    """Return an input with the hints that its reading was made by; `states` are those of its source, the newest first.

    The key of a reading is made of its hints: those that give the same key are the ones. Where none do, those stand
    that its source had at that time.
    """
    capture = older.capture
    then = next((state for state in states if state.append_number <= older.append_number), states[-1]).source
    candidates = [*(state.source for state in states), *(read_by(then, hints) for hints in older.hints)]
    base = older.extraction_key.rpartition(":")[0]
    fitting = (source for source in candidates if base_key(source, capture.raw_sha256, capture) == base)
    return Again(capture, next(fitting, then), states[0].source, older.extraction_key)


def portions(again: Iterable[Again]) -> Iterator[list[Again]]:
    """Yield as many inputs at once as one batch may hold."""
    portion: list[Again] = []
    size = 0
    for one in again:
        if portion and (size + one.capture.size_bytes > PORTION_BYTES or len(portion) >= PORTION_COUNT):
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += one.capture.size_bytes
    if portion:
        yield portion


def marked(batch: Batch, again: Sequence[Again], cause: Cause) -> list[Again]:
    """Return inputs by source, each with its place in a batch, why it is read again and by what."""
    count = len(batch.captures())
    return [
        replace(
            one,
            capture=replace(
                one.capture,
                recorded_order=count + at,
                reread_cause=cause.value,
                reread_hints=hints_text(one.source),
            ),
        )
        for at, one in enumerate(sorted(again, key=lambda one: one.row.source_key))
    ]


def note(batch: Batch, again: Sequence[Again]) -> None:
    """Note inputs that are read again, all or none, each source before what is read of it."""
    by_source = groupby(again, key=attrgetter("row"))
    batch.note(*(facts for row, some in by_source for facts in (row, *(one.capture for one in some))))


def read_again(run: Run, batch: Batch, again: Sequence[Again]) -> list[tuple[str, str]]:
    """Read inputs into a batch, and return the older and the newer key of each whose place is taken.

    One that can't be read is told, and what was read of it before stands.
    """
    succession: list[tuple[str, str]] = []
    for one in again:
        capture = one.capture
        run.listener.say(f"{capture.source_key}: reading {capture.locator} again ({capture.size_bytes:,} bytes)")
        try:
            facts = read_capture(run, batch, capture, read_by(one.source, capture.reread_hints))
        except (ReadingStopped, ArchiveDamaged) as error:
            run.problems.append(on_one_line(f"{capture.locator}: {error}"))
            continue
        if one.older_key is not None:
            succession.append((one.older_key, facts.extraction_key))
    return succession


def quiet(run: Run) -> Run:
    """Return a run that reads for another one and tells nobody of rejections: they stand in the archive already."""
    return Run(run.layout, run.writing, run.clock, run.listener, run.start)


def append_again(run: Run, older: Sequence[Older], states: dict[str, list[State]]) -> None:
    """Read again what newer bytes are compared with, and append it."""
    run.let_go()
    reading = quiet(run)
    for portion in portions(again_of(one, states[one.capture.source_key]) for one in older):
        with closing(opened_batch(run.layout, run.start.run_key, run.clock())) as batch:
            again = marked(batch, portion, Cause.NEWER_BYTES)
            note(batch, again)
            read_again(reading, batch, again)
            batch.seal()
        run.problems.extend(reading.problems)
        reading.problems.clear()
        with run.archive() as connection:
            append_batch(connection, run.layout, batch.batch_key, run.listener.say)
        run.appended_keys.append(batch.batch_key)
