"""The append: one transaction decides what of a batch is new, and adds it.

This is the only place that inserts into the archive, runs and snapshots aside, and nothing updates or deletes. What is
new is decided by anti-joins inside the transaction, under the archive's lock, so that a batch which is there already
adds nothing, whoever staged it and however often.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from extract.fields import laid_out
from warehouse.checks import run_checks
from warehouse.errors import ArchiveDamaged, CheckFailed
from warehouse.heads import note_heads
from warehouse.layout import Layout
from warehouse.merkle import root_of
from warehouse.raw_store import sync_folder
from warehouse.staging import Batch, log_path, remove, run_of
from warehouse.statements import in_folder, literal, statement

LEAF_VERSION = 1
HEAD_VERSION = "head/1"
MARK_BYTES = 8  # of a leaf's hash, kept to find the row that is off
SILENCE_S = 2.0  # after which the step is told
_LEAVES_AT_ONCE = 50_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain."""

    append_number: int
    batch_key: str
    recorded_at: datetime
    leaf_count: int
    merkle_root: bytes
    previous_head: bytes | None
    leaf_version: int = LEAF_VERSION

    @property
    def head(self) -> bytes:
        """SHA-256 over all of the link, the previous head with it."""
        fields = (
            HEAD_VERSION,
            str(self.append_number),
            self.batch_key,
            str((self.recorded_at - EPOCH) // timedelta(microseconds=1)),
            str(self.leaf_version),
            str(self.leaf_count),
            self.merkle_root.hex(),
            self.previous_head.hex() if self.previous_head else None,
        )
        return hashlib.sha256(laid_out(fields)).digest()


class _Steps:
    """Tells the step that an append has come to, as long as nothing was told for a while."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Begin to count the seconds."""
        self._say = say
        self._told_at = time.monotonic()

    def __call__(self, step: str) -> None:
        """Come to a step."""
        if time.monotonic() - self._told_at >= SILENCE_S:
            self._say(f"appending: {step}")
            self._told_at = time.monotonic()


def append_batch(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    batch_key: str,
    say: Callable[[str], None],
) -> None:
    """Append a sealed batch, unless it is there already, and forget it once a synced checkpoint holds it.

    `say` is told the step where that takes long. Raises `CheckFailed` for a batch that would break a rule; it is rolled
    back and stays staged.
    """
    if not (layout.staging / batch_key / "sealed").exists():
        return  # another run has appended it, or found nothing new in it
    step = _Steps(say)
    if not _is_there(connection, batch_key):
        connection.execute("begin")
        try:
            is_new = _append(connection, layout, batch_key, step)
        except BaseException:
            connection.execute("rollback")
            raise
        step("writing to the disk")
        connection.execute("commit" if is_new else "rollback")
        if not is_new:
            log_path(layout, batch_key).unlink(missing_ok=True)
    connection.execute("checkpoint")
    note_heads(connection, layout)
    remove(layout, [batch_key])


def require_batches(connection: duckdb.DuckDBPyConnection, layout: Layout, batch_keys: Iterable[str]) -> None:
    """Raise `ArchiveDamaged` where the archive lacks a batch that the raw store's log has and that is not staged."""
    for batch_key in batch_keys:
        if not _is_there(connection, batch_key):
            raise ArchiveDamaged(
                f"{layout.store}: batch {batch_key} is missing, whose captures are in {layout.raw}; expected an "
                "archive that holds all of them; mfa-archive rebuild makes it anew from there"
            )


def _is_there(connection: duckdb.DuckDBPyConnection, batch_key: str) -> bool:
    return connection.execute(statement("find_batch"), {"batch_key": batch_key}).fetchone() is not None


def _append(connection: duckdb.DuckDBPyConnection, layout: Layout, batch_key: str, step: Callable[[str], None]) -> bool:
    """Add what is new, and return False where nothing is."""
    newest = connection.execute(statement("newest_append")).fetchone()
    number, previous_head, last_at = newest or (0, None, datetime.min.replace(tzinfo=UTC))
    # The batch's own instant, not the clock's: an archive made anew from the raw store has the same chain.
    batch_at = Batch(layout, batch_key, "").recorded_at
    variables = {"append_number": number + 1, "staged": literal(layout.staging / batch_key), "batch_at": batch_at}
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $value", {"value": value})
    for name, text in in_folder("statements/append"):
        step(name.partition("_")[2].replace("_", " "))
        connection.execute(text)
    step("intake")
    (is_steady,) = connection.execute(statement("is_steady")).fetchone() or (False,)
    if not is_steady:  # comparing takes long to plan
        connection.execute(statement("touched_spell"))
    connection.execute(statement("intake"))
    step("hashes of the rows")
    leaf_count, merkle_root = _root_of_leaves(connection)
    if not leaf_count:
        return False
    (recorded_at,) = connection.execute(statement("recorded_at")).fetchone() or (batch_at,)
    link = Link(
        append_number=number + 1,
        batch_key=batch_key,
        recorded_at=max(recorded_at, last_at + timedelta(microseconds=1)),
        leaf_count=leaf_count,
        merkle_root=merkle_root,
        previous_head=previous_head,
    )
    _record(connection, link, run_of(layout, batch_key) or "")
    step("refs")
    _write_ledger(connection, layout, batch_key)
    step("checks")
    broken = [rule for rule in run_checks(connection, layout, number + 1) if rule.broken_count]
    if broken:
        raise CheckFailed(
            f"batch {batch_key}: the rule {broken[0].rule} is broken by {broken[0].broken_count} rows "
            f"({broken[0].example}); expected none; nothing was appended, the batch stays staged; "
            "report this as a fault"
        )
    return True


def _root_of_leaves(connection: duckdb.DuckDBPyConnection) -> tuple[int, bytes]:
    """Return the number of leaves of the append under way, and their Merkle root, a batch of leaves at a time."""
    found = connection.execute(statement("leaves"))
    marks: list[bytes] = []
    count = 0

    def leaves() -> Iterator[bytes]:
        nonlocal count
        while rows := found.fetchmany(_LEAVES_AT_ONCE):
            count += len(rows)
            hashes = [leaf for (leaf,) in rows]
            marks.append(b"".join(leaf[:MARK_BYTES] for leaf in hashes))
            yield from hashes

    root = root_of(leaves())
    for part, some in enumerate(marks, 1):
        connection.execute(statement("record_leaf_marks"), {"part": part, "marks": some})
    return count, root


def _record(connection: duckdb.DuckDBPyConnection, link: Link, run_key: str) -> None:
    connection.execute(
        statement("record_append"),
        {
            "append_number": link.append_number,
            "batch_key": link.batch_key,
            "run_key": run_key,
            "recorded_at": link.recorded_at,
            "leaf_version": link.leaf_version,
            "leaf_count": link.leaf_count,
            "merkle_root": link.merkle_root,
            "previous_head": link.previous_head,
            "head": link.head,
        },
    )


def ledger_path(layout: Layout, batch_key: str) -> Path:
    """Return where the refs that a batch issued are kept for ever."""
    return layout.raw / "refs" / f"{batch_key[:4]}-{batch_key[4:6]}" / f"{batch_key}.parquet"


def _write_ledger(connection: duckdb.DuckDBPyConnection, layout: Layout, batch_key: str) -> None:
    """Keep the refs beside the raw store before they are committed: none that anyone saw can be lost.

    What is in the ledger stays. An append that is made again adds a part with those that its first one did not issue.
    """
    path = ledger_path(layout, batch_key)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = sorted(literal(part) for part in path.parent.glob(f"{batch_key}*.parquet"))
    if parts:
        path = path.with_name(f"{batch_key}~{len(parts)}.parquet")
    connection.execute("set variable issued = $value", {"value": parts})
    try:
        row = connection.execute(statement("refs_to_keep" if parts else "refs_of_append")).fetchone()
    except duckdb.InvalidInputException as error:
        raise ArchiveDamaged(
            f"{path.parent}: a part of the ledger of batch {batch_key} can't be read ({error}); expected Parquet; "
            "copy it back from a backup, or move it away: the refs that its readings issue are issued again"
        ) from error
    if row is None or not row[0]:
        return
    aside = path.with_name(f".{path.name}.part")
    connection.execute(statement("copy_refs"), {"ledger": str(aside)})
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def append_ledger(connection: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    """Add the refs of the ledger that no reading issues any more, and return how many of all have lost their bytes."""
    newest = connection.execute(statement("newest_append")).fetchone()
    if newest is None or not any((layout.raw / "refs").glob("*/*.parquet")):
        return 0
    connection.execute("set variable append_number = $value", {"value": newest[0]})
    connection.execute("set variable ledger = $value", {"value": f"{literal(layout.raw / 'refs')}/*/*.parquet"})
    connection.execute(statement("adopt_ledger"))
    connection.execute("checkpoint")
    row = connection.execute(statement("count_lost_refs")).fetchone()
    return int(row[0]) if row else 0
