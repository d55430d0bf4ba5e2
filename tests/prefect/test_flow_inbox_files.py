"""The inbox: what is new, what waits, and whose each file is."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from flows.errors import InputRefused
from flows.inbox_files import SIDECAR, Look, jobs_of, look_into, read_journal, read_sidecar, write_journal
from flows.inputs import Job
from warehouse.staging import SourceFacts


def later(minutes: float = 2) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def dropped(inbox: Path, locator: str, data: bytes = b"text") -> Path:
    path = inbox / locator
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(looks: tuple[Look, ...]) -> list[str]:
    return [look.locator for look in looks]


def job_of(inbox: Path, *registered: SourceFacts) -> Job:
    ((_, job),) = jobs_of(inbox, look_into(inbox, [], later()).new, registered)
    return job


def test_a_file_that_changed_within_the_last_minute_waits_for_the_next_round(tmp_path: Path) -> None:
    dropped(tmp_path, "page.txt")
    assert names(look_into(tmp_path, [], later(0)).waiting) == ["page.txt"]
    assert names(look_into(tmp_path, [], later()).new) == ["page.txt"]


def test_an_old_modification_time_does_not_make_a_half_copied_file_whole(tmp_path: Path) -> None:
    os.utime(dropped(tmp_path, "page.txt"), (0, 0))
    assert names(look_into(tmp_path, [], later(0)).waiting) == ["page.txt"]


def test_an_unfinished_file_waits_however_old_it_is_and_a_hidden_one_is_not_looked_at(tmp_path: Path) -> None:
    for locator in ("page.txt.part", "B.PART", ".hidden", ".folder/page.txt"):
        dropped(tmp_path, locator)
    found = look_into(tmp_path, [], later())
    assert (names(found.waiting), found.new, found.known) == (["B.PART", "page.txt.part"], (), ())


def test_a_known_file_is_known_until_its_bytes_or_its_sidecar_change(tmp_path: Path) -> None:
    path = dropped(tmp_path, "page.txt")
    journal = look_into(tmp_path, [], later()).new
    assert names(look_into(tmp_path, journal, later()).known) == ["page.txt"]
    path.write_bytes(b"other")
    changed = look_into(tmp_path, journal, later()).new
    assert names(changed) == ["page.txt"]
    dropped(tmp_path, f"page.txt{SIDECAR}", b"{}")
    assert names(look_into(tmp_path, changed, later()).new) == ["page.txt"]


def test_a_file_replaced_by_one_of_the_same_size_and_modification_time_is_new(tmp_path: Path) -> None:
    path = dropped(tmp_path, "page.txt")
    os.utime(path, (1, 1))
    journal = look_into(tmp_path, [], later()).new
    path.write_bytes(b"TEXT")
    os.utime(path, (1, 1))
    assert names(look_into(tmp_path, journal, later()).new) == ["page.txt"]


def test_the_journal_survives_a_round_trip_and_a_damaged_one_is_empty(tmp_path: Path) -> None:
    dropped(tmp_path / "inbox", "a/Заявление.txt")
    looks = look_into(tmp_path / "inbox", [], later()).new
    journal = tmp_path / "inbox.jsonl"
    write_journal(journal, looks)
    assert tuple(read_journal(journal)) == looks
    journal.write_bytes(journal.read_bytes()[:-9])
    assert read_journal(journal) == []
    assert read_journal(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize("line", [b"[]", b'{"locator": 1}', b'{"other": 1}', b"1", b"\xff"])
def test_a_journal_of_another_shape_is_an_empty_one(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "inbox.jsonl").write_bytes(line + b"\n")
    assert read_journal(tmp_path / "inbox.jsonl") == []


def test_looking_changes_nothing_in_the_inbox(tmp_path: Path) -> None:
    path = dropped(tmp_path, "a/page.txt")
    before = path.stat()
    job_of(tmp_path)
    assert path.stat() == before
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", path]


def test_a_link_to_a_folder_a_pipe_and_a_link_that_leads_nowhere_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    assert look_into(tmp_path, [], later()).new == ()


def test_a_name_that_is_no_text_is_rejected_by_name_and_stops_nothing_else(tmp_path: Path) -> None:
    dropped(tmp_path, "good.txt")
    (tmp_path / os.fsdecode(b"\xff.txt")).write_bytes(b"text")
    jobs = [job for _, job in jobs_of(tmp_path, look_into(tmp_path, [], later()).new, [])]
    assert [(job.inputs[0].locator, job.inputs[0].problem) for job in jobs] == [
        ("inbox/\\xff.txt", "its name is not UTF-8: rename it"),
        ("inbox/good.txt", None),
    ]


def test_the_subfolder_names_the_source_and_a_registered_one_takes_its_row(tmp_path: Path) -> None:
    row = SourceFacts("page", format="mid_page_text", language="en", minimum=1, maximum=1)
    dropped(tmp_path, "page/2024/a.txt")
    job = job_of(tmp_path, row)
    assert (job.source, job.inputs[0].locator, job.claim_basis) == (row, "inbox/page/2024/a.txt", "none")


def test_a_subfolder_without_a_row_is_a_source_of_its_own_and_the_top_level_is_handed_in(tmp_path: Path) -> None:
    dropped(tmp_path, "new/a.txt")
    assert job_of(tmp_path).source == SourceFacts("new")
    (tmp_path / "new" / "a.txt").rename(tmp_path / "a.txt")
    assert job_of(tmp_path).source == SourceFacts("handed_in")


def test_a_sidecar_says_more_than_the_subfolder_and_is_no_file_of_its_own(tmp_path: Path) -> None:
    dropped(tmp_path, "page/a.txt")
    said = {"source": "it's; mine", "format": "channel_dump", "captured_at": "2026-11-22T10:00:00+03:00"}
    dropped(tmp_path, f"page/a.txt{SIDECAR}", orjson.dumps(said))
    job = job_of(tmp_path)
    assert (job.source.source_key, job.source.format) == ("it's; mine", "channel_dump")
    assert (job.source.captured_at, job.time_basis) == (datetime(2026, 11, 22, 7, tzinfo=UTC), "operator")


def test_a_file_waits_while_its_sidecar_is_being_copied(tmp_path: Path) -> None:
    dropped(tmp_path, "a.txt")
    dropped(tmp_path, f"a.txt{SIDECAR}", b"{")
    assert names(look_into(tmp_path, [], later(0)).waiting) == ["a.txt"]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"{", "can't be read"),
        (b"[]", "expected a JSON object"),
        (b'{"format": 1}', "expected a JSON object with a text"),
        (b'{"sorce": "x"}', "key 'sorce' is not known"),
        (b'{"format": "x"}', "format is 'x'; expected one of channel_dump"),
        (b'{"time_zone": "Mars"}', "'Mars' is not known"),
        (b'{"captured_at": "2026-11-22T10:00:00"}', "says no time zone"),
    ],
)
def test_a_sidecar_that_cant_be_understood_says_why_and_its_file_is_not_guessed(
    tmp_path: Path, said: bytes, complaint: str
) -> None:
    dropped(tmp_path, "a.txt")
    sidecar = dropped(tmp_path, f"a.txt{SIDECAR}", said)
    with pytest.raises(InputRefused, match=r"sidecar a\.txt\.source\.json") as refusal:
        read_sidecar(sidecar)
    assert complaint in str(refusal.value)
    assert job_of(tmp_path).inputs[0].problem == str(refusal.value)
