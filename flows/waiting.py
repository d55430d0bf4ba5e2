"""Rejected inputs that can be read by now, read again from the raw store.

Something has been mended since: the code, the registry, or another input told of which channel some posts are. An input
is read again where that gives a reading that the archive doesn't hold; it keeps the time at which it was captured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from extract.errors import ExtractError
from extract.model import Reason
from flows.fetching.entrances import entrance_of, is_fetched, with_expected_channel
from flows.inputs import parted, with_channel, with_option
from flows.intake import HEAD_BYTES, claimed_format
from flows.reading import extraction_key
from flows.rereading import Again, marked, note, portions, read_again
from flows.run import Run
from flows.taking import base_key, hints_of, out_of_bounds
from warehouse.errors import ArchiveBusy, ArchiveDamaged
from warehouse.known import State, known_channels, source_states
from warehouse.raw_store import opened
from warehouse.rereading import Cause, Rejected, held_keys, rejected_captures
from warehouse.staging import SourceFacts


@dataclass(frozen=True, slots=True)
class Mended:
    """Which rejections are tried again, and what is known by now."""

    source_keys: tuple[str, ...] = ()  # none: of all sources
    reasons: tuple[str, ...] = ()  # none: all
    registry: Mapping[str, SourceFacts] = field(default_factory=dict)  # rows by their keys
    said: Mapping[str, Any] = field(default_factory=dict)  # what a person says of all of these inputs


WAITING = Mended(reasons=(Reason.UNKNOWN_CHANNEL.value,))


def take_in_waiting(run: Run) -> None:
    """Stage the posts that waited for the number of their channel, where it is known by now."""
    try:
        for portion in portions(mended_inputs(run, WAITING)[0]):
            stage_mended(run, portion)
    except ArchiveBusy as error:
        run.note_busy(error)


def mended_inputs(run: Run, mended: Mended) -> tuple[list[Again], int]:
    """Return the inputs to be read again, and the number of those of which nothing else is known now than before."""
    with run.archive() as connection:
        rejected = rejected_captures(connection, mended.source_keys, mended.reasons)
        if not rejected:
            return [], 0
        states = source_states(connection, [one.capture.source_key for one in rejected])
        channels = known_channels(connection)
        rows = {row.source_key: _as_read(connection, row) for row in mended.registry.values()}
        found = [_again(one, states.get(one.capture.source_key, []), rows, channels, mended) for one in rejected]
        keys = [None if one is None else _key(run, one) for one in found]
        held = held_keys(connection, [key for key in keys if key is not None])
    again = [one for one, key in zip(found, keys, strict=True) if one is not None and key not in held]
    return again, len(rejected) - len(again)


def _as_read(connection: duckdb.DuckDBPyConnection, row: SourceFacts) -> SourceFacts:
    """Return a row of the registry as its inputs are read by it."""
    return with_expected_channel(connection, entrance_of(row)).source if is_fetched(row) else parted(row)[0]


def _again(
    rejected: Rejected,
    states: Sequence[State],
    rows: Mapping[str, SourceFacts],
    channels: Mapping[str, int],
    mended: Mended,
) -> Again | None:
    """Return a rejected input with what is known by now; None where that changes nothing of why it was rejected."""
    capture = rejected.capture
    then = next((state.source for state in states if state.append_number <= rejected.append_number), None)
    row = rows.get(capture.source_key, states[0].source if states else SourceFacts(capture.source_key))
    if rejected.refused_count is not None and out_of_bounds(row, rejected.refused_count):
        return None
    source = row if capture.source_key in rows else then or row
    for name, value in mended.said.items():
        source = with_channel(source, value) if name == "channel" else with_option(source, name, value)
    username = source.channel or rejected.username
    if source.channel_id is None and username is not None:
        source = replace(source, channel_id=channels.get(username))
    if source.channel_id is None and mended is WAITING:
        return None
    return Again(capture, source, row, None)


def _key(run: Run, one: Again) -> str:
    """Return the key of the reading that an input would get now."""
    name = one.source.format
    if name is None:
        try:
            with opened(run.layout.raw, one.capture.raw_sha256) as stream:
                name = claimed_format(stream.peek(HEAD_BYTES)[:HEAD_BYTES], hints_of(one.source, one.capture).encoding)
        except ExtractError:
            name = None
        except ArchiveDamaged:
            return ""  # whoever reads it tells of it
    return extraction_key(base_key(one.source, one.capture.raw_sha256, one.capture), name)


def stage_mended(run: Run, portion: Sequence[Again]) -> None:
    """Read inputs again into the run's batch."""
    batch = run.open_batch()
    again = marked(batch, portion, Cause.RETRY)
    note(batch, again)
    problems = len(run.problems)
    read_again(run, batch, again)
    for source_key in {one.capture.source_key for one in again} if len(run.problems) > problems else ():
        run.report_of(source_key).is_failed = True
