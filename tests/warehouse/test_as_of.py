"""What the archive said then: `documents_as_of` against the rows that `documents` had after each append."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import duckdb
import pytest

from extract.fields import made_key
from tests.conftest import SEEDS, Desk
from tests.warehouse.given import FIRST_RECORDED, Row, empty_archive, fill
from warehouse.publish import compute_history

Rows = list[tuple[object, ...]]
COLUMNS = (
    "document_key, published_date, kind, title, lang, medium, source_key, published_at, published_text, "
    "published_basis, source_edited_at, text, word_count, status, first_seen_at, last_seen_at, version_count, "
    "source_edit_count, version_key, ref"
)


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_archive() as connection:
        yield connection


def post(number: int, text: str, channel: int = 1, **facts: object) -> Row:
    return {"document_key": f"telegram:{channel}:{number}", "medium": "post", "text": text, **facts}


def export(at: date | None, *posts: Row, **facts: object) -> Row:
    return {"at": at, "shows": "complete", "records": list(posts), **facts}


def day(number: int) -> date:
    return date(2025, 5, 1) + timedelta(days=number)


# One archive in steps: edits, a late capture, looks at unknown times, a removal and a return, bytes that two captures
# show, a better reading of them that gains, loses and changes documents, and a reading by the same hints that fails.
STEPS: list[Row] = [
    export(day(0), post(1, "a"), post(2, "b"), post(3, "c"), blob="first", channel_username="mfa"),
    export(day(4), post(1, "a"), post(2, "b changed"), post(3, "c"), blob="second"),
    export(day(2), post(1, "a before"), post(2, "b"), post(3, "c"), blob="late"),
    export(day(5), post(1, "a"), post(3, "c"), blob="without 2"),
    export(day(5), post(1, "a"), post(3, "c"), blob="without 2, too"),
    export(day(6), post(1, "a"), post(3, "c"), blob="without 2 again"),
    export(day(8), post(1, "a"), post(2, "b changed"), post(3, "c"), blob="back"),
    export(day(3), post(1, "a"), post(3, "c"), post(4, "new and late"), blob="late without 2"),
    {"text": "Page.", "title": "Title", "told": day(1), "blob": "page"},
    {"text": "Page.", "title": "Title", "at": day(9), "blob": "page"},
    {"is_reread": True, "blob": "page", "extractor_version": 2, "text": "Page, better.", "title": "Title"},
    {
        "is_reread": True,
        "blob": "late",
        "shows": "complete",
        "extractor_version": 2,
        "records": [post(1, "a"), post(3, "c, better"), post(5, "gained")],
    },
    export(day(10), post(1, "a"), post(5, "gained"), blob="without 3"),
    {"is_reread": True, "blob": "page", "extractor_version": 3, "outcome": "failed", "rejections": [{}]},
    {"is_reread": True, "blob": "without 3", "extractor_version": 2, "records": [post(1, "a")], "rejections": [{}]},
]


def asked(at: date, status: int, looked_for: str = "mid:9:en", **facts: object) -> Row:
    return {"at": at, "address": "a", "http_status": status, "asked": {"looked_for": looked_for}, **facts}


# One page that was asked for over HTTP, and what came of it: looks that fail before it is known, after it, and late; a
# page that says that it is not there, which a better reading takes for something else; one that confirms the bytes.
NOTHING: Row = {"address": "a", "blob": "nothing", "outcome": "failed"}
WAY = f"nothing/site/mid_page_text@{made_key('a')}"
ANSWERS = [
    asked(day(0), 404),
    asked(day(5), 404),
    asked(day(1), 200, blob="asked", document_key="mid:9:en", text="Asked."),
    asked(day(2), 503),
    asked(day(4), 200, **NOTHING, rejections=[{"reason": "not_found"}]),
    asked(day(3), 410),
    asked(day(8), 304, blob="asked"),
    asked(day(9), 404),
    asked(day(7), 404, looked_for="mid:8:en"),
    {
        **NOTHING,
        "is_reread": True,
        "extractor_version": 2,
        "rejections": [{"reason": "no_document"}],
        "answers": [{"rejection_key": f"{WAY}:1:1#1", "outcome": "rejected"}],
    },
]


def rows(connection: duckdb.DuckDBPyConnection, source: str) -> Rows:
    return connection.execute(f"select {COLUMNS} from {source} order by document_key").fetchall()


def recorded(step: int) -> datetime:
    return FIRST_RECORDED + timedelta(days=step - 1)


def random_steps(seed: int, channel: int) -> list[Row]:
    """Return looks in any order, with edits, gaps, marks of an edit, equal instants and bytes, and newer readings."""
    chance = random.Random(seed)  # noqa: S311 -- any numbers do, the same in each run
    steps: list[Row] = []
    blobs: dict[str, int] = {}
    for number in range(8):
        shown = [one for one in range(1, 6) if chance.random() < 0.7]
        posts = [post(one, chance.choice("ab"), channel, is_edited=chance.choice([True, False])) for one in shown]
        facts: Row = {"records": posts, "extractor_version": 1}
        if posts:
            facts |= {"shows": chance.choice(["complete", "complete", "unknown"]), "id_from": 1, "id_to": 5}
        if blobs and chance.random() < 0.3:
            blob = chance.choice(list(blobs))
            blobs[blob] += 1
            facts |= {"is_reread": True, "extractor_version": blobs[blob]}
            facts |= {"outcome": chance.choice(["read", "read", "partial"])}
        else:
            blob = chance.choice([f"bytes {number} of {channel}", *blobs])
            blobs.setdefault(blob, 1)
            facts |= {"at": chance.choice([None, day(chance.randrange(6))]), "told": chance.choice([None, day(3)])}
        steps.append(facts | {"blob": blob})
    return steps


# By what the keys of each begin with, what is looked at step by step; the answers come in with the last looks.
CASES = {
    "telegram:1:": STEPS,
    "mid:9:": [*[None] * (len(STEPS) - len(ANSWERS)), *ANSWERS],
    "telegram:2:": random_steps(0, 2),
    "telegram:3:": random_steps(1, 3),
}


def captures(step_count: int) -> list[Row]:
    """Return what came in with the first steps, each of which is one append."""
    return [
        {"append_number": step, "recorded": recorded(step), "recorded_order": order} | row
        for step, rows_of_step in enumerate(zip_longest(*CASES.values()), 1)
        for order, row in enumerate(rows_of_step)
        if step <= step_count and row is not None
    ]


@dataclass
class Said:
    """The rows of documents after each step, from before the first on."""

    then: list[Rows]  # when it was the newest
    viewed: list[Rows]  # asked of the whole archive, from the instant of one append to the next
    computed: list[Rows]  # asked of its read copy


@pytest.fixture(scope="module")
def said(empty: duckdb.DuckDBPyConnection) -> Said:
    then = []
    for step in range(len(STEPS) + 1):
        empty.execute("begin")
        fill(empty, captures(step))
        then.append(rows(empty, "documents"))
        empty.execute("rollback")
    with empty_archive() as whole:
        fill(whole, captures(len(STEPS)))
        viewed = said_now_of_then(whole)
        compute_history(whole)
        return Said(then, viewed, said_now_of_then(whole))


def said_now_of_then(connection: duckdb.DuckDBPyConnection) -> list[Rows]:
    instants = [recorded(step) + timedelta(minutes=step) for step in range(len(STEPS) + 1)]
    return [rows(connection, f"documents_as_of(timestamptz '{one.isoformat()}')") for one in instants]


def of(keys: str, found: list[Rows]) -> list[Rows]:
    """Return the rows of the documents whose keys begin with these letters."""
    return [[row for row in rows if str(row[0]).startswith(keys)] for rows in found]


@pytest.mark.parametrize("keys", CASES)
def test_what_was_known_then_is_what_documents_said_then(said: Said, keys: str) -> None:
    expected = of(keys, said.then)
    assert of(keys, said.viewed) == expected
    assert of(keys, said.computed) == expected
    assert len({repr(one) for one in expected}) > 4


def test_what_was_known_then_of_all_documents_is_what_was_said_of_all(said: Said) -> None:
    assert said.viewed == said.then
    assert said.computed == said.then


def test_the_steps_have_what_they_are_compared_by(said: Said) -> None:
    states = {(state[0], state[13]) for rows in said.then for state in rows}
    channels = ("telegram:1", "telegram:2", "telegram:3")
    posts = {f"{channel}:{number}" for channel in channels for number in range(1, 6)}
    assert {key for key, _ in states} == {"mid:1:en", "mid:9:en", *posts}
    assert {("telegram:1:2", status) for status in ("present", "unknown", "gone")} < states
    answers = of("mid:9:en", said.then[-len(ANSWERS) :])
    assert [state[13] for rows in answers for state in rows] == [
        *("unknown", "unknown", "unknown", "gone", "present", "unknown", "unknown", "unknown")
    ]


def test_the_zone_of_a_source_is_that_of_then(empty: duckdb.DuckDBPyConnection) -> None:
    empty.execute("begin")
    page = {"text": "Page.", "published_at": datetime(2025, 5, 1, 2, tzinfo=UTC), "at": day(0)}
    sources = [
        {"source_key": "site", "time_zone": "America/New_York", "append_number": 1},
        {"source_key": "site", "time_zone": "Europe/Moscow", "append_number": 2},
    ]
    fill(empty, {"sources": sources, "captures": [page, {"text": "Other.", "document_key": "mid:2:en", "at": day(1)}]})
    days = [
        empty.execute(
            "select published_date from documents_as_of($instant) where document_key = 'mid:1:en'",
            {"instant": recorded(step)},
        ).fetchall()
        for step in (1, 2)
    ]
    empty.execute("rollback")
    assert days == [[(date(2025, 4, 30),)], [(date(2025, 5, 1),)]]


def test_an_archive_that_was_filled_in_steps_tells_of_each(desk: Desk, tmp_path: Path) -> None:
    """The same through the whole way in, with the read copy."""
    text = (SEEDS / "002_f8ed40bbac4ad26b.txt").read_text(encoding="utf-8")
    states = (text, text.replace("expressed an interest in", "took note of"), text.replace(",", ""))
    instants: list[object] = []
    expected: list[object] = []
    for number, (state, at) in enumerate(zip(states, (3, 5, 4), strict=True)):
        path = tmp_path / f"{number}.txt"
        path.write_text(state, encoding="utf-8")
        desk.hand_in(path, captured_at=datetime(2025, 5, at, tzinfo=UTC))
        instants.append(desk.value("select max(recorded_at) from store.append"))
        expected.append(desk.query(f"select {COLUMNS} from documents order by document_key"))
    found = [desk.query(f"select {COLUMNS} from documents_as_of($1) order by document_key", at) for at in instants]
    assert found == expected
