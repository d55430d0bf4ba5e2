"""`mfa-archive ingest`, `inspect`, `snapshot` and `rebuild`."""

import json
import shlex
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from flows.rendering import program
from tests.command.conftest import DUMP, PROJECT, Ask, asker, edited_dump, environment, script


def answer(ask: Ask, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask("sql", query, "--json").stdout_bytes)
    return found


@dataclass(frozen=True, slots=True)
class Ingested:
    """An archive that the command has made, and what it said. No test writes to it."""

    home: Path
    result: Result

    @property
    def ask(self) -> Ask:
        return asker(self.home)


def ingested(home: Path, *arguments: str) -> Ingested:
    result = asker(home)("ingest", *arguments)
    assert result.exit_code == 0, result.output
    return Ingested(home, result)


@pytest.fixture(scope="module")
def of_seeds(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingested(tmp_path_factory.mktemp("seeds") / "data")


@pytest.fixture(scope="module")
def of_dump(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingested(tmp_path_factory.mktemp("dump") / "data", str(DUMP))


@pytest.fixture
def begun(of_seeds: Ingested, tmp_path: Path) -> Ask:
    """Give the command on an archive of the test's own that has the seeds."""
    return asker(Path(shutil.copytree(of_seeds.home, tmp_path / "data")))


def test_a_second_ingest_reports_everything_as_unchanged(begun: Ask) -> None:
    own, second = begun, begun("ingest")
    assert second.exit_code == 0
    counts = [line.split() for line in second.stdout.splitlines() if line.startswith("channel_dump_sco")]
    assert counts == [["channel_dump_sco", "1", "20", "0", "20", "0"]]
    assert "33 documents in 33 versions" in second.stdout
    assert answer(own, "select count(*) as n from captures") == [{"n": 5}]


def test_the_three_commands_of_the_report_work_when_pasted(begun: Ask, tmp_path: Path) -> None:  # noqa: ARG001 -- its archive is asked
    report = script(tmp_path / "data", "ingest").stdout
    tries = report.partition("Worth trying next:\n")[2].splitlines()
    assert len(tries) == 3
    assert any(" sql " in line for line in tries)
    for line in tries:
        done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_program_is_named_so_that_it_is_found_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = program({"PATH": str(tmp_path), "MFA_ARCHIVE_HOME": "/a place"})
    setting, path = shlex.split(name)
    assert setting == "MFA_ARCHIVE_HOME=/a place"
    assert Path(path).is_file()


def test_the_file_of_a_registered_source_is_taken_in_as_that_source(of_dump: Ingested) -> None:
    assert answer(of_dump.ask, "select distinct source_key, is_sample from documents") == [
        {"source_key": "channel_dump_asean", "is_sample": True}
    ]


def test_a_file_of_no_source_is_handed_in(own: Ask, tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_bytes(DUMP.read_bytes())
    assert own("ingest", str(tmp_path / "copy.txt"), "--source", "mine; 'quoted'").exit_code == 0
    assert own("ingest", str(tmp_path / "copy.txt")).exit_code == 0
    found = answer(own, "select distinct source_key from documents order by all")
    assert [row["source_key"] for row in found] == ["handed_in", "mine; 'quoted'"]


def test_an_edited_copy_of_a_source_is_one_more_version_of_one_document(begun: Ask, tmp_path: Path) -> None:
    own, edited = begun, edited_dump(tmp_path)
    result = own("ingest", str(edited), "--source", "channel_dump_asean", "--captured-at", "2026-01-02T03:04:05+03:00")
    assert result.exit_code == 0
    assert "33 documents in 34 versions" in result.stdout
    captured = answer(own, "select locator, captured_at from captures where captured_basis = 'operator'")
    assert captured == [{"locator": str(edited), "captured_at": "2026-01-02T00:04:05Z"}]


def test_what_is_rejected_is_named_and_the_rest_is_taken_in(own: Ask, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.txt").write_bytes(b"\0" * 100)
    (tmp_path / "in" / "good.txt").write_bytes(DUMP.read_bytes())
    result = own("ingest", str(tmp_path / "in"))
    assert result.exit_code == 1
    assert "bad.txt: undecodable" in result.stdout
    assert "10 documents" in result.stdout
    status = json.loads(own("status", "--json").stdout_bytes)[0]
    assert (status["open_rejection_count"], status["last_run_outcome"]) == (1, "failed")
    (tmp_path / "in" / "bad.txt").write_bytes(DUMP.read_bytes() + b"\n")
    assert own("ingest", str(tmp_path / "in")).exit_code == 0
    assert json.loads(own("status", "--json").stdout_bytes)[0]["open_rejection_count"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing-here.txt",),
        (str(DUMP), "--captured-at", "2026-01-02T03:04:05"),
        (str(DUMP), "--captured-at", "yesterday"),
        (str(DUMP), "--time-zone", "Mars/Olympus"),
        (str(DUMP), "--encoding", "utf-99"),
        (str(DUMP), "--language", "English"),
        (str(DUMP), "--format", "carrier_pigeon"),
        (str(DUMP), "--source", "a", "--source", "b"),
        (str(DUMP), "--channel", "no channel"),
        (str(DUMP), "--coverage", "most"),
        (str(DUMP), "--captured-pattern", "%Y"),
        ("--format", "channel_dump"),
        ("--unknown",),
    ],
    ids=" ".join,
)
def test_wrong_use_exits_2_in_one_line_and_begins_nothing(own: Ask, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = own("ingest", *arguments)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("mfa-archive: ingest: ")
    assert not (tmp_path / "data").exists()


def test_a_source_that_the_registry_lacks_is_answered_with_those_that_it_has(own: Ask) -> None:
    result = own("ingest", "--source", "nobody")
    assert result.exit_code == 1
    assert "channel_dump_sco" in result.stderr


def test_what_a_person_says_of_a_container_stands_with_its_members(own: Ask, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(DUMP, "dump 2024-08-01_1000.txt")
        archive.writestr("style.css", "a {}")
    options = ("--coverage", "sample", "--captured-pattern", "%Y-%m-%d_%H%M", "--channel", "mid_rus=1101170442")
    refused = own("ingest", str(tmp_path / "a.zip"), *options)
    assert refused.exit_code == 1
    assert "tells no time zone" in refused.stderr
    result = own("ingest", str(tmp_path / "a.zip"), *options, "--time-zone", "Europe/Moscow")
    assert result.exit_code == 0, result.output
    assert "handed_in: passed over files that are styles, scripts or media: 1" in result.stdout
    assert answer(own, "select locator, captured_at, captured_basis, captured_via from captures") == [
        {
            "locator": f"{tmp_path / 'a.zip'}!dump 2024-08-01_1000.txt",
            "captured_at": "2024-08-01T07:00:00Z",
            "captured_basis": "file_name",
            "captured_via": "archive",
        }
    ]
    assert answer(own, "select distinct claim, claim_basis from coverage") == [
        {"claim": "sample", "claim_basis": "operator"}
    ]


def test_progress_goes_to_standard_error_only(of_seeds: Ingested) -> None:
    assert "reading documents/" in of_seeds.result.stderr
    assert "reading documents/" not in of_seeds.result.stdout


def test_inspect_shows_documents_and_writes_nothing(own: Ask, tmp_path: Path) -> None:
    shown = own("inspect", str(DUMP))
    assert shown.exit_code == 0
    assert "channel_dump" in shown.stdout
    found = json.loads(own("inspect", str(DUMP), "--json").stdout_bytes)
    assert [row["number"] for row in found] == list(range(1, 11))
    assert all(row["reason"] is None for row in found)
    assert found[0]["event_from"] == "2024-07-26"
    assert not (tmp_path / "data").exists()


def test_inspect_tells_the_same_dates_as_the_archive(of_dump: Ingested) -> None:
    own = of_dump.ask
    held = answer(
        own,
        "select event_from, event_to, published_after, published_before from documents "
        "join versions using (document_key) where is_current order by byte_from",
    )
    found = json.loads(own("inspect", str(DUMP), "--json").stdout_bytes)
    assert [{name: row[name] for name in held[0]} for row in found] == held


def test_inspect_of_something_unreadable_says_why_and_exits_1(own: Ask, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" * 10)
    shown = own("inspect", str(bad))
    assert shown.exit_code == 1
    assert "undecodable: a PNG image" in shown.stdout
    assert json.loads(own("inspect", str(bad), "--json").stdout_bytes)[0]["reason"] == "undecodable"


def test_inspect_opens_containers_and_goes_past_what_may_not_be_kept(own: Ask, tmp_path: Path) -> None:
    private = json.dumps({"name": "x", "type": "personal_chat", "id": 7, "messages": []})
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(DUMP, "dump.txt")
        archive.writestr("chat.json", private)
    shown = own("inspect", str(tmp_path / "in.zip"))
    assert shown.exit_code == 1
    assert "in.zip!dump.txt" in shown.stdout
    assert "not_this_format: a chat of the type personal_chat" in shown.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["in.zip"]


def test_inspect_takes_the_channel_and_the_columns_of_a_table_and_reads_a_database(own: Ask, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("number,words\n1,First words\n2,Second words\n", encoding="utf-8")
    assert own("inspect", str(table)).exit_code == 1
    options = ("--format", "post_table", "--channel", "mid_rus=1101170442", "--columns", "id=number, text=words")
    found = json.loads(own("inspect", str(table), *options, "--json").stdout_bytes)
    assert [row["document_key"] for row in found] == ["telegram:1101170442:1", "telegram:1101170442:2"]
    database = PROJECT / "tests" / "golden" / "post_database" / "ordinary_telegram_export.sqlite"
    assert own("inspect", str(database), "--channel", "1234567890").exit_code == 0


def test_inspect_of_a_folder_shows_each_file(own: Ask) -> None:
    shown = own("inspect", str(PROJECT / "seeds" / "documents"), "--limit", "1").stdout
    assert shown.count("mid_page_text") == 3
    assert shown.count("channel_dump") == 2


def test_a_snapshot_is_written_where_it_is_asked_for_and_not_over_another(begun: Ask, tmp_path: Path) -> None:
    own = begun
    result = own("snapshot", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "out" / "manifest.json").exists()
    again = own("snapshot", "--out", str(tmp_path / "out"))
    assert again.exit_code == 1
    assert len(again.stderr.splitlines()) == 1


def test_a_rebuild_keeps_every_ref(begun: Ask) -> None:
    own = begun
    query = "select ref from versions order by all"
    before = answer(own, query)
    result = own("rebuild")
    assert result.exit_code == 0, result.output
    assert answer(own, query) == before


def test_without_an_archive_status_says_how_to_make_one(own: Ask) -> None:
    result = own("status")
    assert result.exit_code == 0
    assert "no archive at" in result.stdout
    assert "mfa-archive ingest" in result.stdout


@pytest.mark.parametrize("command", [("list",), ("check",), ("sql", "select 1"), ("snapshot", "--out", "nowhere")])
def test_without_an_archive_every_question_is_one_line_and_makes_none(
    own: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = own(*command)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "mfa-archive ingest makes it" in result.stderr
    assert not list(tmp_path.rglob("*.duckdb"))


def test_what_waits_in_staging_is_told(own: Ask, tmp_path: Path) -> None:
    (tmp_path / "data" / "staging" / "20260101T000000.000000Z").mkdir(parents=True)
    assert "1 staged, not appended yet" in own("status").stdout


def test_settings_of_the_tests_name_no_archive_but_their_own(tmp_path: Path) -> None:
    assert environment(tmp_path)["MFA_ARCHIVE_HOME"] == str(tmp_path)
