"""Making the archive anew from the raw store alone, beside the old one, which is kept."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime

from flows.pipeline import close_run, seal_or_abandon
from flows.reports import RunReport
from flows.restaging import restage
from flows.run import Run
from warehouse.append import append_batch, append_ledger
from warehouse.archive import opened_for_writing
from warehouse.backup import refuse_half_restored
from warehouse.errors import ArchiveDamaged
from warehouse.heads import chain_of, note_rebuilt
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.publish import note_of_copy
from warehouse.room import full_disk_told
from warehouse.runs import journalled
from warehouse.staging import emptied_batch, recorded_batches


def rebuild(run: Run) -> RunReport:
    """Read every capture of the raw store again, in the order of their recording, and put the new archive in place.

    The old writer's file, whatever state it is in, is kept beside the new one. Refs, versions and the chain come out
    as they were, as long as the extractors are the same; earlier runs are not in the raw store and stay in the old
    file. Raises `ArchiveDamaged` where there is nothing to make it of, or bytes are missing; the old archive stays.
    """
    refuse_half_restored(run.layout)
    aside = replace(run.layout, store_name="rebuilding")
    lock = locked(run.layout.lock, run.writing.wait_s)
    with lock, full_disk_told(run.layout), journalled(run.layout, run.start):
        recorded = recorded_batches(run.layout)
        if not recorded:
            raise ArchiveDamaged(
                f"{run.layout.raw}: no captures are noted there; expected those that the archive is to be made of; "
                "copy the folder back from a backup; nothing was changed"
            )
        _refuse_lost_logs(run, recorded)
        _forget(aside)
        for batch_key in recorded:
            run.listener.say(f"reading again {batch_key}")
            _append_again(run, aside, batch_key)
        with opened_for_writing(aside, run.writing) as connection:
            lost_count = append_ledger(connection, aside)
            chain = chain_of(connection)
        if lost_count:
            run.problems.append(
                f"{run.layout.raw}: {lost_count} refs of the ledger lead to bytes that no capture has; expected all to "
                "have one; captures are missing from raw/captures: compare with store/replaced-*.duckdb"
            )
        _put_in_place(run.layout, aside, run.clock())
        note_rebuilt(run.layout, chain, run.clock())
    # What was refused once stands in the archive; telling it again would make a good rebuild look bad.
    run.reports.clear()
    return close_run(run)


def _refuse_lost_logs(run: Run, recorded: list[str]) -> None:
    """Raise `ArchiveDamaged` where refs were issued for a batch whose captures are noted no more."""
    issued = {path.stem.partition("~")[0] for path in (run.layout.raw / "refs").glob("*/*.parquet")}
    lost = sorted(issued.difference(recorded))
    if lost:
        raise ArchiveDamaged(
            f"{run.layout.raw / 'captures'}: the captures of batch {lost[0]} are not noted, though refs were issued "
            f"for it ({len(lost)} such batches); expected its file; copy it back from a backup; nothing was changed"
        )


def _append_again(run: Run, aside: Layout, batch_key: str) -> None:
    batch = emptied_batch(run.layout, batch_key)
    if batch is None:  # its own process fills it at this moment, and will append it
        return
    with closing(batch):
        restage(run, batch)
        seal_or_abandon(batch)
    if not batch.is_empty:
        with opened_for_writing(aside, run.writing) as connection:
            append_batch(connection, aside, batch_key, run.listener.say)
    run.appended_keys.append(batch_key)


def _forget(aside: Layout) -> None:
    aside.heads.unlink(missing_ok=True)
    aside.store.unlink(missing_ok=True)
    aside.store.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def _put_in_place(layout: Layout, aside: Layout, now: datetime) -> None:
    note_of_copy(layout).unlink(missing_ok=True)  # a read copy of the old file has runs that the new one lacks
    stem = f"replaced-{now:%Y%m%dT%H%M%S}"
    count = len(list(layout.store.parent.glob(f"{stem}*.duckdb")))  # at the same instant, by a clock that went back
    kept = layout.store.with_name(f"{stem}~{count}.duckdb" if count else f"{stem}.duckdb")
    for suffix in (".duckdb", ".duckdb.wal"):
        if layout.store.with_suffix(suffix).exists():
            layout.store.with_suffix(suffix).replace(kept.with_suffix(suffix))
    aside.store.replace(layout.store)
    aside.lock.unlink(missing_ok=True)
    aside.heads.unlink(missing_ok=True)
