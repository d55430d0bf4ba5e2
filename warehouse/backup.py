"""Backups: a folder from which the archive can be put in place again, bytes and all.

A backup holds the writer's file as it was after one append, and of the raw store what that append and those before it
name. It is taken beside a run that is going on: what that run has not appended yet is in the next backup. Bytes that
the folder has already are not copied again.
"""

import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from pathlib import Path

import duckdb
import orjson

from warehouse.append import ledger_path
from warehouse.archive import Writing, check_is_duckdb, copy_store, require_archive, settle
from warehouse.errors import ArchiveDamaged, BackupRefused
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.publish import publish
from warehouse.raw_store import blob_path, prove, sha256_of, sync_folder, write_safely
from warehouse.staging import log_path
from warehouse.statements import statement
from warehouse.withheld import withheld_of, withheld_path

BACKUP_VERSION = 1
_MANIFEST = "backup.json"
_RESTORING = "restoring"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, as its manifest says."""

    backup_version: int
    taken_at: str  # ISO 8601, UTC
    code_version: str
    append_number: int
    head: str  # hexadecimal
    store: str  # name of the copy of the writer's file
    store_sha256: str
    batch_keys: list[str]
    raw_sha256s: list[str]
    missing: list[str]  # files of the raw store that were not there


def back_up(layout: Layout, folder: Path, writing: Writing) -> Backup:
    """Bring a folder up to the archive's newest append, and return what it holds.

    The manifest is written last: until then the folder is the backup that it was. Raises `BackupRefused` where the
    folder is something else, `ArchiveDamaged` where there is no archive, `ArchiveBusy` where a run keeps it too long.
    """
    check_is_duckdb(layout.store, "mfa-archive rebuild makes the archive anew from data/raw")
    require_archive(layout.store)
    former = _former(folder)
    (folder / "store").mkdir(parents=True, exist_ok=True)
    aside = folder / "store" / ".archive.duckdb.part"
    with locked(layout.lock, writing.wait_s):
        copy_store(layout, aside)
        heads = layout.heads.read_bytes() if layout.heads.exists() else b""
    backup = _named_by(aside, writing)
    backup = replace(backup, missing=_copy_raw(layout, Layout(folder), backup))
    place = folder / "store" / backup.store
    _sync(aside)
    aside.replace(place)
    sync_folder(place.parent)
    write_safely(folder / "heads.log", heads)
    write_safely(folder / _MANIFEST, orjson.dumps(asdict(backup), option=orjson.OPT_INDENT_2))
    if former is not None and former.store != backup.store:
        (folder / "store" / former.store).unlink(missing_ok=True)
    return backup


def restore(folder: Path, layout: Layout, writing: Writing) -> Backup:
    """Put the archive of a backup in place, every byte of it proved, and return what it holds.

    The writer's file comes last, so that an archive is there whole or not at all; one that was cut off is taken up.
    Raises `BackupRefused` where an archive is there already or the folder is no backup, `ArchiveDamaged` where bytes of
    the backup are not those that its manifest names.
    """
    backup = _former(folder)
    if backup is None:
        raise BackupRefused(
            f"{folder}: has no {_MANIFEST}; expected a folder that mfa-archive backup has made; name it"
        )
    _refuse_taken(layout, backup)
    source = folder / "store" / backup.store
    if not source.exists() or _sha256(source) != backup.store_sha256:
        raise ArchiveDamaged(
            f"{source}: missing, or not the bytes of which {_MANIFEST} has the hash; expected the copy of the archive "
            "that was made with it; take another backup"
        )
    write_safely(layout.home / _RESTORING, backup.head.encode())
    _copy_raw(Layout(folder), layout, backup)
    for raw_sha256 in backup.raw_sha256s:
        if raw_sha256 not in backup.missing:
            prove(layout.raw, bytes.fromhex(raw_sha256))
    write_safely(layout.heads, (folder / "heads.log").read_bytes())
    _copied(source, layout.store)
    publish(layout, writing)
    (layout.home / _RESTORING).unlink()
    return backup


def refuse_half_restored(layout: Layout) -> None:
    """Raise `ArchiveDamaged` where a restore was cut off: what a run began there would be another archive."""
    if (layout.home / _RESTORING).exists() and not layout.store.exists():
        raise ArchiveDamaged(
            f"{layout.home}: a restore was cut off here; expected a whole archive; run the same mfa-archive restore "
            "again"
        )


def _former(folder: Path) -> Backup | None:
    """Return what a folder holds as a backup, None where it is new or empty or was cut off before it held one."""
    manifest = folder / _MANIFEST
    if not manifest.exists():
        if folder.exists() and (not folder.is_dir() or not {one.name for one in folder.iterdir()} <= {"store", "raw"}):
            raise BackupRefused(f"{folder}: is no backup; expected one, or a new folder; name another one")
        if (folder / "store" / "archive.duckdb").exists():
            raise BackupRefused(f"{folder}: holds an archive; expected a backup, or a new folder; name another one")
        return None
    try:
        return Backup(**orjson.loads(manifest.read_bytes()))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BackupRefused(
            f"{manifest}: can't be read ({error}); expected what mfa-archive backup of this version writes; "
            "name a new folder"
        ) from error


def _refuse_taken(layout: Layout, backup: Backup) -> None:
    """Raise `BackupRefused` where anything is there that this backup has not put there."""
    is_begun = (layout.home / _RESTORING).exists() and (layout.home / _RESTORING).read_text() == backup.head
    is_there = layout.store.exists() and not (is_begun and _sha256(layout.store) == backup.store_sha256)
    places = [layout.raw / "captures", layout.raw / "blobs", layout.published]
    taken = [layout.store] if is_there else [] if is_begun else [place for place in places if place.exists()]
    if taken:
        raise BackupRefused(
            f"{taken[0]}: there already; expected a data folder without an archive; set MFA_ARCHIVE_HOME to a new one"
        )


def _named_by(store: Path, writing: Writing) -> Backup:
    """Return what a copy of the writer's file is, and which batches and bytes it names."""
    with duckdb.connect(str(store), read_only=True) as connection:
        settle(connection)
        newest = connection.execute(statement("newest_append")).fetchone()
        if newest is None:
            raise ArchiveDamaged(f"{store}: holds nothing yet; expected an append; mfa-archive ingest makes one")
        number, head = newest[0], newest[1].hex()
        return Backup(
            backup_version=BACKUP_VERSION,
            taken_at=writing.now.astimezone(UTC).isoformat(),
            code_version=writing.code_version,
            append_number=number,
            head=head,
            store=f"archive-{number:06}-{head[:8]}.duckdb",
            store_sha256=_sha256(store),
            batch_keys=sorted(key for (key,) in connection.execute(statement("list_batches")).fetchall()),
            raw_sha256s=[sha256 for (sha256,) in connection.execute(statement("list_blobs")).fetchall()],
            missing=[],
        )


def _copy_raw(source: Layout, target: Layout, backup: Backup) -> list[str]:
    """Copy what a backup names of the raw store, and return the names of the files that are not there."""
    missing: list[str] = []
    for raw_sha256 in backup.raw_sha256s:
        digest = bytes.fromhex(raw_sha256)
        _copied(withheld_path(source.raw, digest), withheld_path(target.raw, digest))
        withheld = withheld_of(source.raw, digest)
        if withheld is not None and withheld.is_whole:
            blob_path(target.raw, digest).unlink(missing_ok=True)  # what an earlier backup holds of it
        elif not _copied(blob_path(source.raw, digest), blob_path(target.raw, digest)):
            missing.append(raw_sha256)
    for batch_key in backup.batch_keys:
        if not _copied(log_path(source, batch_key), log_path(target, batch_key)):
            missing.append(log_path(source, batch_key).name)
        ledger = ledger_path(source, batch_key)
        for part in ledger.parent.glob(f"{batch_key}*.parquet"):
            _copied(part, ledger_path(target, batch_key).with_name(part.name))
    return missing


def _copied(source: Path, target: Path) -> bool:
    """Copy a file unless its copy is there, and say whether it was there to be copied."""
    if not source.exists():
        return False
    status = source.stat()
    if target.exists() and (target.stat().st_size, target.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns):
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    shutil.copy2(source, aside)
    _sync(aside)
    aside.replace(target)
    sync_folder(target.parent)
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(file).hex()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
