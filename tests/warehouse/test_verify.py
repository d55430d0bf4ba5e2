"""Every way of altering an archive that verifying must find: what is off is named, and where."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard
from click.testing import CliRunner

from flows.command.root import ROOT
from flows.fetching.entrances import of_files
from flows.inputs import handed_in_job, registered_job
from flows.registry import read_registry
from tests.conftest import PROJECT, REGISTRY, Desk
from tests.forms.every import ingest_in_batches
from tests.warehouse.test_chain import CHANGED, LEAVES, roots
from warehouse.append import MARK_BYTES, Link
from warehouse.archive import Writing, settle
from warehouse.layout import Layout
from warehouse.publish import publish
from warehouse.staging import SourceFacts
from warehouse.verify_bytes import verify_bytes
from warehouse.verify_chain import heads_in, verify_rows

GOLDEN = PROJECT / "tests" / "golden"
NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with four appends, a row in nearly every table of the leaves, and a snapshot of the first three."""
    folder = tmp_path_factory.mktemp("verify")
    desk = Desk(folder / "data")
    seeds = [registered_job(source, REGISTRY) for source in of_files(read_registry(REGISTRY), ())]
    (folder / "bad.txt").write_bytes(b"\x00" * 10)
    bad = handed_in_job(SourceFacts("bad"), [folder / "bad.txt"])
    ingest_in_batches(desk, seeds[:3], seeds[3:], [bad])
    ran = CliRunner().invoke(ROOT, ["snapshot", "--out", str(folder / "snapshot")], env=environment(desk.home))
    assert ran.exit_code == 0, ran.output
    saved = (GOLDEN / "telegram_preview" / "ordinary.html").read_text(encoding="utf-8")
    (folder / "saved.html").write_text(
        f"<!-- saved from url=(0033)https://t.me/s/Example_Ministry -->\n{saved}", encoding="utf-8"
    )
    assert desk.hand_in(folder / "saved.html", "saved").is_good
    return desk.home


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Path:
    """The archive, to be altered."""
    return shutil.copytree(kept, tmp_path / "data")


@pytest.fixture(scope="module")
def opened(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = shutil.copyfile(Layout(kept).store, tmp_path_factory.mktemp("rows") / "archive.duckdb")
    with duckdb.connect(str(copy)) as connection:
        settle(connection)
        # What a rereading, a retry and a request leave, of which this archive had none.
        connection.execute("insert into store.answer values ('rejection', 'extraction', 'read', 4)")
        connection.execute("insert into store.reread values ('capture', 'retry', '{}', 4)")
        connection.execute(
            "insert into store.request (capture_key, asked_at, purpose, append_number) values ('c', now(), 'page', 4)"
        )
        marked(connection, 4)
        connection.execute(
            "update store.append set merkle_root = $1, leaf_count = leaf_count + 3 where append_number = 4",
            [roots(connection)[4]],
        )
        yield connection


def marked(connection: duckdb.DuckDBPyConnection, append_number: int) -> None:
    """Make the marks of an append anew."""
    leaves = connection.execute(
        "select leaf_sha256 from store.leaf where append_number = $1 order by leaf_table, leaf_key", [append_number]
    ).fetchall()
    marks = b"".join(bytes.fromhex(leaf)[:MARK_BYTES] for (leaf,) in leaves)
    connection.execute("update store.leaf_mark set marks = $1 where append_number = $2", [marks, append_number])


@pytest.fixture
def archive(opened: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    opened.execute("begin")
    yield opened
    opened.execute("rollback")


def environment(home: Path) -> dict[str, str]:
    return {"MFA_ARCHIVE_HOME": str(home), "MFA_ARCHIVE_SOURCES": str(REGISTRY), "MFA_ARCHIVE_LOCK_WAIT_S": "5"}


@dataclass
class Verified:
    """What the command told."""

    exit_code: int
    findings: dict[str, list[str]]  # by part
    notes: list[str]

    @property
    def off(self) -> set[str]:
        return {part for part, lines in self.findings.items() if lines}


def verify(home: Path, *arguments: str) -> Verified:
    ran = CliRunner().invoke(ROOT, ["verify", "--json", *arguments], env=environment(home))
    assert ran.exit_code in (0, 1), ran.output
    rows = json.loads(ran.stdout)
    found = {row["part"]: row["findings"] for row in rows}
    return Verified(ran.exit_code, found, [note for row in rows for note in row["notes"]])


def alter(home: Path, *statements: str, also_published: bool = False) -> None:
    paths = [Layout(home).store, *([Layout(home).published] if also_published else [])]
    for path in paths:
        with duckdb.connect(str(path)) as connection:
            settle(connection)
            for text in statements:
                connection.execute(text)


def published_anew(home: Path) -> None:
    publish(Layout(home), Writing(NOW, "test", 0.2))


def test_an_archive_that_nobody_altered_is_as_it_was_appended(home: Path) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"}
    verified = verify(home)
    assert (verified.exit_code, verified.off) == (0, set())
    assert any("no earlier head was given" in note for note in verified.notes)
    after = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert after == before


COLUMNS = [(table, column) for table, (keys, fields) in LEAVES.items() for column in keys + fields]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_cell_that_is_altered_is_found_and_its_row_named(
    archive: duckdb.DuckDBPyConnection, table: str, column: str
) -> None:
    kinds = {name: kind for name, kind, *_ in archive.execute(f"describe store.{table}").fetchall()}
    changed = CHANGED[kinds[column]].format(column)
    number = archive.execute(
        f"update store.{table} set {column} = {changed} where rowid = (select max(rowid) from store.{table}) "
        "returning append_number"
    ).fetchall()[0][0]
    (finding,) = verify_rows(archive).findings
    assert finding.where.startswith(f"append {number}, row ")
    assert f" of {table} (" in finding.where
    assert finding.found == "other values than were appended"


def test_a_row_that_is_deleted_is_found_between_its_neighbours(archive: duckdb.DuckDBPyConnection) -> None:
    keys = [key for (key,) in archive.execute(
        "select extraction_key || ' ' || lpad(position::varchar, 10, '0') from store.reading where append_number = 2 "
        "order by 1"
    ).fetchall()]  # fmt: skip
    archive.execute(
        "delete from store.reading where append_number = 2 and "
        "extraction_key || ' ' || lpad(position::varchar, 10, '0') = $1", [keys[4]]
    )  # fmt: skip
    (finding,) = verify_rows(archive).findings
    assert finding.where == "append 2"
    assert finding.found == (
        f"1 rows are missing between row 4 of reading ({keys[3]}) and row 5 of reading ({keys[5]})"
    )


def test_a_row_that_is_added_is_found(archive: duckdb.DuckDBPyConnection) -> None:
    archive.execute(
        "insert into store.rejection by name "
        "select * replace ('0' || rejection_key as rejection_key) from store.rejection"
    )
    (finding,) = verify_rows(archive).findings
    assert "of rejection (0" in finding.where
    assert finding.found == "a row that was not appended"


def test_of_an_append_without_marks_the_append_is_named(archive: duckdb.DuckDBPyConnection) -> None:
    archive.execute("delete from store.leaf_mark where append_number = 2")
    assert verify_rows(archive).findings == ()
    archive.execute("update store.reading set byte_to = byte_to + 1 where append_number in (1, 2) and position = 1")
    first, second = verify_rows(archive).findings
    assert first.where.startswith("append 1, row 1 of reading")
    assert second.where == "append 2"
    assert "before marks of single rows were kept" in second.remedy


def test_two_appends_that_are_swapped_are_named(home: Path) -> None:
    alter(home, "update store.append set append_number = 5 - append_number where append_number in (2, 3)")
    lines = verify(home, "--quick").findings["chain"]
    assert lines[0].startswith("append 2: it was appended after append 3; expected after append 1")
    assert any("heads.log, line 2: append 2 has the head" in line for line in lines)


PLACES = (0, 0.3, 0.9, -1)


def blobs(home: Path) -> list[Path]:
    return sorted((home / "raw" / "blobs").glob("*/*.zst"))


@pytest.fixture(scope="module")
def altered_bytes(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Verified]:
    """Raw files, one byte of each of which was altered at another place, and what is told of the archive."""
    home = shutil.copytree(kept, tmp_path_factory.mktemp("bytes") / "data")
    paths = blobs(home)[1 : 1 + len(PLACES)]
    for path, place in zip(paths, PLACES, strict=True):
        data = bytearray(path.read_bytes())
        at = int(place * len(data)) if place >= 0 else -1
        data[at] ^= 0x10
        path.write_bytes(data)
    return paths, verify(home)


@pytest.mark.parametrize("number", range(len(PLACES)), ids=map(str, PLACES))
def test_one_byte_of_a_raw_file_that_is_altered_is_found_and_the_file_named(
    altered_bytes: tuple[list[Path], Verified], number: int
) -> None:
    paths, verified = altered_bytes
    lines = [line for line in verified.findings["bytes"] if str(paths[number]) in line]
    assert len(lines) == 1


def test_where_bytes_are_altered_nothing_else_is_off(altered_bytes: tuple[list[Path], Verified]) -> None:
    verified = altered_bytes[1]
    assert verified.off == {"bytes"}
    assert len(verified.findings["bytes"]) == len(PLACES)
    assert f"not read again: {len(PLACES)} inputs for want of bytes" in verified.notes


def test_other_bytes_that_were_compressed_as_they_should_be_are_found(home: Path) -> None:
    path = blobs(home)[0]
    data = bytearray(zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(bytes(data)))
    (line,) = verify(home, "--quick").findings["bytes"]
    assert f"with the SHA-256 {hashlib.sha256(data).hexdigest()}; expected" in line


def test_a_raw_file_that_is_gone_is_named(home: Path) -> None:
    path = blobs(home)[0]
    path.unlink()
    (line,) = verify(home, "--quick").findings["bytes"]
    assert line.startswith(f"{path} (")
    assert "not there" in line


# What is done to a row, each to another one, the part that finds it, and what it says of it.
NOT_IN_LEAVES = [
    ("update store.content set text = text || ' ' where rowid = 3", "rules", "words_have_their_hash"),
    ("update store.content set word_count = word_count + 1 where rowid = 4", "documents", "word_count"),
    ("update store.content set letters_sha256 = ''::blob where rowid = 5", "documents", "letters_sha256"),
    ("update store.description set kind = 'other' where kind = 'briefing'", "rules", "descriptions_have"),
    ("update store.document set medium = 'post' where rowid = 0", "read copy", "store.document"),
    ("delete from store.ref where rowid = 2", "log", "the archive lacks it"),
    ("update store.capture set locator = 'x' where rowid = 1", "log", "locator: 'x'; expected "),
    ("update store.reading set byte_from = byte_from + 1 where rowid = 7", "documents", "byte_from: "),
    ("update store.reading set document_key = 'weak:0' where rowid = 8", "documents", "document_key: 'weak:0'"),
]


@pytest.fixture(scope="module")
def altered_rows(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Verified:
    """What is told of an archive whose rows were altered by all of these."""
    home = shutil.copytree(kept, tmp_path_factory.mktemp("altered") / "data")
    alter(home, *(statement for statement, *_ in NOT_IN_LEAVES))
    verified = verify(home)
    assert verified.exit_code == 1
    return verified


@pytest.mark.parametrize(("part", "words"), [one[1:] for one in NOT_IN_LEAVES])
def test_what_the_leaves_do_not_hold_is_found_by_other_parts(altered_rows: Verified, part: str, words: str) -> None:
    assert any(words in line for line in altered_rows.findings[part]), altered_rows.findings


def test_an_append_whose_own_row_is_deleted_is_found_by_its_rows(home: Path) -> None:
    alter(home, "delete from store.append where append_number = 4")
    verified = verify(home, "--quick")
    assert verified.exit_code == 1
    assert any("append 4: " in line for line in verified.findings["rows"]), verified.findings


IN_THE_COPY_ALONE = {
    ", store.content": "update store.content set text = 'No.' where rowid = 1",
    ", store.version": "update store.version set seen_from = now() where rowid = 1",
    ", store.rejection": "delete from store.rejection",
    ", store.append": "delete from store.append where append_number = 2",
    ", store.run": "insert into store.run by name select * replace ('x' as run_key) from store.run limit 1",
    ", view main.countries": "create or replace view countries as select 1 as country",
}


@pytest.fixture(scope="module")
def altered_copy(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Verified:
    """What is told of an archive whose read copy was altered by all of these."""
    home = shutil.copytree(kept, tmp_path_factory.mktemp("copy") / "data")
    with duckdb.connect(str(Layout(home).published)) as connection:
        for text in IN_THE_COPY_ALONE.values():
            connection.execute(text)
    return verify(home, "--quick")


@pytest.mark.parametrize("place", IN_THE_COPY_ALONE)
def test_what_is_altered_in_the_read_copy_alone_is_found(altered_copy: Verified, place: str) -> None:
    assert altered_copy.off == {"read copy"}
    found = altered_copy.findings["read copy"]
    assert [place in line.partition(": ")[0] for line in found].count(True) == 1, found
    assert len(found) == len(IN_THE_COPY_ALONE)


def cut(home: Path, *, with_log: bool) -> str:
    """Cut the newest append off the archive and all that stands beside it, and return its head."""
    store = Layout(home).store
    with duckdb.connect(str(store)) as connection:
        head, batch_key = connection.execute(
            "select lower(hex(head)), batch_key from store.append order by append_number desc"
        ).fetchall()[0]
        for (table,) in connection.execute(
            "select table_name from duckdb_columns() where schema_name = 'store' and column_name = 'append_number' "
            "and not internal and table_name in (select table_name from duckdb_tables())"
        ).fetchall():
            connection.execute(f"delete from store.{table} where append_number = 4")
    for path in [*(home / "raw").glob(f"captures/*/{batch_key}*"), *(home / "raw").glob(f"refs/*/{batch_key}*")]:
        path.unlink()
    Layout(home).published.unlink()
    published_anew(home)
    if with_log:
        lines = Layout(home).heads.read_text().splitlines(keepends=True)
        Layout(home).heads.write_text("".join(lines[:-1]))
    return str(head)


def rewrite(home: Path, *, with_log: bool) -> None:
    """Move a capture by an hour everywhere, and make the chain, the marks and the copy anew over it."""
    with duckdb.connect(str(Layout(home).store)) as connection:
        settle(connection)
        connection.execute("update store.rejection set found = 'nothing' where append_number = 3")
        made = roots(connection)
        previous = None
        lines = []
        for row in connection.execute(
            "select append_number, batch_key, recorded_at, leaf_count from store.append order by 1"
        ).fetchall():
            link = Link(*row, made[row[0]], previous)
            connection.execute(
                "update store.append set merkle_root = $1, previous_head = $2, head = $3 where append_number = $4",
                [link.merkle_root, previous, link.head, row[0]],
            )
            marked(connection, row[0])
            lines.append(f"{row[0]} {row[2].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {link.head.hex()}\n")
            previous = link.head
        connection.execute("update store.snapshot set head = (select head from store.append where append_number = 3)")
    Layout(home).published.unlink()
    published_anew(home)
    if with_log:
        Layout(home).heads.write_text("".join(lines))


def test_an_end_that_is_cut_off_with_all_that_belongs_to_it_is_found_by_the_log_of_heads(home: Path) -> None:
    head = cut(home, with_log=False)
    verified = verify(home)
    assert verified.off == {"chain"}
    (line,) = verified.findings["chain"]
    assert line.startswith(
        f"{home}/heads.log, line 4: the archive ends at append 3; expected append 4 with the head {head}"
    )


def test_an_end_that_is_cut_off_the_log_as_well_is_found_by_a_head_noted_elsewhere(home: Path, kept: Path) -> None:
    head = cut(home, with_log=True)
    assert verify(home, "--quick").exit_code == 0  # nothing in this folder can tell
    (line,) = verify(home, "--quick", "--head", head).findings["chain"]
    assert line.startswith(f"--head: no append has the head {head}")
    copy = kept / "heads.log"
    (line,) = verify(home, "--quick", "--head", str(copy)).findings["chain"]
    assert line.startswith(f"{copy}, line 4: the archive ends at append 3")


def test_a_snapshot_notes_the_head_too(home: Path, kept: Path) -> None:
    rewrite(home, with_log=True)
    assert verify(home, "--quick").exit_code == 0  # nothing in this folder can tell
    manifest = kept.parent / "snapshot" / "manifest.json"
    (line,) = verify(home, "--quick", "--head", str(manifest)).findings["chain"]
    assert line.startswith(f"{manifest}: append 3 has the head")
    alter(home, "update store.snapshot set head = ''::blob")
    assert verify(home, "--quick").findings["chain"][0].startswith("the snapshot of 2026-")


def test_a_chain_that_is_made_anew_over_everything_is_found_by_the_log_of_heads(home: Path) -> None:
    rewrite(home, with_log=False)
    verified = verify(home)
    assert verified.off == {"chain"}
    assert [line.partition(": ")[0] for line in verified.findings["chain"]] == [
        f"{home}/heads.log, line 3",
        f"{home}/heads.log, line 4",
    ]


def test_up_to_a_head_that_is_there_the_chain_is_the_same(home: Path) -> None:
    lines = Layout(home).heads.read_text().splitlines()
    verified = verify(home, "--quick", "--head", lines[1].split()[2])
    assert verified.exit_code == 0
    assert "up to append 2 of 4 the chain is the one whose head was given" in verified.notes


def test_a_log_of_heads_that_is_gone_or_can_not_be_understood_is_told(home: Path) -> None:
    Layout(home).heads.write_text("what\n")
    (line,) = verify(home, "--quick").findings["chain"]
    assert line.startswith(f"{home}/heads.log, line 1: 'what'; expected the number of an append")
    Layout(home).heads.unlink()
    verified = verify(home, "--quick")
    assert verified.exit_code == 0
    assert f"{home}/heads.log lacks 4 of the 4 appends: the next append adds them" in verified.notes


@pytest.mark.parametrize("value", ["abc", "0" * 63, str(PROJECT / "README.md")])
def test_what_is_no_head_is_wrong_use(home: Path, value: str) -> None:
    ran = CliRunner().invoke(ROOT, ["verify", "--head", value], env=environment(home))
    assert ran.exit_code == 2


def test_heads_are_read_from_what_they_are_noted_in() -> None:
    line = "3 2026-01-01T00:00:00.000001Z " + "ab" * 32
    assert [(one.append_number, one.head) for one in heads_in("x", f"{line}\n{line}\n")] == [(3, "ab" * 32)] * 2
    assert heads_in("x", "AB" * 32)[0].head == "ab" * 32
    assert heads_in("x", json.dumps({"head": "ab" * 32, "append_number": 7}))[0].append_number == 7
    assert heads_in("x", "{") == heads_in("x", "") == heads_in("x", '{"head": "no"}') == []


def test_what_is_staged_is_no_loss(home: Path) -> None:
    batch_key = "20270101T000000.000000Z"
    log = home / "raw" / "captures" / "2027-01" / f"{batch_key}.jsonl"
    log.parent.mkdir(parents=True)
    log.touch()
    (home / "staging" / batch_key).mkdir(parents=True)
    assert verify(home, "--quick").exit_code == 0
    shutil.rmtree(home / "staging" / batch_key)
    (line,) = verify(home, "--quick").findings["log"]
    assert line.startswith(f"{log}: captures of a batch that the archive lacks after its newest append")


def test_the_writers_lock_is_free_while_it_is_verified(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that writes at that time is not kept waiting."""
    seen: list[Any] = []
    desk = Desk(home, wait_s=0.0)

    def looked(connection: duckdb.DuckDBPyConnection, layout: Layout, progress: Callable[[int], None]) -> Any:
        seen.append(desk.ingest_seeds().is_good)
        return verify_bytes(connection, layout, progress)

    monkeypatch.setattr("flows.command.verify.verify_bytes", looked)
    assert verify(home, "--quick").exit_code == 0
    assert seen == [True]


def test_what_other_versions_have_read_is_counted_and_not_read_again(home: Path) -> None:
    alter(home, "update store.extraction set cleaning_version = 0 where rowid = 0")
    verified = verify(home)
    assert "not read again: 1 input read by other versions than the present ones" in verified.notes
    assert verified.findings["documents"] == []
    assert "of extraction (" in verified.findings["rows"][0]


def test_a_store_that_is_missing_or_no_database_is_one_line(home: Path, tmp_path: Path) -> None:
    store = Layout(home).store
    for data in (b"no database", store.read_bytes()[: store.stat().st_size // 2]):
        store.write_bytes(data)
        ran = CliRunner().invoke(ROOT, ["verify"], env=environment(home), prog_name="mfa-archive")
        assert ran.exit_code == 1
        assert ran.stderr.startswith(f"mfa-archive: {store}: ")
        assert len(ran.stderr.splitlines()) == 1
        assert not (store.parent / "verifying").exists()
    ran = CliRunner().invoke(ROOT, ["verify"], env=environment(tmp_path / "none"))
    assert ran.exit_code == 1
    assert "not there; expected the archive" in ran.stderr
    assert not (tmp_path / "none").exists()
