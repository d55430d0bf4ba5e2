"""The pipeline as plain functions, in the order in which they run.

    finish_pending ─► take_in (for each source) ─► append_staged ─► close_run ─► publish

Bytes are kept before they are read, and what is read is on disk before the archive is touched; so a run can be cut off
anywhere, and the next one finishes what it began. The clock comes in from outside.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import duckdb

from flows.inputs import Job, size_of
from flows.intake import take_in
from flows.reports import RunReport
from flows.rereading import append_again, present_versions
from flows.restaging import restage
from flows.run import Run
from flows.waiting import take_in_waiting
from warehouse.append import append_batch, require_batches
from warehouse.archive import opened_for_reading
from warehouse.backup import refuse_half_restored
from warehouse.errors import ArchiveBusy, ArchiveDamaged, CheckFailed, WarehouseError
from warehouse.known import source_states
from warehouse.publish import Totals, publish, totals_of
from warehouse.rereading import touched_captures
from warehouse.room import check_room, full_disk_told
from warehouse.runs import interrupted_runs, journalled, leave_end, record_left_ends, record_run
from warehouse.staging import (
    Batch,
    CaptureFacts,
    cut_off_batches,
    emptied_batch,
    held_batch,
    log_path,
    noted,
    recorded_batches,
    remove,
    sealed_batches,
)
from warehouse.statements import statement
from warehouse.withholding import Applied, apply_withholdings, is_any

# An archive up to this size is copied after each run, so that the copy shows the run; a larger one after an append.
SMALL_BYTES = 24_000_000


def ingest(run: Run, jobs: list[Job]) -> RunReport:
    """Take in every job, append what is new, publish, and return what became of it.

    A source that fails doesn't stop the others. Raises `NoRoom` before anything is begun, and errors that concern the
    whole archive.
    """
    with run.keeping_archive(), opened_run(run, jobs):
        for job in jobs:
            take_in(run, job)
        append_staged(run)
        append_waiting(run)
        return close_run(run)


@contextmanager
def opened_run(run: Run, jobs: list[Job]) -> Iterator[None]:
    """Check that there is room, finish what earlier runs left, and keep the run's journal."""
    refuse_half_restored(run.layout)
    check_room(run.layout, size_of(jobs))
    with full_disk_told(run.layout), journalled(run.layout, run.start):
        finish_pending(run)
        try:
            yield
        finally:
            if run.batch is not None:
                run.batch.close()


def finish_pending(run: Run) -> None:
    """Append what earlier runs staged, reading again what was cut off, and record the runs that were interrupted.

    Where another process keeps the archive, all of it stays for the next run.
    """
    try:
        _drop_appended(run)
        _stage_again(run)
        _append_pending(run)
        take_out_withheld(run)
    except ArchiveBusy as error:
        run.note_busy(error)


def take_out_withheld(run: Run) -> Applied:
    """Take out what is withheld and still stands, or stands again, and tell it."""
    with run.archive() as connection:
        if not is_any(connection):
            return Applied()
    run.let_go()
    applied = apply_withholdings(run.layout, replace(run.writing, now=run.clock()))
    run.problems.extend(applied.problems)
    if applied.blob_count or applied.row_count:
        run.listener.say("taking out what is withheld")
    for source_key in set(applied.source_keys).intersection(run.reports):
        run.report_of(source_key).notes.append(
            f"{source_key}: what was withheld had come in again, and was taken out; see mfa-archive withhold --list"
        )
    return applied


def _drop_appended(run: Run) -> None:
    """Remove what a rebuild that was cut off has staged of batches that the archive holds."""
    cut_off = cut_off_batches(run.layout)
    if not cut_off:
        return
    with run.archive() as connection:
        appended = _appended_batches(connection)
    for batch_key in appended.intersection(cut_off):
        batch = held_batch(run.layout, batch_key)
        if batch is not None:
            with closing(batch):
                remove(run.layout, [batch_key])


def _appended_batches(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {batch_key for (batch_key,) in connection.execute(statement("list_batches")).fetchall()}


def _stage_again(run: Run) -> None:
    for batch_key in cut_off_batches(run.layout):
        batch = emptied_batch(run.layout, batch_key)
        if batch is None:
            continue
        run.listener.say(f"reading again what a run that was cut off had captured ({batch_key})")
        with closing(batch):
            try:
                restage(run, batch)
            except ArchiveDamaged as error:  # of this batch alone; it waits until its bytes are back
                run.problems.append(str(error))
                continue
            seal_or_abandon(batch)


def _append_pending(run: Run) -> None:
    interrupted = interrupted_runs(run.layout)
    with run.archive() as connection:
        require_batches(connection, run.layout, _missing_batches(run, connection))
    # First what was read again for the sake of another one: it would be read once more.
    for batch_key in sorted(sealed_batches(run.layout), key=lambda key: (not _is_reread(run, key), key)):
        run.listener.say(f"appending what an earlier run had staged ({batch_key})")
        try:
            append_sealed(run, batch_key)
        except CheckFailed as error:
            run.problems.append(str(error))
    with run.archive() as connection:
        record_left_ends(connection, run.layout)
        for path, start in interrupted:
            record_run(connection, start, run.clock(), "interrupted", [])
            path.unlink(missing_ok=True)


def _is_reread(run: Run, batch_key: str) -> bool:
    return any(isinstance(facts, CaptureFacts) and facts.reread_cause for facts in noted(run.layout, batch_key))


def _missing_batches(run: Run, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the batches of the raw store's log that are neither appended nor staged.

    Asked under the archive's lock, in this order: another run may begin a batch or drop an empty one meanwhile.
    """
    recorded = recorded_batches(run.layout)
    # In this order: another run may seal its batch meanwhile, which is cut off before and sealed after.
    known = {*cut_off_batches(run.layout), *sealed_batches(run.layout), *_appended_batches(connection)}
    return [key for key in recorded if key not in known and log_path(run.layout, key).exists()]


def seal_or_abandon(batch: Batch) -> None:
    """Make a batch ready to be appended, or remove it where nothing was noted in it."""
    if batch.is_empty:
        batch.abandon()
    else:
        batch.seal()


def append_staged(run: Run) -> None:
    """Append the run's batch, if it has one. What can't be appended now stays staged for the next run."""
    batch, run.batch = run.batch, None
    if batch is None:
        return
    try:
        with closing(batch), full_disk_told(run.layout):
            seal_or_abandon(batch)
            if not batch.is_empty:
                run.listener.say("appending")
                append_sealed(run, batch.batch_key, is_told=True)
    except WarehouseError as error:
        if isinstance(error, ArchiveBusy):
            run.note_busy(error)
        else:
            run.problems.append(str(error))
        for source_key in {facts.source_key for facts in batch.captures()}:
            run.report_of(source_key).is_failed = True


def append_waiting(run: Run) -> None:
    """Append the posts that waited for the number of their channel, where it is known by now."""
    if run.appended_keys:  # otherwise nothing was learnt
        take_in_waiting(run)
        append_staged(run)


def append_batch_of(run: Run, batch_key: str) -> None:
    """Append a sealed batch as it is."""
    with run.archive() as connection:
        _append(run, connection, batch_key, is_told=False)


def append_sealed(run: Run, batch_key: str, *, is_told: bool = False) -> None:
    """Append a sealed batch. What older versions have read of its documents is read again and appended before it.

    So the words of two versions are never compared, and a change of ours never looks like one of theirs. What became of
    the batch is told of one of the run's own.
    """
    with run.archive() as connection:
        older = touched_captures(connection, run.layout, batch_key, present_versions())
        states = source_states(connection, [one.capture.source_key for one in older])
        if not older:
            _append(run, connection, batch_key, is_told=is_told)
            return
    append_again(run, older, states)
    with run.archive() as connection:
        _append(run, connection, batch_key, is_told=is_told)


def _append(run: Run, connection: duckdb.DuckDBPyConnection, batch_key: str, *, is_told: bool) -> None:
    append_batch(connection, run.layout, batch_key, run.listener.say)
    run.appended_keys.append(batch_key)
    if is_told:
        _take_outcome(run, connection, batch_key)


def _take_outcome(run: Run, connection: duckdb.DuckDBPyConnection, batch_key: str) -> None:
    rows = connection.execute(statement("outcome_of_batch"), {"batch_key": batch_key}).fetchall()
    for source_key, read, appended, unchanged, rejected in rows:
        report = run.report_of(source_key)
        report.read_count += read
        report.appended_count += appended
        report.unchanged_count += unchanged
        report.rejected_count += rejected


def close_run(run: Run) -> RunReport:
    """Record the run's end, publish the read copy where it is due, and return the report."""
    try:
        take_out_withheld(run)
        with run.archive() as connection:
            counts = [source.counts() for source in run.reports.values()]
            record_run(connection, run.start, run.clock(), _report(run, None).outcome, counts)
            newest = connection.execute(statement("newest_append")).fetchone()
    except ArchiveBusy as error:
        run.note_busy(error)
        counts = [source.counts() for source in run.reports.values()]
        leave_end(run.layout, run.start, run.clock(), _report(run, None).outcome, counts)
        return _report(run, None)
    try:
        run.let_go()
        is_due = bool(run.appended_keys) or run.layout.store.stat().st_size <= SMALL_BYTES
        totals = None if is_due else _published(run, newest)
        if totals is None:
            run.listener.say("publishing")
            totals = publish(run.layout, run.writing, is_appended=bool(run.appended_keys))
    except (ArchiveBusy, ArchiveDamaged) as error:
        run.problems.append(str(error))
        totals = None
    return _report(run, totals)


def _published(run: Run, newest: object) -> Totals | None:
    """Return what the read copy holds; None where it hasn't got the newest append."""
    if not run.layout.published.exists():
        return None
    with opened_for_reading(run.layout) as connection:
        is_current = connection.execute(statement("newest_append")).fetchone() == newest
        return totals_of(connection) if is_current else None


def _report(run: Run, totals: Totals | None) -> RunReport:
    return RunReport(
        run_key=run.start.run_key,
        command=run.start.command,
        started_at=run.start.started_at,
        ended_at=run.clock(),
        sources=tuple(run.reports.values()),
        problems=tuple(run.problems),
        totals=totals,
        archive=str(run.layout.published),
        is_interrupted=run.is_interrupted,
    )
