"""Rules of `extract.index`."""

import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from extract.errors import BrokenOff, ChallengePage, ExtractError, UnreadableInput
from extract.index import IndexRow, index_in
from tests.extract.test_listings import CHALLENGE

NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
PAGE = "https://www.mid.ru:443/ru/foreign_policy/news/1900001/"
DIGEST = "GFRNEQ5YBTFYTSMBMJPQMLHBQZRU4PPF"
ROW = ["ru,mid)/ru/foreign_policy/news/1900001", "20240102150405", PAGE, "text/html", "200", DIGEST, "9100"]
FOUND = IndexRow(datetime(2024, 1, 2, 15, 4, 5, tzinfo=UTC), "20240102150405", PAGE, "text/html", 200, DIGEST)
REPEATED = IndexRow(FOUND.captured_at, FOUND.stamp, PAGE, "warc/revisit", None, DIGEST)

INDEXES: dict[str, tuple[list[list[str]], tuple[tuple[IndexRow, ...], str | None]]] = {
    "rows": ([NAMES, ROW, ROW], ((FOUND, FOUND), None)),
    "fields in another order": (
        [
            ["digest", "statuscode", "timestamp", "mimetype", "original"],
            [DIGEST, "200", "20240102150405", "text/html", PAGE],
        ],
        ((FOUND,), None),
    ),
    "a capture whose status is not known": (
        [NAMES, [*ROW[:3], "warc/revisit", "-", *ROW[5:]]],
        ((REPEATED,), None),
    ),
    "a key to go on with": (
        [NAMES, ROW, [], ["ru%2Cmid%29%2F+20240102150406"]],
        ((FOUND,), "ru%2Cmid%29%2F+20240102150406"),
    ),
    "a key without rows": ([NAMES, [], ["key"]], ((), "key")),
    "the names alone": ([NAMES], ((), None)),
    "an empty list": ([], ((), None)),
}
NO_INDEXES: dict[str, tuple[bytes, type[ExtractError]]] = {
    "a page": (b"<html><body>504 Gateway Time-out</body></html>", UnreadableInput),
    "a challenge": (CHALLENGE, ChallengePage),
    "the words of an error": (
        b"org.archive.util.io.RuntimeIOException: RobotAccessControlException: Blocked",
        UnreadableInput,
    ),
    "an object": (b'{"message": "slow down"}', UnreadableInput),
    "a list of objects": (b'[{"timestamp": "20240102150405"}]', UnreadableInput),
    "numbers": (b'[["timestamp"], [20240102150405]]', UnreadableInput),
    "rows without a field that is needed": (b'[["timestamp", "original"], ["20240102150405", "a"]]', UnreadableInput),
    "more behind the key": (json.dumps([NAMES, [], ["key"], ROW]).encode(), UnreadableInput),
    "a cut answer": (json.dumps([NAMES, ROW, ROW]).encode()[:-60], BrokenOff),
    "a list without its end": (json.dumps([NAMES, ROW]).encode()[:-1], BrokenOff),
    "more behind the list": (json.dumps([NAMES, ROW]).encode() + b"[]", UnreadableInput),
    "no row that can be read": (json.dumps([NAMES, *[ROW[:4]] * 3]).encode(), UnreadableInput),
    "very many rows that can't be read": (json.dumps([NAMES, ROW, *[ROW[:4]] * 1_001]).encode(), UnreadableInput),
    "bytes": (b"\xff\xfe[]", UnreadableInput),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, UnreadableInput),
}


ODD_ROWS: dict[str, tuple[bytes, str]] = {
    "a time that no calendar has": (json.dumps([ROW[0], "20240230000000", *ROW[2:]]).encode(), "no calendar has"),
    "a time of other digits": (json.dumps([ROW[0], "2024010215040\u0665", *ROW[2:]]).encode(), "no calendar has"),
    "a short time": (json.dumps([ROW[0], "20240102", *ROW[2:]]).encode(), "no calendar has"),
    "a short row": (json.dumps(ROW[:4]).encode(), "a row of 4 fields where 7 are named"),
    "a long row": (json.dumps([*ROW, "x"]).encode(), "a row of 8 fields where 7 are named"),
    "a number": (json.dumps([*ROW[:6], 9100]).encode(), "no strings of JSON"),
    "a row within a row": (json.dumps([*ROW[:6], ROW]).encode(), "no strings of JSON"),
    "an object": (b'{"timestamp": "20240102150405"}', "no strings of JSON"),
    "bytes that are no text": (json.dumps(ROW).encode().replace(b"html", b"\xff\xfe"), "no strings of JSON"),
    "a mark within a string": (json.dumps(ROW).encode().replace(b"1900001/", b'19"00001/'), "no strings of JSON"),
}


def read(data: bytes) -> tuple[tuple[IndexRow, ...], str | None]:
    """Return the rows of an answer without any that can't be read, and the key."""
    index = index_in(data)
    rows = tuple(index.rows())
    assert (index.count, index.rejections) == (len(rows), ())
    return rows, index.key


@pytest.mark.parametrize("case", INDEXES)
def test_an_index_names(case: str) -> None:
    answer, values = INDEXES[case]
    assert read(json.dumps(answer).encode()) == values
    assert read(json.dumps(answer, indent=1).encode() + b"\n") == values
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in answer)
    assert read(f"[{lines}]\n".encode()) == values


@pytest.mark.parametrize("data", [b"", b"\n", b"[]", b"[]\n"])
def test_an_answer_without_rows_says_that_there_are_no_captures(data: bytes) -> None:
    assert read(data) == ((), None)


@pytest.mark.parametrize("place", ["within", "at the end"])
@pytest.mark.parametrize("case", ODD_ROWS)
def test_a_row_that_can_not_be_read_is_rejected_and_the_others_are_read(case: str, place: str) -> None:
    odd, found = ODD_ROWS[case]
    good, key = json.dumps(ROW).encode(), b'[],\n["key"]'
    after = [good, key] if place == "within" else []
    data = b"[" + b",\n".join([json.dumps(NAMES).encode(), good, odd, *after]) + b"]\n"
    index = index_in(data)
    assert tuple(index.rows()) == (FOUND,) * (2 if after else 1)
    assert index.key == ("key" if after else None)
    (rejection,) = index.rejections
    assert found in rejection.found
    assert data[rejection.byte_from : rejection.byte_to].strip() == odd
    assert rejection.excerpt[:10] == odd.decode("utf-8", "replace")[:10]


def test_an_answer_takes_no_more_memory_than_its_bytes_however_many_rows_it_has() -> None:
    rows = b",\n".join([json.dumps(NAMES).encode(), *[json.dumps(ROW).encode()] * 100_000])
    tracemalloc.start()
    index = index_in(b"[" + rows + b"]")
    count = sum(1 for _ in index.rows())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == index.count == 100_000
    assert most < 3 * len(rows)


@pytest.mark.parametrize("case", NO_INDEXES)
def test_what_is_no_index_is_told(case: str) -> None:
    data, error = NO_INDEXES[case]
    with pytest.raises(error) as raised:
        index_in(data)
    assert type(raised.value) is error
