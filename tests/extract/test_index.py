"""Rules of `extract.index`."""

import json
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

INDEXES: dict[str, tuple[object, tuple[tuple[IndexRow, ...], str | None]]] = {
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
    "a short row": (json.dumps([NAMES, ROW[:4]]).encode(), UnreadableInput),
    "a time that no calendar has": (
        json.dumps([NAMES, [ROW[0], "20240230000000", *ROW[2:]]]).encode(),
        UnreadableInput,
    ),
    "a time of other digits": (
        json.dumps([NAMES, [ROW[0], "2024010215040\u0665", *ROW[2:]]]).encode(),
        UnreadableInput,
    ),
    "more behind the key": (json.dumps([NAMES, [], ["key"], ROW]).encode(), UnreadableInput),
    "a cut answer": (json.dumps([NAMES, ROW, ROW]).encode()[:-60], BrokenOff),
    "bytes": (b"\xff\xfe[]", UnreadableInput),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, UnreadableInput),
}


@pytest.mark.parametrize("case", INDEXES)
def test_an_index_names(case: str) -> None:
    answer, values = INDEXES[case]
    assert index_in(json.dumps(answer).encode()) == values
    assert index_in(json.dumps(answer, indent=1).encode() + b"\n") == values


@pytest.mark.parametrize("data", [b"", b"\n", b"[]", b"[]\n"])
def test_an_answer_without_rows_says_that_there_are_no_captures(data: bytes) -> None:
    assert index_in(data) == ((), None)


@pytest.mark.parametrize("case", NO_INDEXES)
def test_what_is_no_index_is_told(case: str) -> None:
    data, error = NO_INDEXES[case]
    with pytest.raises(error) as raised:
        index_in(data)
    assert type(raised.value) is error
