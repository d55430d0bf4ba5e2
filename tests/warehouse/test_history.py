"""The history that the read copy holds as a table: that of the view whose place it takes."""

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from tests.warehouse.given import Row, empty_archive, fill, read_cases
from tests.warehouse.test_views import CASES
from warehouse.publish import compute_history

VERSIONS = [pytest.param(case, id=case["rule"]) for case in read_cases(CASES / "versions.yaml")]


def history(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    return Counter(map(repr, connection.execute("from store.version").fetchall()))


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_archive() as connection:
        yield connection


@pytest.mark.parametrize("case", VERSIONS)
def test_the_history_is_the_same_a_document_at_a_time(empty: duckdb.DuckDBPyConnection, case: Row) -> None:
    empty.execute("begin")
    fill(empty, case.get("given", []))
    whole = history(empty)
    assert whole or not case["expect"]
    compute_history(empty, looks_at_once=1)
    assert history(empty) == whole
    empty.execute("rollback")
