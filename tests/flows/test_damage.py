"""Files of the archive that are damaged or gone, and disks that are full: said on one line, and made good."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows.inputs import handed_in_job
from flows.reading import Outline, Read, pool
from flows.rebuild import rebuild
from tests.conftest import Desk, begun
from tests.flows.conftest import copy_of
from tests.flows.test_bad_input import POSTS, problems
from warehouse.errors import ArchiveDamaged, CheckFailed, NoRoom, WarehouseError
from warehouse.raw_store import blob_path
from warehouse.staging import SourceFacts, opened_batch

Write = Callable[..., Path]

WORDS = "select document_key, version_number, ref, text from versions order by all"
HEAD = "select head from store.append order by append_number desc limit 1"


def said(refusal: pytest.ExceptionInfo[WarehouseError], *parts: object) -> None:
    """Check that an error is one line with what was expected and what to do, and names these."""
    line = str(refusal.value)
    assert line.isprintable()
    assert "; expected " in line
    assert line.count("; ") >= 2
    for part in parts:
        assert str(part) in line


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write a page. It stands at the same place for all tests, each of which writes it before it hands it in."""
    folder = tmp_path_factory.mktemp("in")

    def write(name: str, body: str) -> Path:
        head = "Press release on a meeting of some importance to everybody\n\n  • en-GB1 ru-RU1\n\n"
        (folder / name).write_text(f"{head}{body}\n", encoding="utf-8")
        return folder / name

    return write


@pytest.fixture(scope="module")
def two_words(tmp_path_factory: pytest.TempPathFactory, empty_store: Path, page: Write) -> Desk:
    """An archive of two versions of a page. No test writes to it."""
    desk = begun(tmp_path_factory.mktemp("filled") / "data", empty_store)
    for body in ("First words.", "Second words."):
        desk.hand_in(page("a.txt", body))
    return desk


@pytest.fixture
def filled(two_words: Desk, tmp_path: Path) -> Desk:
    return copy_of(two_words, tmp_path / "data")


def recovered(desk: Desk) -> None:
    """Rebuild, and check that everything is as it was."""
    assert rebuild(desk.run("rebuild")).is_good
    assert [row[3] for row in desk.query(WORDS)] == ["First words.", "Second words."]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda _: b"this is no database at all, and long enough to be one", "not a DuckDB file"),
        (lambda _: b"", "not a DuckDB file"),
        (lambda data: data[:20_000], "can't be opened"),
        # DuckDB tells of a "block" here, which was once taken for a "lock" that somebody holds.
        (lambda data: data[:100] + b"\xff" * 64 + data[164:], "can't be opened"),
    ],
)
def test_a_writers_file_that_is_damaged_is_told_and_made_anew(
    filled: Desk, page: Write, damage: Callable[[bytes], bytes], found: str
) -> None:
    words, head = filled.query(WORDS), filled.value(HEAD)
    filled.layout.store.write_bytes(damage(filled.layout.store.read_bytes()))
    with pytest.raises(ArchiveDamaged) as refusal:
        filled.hand_in(page("a.txt", "Second words."))
    said(refusal, filled.layout.store, found, "mfa-archive rebuild")
    recovered(filled)
    assert (filled.query(WORDS), filled.value(HEAD)) == (words, head)
    assert filled.hand_in(page("a.txt", "Second words.")).is_good


def test_the_read_copy_of_a_rebuilt_archive_has_the_runs_of_the_new_file_alone(filled: Desk) -> None:
    keys = [rebuild(filled.run("rebuild")).run_key for _ in range(2)]  # at one instant, as the clock stands still
    assert filled.query("select run_key from runs") == [(keys[1],)]


def test_a_writers_file_that_is_gone_is_not_begun_anew_in_silence(filled: Desk, page: Write) -> None:
    words, head = filled.query(WORDS), filled.value(HEAD)
    filled.layout.store.unlink()
    for _ in range(2):
        with pytest.raises(ArchiveDamaged) as refusal:
            filled.hand_in(page("a.txt", "Second words."))
        said(refusal, filled.layout.store, "is missing", "mfa-archive rebuild")
        assert filled.query(WORDS) == words
    recovered(filled)
    assert (filled.query(WORDS), filled.value(HEAD)) == (words, head)


def test_an_older_batch_that_the_archive_lacks_is_missed_too(desk: Desk, page: Write) -> None:
    """Only the newest batch was once asked for: an older copy of the archive would have passed after one more run."""
    desk.hand_in(page("a.txt", "First words."))
    old = desk.layout.store.read_bytes()
    desk.hand_in(page("a.txt", "Second words."))
    lost = max((desk.layout.raw / "captures").glob("*/*.jsonl")).stem
    desk.layout.store.write_bytes(old)
    later = opened_batch(desk.layout, "later", desk.clock())
    later.note(SourceFacts("later"))
    later.seal()
    with pytest.raises(ArchiveDamaged) as refusal:
        desk.hand_in(page("a.txt", "Second words."))
    said(refusal, lost)


def test_a_read_copy_that_is_no_archive_is_told_and_published_anew_once_it_is_gone(filled: Desk, page: Write) -> None:
    filled.layout.published.write_bytes(b"somebody's notes, in the wrong place")
    (line,) = problems(filled.hand_in(page("a.txt", "Third words.")))
    assert "not a DuckDB file" in line
    assert filled.layout.published.read_bytes().startswith(b"somebody's notes")
    filled.layout.published.unlink()
    assert filled.ingest().is_good
    assert filled.value("select count(*) from versions") == 3


def test_bytes_that_are_missing_or_damaged_stop_a_rebuild_and_leave_the_archive(filled: Desk, page: Write) -> None:
    words = filled.query(WORDS)
    (raw,) = filled.query("select raw_sha256 from captures order by recorded_at desc limit 1")[0]
    place = blob_path(filled.layout.raw, bytes.fromhex(str(raw)))
    data = place.read_bytes()
    for damaged, found in (
        (None, "not there"),
        (b"", "holds bytes with the SHA-256"),
        (data[: len(data) // 2], "holds bytes with the SHA-256"),
        (b"\xff" * len(data), "can't be decompressed"),
        (data[:-6] + b"\0" * 6, "can't be decompressed"),
    ):
        if damaged is None:
            place.unlink()
        else:
            place.write_bytes(damaged)
        with pytest.raises(ArchiveDamaged) as refusal:
            rebuild(filled.run("rebuild"))
        said(refusal, place, found, "backup")
        assert filled.hand_in(page("a.txt", "Second words.")).is_good
        assert filled.query(WORDS) == words
    place.write_bytes(data)
    recovered(filled)


def test_a_log_that_can_not_be_understood_stops_a_rebuild(filled: Desk) -> None:
    log = min((filled.layout.raw / "captures").glob("*/*.jsonl"))
    lines = log.read_bytes().split(b"\n")
    for line in (b"{", b"[]", b'{"kind": "cat", "run_key": ""}', b'{"kind": "source", "run_key": "", "tail": 1}'):
        log.write_bytes(b"\n".join([lines[0], line, *lines[2:]]))
        with pytest.raises(ArchiveDamaged) as refusal:
            rebuild(filled.run("rebuild"))
        said(refusal, f"{log}, line 2", "backup")
    log.write_bytes(b"\n".join(lines))
    recovered(filled)


def test_nothing_is_made_anew_of_nothing(filled: Desk) -> None:
    (filled.layout.raw / "captures").rename(filled.home / "elsewhere")
    with pytest.raises(ArchiveDamaged) as refusal:
        rebuild(filled.run("rebuild"))
    said(refusal, filled.layout.raw, "nothing was changed")
    assert filled.value("select count(*) from versions") == 2


def test_a_disk_without_room_is_told_before_anything_is_begun(
    tmp_path: Path, page: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "data")
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
        with pytest.raises(NoRoom) as refusal:
            desk.hand_in(page("a.txt", "Words."))
    said(refusal, desk.layout.home, "1 MB free", "nothing was begun")
    assert not desk.home.exists()
    assert desk.hand_in(page("a.txt", "Words.")).is_good


@pytest.mark.parametrize("size", [500_000, 4_000_000])
def test_a_disk_that_fills_up_during_a_run_loses_nothing(
    small_disk: Path, page: Write, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    desk = Desk(small_disk / "data")
    path = page("a.txt", "Words. " + os.urandom(size).hex())
    with pytest.raises(NoRoom) as refusal:
        desk.hand_in(path)
    said(refusal, desk.layout.home)
    monkeypatch.setattr("warehouse.room.SPARE_BYTES", 0)
    monkeypatch.setattr("warehouse.room.TIMES_INPUT", 0)
    try:
        (line,) = problems(desk.hand_in(path))  # it filled up with the append
    except NoRoom as error:
        line = str(error)
    assert str(desk.layout.home) in line
    assert "make room and run the command again" in line
    subprocess.run(["/usr/bin/mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert desk.hand_in(path).is_good
    assert desk.query("select length(text), version_number from versions") == [(len("Words. ") + 2 * size, 1)]


def test_a_reading_process_that_is_killed_fails_its_source_and_is_made_good_by_the_next_run(
    desk: Desk, page: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.txt"
    path.write_text(POSTS * 3, encoding="utf-8")
    jobs = [
        handed_in_job(SourceFacts("long", format="channel_dump"), [path]),
        handed_in_job(SourceFacts("beside"), [page("a.txt", "Words.")]),
    ]

    add = Read.add

    def kill_the_others(read: Read, outline: Outline) -> None:
        for process in pool()._processes.values():
            process.kill()
        add(read, outline)

    with monkeypatch.context() as broken:
        broken.setattr("flows.reading.CHUNK_BYTES", 50)
        broken.setattr(Read, "add", kill_the_others)
        (line,) = problems(desk.ingest(*jobs))
    assert str(path) in line
    assert desk.query("select source_key, count(*) from documents group by all") == [("beside", 1)]
    assert desk.ingest(*jobs).is_good
    assert desk.value("select count(*) from posts") == 9
    assert desk.value("select count(*) from captures") == 2


def test_a_batch_that_breaks_a_rule_stops_no_other(filled: Desk, page: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise CheckFailed("batch x: a rule is broken; expected none; report this as a fault")

    with monkeypatch.context() as faulty:
        faulty.setattr("warehouse.append._append", broken)
        problems(filled.hand_in(page("b.txt", "Other words.")))
        problems(filled.ingest())
    assert filled.value("select count(*) from documents") == 1
    assert filled.ingest().is_good
    assert filled.value("select count(*) from captures") == 3


def test_bytes_that_come_again_replace_a_damaged_blob(desk: Desk, page: Callable[..., Path]) -> None:
    path = page("a.txt", "Words.")
    desk.hand_in(path, "one")
    (blob,) = (desk.layout.raw / "blobs").glob("*/*.zst")
    whole = blob.read_bytes()
    for damaged in (b"", whole[:-9], b"no zstd at all"):
        blob.write_bytes(damaged)
        assert desk.hand_in(path, f"source {len(damaged)}").is_good
        assert blob.read_bytes() == whole


def test_a_rebuild_without_the_captures_of_a_batch_that_issued_refs_is_refused(
    desk: Desk, page: Callable[..., Path]
) -> None:
    desk.hand_in(page("a.txt", "Words."), "one")
    desk.hand_in(page("b.txt", "Other words."), "two")
    before = desk.layout.store.read_bytes()
    first = min((desk.layout.raw / "captures").glob("*/*.jsonl"))
    first.unlink()
    with pytest.raises(ArchiveDamaged, match="are not noted, though refs were issued"):
        rebuild(desk.run("rebuild"))
    assert desk.layout.store.read_bytes() == before


def test_an_extractor_that_fails_stops_neither_the_run_nor_the_next_ones(
    desk: Desk, page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("flows.intake.read_blob", failing)
        report = desk.hand_in(page("a.txt", "Words."), "one")
    assert not report.is_good
    assert "a.txt: its extractor failed (KeyError: 'a fault')" in report.sources[0].problems[0]
    assert desk.hand_in(page("b.txt", "Other words."), "two").is_good
    assert desk.hand_in(page("a.txt", "Words."), "one").is_good
    assert desk.value("select count(*) from documents") == 2
