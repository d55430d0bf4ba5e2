"""`mfa-archive sql`: a question can read the archive and do nothing else."""

import json
from pathlib import Path

import pytest

from tests.command.conftest import Ask

REFUSED = [
    "insert into store.document select * from store.document",
    "update store.document set medium = 'x'",
    "delete from store.document",
    "create table mine (a integer)",
    "create temp table mine as select 1",
    "drop view documents",
    "copy (select 1) to 'out.csv'",
    "copy store.document to 'out.parquet'",
    "export database 'out'",
    "explain analyze copy (select 1) to 'out.csv'",
    "attach 'other.duckdb' as other",
    "attach ':memory:' as other",
    "detach archive",
    "install httpfs",
    "load httpfs",
    "set threads = 1",
    "set enable_external_access = true",
    "reset enable_external_access",
    "pragma enable_profiling",
    "call enable_logging(storage = 'file', storage_config = {'path': 'logs'})",
    "checkpoint",
    "use store",
    "begin",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from read_parquet('https://example.com/a.parquet')",
    "select * from query('select * from read_text(''/etc/passwd'')')",
    "select * from sqlite_scan('a.sqlite', 'b')",
    "select 1; select 2",
    "",
    "selct 1",
    "select * from nothing",
    "select getenv('HOME')",
]


@pytest.mark.parametrize("query", REFUSED)
def test_what_writes_or_reaches_outside_is_refused_in_one_line(
    ask: Ask, query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = ask("sql", query)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("mfa-archive: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "from documents",
        "with a as (select 1 as b) from a",
        "values (1)",
        "describe documents",
        "show tables",
        "summarize documents",
        "explain select 1",
        "pivot (select kind, medium from documents) on medium using count(*)",
        "select 1 -- and a remark; with a semicolon",
        "select 1;",
    ],
)
def test_every_sort_of_question_is_answered(ask: Ask, query: str) -> None:
    result = ask("sql", query)
    assert result.exit_code == 0, result.stderr
    assert result.stdout


def test_a_dash_reads_the_question_from_standard_input(ask: Ask) -> None:
    result = ask("sql", "-", "--json", stdin="select 'Лавров' as name".encode())
    assert json.loads(result.stdout_bytes) == [{"name": "Лавров"}]


def test_an_answer_without_rows_is_an_empty_array_or_a_header(ask: Ask) -> None:
    query = "select document_key from documents where false"
    assert json.loads(ask("sql", query, "--json").stdout_bytes) == []
    assert ask("sql", query, "--csv").stdout_bytes == b"document_key\r\n"


def test_every_type_of_value_stays_exact_in_json(ask: Ask) -> None:
    query = """select
      170141183460469231731687303715884105727::hugeint as huge, 1.10::decimal(9, 2) as exact, 'nan'::double as none,
      [1, null] as listed, {'a': 'b'} as fields, '\\xAB'::blob as bytes,
      timestamptz '2024-07-26 10:00:00+03' as instant,
      date '2024-07-26' as day, map {1: 2} as mapped, 1 as same, 2 as same, true as yes, interval 1 day as span"""
    text = ask("sql", query, "--json").stdout_bytes.decode()
    assert '"huge":170141183460469231731687303715884105727,"exact":1.10,"none":null' in text
    row = json.loads(text)[0]
    assert row["listed"] == [1, None]
    assert row["fields"] == {"a": "b"}
    assert row["bytes"] == "ab"
    assert row["instant"] == "2024-07-26T07:00:00Z"
    assert row["day"] == "2024-07-26"
    assert (row["same"], row["same_2"], row["yes"]) == (1, 2, True)


def test_rows_that_are_too_wide_for_a_table_come_one_value_a_line(ask: Ask) -> None:
    shown = ask("sql", "select * from documents where medium = 'page' limit 1").stdout
    assert shown.splitlines()[0].split()[0] == "document_key"
    assert max(map(len, shown.splitlines())) > 200
