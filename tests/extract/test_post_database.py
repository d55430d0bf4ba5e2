"""Rules of the format `post_database`."""

import io
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, TooLarge, UnconfirmedColumns, UnreadableInput
from extract.formats import database_tables, post_database
from extract.formats.post_database import FORMAT
from extract.model import Hints, Reason, Record, Rejection

GOLDEN = Path(__file__).parents[1] / "golden" / "post_database"
HINTS = Hints("test", channel_id=1101170442)
ARCHIVE = (
    "create table messages (id integer primary key, type text, date timestamp, edit_date timestamp, content text, "
    "reply_to integer, user_id integer, media_id integer); create table media (id integer primary key, type text);"
)
POSTS = "create table posts (n integer, body text);"
DECLARED = Hints("test", channel_id=1, columns="table=posts, id=n, text=body")


def database(script: str, rows: list[tuple[object, ...]] | None = None, table: str = "posts") -> bytes:
    """Return a database made by a script, with rows."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {table} values ({marks})", rows)
        connection.commit()
        return bytes(connection.serialize())


def values(data: bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    """Return all that is read in an input."""
    return [value for stretch in FORMAT.split(io.BytesIO(data), hints) for value in FORMAT.read(stretch, hints)]


def texts(data: bytes, hints: Hints = HINTS) -> list[str]:
    """Return the texts of an input without rejections."""
    return [value.text for value in values(data, hints) if isinstance(value, Record) or pytest.fail(value.found)]


def test_every_record_has_the_whole_input_for_its_place() -> None:
    data = database(POSTS, [(1, "a"), (2, "b")])
    assert {(one.byte_from, one.byte_to) for one in values(data, DECLARED)} == {(0, len(data))}


def test_a_large_table_is_read_in_several_stretches() -> None:
    data = database(POSTS, [(number, "words " * 100) for number in range(1, 4_001)])
    stretches = list(FORMAT.split(io.BytesIO(data), DECLARED))
    assert len(stretches) > 1
    assert sum(len(FORMAT.read(stretch, DECLARED)) for stretch in stretches) == 4_000


def test_times_of_tg_archive_are_utc() -> None:
    data = database(ARCHIVE, [(1, "message", "2023-05-01 10:00:00", None, "Words", None, None, None)], "messages")
    (read,) = values(data)
    assert isinstance(read, Record)
    assert read.published_at is not None
    assert read.published_at.isoformat() == "2023-05-01T10:00:00+00:00"


def test_names_of_people_never_leave_the_database() -> None:
    script = (
        "create table messages (id integer, message_id integer, date text, sender_id integer, first_name text, "
        "last_name text, username text, message text, media_type text, media_path text, reply_to integer);"
    )
    data = database(script, [(1, 2, None, 5, "Ivan", "Ivanov", "ivanov", "Words", None, None, None)], "messages")
    stretches = list(FORMAT.split(io.BytesIO(data), HINTS))
    assert b"van" not in b"".join(stretch.data for stretch in stretches)


def test_a_database_with_private_chats_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="no public channels"):
        values((GOLDEN / "malformed_private_chats.sqlite").read_bytes())


def test_an_unknown_database_is_not_taken_in_and_the_words_are_proposed() -> None:
    with pytest.raises(UnconfirmedColumns, match="table=posts, id=msg_id, text=body"):
        values(database("create table posts (msg_id integer, body text);"))


def test_a_declared_table_need_not_be_named_where_only_one_has_the_columns() -> None:
    data = database(POSTS + "create table other (a);", [(1, "Words")])
    assert texts(data, Hints("t", channel_id=1, columns="id=n, text=body")) == ["Words"]


@pytest.mark.parametrize("columns", ["table=nowhere, id=n, text=body", "table=posts, id=n, text=words", "id=x, text=y"])
def test_a_declaration_that_does_not_fit_is_refused(columns: str) -> None:
    with pytest.raises(UnreadableInput):
        values(database(POSTS), Hints("t", channel_id=1, columns=columns))


def test_views_and_virtual_tables_are_no_tables() -> None:
    data = database("create table a (b); create view posts as select 1 as n, 'x' as body;")
    with pytest.raises(UnreadableInput):
        values(data, DECLARED)
    with pytest.raises(UnreadableInput):
        values(database("create virtual table posts using fts5(n, body);"), DECLARED)


def test_names_with_quotation_marks_are_only_names() -> None:
    script = 'create table "po""sts; drop" ("n""" integer, "bo dy" text);'
    data = database(script, [(1, "Words")], '"po""sts; drop"')
    assert texts(data, Hints("t", channel_id=1, columns='id=n", text=bo dy')) == ["Words"]


def test_work_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_tables, "_STEPS", 10)
    monkeypatch.setattr(database_tables, "_MOST_LOOKS", 200)
    data = database(POSTS, [(number, "a") for number in range(1, 5_000)])
    *_, last = values(data, DECLARED)
    assert isinstance(last, Rejection)
    assert last.reason is Reason.BROKEN_OFF


def test_a_database_too_large_for_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_database, "MOST_BYTES", 1_000)
    with pytest.raises(TooLarge):
        values(database(POSTS), DECLARED)


def test_a_row_that_is_too_long_or_no_text_is_rejected_and_the_others_stand() -> None:
    data = database(POSTS, [(1, "a" * (17 << 20)), (2, b"\xff"), (3, "Words")])
    long, torn, whole = values(data, DECLARED)
    assert isinstance(long, Rejection)
    assert long.reason is Reason.TOO_LARGE
    assert isinstance(torn, Rejection)
    assert torn.reason is Reason.UNDECODABLE
    assert isinstance(whole, Record)


def test_a_database_that_breaks_off_gives_what_is_whole() -> None:
    data = database("pragma page_size = 512;" + POSTS, [(number, "words " * 10) for number in range(1, 200)])
    read = values(data[: len(data) // 2], DECLARED)
    assert isinstance(read[0], Record)
    assert isinstance(read[-1], Rejection)
    assert read[-1].reason is Reason.BROKEN_OFF


def test_only_databases_are_claimed() -> None:
    assert FORMAT.claims(database(POSTS)[:65_536])
    assert not FORMAT.claims(b"SQLite")


CASES = [path.read_bytes() for path in sorted(GOLDEN.glob("*.sqlite"))]


@given(st.sampled_from(CASES), st.integers(0, 8_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=80)
def test_a_damaged_database_ends_in_values_or_in_an_error_of_extraction(data: bytes, at: int, torn: bytes) -> None:
    at = at % len(data)
    for damaged in (data[:at] + torn + data[at + len(torn) :], data[:at], b"SQLite format 3\0" + torn + data[at:]):
        for hints in (HINTS, DECLARED):
            with suppress(ExtractError):
                assert all(isinstance(one, Record | Rejection) for one in values(damaged, hints))
