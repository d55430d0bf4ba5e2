"""Snapshots: the public views as Parquet with a manifest, for people who have nothing but DuckDB.

A snapshot is written aside and renamed, so that it is there whole or not at all. Its rows are ordered, so that the same
archive gives the same bytes; its own row in the archive is in none of the views.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson

from extract.fields import made_key
from warehouse.archive import Writing, check_is_duckdb, opened_for_writing, require_archive, settle
from warehouse.errors import ArchiveDamaged, SnapshotRefused
from warehouse.layout import Layout
from warehouse.publish import publish
from warehouse.raw_store import sha256_of, sync_folder, write_safely
from warehouse.room import full_disk_told
from warehouse.statements import statement

MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was written."""

    folder: Path
    view_count: int
    row_count: int
    size_bytes: int
    head: str  # hexadecimal


def write_snapshot(layout: Layout, out: Path, writing: Writing) -> Snapshot:
    """Write the read copy's public views to a new folder, and record the snapshot in the archive.

    Raises `SnapshotRefused` where the folder is there already, `ArchiveDamaged` where there is no read copy.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SnapshotRefused(f"{out}: there already; expected a folder that is new or empty; name another one")
    aside = out.with_name(f".{out.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        with full_disk_told(Layout(out.parent)):
            manifest = _write(layout, aside, writing)
        if out.exists():
            out.rmdir()
        aside.replace(out)
        sync_folder(out.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _record(layout, writing, manifest)
    publish(layout, writing)
    views: list[dict[str, Any]] = manifest["views"]
    return Snapshot(
        folder=out,
        view_count=len(views),
        row_count=sum(view["row_count"] for view in views),
        size_bytes=sum(view["size_bytes"] for view in views),
        head=manifest["head"],
    )


def _write(layout: Layout, folder: Path, writing: Writing) -> dict[str, Any]:
    require_archive(layout.published)
    check_is_duckdb(layout.published, "the next mfa-archive ingest publishes it anew")
    with duckdb.connect(str(layout.published), read_only=True) as connection:
        settle(connection)
        newest = connection.execute(statement("newest_append")).fetchone()
        if newest is None:
            raise ArchiveDamaged(
                f"{layout.published}: holds nothing yet; expected an append; mfa-archive ingest makes one"
            )
        names = connection.execute(statement("public_views")).fetchall()
        views = [_write_view(connection, folder, name, comment) for name, comment in names]
    manifest = {
        "manifest_version": MANIFEST_VERSION,
        "taken_at": writing.now.isoformat(),
        "code_version": writing.code_version,
        "append_number": newest[0],
        "head": newest[1].hex(),
        "views": views,
    }
    write_safely(folder / "manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return manifest


def _write_view(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, comment: str) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    connection.execute("set variable view_name = $value", {"value": name})
    connection.execute(statement("copy_view"), {"path": str(path)})
    with path.open("rb") as file:
        os.fsync(file.fileno())
        sha256 = sha256_of(file).hex()
    expected, found = _row(connection, "count_view"), _row(connection, "count_parquet", path=str(path))
    if expected != found:
        raise ArchiveDamaged(f"{path}: {found} as written; expected {expected} as in the view; run it again")
    columns = connection.execute(statement("view_columns"), {"view_name": name}).fetchall()
    return {
        "view": name,
        "description": comment,
        "file": path.name,
        "row_count": expected[0],
        "size_bytes": path.stat().st_size,
        "sha256": sha256,
        "columns": [{"name": column, "type": kind, "description": text} for column, kind, text in columns],
    }


def _row(connection: duckdb.DuckDBPyConnection, name: str, **parameters: str) -> tuple[Any, ...]:
    row = connection.execute(statement(name), parameters or None).fetchone()
    return row if row is not None else ()


def _record(layout: Layout, writing: Writing, manifest: dict[str, Any]) -> None:
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    with opened_for_writing(layout, writing) as connection:
        connection.execute(
            statement("record_snapshot"),
            {
                "snapshot_key": made_key("snapshot/1", manifest["taken_at"], manifest["head"]),
                "taken_at": writing.now,
                "head": bytes.fromhex(manifest["head"]),
                "manifest_sha256": hashlib.sha256(text).digest(),
            },
        )
        connection.execute("checkpoint")
