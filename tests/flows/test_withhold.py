"""What is withheld is nowhere below the data folder, and nothing else changes."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from flows.rebuild import rebuild
from flows.reports import RunReport
from flows.withholding import withhold
from tests.conftest import REGISTRY, Desk, begun
from tests.flows.killing import Step, withhold_killed
from tests.flows.test_prove import check
from tests.forms.every import FORMS, Form, ingest_in_batches
from tests.forms.made import POSTS as FORM_POSTS
from warehouse.archive import opened_for_writing
from warehouse.backup import back_up, restore
from warehouse.checks import run_checks
from warehouse.errors import WithholdingRefused
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
OTHER_TEXTS = """
select document_key, ref, text
from versions
where document_key <> '{key}' and not is_withheld
order by all
"""
WITH_PLACES = [form for form in FORMS.values() if form.format != "post_database"]  # of their own, for each record


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


def hand_in(desk: Desk, path: Path, day: int) -> RunReport:
    at = datetime(2024, 6, day, tzinfo=UTC)
    return desk.hand_in(path, "export", coverage="complete", captured_at=at)


def ref_of(desk: Desk, words: str) -> str:
    return str(desk.value("select ref from versions where contains(text, ?)", words))


def take_out(desk: Desk, key: str, document_key: str | None = KEY) -> RunReport:
    asked = Asked(key, document_key, "an archivist", "a private number")
    return withhold(desk.run("withhold"), asked).report


def files_with(home: Path, word: str) -> list[str]:
    """Return the files below a folder in whose bytes a word stands, also where they are compressed."""
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and word.encode() in plain(path)]


def plain(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix != ".zst":
        return data
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if data else b""


def broken_rules(desk: Desk) -> list[str]:
    with opened_for_writing(desk.layout, desk.run("check").writing) as connection:
        return [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]


def ask(desk: Desk, *arguments: str) -> Result:
    env = {"MFA_ARCHIVE_HOME": str(desk.home), "MFA_ARCHIVE_SOURCES": str(REGISTRY)}
    return CliRunner().invoke(ROOT, arguments, env=env)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three looks at three posts, the second of which was edited and edited back."""
    folder = tmp_path_factory.mktemp("withheld")
    desk = Desk(folder / "data")
    for day, posts in enumerate((POSTS, EDITED, POSTS), 1):
        assert hand_in(desk, export(folder / f"{day}" / "result.json", posts | {10 + day: f"Day {day}."}), day).is_good
    return folder


@pytest.fixture
def desk(base: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(base / "data", tmp_path / "data")
    return Desk(tmp_path / "data")


def test_the_words_are_nowhere_below_the_data_folder_and_the_history_stands(desk: Desk) -> None:
    before, others = desk.query(VERSIONS), desk.query(OTHERS)
    assert files_with(desk.home, SECRETS[0]) != []
    report = take_out(desk, ref_of(desk, SECRETS[0]))
    assert report.is_good, report
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query(VERSIONS) == before
    assert desk.query(OTHERS) == others
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


def test_every_version_can_be_withheld_one_after_another(desk: Desk) -> None:
    before = desk.query(VERSIONS)
    for secret in SECRETS:
        assert take_out(desk, ref_of(desk, secret)).is_good
    assert [files_with(desk.home, secret) for secret in SECRETS] == [[], []]
    assert desk.query(VERSIONS) == before
    assert ask(desk, "verify").exit_code == 0


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(map(str, step)))
def test_a_withholding_killed_at_any_step_is_made_good_by_the_next_run(desk: Desk, step: Step) -> None:
    before = desk.query(VERSIONS)
    process = CONTEXT.Process(target=withhold_killed, args=(desk.home, desk.clock, ref_of(desk, SECRETS[0]), KEY, step))
    process.start()
    process.join(60)
    assert process.exitcode == -9, "the step is never reached"
    desk.clock.now += timedelta(hours=1)
    assert desk.ingest().is_good
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query(VERSIONS) == before
    assert broken_rules(desk) == []
    assert not list(desk.layout.staging.glob("*Z"))


def test_the_same_bytes_and_another_export_bring_nothing_back(desk: Desk, base: Path, tmp_path: Path) -> None:
    take_out(desk, ref_of(desk, SECRETS[0]))
    same = base / "1" / "result.json"
    hand_in(desk, same, 1)
    assert files_with(desk.home, SECRETS[0]) == []
    hand_in(desk, same, 9)  # another look at the same bytes
    desk.hand_in(same, "another")  # read anew for another source: the gap is a rejection
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.query("select distinct source_key, reason from rejections") == [("another", "withheld")]
    other = export(tmp_path / "4" / "result.json", POSTS | {14: "Day 4."})
    report = hand_in(desk, other, 12)
    assert report.is_good
    assert any("withheld had come in again" in note for source in report.sources for note in source.notes)
    assert files_with(desk.home, SECRETS[0]) == []
    assert desk.value("select text from documents where document_key like '%:14'") == "Day 4."
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0


def test_a_rebuild_reads_the_other_records_as_before_and_rejects_the_gap(desk: Desk) -> None:
    take_out(desk, ref_of(desk, SECRETS[0]))
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


def test_a_blanked_post_never_proves_its_absence(desk: Desk) -> None:
    take_out(desk, ref_of(desk, SECRETS[0]))
    take_out(desk, ref_of(desk, SECRETS[1]))
    rebuild(desk.run("rebuild"))
    assert desk.query("select distinct cause from changes where cause = 'removed'") == []
    assert desk.query("from documents where status <> 'present'") == []


def test_a_capture_is_withheld_whole_and_what_stands_elsewhere_is_named(desk: Desk) -> None:
    key = str(desk.value("select capture_key from captures order by captured_at offset 1 limit 1"))
    asked = Asked(key, None, "an archivist", "unlawful")
    before = desk.query(VERSIONS)
    done = withhold(desk.run("withhold"), asked)
    assert done.report.is_good
    assert sorted(one.split("@")[0] for one in done.plan.remaining) == [
        f"telegram:{CHANNEL_ID}:1",
        f"telegram:{CHANNEL_ID}:3",
    ]
    assert files_with(desk.home, SECRETS[1]) == []
    assert files_with(desk.home, SECRETS[0]) != []
    assert desk.query(VERSIONS) == before
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query("select reason, byte_from from rejections") == [("withheld", None)]
    assert broken_rules(desk) == []
    assert ask(desk, "verify").exit_code == 0


def test_words_whose_witness_is_withheld_are_proved_by_another_capture(desk: Desk, tmp_path: Path) -> None:
    key = f"telegram:{CHANNEL_ID}:1"
    first = str(desk.value("select capture_key from versions where document_key = ?", key))
    assert withhold(desk.run("withhold"), Asked(first, None, "an archivist", "unlawful")).report.is_good
    assert desk.value("select capture_key from versions where document_key = ?", key) == first
    proved = ask(desk, "prove", key, "-o", str(tmp_path / "proof.zip"))
    assert proved.exit_code == 0, proved.output
    shutil.unpack_archive(tmp_path / "proof.zip", tmp_path / "proof")
    assert check(tmp_path / "proof" / "check.py").returncode == 0


def test_a_citation_names_a_capture_whose_bytes_still_stand_or_says_that_none_do(desk: Desk) -> None:
    key = f"telegram:{CHANNEL_ID}:1"
    captures = desk.query("select capture_key, raw_sha256 from captures order by captured_at")
    cited = [ask(desk, "cite", key).output]
    for capture_key, _ in captures:
        assert withhold(desk.run("withhold"), Asked(str(capture_key), None, "an archivist", "unlawful")).report.is_good
        cited.append(ask(desk, "cite", key).output)
    first, second, third = (str(raw_sha256) for _, raw_sha256 in captures)
    named = (first, second, third, first)
    assert [[one for one in (first, second, third) if one in text] for text in cited] == [[one] for one in named]
    assert ["captured 2024-06-02" in text for text in cited] == [False, True, False, False]
    assert ["withheld: no capture" in text for text in cited] == [False, False, False, True]


def test_what_a_sidecar_alone_says_is_withheld_is_found(desk: Desk) -> None:
    take_out(desk, ref_of(desk, SECRETS[0]))
    note = next((desk.layout.raw / "withheld").glob("*.json"))
    row = json.loads(note.read_bytes())
    row["ranges"] = [[0, row["size_bytes"]]]
    note.write_text(json.dumps(row))
    assert ask(desk, "verify").exit_code == 1


def test_an_altered_byte_beside_a_gap_is_found(desk: Desk) -> None:
    take_out(desk, ref_of(desk, SECRETS[0]))
    note = next((desk.layout.raw / "withheld").glob("*.json"))
    blob = desk.layout.raw / "blobs" / note.stem[:2] / f"{note.stem}.zst"
    data = plain(blob).replace(b"something of importance", b"something of impertance")
    blob.write_bytes(zstandard.ZstdCompressor().compress(data))
    verified = ask(desk, "verify")
    assert verified.exit_code == 1
    assert note.stem in verified.output


def test_a_proof_and_an_unknown_ref_end_in_one_line(desk: Desk) -> None:
    ref = ref_of(desk, SECRETS[0])
    take_out(desk, ref)
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


def test_a_backup_of_it_is_restored(desk: Desk, tmp_path: Path) -> None:
    take_out(desk, str(desk.value("select capture_key from captures order by captured_at offset 1 limit 1")), None)
    take_out(desk, ref_of(desk, SECRETS[0]))
    before = desk.query(VERSIONS)
    back_up(desk.layout, tmp_path / "backup", desk.run("backup").writing)
    put_back = Desk(tmp_path / "again")
    restore(tmp_path / "backup", put_back.layout, put_back.run("restore").writing)
    assert put_back.query(VERSIONS) == before
    assert broken_rules(put_back) == []
    assert ask(put_back, "verify").exit_code == 0
    assert [files_with(tmp_path, secret) for secret in SECRETS] == [[], []]


@pytest.fixture
def seeds(seeded: Desk, tmp_path: Path) -> Desk:
    """An archive of the seeds."""
    return Desk(Path(shutil.copytree(seeded.home, tmp_path / "data")), replace(seeded.clock))


def test_posts_of_a_text_dump_and_pages_are_withheld_too(seeds: Desk) -> None:
    desk = seeds
    dump = "select ref, document_key from versions where extractor = 'channel_dump' order by byte_from offset 5 limit 1"
    page = "select ref, document_key from versions where extractor = 'mid_page_text' limit 1"
    for question in (dump, page):
        ref, key = desk.query(question)[0]
        words = str(desk.value("select text from versions where ref = ?", ref))
        word = max(words.split("\n"), key=len)
        assert files_with(desk.home, word) != []
        others = OTHER_TEXTS.format(key=key)
        before = desk.query(others)
        assert take_out(desk, str(ref), str(key)).is_good
        assert files_with(desk.home, word) == []
        assert ask(desk, "verify").exit_code == 0
        assert rebuild(desk.run("rebuild")).is_good
        assert desk.query(others) == before
        for path in desk.layout.store.parent.glob("replaced-*"):
            path.unlink()


@pytest.mark.parametrize("offsets", [(0,), (1,), (3, 4), (0, 1, 5)], ids=str)
def test_a_gap_in_a_text_dump_changes_nothing_of_the_records_beside_it(seeds: Desk, offsets: tuple[int, ...]) -> None:
    desk = seeds
    dump = "select ref, document_key from versions where extractor = 'channel_dump' order by locator, byte_from"
    found = [desk.query(dump)[offset] for offset in offsets]
    for ref, key in found:
        assert take_out(desk, str(ref), str(key)).is_good
    beside = """
        select document_key, locator, byte_from, byte_to, notices
        from versions
        left join (select document_key, list(code order by code) as notices from notices group by all)
            using (document_key)
        where not is_withheld and extractor = 'channel_dump'
        order by locator, byte_from
    """
    before = desk.query(beside)
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(beside) == before
    assert desk.query("select distinct reason from rejections") == [("withheld",)]


@pytest.mark.parametrize("form", WITH_PLACES, ids=lambda form: form.name)
def test_a_post_of_any_form_is_taken_out_of_its_bytes_and_no_other(
    form: Form, tmp_path: Path, empty_store: Path
) -> None:
    desk = begun(tmp_path / "data", empty_store)
    assert ingest_in_batches(desk, [form.job(tmp_path / "in", FORM_POSTS, datetime(2025, 1, 1, tzinfo=UTC))]) == []
    third = "select ref, document_key, text from versions where word_count > 4 order by byte_from offset 2 limit 1"
    ref, key, text = map(str, desk.query(third)[0])
    others = OTHER_TEXTS.format(key=key)
    before = desk.query(others)
    assert take_out(desk, ref, key).is_good
    assert files_with(desk.home, max(text.split("\n"), key=len)[:30]) == []
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(others) == before
    assert desk.query("select reason from rejections") == [("withheld",)]
    assert broken_rules(desk) == []


def test_a_row_of_a_database_can_be_withheld_with_its_capture_only(tmp_path: Path, empty_store: Path) -> None:
    desk = begun(tmp_path / "data", empty_store)
    ingest_in_batches(desk, [FORMS["telegram_export"].job(tmp_path / "in", FORM_POSTS)])
    ref, key = desk.query("select ref, document_key from versions where word_count > 4 limit 1")[0]
    with pytest.raises(WithholdingRefused, match="no place of its own"):
        take_out(desk, str(ref), str(key))
