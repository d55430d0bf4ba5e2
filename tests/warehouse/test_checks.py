"""Each rule that the data keeps, and an archive that breaks it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Desk
from warehouse.archive import opened_for_writing, settle
from warehouse.checks import rules, run_checks
from warehouse.layout import Layout
from warehouse.statements import in_folder

REFUSED = (
    "insert into store.rejection select 'a', source_key, locator, null, null, null, null, '{}', '', '', '', '', "
    "recorded_at, 1 from store.capture limit {}"
)
# What breaks a rule, one case or more for each. The hash of nothing stands for another one.
BREAKS: dict[str, list[str]] = {
    "appends_are_chained": [
        "update store.append set append_number = 7",
        "update store.append set previous_head = unhex(sha256(''))",
    ],
    "bounds_hold": [
        "update store.reading set published_after = '2025-01-02', published_before = '2025-01-01' where position = 1",
        "update store.reading set event_from = '2025-01-02', event_to = '2025-01-01' where position = 1",
    ],
    "captures_have_their_bytes": [
        "delete from store.blob where raw_sha256 = (select min(raw_sha256) from store.blob)",
        "update store.capture set raw_sha256 = unhex(sha256('')) where rowid = 0",
    ],
    "descriptions_have_their_hash": [
        "update store.description set kind = 'briefing' where kind = 'comment'",
        "update store.description set headline = headline || '!' where headline is not null",
        "update store.description set notices = [] where len(notices) > 0",
        "update store.description set published_at = published_at + interval 1 hour where published_at is not null",
    ],
    "extractions_count_their_readings": [
        "delete from store.reading where position = 2",
        "update store.extraction set record_count = record_count + 1 where record_count = 1",
        "update store.reading set position = 99 where position = 10",
    ],
    "heads_cover_their_appends": [
        "update store.append set head = unhex(sha256(''))",
        "update store.append set batch_key = batch_key || 'x'",
        "update store.append set recorded_at = recorded_at + interval 1 microsecond",
        "update store.append set leaf_count = leaf_count + 1",
    ],
    "inputs_add_up": [
        "update store.intake set read_count = read_count + 1 where source_key = 'channel_dump_asean'",
        "update store.intake set appended_count = -1, read_count = -1 where read_count = 1",
    ],
    "keys_are_unique": [
        f"insert into store.{table} select * from store.{table} limit 1"
        for table in (
            "append",
            "blob",
            "capture",
            "content",
            "coverage",
            "description",
            "document",
            "extraction",
            "ref",
        )
    ]
    + [
        REFUSED.format("missing_text", 2),
    ],
    "readings_have_all_they_name": [
        f"delete from store.{table} where rowid = 0" for table in ("content", "description", "document", "ref")
    ],
    "records_do_not_overlap": [
        "update store.reading set byte_from = byte_from - 1 where position = 2",
        "update store.reading set byte_from = byte_to + 1 where position = 1",
    ],
    "roots_cover_their_rows": [
        "delete from store.intake",
        "delete from store.append",
        "update store.capture set locator = locator || 'x'",
        "insert into store.source select * replace ('other' as source_key) from store.source limit 1",
        "update store.blob set append_number = 2",
    ],
    "runs_add_up": [
        (
            "update store.run_end set sources = list_transform(sources, "
            "lambda source: struct_pack(source_key := source.source_key, input_count := 1, read_count := 2, "
            "appended_count := 1, unchanged_count := 0, rejected_count := 0, errors := []))"
        )
    ],
    "values_are_listed": [
        "update store.description set kind = 'memoir'",
        "update store.description set kind_basis = 'guess'",
        "update store.description set published_basis = 'guess'",
        "update store.description set passage_roles = ['chorus']",
        "update store.description set notices = [{'code': 'no_sense', 'detail': ''}]",
        "update store.reading set event_basis = 'guess'",
        "update store.extraction set outcome = 'so-so'",
        "update store.document set medium = 'film'",
        "update store.capture set captured_basis = 'guess'",
        "update store.capture set captured_via = 'pigeon'",
        "update store.coverage set claim = 'some'",
        "update store.coverage set claim_basis = 'hearsay'",
        REFUSED.format("dislike", 1),
    ],
    "words_have_their_hash": [
        "update store.content set text = text || '.' where title is not null",
        "update store.content set title = title || '.' where medium = 'page'",
        "update store.content set forwarded_from = null where medium = 'post'",
        "update store.content set published_text = '' where medium = 'post'",
        "update store.content set document_number = '1' where medium = 'post'",
    ],
}
CASES = [
    pytest.param(rule, sql, id=f"{rule} {number}") for rule, found in BREAKS.items() for number, sql in enumerate(found)
]


@pytest.fixture(scope="module")
def layout(seeded: Desk, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A copy of the archive of the seeds that may be broken."""
    home = tmp_path_factory.mktemp("broken") / "data"
    shutil.copytree(seeded.home, home)
    return Layout(home)


@pytest.fixture(scope="module")
def copied(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(layout.store)) as connection:
        settle(connection)
        yield connection


@pytest.fixture
def archive(copied: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The copy, mended again after the test."""
    copied.execute("begin")
    yield copied
    copied.execute("rollback")


def broken_rules(connection: duckdb.DuckDBPyConnection, layout: Layout, since_append: int = 0) -> set[str]:
    return {checked.rule for checked in run_checks(connection, layout, since_append) if checked.broken_count}


def test_an_archive_that_nobody_touched_breaks_no_rule(archive: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    checked = run_checks(archive, layout)
    assert [(one.rule, one.example) for one in checked if one.broken_count] == []
    assert [one.rule for one in checked] == sorted(BREAKS)


@pytest.mark.parametrize(("rule", "sql"), CASES)
def test_the_rule_is_broken_by_an_archive_that_was_changed(
    archive: duckdb.DuckDBPyConnection, layout: Layout, rule: str, sql: str
) -> None:
    archive.execute(sql)
    assert rule in broken_rules(archive, layout)


def test_every_check_has_a_case_that_breaks_it() -> None:
    assert set(BREAKS) == {name for name, _ in rules()}


def test_bytes_that_are_gone_from_the_raw_store_are_missed(archive: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    blob = next((layout.raw / "blobs").glob("*/*.zst"))
    aside = blob.rename(blob.with_suffix(".aside"))
    try:
        found = {checked.rule: checked.example for checked in run_checks(archive, layout) if checked.broken_count}
    finally:
        aside.rename(blob)
    assert list(found) == ["captures_have_their_bytes"]
    assert blob.stem in found["captures_have_their_bytes"]


def test_a_check_says_its_rule_and_shows_the_first_row_that_breaks_it(
    archive: duckdb.DuckDBPyConnection, layout: Layout
) -> None:
    archive.execute("update store.reading set event_from = '2025-01-02', event_to = '2025-01-01' where position = 7")
    found = next(checked for checked in run_checks(archive, layout) if checked.rule == "bounds_hold")
    assert (
        found.description
        == "A day of publication lies between its bounds, and an event ends no earlier than it begins."
    )
    assert found.broken_count == 2
    assert found.example.endswith(", 7")


def test_an_append_looks_at_its_own_rows_only(archive: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    archive.execute("update store.reading set event_from = '2025-01-02', event_to = '2025-01-01'")
    assert broken_rules(archive, layout, since_append=2) == set()


@pytest.mark.parametrize("rule", [name for name, _ in in_folder("checks/at_rest")])
def test_what_is_too_dear_for_each_append_is_looked_at_when_a_person_asks(
    archive: duckdb.DuckDBPyConnection, layout: Layout, rule: str
) -> None:
    archive.execute(BREAKS[rule][0])
    assert rule not in broken_rules(archive, layout, since_append=1)


def test_an_append_that_breaks_a_rule_is_rolled_back_and_its_batch_stays_staged(
    desk: Desk, page: Callable[..., Path]
) -> None:
    """The rule is broken here by a row that stood there before, so that the batch itself is sound and goes in later."""
    desk.hand_in(page("a.txt", "First words."))
    before = desk.counts()
    breaking = "update store.append set append_number = 2"
    mending = "update store.append set append_number = 1"
    with opened_for_writing(desk.layout, desk.run().writing) as connection:
        connection.execute(breaking)
    report = desk.hand_in(page("b.txt", "Other words."), "other")
    assert not report.is_good
    with opened_for_writing(desk.layout, desk.run().writing) as connection:
        connection.execute(mending)
    assert desk.hand_in(page("a.txt", "First words.")).is_good
    assert desk.counts()["append"] == before["append"] + 1
    assert desk.value("select count(*) from documents") == 2
    assert any("appends_are_chained" in problem for problem in report.problems)
