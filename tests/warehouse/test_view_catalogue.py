"""What holds for all views: described, few, right in any session, and with the lists that the code has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from extract import model
from extract.formats import formats
from extract.notices import SHARED
from flows.fetching import values
from flows.fetching.entrances import of_files
from flows.inputs import Input, Job, registered_job
from flows.registry import read_registry
from tests.conftest import REGISTRY, SEEDS, Desk
from tests.warehouse.given import empty_archive
from warehouse.staging import SourceFacts
from warehouse.statements import in_folder

MOST_NAMES = 20
ENUMS = {
    "medium": model.Medium,
    "kind": model.Kind,
    "event_basis": model.EventBasis,
    "published_basis": model.PublishedBasis,
    "role": model.Role,
    "block": model.Block,
    "media_kind": model.MediaKind,
    "post_kind": model.PostKind,
    "coverage": model.Claim,
    "reason": model.Reason,
    "purpose": values.Purpose,
    "failure": values.Failure,
    "verdict": values.Verdict,
}
# What a plain session can differ in. DuckDB 1.5 gives wrong rows where an optimizer shares parts of a query
# (duckdb#25819), which the program's own connections switch off and a reader's do not.
SESSIONS = {
    "with no setting": (),
    "without the shared parts": ("set disabled_optimizers = 'common_subplan'",),
    "in four threads": ("set threads = 4",),
}


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_archive() as connection:
        yield connection


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive of the seeds with edits, words that change back, duplicates, looks of unknown time and a bad input."""
    folder = tmp_path_factory.mktemp("edited")
    desk = Desk(folder / "data")
    jobs = [registered_job(source, REGISTRY) for source in of_files(read_registry(REGISTRY), ())]
    dump = (SEEDS / "002_f8ed40bbac4ad26b.txt").read_text(encoding="utf-8")
    states = {
        "as it was": dump,
        "edited": dump.replace("expressed an interest in Russian approaches", "took note of Russian approaches"),
        "without marks": dump.replace(",", ""),
        "bad": "\0" * 100,
    }
    for name, text in states.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    looks = [
        ("as it was", 1),
        ("edited", 2),
        ("as it was", 3),
        ("without marks", None),
        ("edited", None),
        ("bad", None),
    ]
    for number, (name, day) in enumerate(looks):
        captured_at = datetime(2025, 5, day, tzinfo=UTC) if day else None
        source = SourceFacts("bad" if name == "bad" else "copy", captured_at=captured_at, coverage="sample")
        jobs.append(Job(source, (Input(f"{number}.txt", folder / f"{name}.txt"),)))
    desk.ingest(*jobs)
    return desk


@pytest.fixture(scope="module")
def expected(edited: Desk) -> dict[str, list[str]]:
    return rows_of_views(edited.layout.published, ("pragma disable_optimizer",))


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select view_name from duckdb_views() where schema_name = 'main' and not internal")
    return sorted(name for (name,) in rows.fetchall())


def test_show_tables_gives_at_most_twenty_names(empty: duckdb.DuckDBPyConnection) -> None:
    assert len(empty.execute("show tables").fetchall()) <= MOST_NAMES


def test_every_view_says_what_a_row_is_in_the_words_of_its_file(empty: duckdb.DuckDBPyConnection) -> None:
    comments = dict(
        empty.execute("select view_name, comment from duckdb_views() where schema_name = 'main'").fetchall()
    )
    files = dict(in_folder("views"))
    for name in names(empty):
        assert comments[name].startswith("One row: ")
        assert files[name].startswith(f"-- {comments[name]}\n"), name


def test_every_column_of_every_view_says_what_it_is(empty: duckdb.DuckDBPyConnection) -> None:
    rows = empty.execute(
        "select table_name || '.' || column_name from duckdb_columns() where schema_name = 'main' and comment is null "
        "and table_name in (select view_name from duckdb_views() where not internal)"
    )
    assert rows.fetchall() == []


def test_every_macro_for_people_says_what_it_gives(empty: duckdb.DuckDBPyConnection) -> None:
    rows = empty.execute(
        "select distinct function_name, comment from duckdb_functions() "
        "where schema_name = 'main' and function_type = 'table_macro' and not internal"
    )
    comments = dict(rows.fetchall())
    assert {"documents_as_of", "published_as_of", "changes_of_run", "changes_since", "changed_passages"} <= set(
        comments
    )
    assert [name for name, comment in comments.items() if not str(comment).startswith(f"{name}(")] == []


def test_no_comment_is_left_of_a_column_that_is_gone(empty: duckdb.DuckDBPyConnection) -> None:
    """A comment on a column that is not there fails; one that is given twice does not."""
    files = dict(in_folder("views"))
    for name in names(empty):
        commented = [line for line in files[name].split("\n") if line.startswith("comment on column")]
        columns = empty.execute(f"describe {name}").fetchall()
        assert [line.split(" ")[3] for line in commented] == [f"{name}.{column[0]}" for column in columns]


def test_what_lies_beneath_the_views_stands_in_a_schema_of_its_own(empty: duckdb.DuckDBPyConnection) -> None:
    assert empty.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall() == []


def rows_of_views(archive: Path, settings: tuple[str, ...]) -> dict[str, list[str]]:
    with duckdb.connect(str(archive), read_only=True) as connection:
        for setting in settings:
            connection.execute(setting)
        return {name: sorted(map(repr, connection.execute(f"from {name}").fetchall())) for name in names(connection)}


@pytest.mark.parametrize("session", SESSIONS)
def test_a_view_gives_the_same_rows_in_every_session(
    edited: Desk, expected: dict[str, list[str]], session: str
) -> None:
    assert rows_of_views(edited.layout.published, SESSIONS[session]) == expected


def test_a_view_gives_the_same_rows_where_the_history_is_computed(edited: Desk, expected: dict[str, list[str]]) -> None:
    """In the read copy it is a table, in the writer's file a view."""
    assert rows_of_views(edited.layout.store, ()) == expected


def test_the_edited_archive_has_what_the_sessions_are_compared_by(edited: Desk) -> None:
    assert edited.value("select max(version_number) from versions") == 5
    assert edited.value("select count(*) from related") != 0
    assert edited.value("select count(*) from rejections") == 1


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Vladivostok"])
def test_days_do_not_move_with_the_zone_of_the_session(edited: Desk, zone: str) -> None:
    days = "select document_key, published_date, sort_date from documents order by 1"
    months = "select * exclude (word_count) from monthly_counts order by all"
    with duckdb.connect(str(edited.layout.published), read_only=True) as connection:
        connection.execute(f"set TimeZone = '{zone}'")
        assert connection.execute(days).fetchall() == edited.query(days)
        assert connection.execute(months).fetchall() == edited.query(months)


def terms(connection: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    return {value for (value,) in connection.execute("select value from terms where list = $1", [name]).fetchall()}


@pytest.mark.parametrize("name", ENUMS)
def test_terms_has_every_value_of_a_closed_list_of_the_code_and_no_other(
    empty: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert terms(empty, name) == {str(value) for value in ENUMS[name]}


def test_every_closed_list_of_the_model_is_looked_at() -> None:
    named = (vars(model) | vars(values)).values()
    enums = {value for value in named if isinstance(value, type) and issubclass(value, StrEnum)}
    assert enums - {StrEnum} == set(ENUMS.values())


def test_terms_has_every_notice_of_every_format_in_its_own_words(empty: duckdb.DuckDBPyConnection) -> None:
    expected: dict[str, str] = dict(SHARED)
    for name in formats():
        expected |= getattr(import_module(f"extract.formats.{name}"), "NOTICES", {})
    rows = empty.execute("select value, definition from terms where list = 'notice'").fetchall()
    found = dict(rows)
    assert found.pop("withheld", None), "what a person did, and no format"
    assert found == expected


def test_terms_has_each_value_once(empty: duckdb.DuckDBPyConnection) -> None:
    assert empty.execute("select list, value from terms group by all having count(*) > 1").fetchall() == []


def test_every_list_that_a_comment_names_is_in_terms(empty: duckdb.DuckDBPyConnection) -> None:
    rows = empty.execute(
        "select distinct regexp_extract(comment, 'terms, list (\\w+)', 1) from duckdb_columns() "
        "where schema_name = 'main' and comment like '%see terms, list %'"
    )
    lists = {name for (name,) in empty.execute("select distinct list from terms").fetchall()}
    assert {name for (name,) in rows.fetchall()} <= lists


def test_the_archive_knows_every_format_and_what_its_form_has_lost(empty: duckdb.DuckDBPyConnection) -> None:
    rows = empty.execute("select format, lost_in_form from store.form").fetchall()
    assert {name: tuple(lost) for name, lost in rows} == {name: form.lost_in_form for name, form in formats().items()}


def test_a_row_of_documents_leads_to_one_current_version_and_its_bytes(edited: Desk) -> None:
    counts = (
        "select (select count(*) from documents), (select count(*) from versions where is_current), "
        "(select count(*) from documents join versions using (version_key) where versions.is_current)"
    )
    found = set(edited.query(counts)[0])
    assert len(found) == 1
    assert edited.value("select count(*) from versions anti join captures using (capture_key, raw_sha256)") == 0


def test_the_view_and_the_code_call_what_came_of_a_request_the_same(empty: duckdb.DuckDBPyConnection) -> None:
    for status in (None, 200, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 410, 429, 451, 500, 503):
        for failure in (None, *values.Failure):
            for reason in (None, *model.Reason) if status == 200 else (None,):
                (verdict,) = empty.execute("select store.verdict(?, ?, ?)", [status, failure, reason]).fetchone()  # type: ignore[misc]
                assert verdict == values.verdict_of(status, failure, reason)
