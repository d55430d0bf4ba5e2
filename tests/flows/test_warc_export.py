"""What is written as WARC is read again as what was captured, by our own reader and by warcio."""

import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from tests.conftest import PROJECT, REGISTRY, Desk
from tests.flows.test_containers import answer, warc_record

GOLDEN = PROJECT / "tests" / "golden"
PREVIEW = (GOLDEN / "telegram_preview" / "ordinary.html").read_bytes()
PAGE = next((GOLDEN / "mid_page_html").glob("*.html")).read_bytes()


def warc(home: Path, *arguments: str) -> Result:
    env = {"MFA_ARCHIVE_HOME": str(home), "MFA_ARCHIVE_SOURCES": str(REGISTRY)}
    return CliRunner().invoke(ROOT, ["warc", *arguments], env=env)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a WARC, of saved pages of known and of unknown time, and of a file that came from no address."""
    folder = tmp_path_factory.mktemp("warc")
    desk = Desk(folder / "data")
    records = [
        warc_record("response", "https://t.me/s/Example_Ministry", answer(PREVIEW, kind="text/html; charset=utf-8"), 1),
        warc_record("response", "https://mid.ru/en/foreign_policy/news/1/", answer(PAGE, kind="text/html"), 2),
    ]
    (folder / "in.warc.gz").write_bytes(b"".join(gzip.compress(record, mtime=0) for record in records))
    desk.hand_in(folder / "in.warc.gz", "web")
    saved = b"<!-- saved from url=(0038)https://t.me/s/Example_Ministry?b=\xd1\x8f -->\n" + PREVIEW
    (folder / "saved.html").write_bytes(saved)
    at = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    desk.hand_in(folder / "saved.html", "saved", captured_at=at)
    desk.hand_in(folder / "saved.html", "saved_some_day")
    desk.ingest_seeds()
    return desk.home


def test_our_own_reader_takes_in_what_was_written(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.warc.gz"
    result = warc(home, str(out))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{out}: 3 captures, ")
    other = Desk(tmp_path / "other")
    other.hand_in(out, "again")
    asked = (
        "select address, captured_at, raw_sha256 from captures where address is not null and captured_at is not null"
    )
    before = {(str(address).replace("я", "%D1%8F"), *rest) for address, *rest in Desk(home).query(asked)}
    assert len(before) == 3
    assert set(other.query(asked)) == before


def test_a_file_without_captures_is_told_with_the_reason(home: Path, tmp_path: Path) -> None:
    result = warc(home, str(tmp_path / "out.warc.gz"), "--source", "nobody")
    assert result.exit_code == 0
    assert ": 0 captures, " in result.stdout
    assert "no capture that is asked for has an address and a time" in result.stderr


def test_the_same_archive_gives_the_same_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    one, other = tmp_path / "out.warc.gz", tmp_path / "again" / "out.warc.gz"
    assert warc(home, str(one)).exit_code == warc(home, str(other)).exit_code == 0
    assert one.read_bytes() == other.read_bytes()


def test_what_nobody_knows_the_time_of_is_left_out_and_counted(home: Path, tmp_path: Path) -> None:
    result = warc(home, str(tmp_path / "out.warc.gz"), "--source", "saved_some_day")
    assert "1 capture left out: nobody knows their time" in result.stderr
    assert result.stdout.startswith(f"{tmp_path / 'out.warc.gz'}: 0 captures, ")


@pytest.mark.parametrize(
    ("arguments", "count"),
    [(["--source", "web"], 2), (["--since", "2026-01-01"], 1), (["--since", "2026-01-02T03:04:06Z"], 0)],
)
def test_a_source_or_a_time_can_be_asked_for(home: Path, tmp_path: Path, arguments: list[str], count: int) -> None:
    result = warc(home, str(tmp_path / "out.warc.gz"), *arguments)
    assert f"out.warc.gz: {count} capture" in result.stdout


def test_a_file_that_is_there_is_not_written_over(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.warc.gz"
    out.write_bytes(b"mine")
    assert warc(home, str(out)).exit_code == 1
    assert out.read_bytes() == b"mine"


def test_a_record_says_of_a_capture_what_is_known(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.warc.gz"
    warc(home, str(out), "--source", "saved")
    text = gzip.decompress(out.read_bytes()).decode("utf-8", "replace")
    assert "WARC-Date: 2026-01-02T03:04:05.678901Z\r\n" in text
    assert "WARC-Target-URI: https://t.me/s/Example_Ministry?b=%D1%8F\r\n" in text
    assert "Content-Type: text/html\r\n" in text
    assert "content_type_basis: form\r\n" in text
    assert "captured_basis: " in text


def test_bytes_that_are_missing_leave_no_file(home: Path, tmp_path: Path) -> None:
    own = shutil.copytree(home, tmp_path / "data")
    for path in (own / "raw" / "blobs").glob("*/*.zst"):
        path.unlink()
    result = warc(own, str(tmp_path / "out.warc.gz"))
    assert result.exit_code == 1
    assert not (tmp_path / "out.warc.gz").exists()


def test_warcio_reads_it_and_finds_the_digests_right(home: Path, tmp_path: Path) -> None:
    iterator = pytest.importorskip("warcio.archiveiterator", reason="warcio is not installed")
    out = tmp_path / "out.warc.gz"
    warc(home, str(out))
    found = []
    with out.open("rb") as file:
        for record in iterator.ArchiveIterator(file, check_digests="raise"):
            body = record.content_stream().read()
            found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), len(body)))
    assert [kind for kind, *_ in found] == ["warcinfo", *["resource", "metadata"] * 3]
    sizes = Desk(home).query("select size_bytes from captures where address is not null and captured_at is not null")
    assert sorted(size for kind, _, size in found if kind == "resource") == sorted(size for (size,) in sizes)
