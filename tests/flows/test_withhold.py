"""What is withheld is nowhere below the data folder, and nothing else changes."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import zstandard

from flows.inputs import Job, handed_in_job
from flows.rebuild import rebuild
from flows.withholding import Withholding, withhold
from tests.conftest import Desk
from tests.flows.killing import Step, withhold_killed
from tests.flows.taking_out import ask, broken_rules, files_with, plain, take_out
from tests.flows.test_prove import check
from tests.forms.every import ingest_in_batches
from warehouse.backup import back_up, restore
from warehouse.staging import SourceFacts
from warehouse.withholding import Asked

CHANNEL_ID = 1_234_567_890
KEY = f"telegram:{CHANNEL_ID}:2"
SECRETS = ("Zagadochnyj", "Vtorojsekret")  # of the second post, and of its second version
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.flows.killing"])
STEPS: list[Step] = [
    ("warehouse.staging:Batch.note", "after", 1),
    ("warehouse.staging:Batch.seal", "after", 1),
    ("flows.pipeline.append_batch", "after", 1),
    ("warehouse.withholding.take_out", "before", 1),
    ("warehouse.raw_store._blank", "after", 1),
    ("warehouse.raw_store.write_safely", "after", 1),
    ("warehouse.withholding.take_out", "after", 1),
    ("warehouse.withholding._write_anew", "before", 1),
    ("warehouse.withholding._write_anew", "after", 1),
    ("warehouse.withholding._put_in_place", "after", 1),
    ("warehouse.withholding.publish", "before", 1),
    ("warehouse.withholding.publish", "after", 1),
    ("flows.pipeline.record_run", "before", 1),
]
VERSIONS = """
select document_key, version_number, ref, cause, seen_from, valid_from, text_sha256, is_current, version_key
from versions
order by all
"""
OTHERS = f"""
select document_key, version_number, ref, cause, text, title, words_added
from versions
where document_key <> '{KEY}'
order by all
"""


def export(path: Path, texts: dict[int, str]) -> Path:
    """Write an export of Telegram Desktop with these posts."""
    messages = [
        {
            "id": number,
            "type": "message",
            "date": f"2024-05-{number:02}T10:00:00",
            "date_unixtime": str(1714550400 + number * 86_400),
            "from": "Ministry of Examples",
            "from_id": f"channel{CHANNEL_ID}",
            "text": text,
            "text_entities": [{"type": "plain", "text": text}],
        }
        for number, text in texts.items()
    ]
    chat = {"name": "Ministry of Examples", "type": "public_channel", "id": CHANNEL_ID, "messages": messages}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(chat, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


POSTS = {
    1: "The first post, which says something of importance.",
    2: f"Call {SECRETS[0]} at home.\nThe rest of it.",
    3: "The third post, which says something else.",
}
EDITED = {**POSTS, 2: f"Call {SECRETS[1]} at home.\nThe rest of it."}


def look(path: Path, day: int, source_key: str = "export") -> Job:
    """Return the job that takes an export in as what the channel showed on that day."""
    at = datetime(2024, 6, day, tzinfo=UTC)
    return handed_in_job(SourceFacts(source_key, coverage="complete", captured_at=at), [path])


def ref_of(desk: Desk, words: str) -> str:
    return str(desk.value("select ref from versions where contains(text, ?)", words))


def take_out_capture(desk: Desk, capture_key: object) -> Withholding:
    return withhold(desk.run("withhold"), Asked(str(capture_key), None, "an archivist", "unlawful"))


def captures_of(desk: Desk) -> list[tuple[str, str]]:
    """Return key and hash of each capture, in the order of their days."""
    rows = desk.query("select capture_key, raw_sha256 from captures order by captured_at")
    return [(str(capture_key), str(raw_sha256)) for capture_key, raw_sha256 in rows]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three looks at three posts, the second of which was edited and edited back."""
    folder = tmp_path_factory.mktemp("withheld")
    looks = [
        [look(export(folder / f"{day}" / "result.json", posts | {10 + day: f"Day {day}."}), day)]
        for day, posts in enumerate((POSTS, EDITED, POSTS), 1)
    ]
    assert ingest_in_batches(Desk(folder / "data"), *looks) == []
    return folder


@pytest.fixture(scope="module")
def whole(base: Path) -> Desk:
    """The archive from which nothing was taken out. No test writes to it."""
    return Desk(base / "data")


@pytest.fixture
def desk(whole: Desk, tmp_path: Path) -> Desk:
    return whole.copied(tmp_path)


@pytest.fixture(scope="module")
def without_first(whole: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The archive without the first words. No test writes to it."""
    desk = whole.copied(tmp_path_factory.mktemp("first"))
    report = take_out(desk, ref_of(desk, SECRETS[0]), KEY)
    assert report.is_good, report
    return desk


@pytest.fixture
def gapped(without_first: Desk, tmp_path: Path) -> Desk:
    """The archive without the first words, to be written to."""
    return without_first.copied(tmp_path)


@pytest.fixture(scope="module")
def without_both(without_first: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The archive without the words of both versions. No test writes to it."""
    desk = without_first.copied(tmp_path_factory.mktemp("both"))
    assert take_out(desk, ref_of(desk, SECRETS[1]), KEY).is_good
    return desk


@pytest.fixture(scope="module")
def without_second_look(whole: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Withholding]:
    """The archive without its second capture, and what was told. No test writes to it."""
    desk = whole.copied(tmp_path_factory.mktemp("second-look"))
    return desk, take_out_capture(desk, captures_of(desk)[1][0])


@pytest.fixture(scope="module")
def without_first_look(whole: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The archive without its first capture. No test writes to it."""
    desk = whole.copied(tmp_path_factory.mktemp("first-look"))
    assert take_out_capture(desk, captures_of(desk)[0][0]).report.is_good
    return desk


def test_the_words_are_nowhere_below_the_data_folder_and_the_history_stands(whole: Desk, gapped: Desk) -> None:
    desk = gapped
    assert files_with(whole.home, SECRETS[0]) != []
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query(VERSIONS) == whole.query(VERSIONS)
    assert desk.query(OTHERS) == whole.query(OTHERS)
    shown = desk.query(
        f"select version_number, is_withheld, text, title from versions where document_key = '{KEY}' order by 1"
    )
    assert shown[0][1:] == (True, "", None)
    assert shown[1][1] is False
    assert desk.value(f"select is_withheld from documents where document_key = '{KEY}'") is True
    assert desk.query("select code, detail like '%by an archivist: a private number' from notices") == [
        ("withheld", True)
    ]
    assert broken_rules(desk) == []
    verified = ask(desk, "verify")
    assert verified.exit_code == 0, verified.output


def test_every_version_can_be_withheld_one_after_another(whole: Desk, without_both: Desk) -> None:
    assert [files_with(without_both.home, secret) for secret in SECRETS] == [[], []]
    assert without_both.query(VERSIONS) == whole.query(VERSIONS)
    assert ask(without_both, "verify").exit_code == 0


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(map(str, step)))
def test_a_withholding_killed_at_any_step_is_made_good_by_the_next_run(whole: Desk, desk: Desk, step: Step) -> None:
    ref = ref_of(whole, SECRETS[0])
    process = CONTEXT.Process(target=withhold_killed, args=(desk.home, desk.clock, ref, KEY, step))
    process.start()
    process.join(60)
    assert process.exitcode == -9, "the step is never reached"
    desk.clock.now += timedelta(hours=1)
    assert desk.ingest().is_good
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query(VERSIONS) == whole.query(VERSIONS)
    assert broken_rules(desk) == []
    assert not list(desk.layout.staging.glob("*Z"))


def test_the_same_bytes_and_another_export_bring_nothing_back(gapped: Desk, base: Path, tmp_path: Path) -> None:
    desk, same = gapped, base / "1" / "result.json"
    desk.ingest(look(same, 1))
    assert files_with(desk.home, SECRETS[0]) == []
    # Another look at the same bytes; and they are read anew for another source: the gap is a rejection.
    desk.ingest(look(same, 9), look(same, 9, "another"))
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query("select distinct source_key, reason from rejections") == [("another", "withheld")]
    report = desk.ingest(look(export(tmp_path / "4" / "result.json", POSTS | {14: "Day 4."}), 12))
    assert report.is_good
    assert any("withheld had come in again" in note for source in report.sources for note in source.notes)
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.value("select text from documents where document_key like '%:14'") == "Day 4."
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0


def test_a_rebuild_reads_the_other_records_as_before_and_rejects_the_gap(gapped: Desk) -> None:
    desk = gapped
    others = desk.query(OTHERS)
    report = rebuild(desk.run("rebuild"))
    assert report.is_good, report.problems
    assert desk.query(OTHERS) == others
    assert desk.query("select reason, count(*) from rejections group by all") == [("withheld", 2)]
    assert desk.value(f"select status from documents where document_key = '{KEY}'") == "present"
    assert desk.query("from documents where status = 'gone'") == [], "a look with a gap proves no absence"
    assert broken_rules(desk) == []
    verified = ask(desk, "verify")
    assert verified.exit_code == 0, verified.output
    for path in desk.layout.store.parent.glob("replaced-*"):  # named by the withholding, and a person's to remove
        path.unlink()
    assert files_with(desk.home, SECRETS[0]) == []


def test_a_blanked_post_never_proves_its_absence(without_both: Desk, tmp_path: Path) -> None:
    desk = without_both.copied(tmp_path)
    rebuild(desk.run("rebuild"))
    assert desk.query("select distinct cause from changes where cause = 'removed'") == []
    assert desk.query("from documents where status <> 'present'") == []


def test_a_capture_is_withheld_whole_and_what_stands_elsewhere_is_named(
    whole: Desk, without_second_look: tuple[Desk, Withholding], tmp_path: Path
) -> None:
    withheld, done = without_second_look
    desk = withheld.copied(tmp_path)
    assert done.report.is_good
    assert sorted(one.split("@")[0] for one in done.plan.remaining) == [
        f"telegram:{CHANNEL_ID}:1",
        f"telegram:{CHANNEL_ID}:3",
    ]
    assert files_with(desk.home, SECRETS[1]) == []
    assert files_with(desk.home, SECRETS[0]) != []
    assert desk.query(VERSIONS) == whole.query(VERSIONS)
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query("select reason, byte_from from rejections") == [("withheld", None)]
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0


def test_words_whose_witness_is_withheld_are_proved_by_another_capture(
    whole: Desk, without_first_look: Desk, tmp_path: Path
) -> None:
    key, desk = f"telegram:{CHANNEL_ID}:1", without_first_look
    witness = "select capture_key from versions where document_key = ?"
    first = captures_of(whole)[0][0]
    assert whole.value(witness, key) == first
    assert desk.value(witness, key) == first
    proved = ask(desk, "prove", key, "-o", str(tmp_path / "proof.zip"))
    assert proved.exit_code == 0, proved.output
    shutil.unpack_archive(tmp_path / "proof.zip", tmp_path / "proof")
    assert check(tmp_path / "proof" / "check.py").returncode == 0


def test_a_citation_names_a_capture_whose_bytes_still_stand_or_says_that_none_do(
    whole: Desk, without_first_look: Desk, tmp_path: Path
) -> None:
    key = f"telegram:{CHANNEL_ID}:1"
    captures = captures_of(whole)
    desk = without_first_look.copied(tmp_path)
    cited = [ask(whole, "cite", key).output, ask(desk, "cite", key).output]
    for capture_key, _ in captures[1:]:
        assert take_out_capture(desk, capture_key).report.is_good
        cited.append(ask(desk, "cite", key).output)
    first, second, third = (raw_sha256 for _, raw_sha256 in captures)
    named = (first, second, third, first)
    assert [[one for one in (first, second, third) if one in text] for text in cited] == [[one] for one in named]
    assert ["captured 2024-06-02" in text for text in cited] == [False, True, False, False]
    assert ["withheld: no capture" in text for text in cited] == [False, False, False, True]


def test_what_a_sidecar_alone_says_is_withheld_is_found(gapped: Desk) -> None:
    desk = gapped
    note = next((desk.layout.raw / "withheld").glob("*.json"))
    row = json.loads(note.read_bytes())
    row["ranges"] = [[0, row["size_bytes"]]]
    note.write_text(json.dumps(row))
    assert ask(desk, "verify").exit_code == 1


def test_an_altered_byte_beside_a_gap_is_found(gapped: Desk) -> None:
    desk = gapped
    note = next((desk.layout.raw / "withheld").glob("*.json"))
    blob = desk.layout.raw / "blobs" / note.stem[:2] / f"{note.stem}.zst"
    data = plain(blob).replace(b"something of importance", b"something of impertance")
    blob.write_bytes(zstandard.ZstdCompressor().compress(data))
    verified = ask(desk, "verify")
    assert verified.exit_code == 1
    assert note.stem in verified.output


def test_a_proof_and_an_unknown_ref_end_in_one_line(whole: Desk, gapped: Desk) -> None:
    desk, ref = gapped, ref_of(whole, SECRETS[0])
    proved = ask(desk, "prove", ref)
    assert proved.exit_code == 1
    assert "withheld" in proved.output
    assert len(proved.output.splitlines()) == 1
    for key in ("telegram:5:5@12345678", "nokey"):
        refused = ask(desk, "withhold", key, "--why", "x", "--yes")
        assert refused.exit_code == 1
        assert len(refused.output.splitlines()) == 1
    again = ask(desk, "withhold", ref, "--why", "x", "--yes")
    assert again.exit_code == 1
    assert "withheld already" in again.output


def test_the_command_says_what_it_takes_out_and_lists_it(desk: Desk) -> None:
    ref = ref_of(desk, SECRETS[0])
    unsure = ask(desk, "withhold", ref, "--why", "a private number")
    assert unsure.exit_code == 2
    assert files_with(desk.home, SECRETS[0]) != []
    done = ask(desk, "withhold", ref, "--why", "a private number", "--by", "an archivist", "--yes")
    assert done.exit_code == 0, done.output
    assert "2 records in 2 files" in done.output
    assert "mfa-archive withhold --list\n" in done.output, "what is worth trying next"
    listed = ask(desk, "withhold", "--list")
    assert "a private number" in listed.output
    shown = ask(desk, "show", ref)
    assert "(withheld" in shown.output
    assert "withheld" in ask(desk, "history", KEY).output
    assert "(withheld)" in ask(desk, "cite", KEY).output
    assert "withheld" in ask(desk, "changes", "--since", "2020-01-01").output
    compared = ask(desk, "diff", KEY)
    assert compared.exit_code == 1
    assert "its words were withheld" in compared.output


def test_what_names_a_document_is_told_what_to_name_instead(desk: Desk) -> None:
    result = ask(desk, "withhold", KEY, "--why", "a private number", "--yes")
    assert result.exit_code == 1
    assert f"{KEY}: a document, of which only versions or captures are withheld" in result.output
    assert f"mfa-archive history {KEY} shows the refs" in result.output
    assert files_with(desk.home, SECRETS[0]) != []


def test_a_backup_of_it_is_restored(without_second_look: tuple[Desk, Withholding], tmp_path: Path) -> None:
    desk = without_second_look[0].copied(tmp_path)
    take_out(desk, ref_of(desk, SECRETS[0]), KEY)
    before = desk.query(VERSIONS)
    back_up(desk.layout, tmp_path / "backup", desk.run("backup").writing)
    put_back = Desk(tmp_path / "again")
    restore(tmp_path / "backup", put_back.layout, put_back.run("restore").writing)
    assert put_back.query(VERSIONS) == before
    assert broken_rules(put_back) == []
    assert ask(put_back, "verify").exit_code == 0
    assert [files_with(tmp_path, secret) for secret in SECRETS] == [[], []]
