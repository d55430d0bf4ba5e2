"""The chain, made again by other code from what is written of it, and what happens to it when rows are altered."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from extract.fields import laid_out
from flows.fetching.entrances import of_files
from flows.inputs import handed_in_job, registered_job
from flows.registry import read_registry
from flows.retry import retry
from flows.waiting import Mended
from tests.conftest import PROJECT, REGISTRY, Desk
from tests.flows.test_fetched_captures import fetch
from tests.forms.every import ingest_in_batches
from warehouse.append import Link
from warehouse.archive import settle
from warehouse.checks import EVERYTHING, rules, run_checks
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

# The columns of the leaves, version 1: first those of the key, then the fields in their order.
GOLDEN = PROJECT / "tests" / "golden"
LEAVES = {
    "alias": (["channel_id", "username", "title"], ["extraction_key"]),
    "answer": (["rejection_key"], ["extraction_key", "outcome"]),
    "blob": (["raw_sha256"], ["size_bytes", "blocks_root"]),
    "capture": (
        ["capture_key"],
        [
            "source_key",
            "locator",
            "captured_via",
            "captured_at",
            "captured_basis",
            "raw_sha256",
            "recorded_at",
            "recorded_order",
        ],
    ),
    "coverage": (["capture_key"], ["claim", "claim_basis"]),
    "extraction": (
        ["extraction_key"],
        [
            "raw_sha256",
            "source_key",
            "format",
            "extractor_version",
            "cleaning_version",
            "outcome",
            "record_count",
            "rejection_count",
            "told_at",
        ],
    ),
    "intake": (
        ["source_key", "locator", "capture_key"],
        ["read_count", "appended_count", "unchanged_count", "rejected_count"],
    ),
    "measurement": (
        ["extraction_key", "position"],
        ["views", "views_are_rounded", "forwards", "replies", "reactions", "poll_votes", "poll_voters"],
    ),
    "reading": (
        ["extraction_key", "position"],
        [
            "byte_from",
            "byte_to",
            "document_key",
            "content_sha256",
            "description_sha256",
            "event_from",
            "event_to",
            "event_basis",
            "published_after",
            "published_before",
        ],
    ),
    "rejection": (
        ["rejection_key"],
        [
            "source_key",
            "locator",
            "raw_sha256",
            "extraction_key",
            "byte_from",
            "byte_to",
            "reason",
            "found",
            "expected",
            "remedy",
            "excerpt",
            "recorded_at",
        ],
    ),
    "request": (
        ["capture_key"],
        [
            "asked_at",
            "purpose",
            "looked_for",
            "failure",
            "detail",
            "vantage",
            "etag",
            "last_modified",
            "not_before",
            "headers",
            "duration_ms",
        ],
    ),
    "reread": (["capture_key"], ["cause", "hints"]),
    "showing": (["extraction_key", "channel_id"], ["id_from", "id_to", "post_count", "claim"]),
    "source": (
        ["source_key"],
        [
            "format",
            "locator",
            "publisher",
            "channel",
            "language",
            "time_zone",
            "encoding",
            "coverage",
            "captured_at",
            "minimum",
            "maximum",
            "note",
            "recorded_at",
        ],
    ),
    "transport": (["capture_key"], ["address", "http_status", "content_type", "note"]),
}
# Columns that a later migration added to a table whose leaves had been made.
OUTSIDE = {"reading": {"edited_at"}, "source": {"channel_id", "columns"}}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = b"~"


def field(value: object) -> bytes:
    """Return one field: length in bytes, colon, bytes; `~` for a missing one."""
    if value is None:
        return MISSING
    text = value if isinstance(value, bytes) else str(value).encode()
    return str(len(text)).encode() + b":" + text


def printed(value: object) -> object:
    """Return a cell as a field has it: hashes in hexadecimal, instants in microseconds since 1970, lists laid out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return b"".join(field(printed(one)) for one in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    return value


def leaf_key(table: str, key: list[Any]) -> str:
    parts = [str(printed(part)) if part is not None else "" for part in key]
    if table in {"reading", "measurement"}:
        parts[1] = parts[1].zfill(10)
    return " ".join(parts)


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()


def roots(connection: duckdb.DuckDBPyConnection) -> dict[int, bytes]:
    """Return the Merkle root of each append, made of the rows as they stand."""
    leaves: dict[int, list[tuple[str, str, bytes]]] = {}
    for table, (keys, fields) in LEAVES.items():
        rows = connection.execute(f"select append_number, {', '.join(keys + fields)} from store.{table}").fetchall()
        for number, *cells in rows:
            key = leaf_key(table, cells[: len(keys)])
            laid = b"".join(field(printed(cell)) for cell in [table, key, *cells[len(keys) :]])
            leaves.setdefault(number, []).append((table, key, hashlib.sha256(b"\x00" + laid).digest()))
    return {number: root([leaf for _, _, leaf in sorted(found)]) for number, found in leaves.items()}


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """An archive with seven appends and a row in every table of the leaves."""
    folder = tmp_path_factory.mktemp("chain")
    desk = Desk(folder / "data")
    seeds = [registered_job(source, REGISTRY) for source in of_files(read_registry(REGISTRY), ())]
    saved = (GOLDEN / "telegram_preview" / "ordinary.html").read_bytes()
    inputs = {
        "bad": b"\x00" * 10,
        "saved": b"<!-- saved from url=(0033)https://t.me/s/Example_Ministry -->\n" + saved,
        "old": "Заголовок\n\n  • en-GB1\n\nСлова.\n".encode("windows-1251"),
    }
    jobs = []
    for name, data in inputs.items():
        path = folder / f"{name}.{'html' if name == 'saved' else 'txt'}"
        path.write_bytes(data)
        jobs.append([handed_in_job(SourceFacts(name, format="mid_page_text" if name == "old" else None), [path])])
    ingest_in_batches(desk, seeds[:3], seeds[3:], *jobs)
    retry(desk.run("retry"), Mended(("old",), said={"encoding": "windows-1251"}))
    fetch(desk, 0, (404, b"gone"))
    return Layout(shutil.copytree(desk.home, folder / "copy"))


@pytest.fixture(scope="module")
def opened(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(layout.store)) as connection:
        settle(connection)
        yield connection


@pytest.fixture
def archive(opened: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    opened.execute("begin")
    yield opened
    opened.execute("rollback")


def broken(connection: duckdb.DuckDBPyConnection, layout: Layout) -> set[str]:
    return {checked.rule for checked in run_checks(connection, layout) if checked.broken_count}


def test_roots_and_heads_can_be_made_again_from_what_is_written_of_them(archive: duckdb.DuckDBPyConnection) -> None:
    found = roots(archive)
    rows = archive.execute(
        "select append_number, batch_key, recorded_at, leaf_version, leaf_count, merkle_root, previous_head, head "
        "from store.append order by 1"
    ).fetchall()
    assert len(rows) == 7
    last_head = None
    for number, batch_key, recorded_at, version, count, merkle_root, previous_head, head in rows:
        assert merkle_root == found[number]
        assert previous_head == last_head
        cells = ["head/1", number, batch_key, recorded_at, version, count, merkle_root, previous_head]
        assert head == hashlib.sha256(b"".join(field(printed(cell)) for cell in cells)).digest()
        last_head = head


COLUMNS = [(table, column) for table, (keys, fields) in LEAVES.items() for column in keys + fields]
CHANGED = {
    "VARCHAR": "coalesce({0}, '') || 'x'",
    "BIGINT": "coalesce({0}, 0) + 1",
    "INTEGER": "coalesce({0}, 0) + 1",
    "TIMESTAMP WITH TIME ZONE": "coalesce({0}, '2025-01-01'::timestamptz) + interval 1 microsecond",
    "DATE": "coalesce({0}, '2025-01-01'::date) + 1",
    "BOOLEAN": "not coalesce({0}, false)",
    "BIGINT[]": "list_append(coalesce({0}, []), 1)",
    "STRUCT(reaction VARCHAR, count BIGINT)[]": "list_append(coalesce({0}, []), {{'reaction': 'x', 'count': 1}})",
    "BLOB": "coalesce({0}, ''::blob) || '\\x01'::blob",
}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_cell_that_is_altered_changes_the_root_of_its_append(
    archive: duckdb.DuckDBPyConnection, table: str, column: str
) -> None:
    kinds = {name: kind for name, kind, *_ in archive.execute(f"describe store.{table}").fetchall()}
    changed = CHANGED[kinds[column]].format(column)
    archive.execute(
        f"update store.{table} set {column} = {changed} where rowid = (select max(rowid) from store.{table})"
    )
    archive.execute("set variable since_append = $1", [EVERYTHING])
    assert archive.execute(dict(rules())["roots_cover_their_rows"]).fetchall() != []


def test_every_column_of_the_leaves_is_listed_here(archive: duckdb.DuckDBPyConnection) -> None:
    """Columns that later migrations add may stand outside; then they are named here."""
    tables = archive.execute("select distinct leaf_table from store.leaf order by 1").fetchall()
    assert [name for (name,) in tables] == sorted(LEAVES)
    for table, (keys, fields) in LEAVES.items():
        columns = [name for name, *_ in archive.execute(f"describe store.{table}").fetchall()]
        assert sorted({*keys, *fields}) == sorted({*columns} - {"append_number"} - OUTSIDE.get(table, set()))


def test_two_appends_that_are_swapped_are_noticed(archive: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    assert broken(archive, layout) == set()
    archive.execute("update store.append set append_number = 5 - append_number where append_number in (2, 3)")
    assert {"appends_are_chained", "heads_cover_their_appends", "roots_cover_their_rows"} <= broken(archive, layout)


def test_an_append_that_is_left_out_is_noticed(archive: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    archive.execute("delete from store.append where append_number = 2")
    assert "appends_are_chained" in broken(archive, layout)


def test_a_chain_that_is_made_anew_over_altered_rows_has_another_head(archive: duckdb.DuckDBPyConnection) -> None:
    """Whoever kept the head can tell."""
    row = archive.execute(
        "select append_number, batch_key, recorded_at, leaf_count, merkle_root, previous_head, head from store.append"
    ).fetchall()[0]
    link = Link(*row[:-1])
    assert link.head == row[-1]
    others = [
        replace(link, append_number=9),
        replace(link, batch_key="other"),
        replace(link, recorded_at=link.recorded_at + timedelta(microseconds=1)),
        replace(link, leaf_count=0),
        replace(link, merkle_root=bytes(32)),
        replace(link, previous_head=bytes(32)),
        replace(link, leaf_version=2),
    ]
    assert len({link.head, *(other.head for other in others)}) == len(others) + 1


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 # they get their zone below
@example(datetime(2039, 1, 1, 0, 0, 0, 3))  # noqa: DTZ001
def test_the_head_holds_the_instant_to_the_microsecond(at: datetime) -> None:
    """Seconds as a float, times a million, were off by one in a quarter of all instants from 2038 to 2041."""
    recorded_at = at.replace(tzinfo=UTC)
    cells = ["head/1", 1, "batch", recorded_at, 1, 0, bytes(32), None]
    expected = hashlib.sha256(b"".join(field(printed(cell)) for cell in cells)).digest()
    assert Link(1, "batch", recorded_at, 0, bytes(32), None).head == expected


TRICKY = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("0123456789:~ ’Я🇷\0", max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TRICKY, min_size=1, max_size=5))
def test_fields_are_laid_out_alike_in_sql_and_in_python(
    archive: duckdb.DuckDBPyConnection, values: list[str | None]
) -> None:
    sql = (
        "select encode(string_agg(store.field(value), '' order by place)) from (select unnest($1::varchar[]) as value, "
    )
    row = archive.execute(sql + "generate_subscripts($1::varchar[], 1) as place)", [values]).fetchone()
    assert row is not None
    assert row[0] == laid_out(values) == b"".join(map(field, values))


@given(st.lists(TRICKY, max_size=4), st.lists(TRICKY, max_size=4))
def test_no_two_lists_of_fields_are_laid_out_alike(one: list[str | None], other: list[str | None]) -> None:
    assert (laid_out(one) == laid_out(other)) == (one == other)
