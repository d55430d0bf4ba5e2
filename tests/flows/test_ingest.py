"""What ingesting does, from the file to the views."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flows.inputs import Input, Job, handed_in_job, registered_job
from flows.registry import read_registry
from tests.conftest import REGISTRY, SEEDS, Desk
from tests.forms.every import ingest_in_batches
from warehouse.raw_store import blob_path, opened
from warehouse.staging import SourceFacts

Write = Callable[..., Path]


def look(path: Path, day: int | None = None) -> Job:
    """Return the job that takes a file in as what stood at its address, on a day or at a time that nobody knows."""
    captured_at = None if day is None else datetime(2025, 5, day, tzinfo=UTC)
    facts = SourceFacts("hand", captured_at=captured_at)
    return Job(facts, (Input(path.name, path),), time_basis="operator")


def test_the_seeds_give_three_pages_and_thirty_posts_one_of_them_without_text(seeded: Desk) -> None:
    assert seeded.query(
        "select medium, count(*), count(*) filter (where text = '') from documents group by all order by 1"
    ) == [
        ("page", 3, 0),
        ("post", 30, 1),
    ]


def test_every_input_adds_up(seeded: Desk) -> None:
    wrong = "select count(*) from store.intake where read_count <> appended_count + unchanged_count + rejected_count"
    assert seeded.value(wrong) == 0
    assert seeded.value("select sum(read_count) from store.intake") == 33


def test_a_second_run_adds_nothing_but_its_own_row(seeded: Desk, tmp_path: Path) -> None:
    desk = seeded.copied(tmp_path)
    before = desk.counts()
    report = desk.ingest_seeds()
    after = desk.counts()
    assert report.is_good
    assert [(source.appended_count, source.unchanged_count) for source in report.sources] == [
        (0, 1),
        (0, 1),
        (0, 10),
        (0, 1),
        (0, 20),
    ]
    assert after == before | {"run": before["run"] + 1, "run_end": before["run_end"] + 1}


def test_a_word_changed_below_a_headline_adds_one_version_of_that_document_and_of_no_other(
    seeded: Desk, tmp_path: Path
) -> None:
    desk = seeded.copied(tmp_path)
    before = desk.query("select version_key, text, text_sha256 from versions order by 1")
    source = next(source for source in read_registry(REGISTRY) if source.source_key == "channel_dump_asean")
    edited = tmp_path / "edited.txt"
    text = (SEEDS / "002_f8ed40bbac4ad26b.txt").read_text(encoding="utf-8")
    edited.write_text(
        text.replace("expressed an interest in Russian approaches", "took note of Russian approaches"), encoding="utf-8"
    )
    report = desk.ingest(Job(source, (Input(str(edited), edited),)))
    assert [(one.read_count, one.appended_count, one.unchanged_count) for one in report.sources] == [(10, 1, 9)]
    assert desk.query("select words_added, words_removed, is_silent from changes where cause = 'edited'") == [
        (3, 4, None)
    ]
    assert desk.value("select version_count from documents where text like '%took note of Russian%'") == 2
    after = desk.query("select version_key, text, text_sha256 from versions order by 1")
    assert set(before) < set(after)
    assert len(after) == 34


def test_bytes_are_kept_as_they_came(seeded: Desk) -> None:
    for path in sorted(SEEDS.iterdir()):
        row = seeded.value("select raw_sha256 from captures where locator = ?", f"documents/{path.name}")
        with opened(seeded.layout.raw, bytes.fromhex(str(row))) as stream:
            assert stream.read() == path.read_bytes()


def test_every_version_leads_to_its_bytes(seeded: Desk) -> None:
    for raw, first, last, text in seeded.query(
        "select raw_sha256, byte_from, byte_to, text from versions where text <> ''"
    ):
        with opened(seeded.layout.raw, bytes.fromhex(str(raw))) as stream:
            record = stream.read()[first:last]  # type: ignore[misc]
        assert str(text).split("\n")[0].split(" ")[0] in record.decode()


def test_a_capture_of_known_time_is_one_row_for_each_time(desk: Desk, page: Write) -> None:
    path = page("a.txt", "Words that stay.")
    for days in ((1, 2), (2, 3)):
        assert ingest_in_batches(desk, *([look(path, day)] for day in days)) == []
    assert desk.value("select count(*) from captures") == 3
    assert desk.query(
        "select seen_from, seen_until, version_count from versions join documents using (document_key)"
    ) == [(datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 5, 3, tzinfo=UTC), 1)]


def test_bytes_that_change_and_change_back_make_three_versions(desk: Desk, page: Write) -> None:
    looks = [[look(page(f"{number}/a.txt", body))] for number, body in enumerate(("One.", "Two.", "One."))]
    assert ingest_in_batches(desk, *looks) == []
    rows = desk.query("select version_number, text, cause, is_current from versions order by 1")
    assert rows == [(1, "One.", "first_seen", False), (2, "Two.", "edited", False), (3, "One.", "edited", True)]
    assert desk.value("select count(distinct ref) from versions") == 2


def test_a_capture_of_unknown_time_never_becomes_current_over_one_of_known_time(desk: Desk, page: Write) -> None:
    assert (
        ingest_in_batches(desk, [look(page("new.txt", "New words."), 1)], [look(page("old.txt", "Old words."))]) == []
    )
    assert desk.query("select text, is_current from versions order by version_number") == [
        ("Old words.", False),
        ("New words.", True),
    ]


def test_an_older_capture_that_comes_late_takes_its_place(desk: Desk, page: Write) -> None:
    looks = [[look(page(f"{day}/a.txt", body), day)] for day, body in ((5, "Third."), (1, "First."), (3, "Second."))]
    assert ingest_in_batches(desk, *looks) == []
    assert desk.query("select text from versions order by version_number") == [("First.",), ("Second.",), ("Third.",)]
    changes = desk.query(
        "select changed_after, changed_before from changes where cause = 'edited' order by version_number"
    )
    assert changes == [
        (datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 5, 3, tzinfo=UTC)),
        (datetime(2025, 5, 3, tzinfo=UTC), datetime(2025, 5, 5, tzinfo=UTC)),
    ]


def test_the_same_bytes_at_another_place_are_stored_and_read_once(desk: Desk, page: Write, tmp_path: Path) -> None:
    first = page("a.txt", "The same words.")
    second = tmp_path / "b.txt"
    shutil.copy(first, second)
    desk.hand_in(first)
    report = desk.hand_in(second)
    assert (report.sources[0].appended_count, report.sources[0].unchanged_count) == (0, 1)
    assert desk.query("select count(*), count(distinct raw_sha256) from captures") == [(2, 1)]
    assert desk.counts()["extraction"] == 1


def test_what_says_the_same_in_the_same_words_is_marked_and_kept(desk: Desk, dump: Write) -> None:
    first = ["🎙 A headline that is long enough to name a post by it, July 1, 2024", "The body of it – in words."]
    again = ["🎙 A headline that is long enough to name a post by it, July 1, 2024", "The body of it - in words."]
    paths = {"one": dump("one.txt", first), "two": dump("two.txt", again)}
    assert desk.ingest(*(handed_in_job(SourceFacts(key), [path]) for key, path in paths.items())).is_good
    assert desk.value("select count(*) from documents") == 2
    assert desk.query("select relation, similarity, method, method_version from related") == [
        ("same_text", 1, "letters", 1)
    ]
    assert desk.query("select repeat_count from unique_documents") == [(1,)]


def test_posts_that_share_a_head_are_told_apart_by_their_text_and_equal_ones_numbered(desk: Desk, dump: Write) -> None:
    head = "🎙 Sergey Lavrov’s opening remarks at the talks that are held each and every year"
    posts = [[head, "In the first year."], [head, "In the second year."], [head, "In the second year."]]
    desk.hand_in(dump("a.txt", *posts))
    keys = [str(key) for (key,) in desk.query("select document_key from posts order by position_in_source")]
    assert len(set(keys)) == 3
    assert [key[-2:] for key in keys][1:] == ["#1", "#2"]


def test_a_header_without_text_is_a_document_without_text(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Forwarded from A\nForwarded from A\nSome words to be read here.\nMore.\nMore.", encoding="utf-8")
    report = desk.hand_in(path, format="channel_dump")
    assert report.is_good
    assert desk.query("select text, word_count from posts order by position_in_source") == [
        ("", 0),
        ("Some words to be read here.\nMore.", 7),
    ]


def test_dumps_are_samples_and_say_so_wherever_they_are_counted(seeded: Desk) -> None:
    for view in ("documents", "hashtags", "countries", "monthly_counts", "posts", "unique_documents"):
        assert seeded.value(f"select bool_and(is_sample = (source_key like 'channel_dump%')) from {view}"), view
    assert seeded.query("select distinct claim from coverage where source_key like 'channel_dump%'") == [("sample",)]


def test_an_edited_registry_row_is_a_new_state_of_the_source(desk: Desk) -> None:
    source = read_registry(REGISTRY)[0]
    later = replace(source, note="Looked at again.", language="ru")
    assert ingest_in_batches(desk, *([registered_job(one, REGISTRY)] for one in (source, later))) == []
    assert desk.value("select note from sources") == "Looked at again."
    assert desk.counts()["source"] == 2


def test_a_file_that_is_handed_in_twice_under_two_sources_is_two_documents(desk: Desk, page: Write) -> None:
    path = page("a.txt", "Words.")
    desk.ingest(Job(SourceFacts("one"), (Input("a.txt", path),)), Job(SourceFacts("two"), (Input("a.txt", path),)))
    assert desk.value("select count(*) from documents") == 2
    assert len(list((desk.layout.raw / "blobs").glob("*/*.zst"))) == 1


def test_a_source_key_with_quotes_and_semicolons_is_only_a_name(desk: Desk, page: Write) -> None:
    key = """a'; drop table store.capture; -- "b" \\ c"""
    desk.hand_in(page("a.txt", "Words."), key)
    assert desk.value("select source_key from sources") == key
    assert desk.hand_in(page("a.txt", "Other words."), key).is_good
    assert desk.value("select max(version_number) from versions") == 2


def test_a_blob_is_named_by_its_hash(seeded: Desk) -> None:
    for (raw,) in seeded.query("select raw_sha256 from captures"):
        assert blob_path(seeded.layout.raw, bytes.fromhex(str(raw))).exists()


def test_a_data_folder_may_have_any_name(tmp_path: Path, page: Write) -> None:
    desk = Desk(tmp_path / "a [b]* c" / "dä'ta")
    assert desk.hand_in(page("a.txt", "Words.")).is_good
    assert desk.value("select text from documents") == "Words."


def test_a_post_that_may_be_cut_off_begins_no_version_of_one_that_is_known(seeded: Desk, tmp_path: Path) -> None:
    """A dump that ended in its last post once looked as if the publisher had taken 219 words away."""
    desk = seeded.copied(tmp_path)
    source = next(source for source in read_registry(REGISTRY) if source.source_key == "channel_dump_asean")
    lines = (SEEDS / "002_f8ed40bbac4ad26b.txt").read_text(encoding="utf-8").split("\n")
    cut = tmp_path / "cut.txt"
    cut.write_text("\n".join(lines[:180]), encoding="utf-8")
    report = desk.ingest(Job(source, (Input("cut.txt", cut),)))
    assert (report.sources[0].appended_count, report.sources[0].unchanged_count) == (0, 10)
    assert desk.value("select count(*) from changes where cause <> 'first_seen'") == 0
    assert desk.value("select min(word_count) from documents where source_key = 'channel_dump_asean'") == 123


def test_a_source_of_which_nobody_says_what_it_shows_is_neither_sample_nor_whole(desk: Desk, page: Write) -> None:
    desk.hand_in(page("a.txt", "Words."))
    assert desk.query("select is_sample from documents") == [(None,)]


def test_a_later_reading_that_fails_leaves_the_good_one_in_its_place(desk: Desk, page: Write) -> None:
    path = page("a.txt", "Words.")
    desk.hand_in(path)
    assert not desk.hand_in(path, encoding="utf-16-le").is_good
    assert desk.query("select distinct outcome, record_count, rejection_count from captures") == [("read", 1, 0)]
    report = desk.hand_in(path, captured_at=datetime(2025, 5, 1, tzinfo=UTC))
    assert [(one.appended_count, one.unchanged_count, one.rejected_count) for one in report.sources] == [(0, 1, 0)]


def test_bytes_that_were_read_in_another_way_since_are_told(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "ru.txt"
    path.write_bytes("23 июля 2016 10:00\n\nСообщение для средств массовой информации\n\nТекст.\n".encode("cp1251"))
    facts = [SourceFacts("hand", format="mid_page_text", encoding=encoding) for encoding in ("cp1251", "koi8-r")]
    ingest_in_batches(desk, *([handed_in_job(one, [path])] for one in facts))
    report = desk.hand_in(path, format="mid_page_text", encoding="cp1251")
    assert "in another way since, which stands" in report.sources[0].problems[0]
