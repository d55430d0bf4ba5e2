"""A backup is enough to have the archive again, and is taken beside a run that is going on."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Desk
from warehouse.archive import Writing
from warehouse.backup import back_up, restore
from warehouse.errors import ArchiveDamaged, BackupRefused
from warehouse.layout import Layout
from warehouse.lock import locked
from warehouse.raw_store import blob_path
from warehouse.staging import sealed_batches

VERSIONS = "select document_key, version_number, ref, text_sha256, cause from versions order by all"


def writing(desk: Desk) -> Writing:
    return Writing(desk.clock(), "test", 0.2)


@pytest.fixture
def copied(seeded: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(seeded.home, tmp_path / "data")
    return Desk(tmp_path / "data")


def files_of(folder: Path) -> dict[str, int]:
    return {str(one.relative_to(folder)): one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}


def test_a_restored_archive_is_the_one_that_was_backed_up(copied: Desk, tmp_path: Path) -> None:
    taken = back_up(copied.layout, tmp_path / "backup", writing(copied))
    restored = Desk(tmp_path / "again")
    assert restore(tmp_path / "backup", restored.layout, writing(copied)) == taken
    assert restored.query(VERSIONS) == copied.query(VERSIONS)
    assert restored.layout.heads.read_bytes() == copied.layout.heads.read_bytes()
    restored.clock.now = copied.clock.now
    report = restored.ingest_seeds()
    assert report.is_good
    assert sum(one.appended_count for one in report.sources) == 0, "a second run changes nothing"


def test_a_second_backup_copies_only_what_is_new(copied: Desk, tmp_path: Path, page: object) -> None:
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    before = files_of(tmp_path / "backup" / "raw")
    path = page("one.txt", "Words that were not there before.")  # type: ignore[operator]
    copied.hand_in(path, "pages")
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    after = files_of(tmp_path / "backup" / "raw")
    assert before.items() <= after.items()
    assert len([name for name in after.keys() - before.keys() if name.startswith("blobs")]) == 1
    assert len(list((tmp_path / "backup" / "store").iterdir())) == 1, "the copy of before is gone"


def test_what_a_run_has_staged_and_not_appended_is_not_in_the_backup(
    copied: Desk, tmp_path: Path, page: object
) -> None:
    before = copied.query(VERSIONS)
    path = page("one.txt", "Words that are staged only.")  # type: ignore[operator]
    with locked(copied.layout.lock, 0.2):
        copied.hand_in(path, "pages")
    assert sealed_batches(copied.layout)
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    restored = Desk(tmp_path / "again")
    restore(tmp_path / "backup", restored.layout, writing(copied))
    assert restored.query(VERSIONS) == before
    assert copied.ingest().is_good
    assert len(copied.query(VERSIONS)) == len(before) + 1, "the next run has appended it"


def test_a_restored_archive_can_be_rebuilt_from_its_raw_store(copied: Desk, tmp_path: Path) -> None:
    from flows.rebuild import rebuild  # noqa: PLC0415 -- the only test here that reads anything

    back_up(copied.layout, tmp_path / "backup", writing(copied))
    restored = Desk(tmp_path / "again", copied.clock)
    restore(tmp_path / "backup", restored.layout, writing(copied))
    restored.layout.store.unlink()
    assert rebuild(restored.run("rebuild")).is_good
    assert restored.query(VERSIONS) == copied.query(VERSIONS)


def test_a_restore_that_was_cut_off_is_taken_up(copied: Desk, tmp_path: Path) -> None:
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    backup = Layout(tmp_path / "backup")
    blob = next(backup.raw.glob("blobs/*/*.zst"))
    held = blob.read_bytes()
    blob.write_bytes(held[: len(held) // 2])
    restored = Desk(tmp_path / "again")
    with pytest.raises(ArchiveDamaged, match="expected the bytes that it is named by"):
        restore(tmp_path / "backup", restored.layout, writing(copied))
    assert not restored.layout.store.exists()
    blob.write_bytes(held)
    restore(tmp_path / "backup", restored.layout, writing(copied))
    assert restored.query(VERSIONS) == copied.query(VERSIONS)


def test_nothing_is_restored_over_an_archive(copied: Desk, seeded: Desk, tmp_path: Path) -> None:
    back_up(seeded.layout, tmp_path / "backup", writing(seeded))
    before = files_of(copied.home)
    with pytest.raises(BackupRefused, match="there already"):
        restore(tmp_path / "backup", copied.layout, writing(copied))
    assert files_of(copied.home) == before


@pytest.mark.parametrize("name", ["photo.jpg", "notes.txt"])
def test_no_backup_is_written_into_a_folder_of_something_else(seeded: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(BackupRefused, match="is no backup"):
        back_up(seeded.layout, tmp_path, writing(seeded))
    with pytest.raises(BackupRefused, match="is no backup"):
        restore(tmp_path, Layout(tmp_path / "again"), writing(seeded))


def test_no_backup_is_written_into_the_data_folder_itself(copied: Desk) -> None:
    with pytest.raises(BackupRefused, match="is no backup"):
        back_up(copied.layout, copied.home, writing(copied))


def test_bytes_that_are_missing_are_named_and_all_else_is_backed_up(copied: Desk, tmp_path: Path) -> None:
    blob = next(copied.layout.raw.glob("blobs/*/*.zst"))
    blob.unlink()
    taken = back_up(copied.layout, tmp_path / "backup", writing(copied))
    assert taken.missing == [blob.stem]
    found = {one.stem for one in (tmp_path / "backup" / "raw").glob("blobs/*/*.zst")}
    assert found == set(taken.raw_sha256s) - {blob.stem}


def test_a_copy_of_the_archive_that_was_altered_is_not_restored(seeded: Desk, tmp_path: Path) -> None:
    taken = back_up(seeded.layout, tmp_path / "backup", writing(seeded))
    place = tmp_path / "backup" / "store" / taken.store
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)
    with pytest.raises(ArchiveDamaged, match="not the bytes of which"):
        restore(tmp_path / "backup", Layout(tmp_path / "again"), writing(seeded))


def test_the_raw_file_of_a_backup_is_replaced_where_the_archive_has_another(copied: Desk, tmp_path: Path) -> None:
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    blob = next(copied.layout.raw.glob("blobs/*/*.zst"))
    (tmp_path / "backup" / blob.relative_to(copied.home)).write_bytes(b"damaged")
    back_up(copied.layout, tmp_path / "backup", writing(copied))
    kept = blob_path(tmp_path / "backup" / "raw", bytes.fromhex(blob.stem))
    assert kept.read_bytes() == blob.read_bytes()
