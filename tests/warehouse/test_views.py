"""What each view shows of what is given: the cases stand in `views/<view>.yaml`, those of a macro with their `call`."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.given import Row, empty_archive, fill, instant, read_cases

CASES = Path(__file__).parent / "views"
TABLE_MACROS = {"store.spells_in": "store.spells_in('store.look')"}


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_archive() as connection:
        yield connection


@pytest.fixture
def archive(empty: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """An archive that is empty again after the test."""
    empty.execute("begin")
    yield empty
    empty.execute("rollback")


def plain(value: Any) -> Any:
    """Return a value as a case writes it: an instant at midnight in UTC is a day."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value


def sorted_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(plain, row)) for row in rows), key=repr)


def all_cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['rule']}")
        for path in sorted(CASES.glob("*.yaml"))
        for case in read_cases(path)
    ]


@pytest.mark.parametrize(("view", "case"), all_cases())
def test_the_view_shows_what_the_case_says(archive: duckdb.DuckDBPyConnection, view: str, case: Row) -> None:
    fill(archive, case.get("given", []))
    columns = list(case["expect"][0]) if case["expect"] else ["1"]
    source = case.get("call", TABLE_MACROS.get(view, view))
    found = archive.execute(f"select {', '.join(columns)} from {source} where {case.get('where', 'true')}").fetchall()
    assert sorted_rows(found) == sorted_rows([tuple(row[name] for name in columns) for row in case["expect"]])


def test_every_public_view_has_a_case(empty: duckdb.DuckDBPyConnection) -> None:
    names = empty.execute("select view_name from duckdb_views() where schema_name = 'main' and not internal").fetchall()
    assert {name for (name,) in names} <= {path.stem for path in CASES.glob("*.yaml")}


def test_every_file_of_cases_names_something_that_is_there(empty: duckdb.DuckDBPyConnection) -> None:
    for path in CASES.glob("*.yaml"):
        source = read_cases(path)[0].get("call", TABLE_MACROS.get(path.stem, path.stem))
        assert path.stem in source
        empty.execute(f"from {source} limit 0")


# One document as forms of different richness show it, before and after a change that only the richer ones can show.
RICH: Row = {"text": "One, two.\nThree.", "title": "Title"}
POORER: dict[str, Row] = {
    "a form without paragraphs": {"text": "One, two. Three.", "title": "Title", "carries_paragraphs": False},
    "a form without marks": {
        "text": "One two\nThree",
        "title": "Title",
        "carries_paragraphs": False,
        "lacks_marks": True,
    },
    "a form without a title": {"text": "One, two.\nThree."},
    "a form without all of them": {"text": "One two Three", "carries_paragraphs": False, "lacks_marks": True},
}


def spell_numbers(archive: duckdb.DuckDBPyConnection, looks: list[Row]) -> list[int]:
    """Return the number of the spell of each look, each a day after the one before."""
    fill(archive, [{"at": date(2025, 5, day), **look} for day, look in enumerate(looks, 1)])
    rows = archive.execute("select spell_number from store.spells_in('store.look') order by sighting_number")
    return [number for (number,) in rows.fetchall()]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("form", POORER)
def test_a_form_that_lacks_something_begins_no_version_wherever_it_stands(
    archive: duckdb.DuckDBPyConnection, form: str, place: int
) -> None:
    looks = [RICH, RICH]
    looks.insert(place, POORER[form])
    assert spell_numbers(archive, looks) == [1, 1, 1]


EDITS: dict[str, Row] = {
    "of a mark": {"text": "One; two.\nThree.", "title": "Title"},
    "of a paragraph": {"text": "One, two. Three.", "title": "Title"},
    "of the title": {"text": "One, two.\nThree.", "title": "Another title"},
}
BLIND: dict[str, Row] = {
    "of a mark": POORER["a form without all of them"],
    "of a paragraph": POORER["a form without all of them"],
    "of the title": POORER["a form without a title"],
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_seen_by_the_forms_that_carry_it(archive: duckdb.DuckDBPyConnection, edit: str) -> None:
    assert spell_numbers(archive, [RICH, EDITS[edit], RICH]) == [1, 2, 3]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_between_richer_forms_is_dated_by_them_and_not_by_a_poorer_one_between(
    archive: duckdb.DuckDBPyConnection, edit: str
) -> None:
    poorer = BLIND[edit]
    assert spell_numbers(archive, [poorer, RICH, poorer, EDITS[edit], poorer]) == [1, 1, 1, 2, 2]


VOLATILE: dict[str, tuple[object, object]] = {
    "forwarded_from": ("Old title of the channel", "New title"),
    "channel_title": ("Old title", "New title"),
    "views": (10, 20),
    "reactions": ([{"reaction": "+", "count": 1}], [{"reaction": "+", "count": 2}]),
    "is_edited": (False, True),
    "local_time": ("2024-07-26T15:20:11", "2024-07-26T16:20:11"),
}


@pytest.mark.parametrize("fact", VOLATILE)
def test_what_changes_all_the_time_or_is_not_the_posts_own_begins_no_version(
    archive: duckdb.DuckDBPyConnection, fact: str
) -> None:
    post = {"text": "Words.", "medium": "post", "document_key": "telegram:1:1"}
    before, after = VOLATILE[fact]
    assert spell_numbers(archive, [post | {fact: before}, post | {fact: after}]) == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.mid.ru/en/foreign_policy/news/1906578/", "http://mid.ru/en/foreign_policy/news/1906578"),
        ("mailto:press@mid.ru", "press@mid.ru"),
        ("https://mid.ru/%D0%B0", "https://mid.ru/а"),
    ],
)
def test_an_address_that_two_forms_write_differently_is_one_link(
    archive: duckdb.DuckDBPyConnection, one: str, other: str
) -> None:
    looks = [{"text": "Words.", "links": [{"text": "more", "address": address}]} for address in (one, other)]
    assert spell_numbers(archive, looks) == [1, 1]


def test_a_poorer_form_shows_an_edit_of_the_letters(archive: duckdb.DuckDBPyConnection) -> None:
    poorer = POORER["a form without all of them"]
    assert spell_numbers(archive, [RICH, poorer | {"text": "One two Four"}, RICH]) == [1, 2, 3]


FACETS: dict[str, tuple[object, object]] = {
    "title": ("a", "b"),
    "published_text": ("a", "b"),
    "document_number": ("a", "b"),
    "origin_message_id": (1, 2),
    "links": ([{"text": "more", "address": "https://mid.ru/1"}], [{"text": "more", "address": "https://mid.ru/2"}]),
    "media": ([{"kind": "photo"}], [{"kind": "video"}]),
    "poll_sha256": (b"a" * 16, b"b" * 16),
    "service_action": ("pin_message", "edit_group_title"),
    "service_detail": ("a", "b"),
}


@pytest.mark.parametrize("facet", FACETS)
def test_a_facet_that_is_filled_in_later_begins_no_version_and_one_that_differs_does(
    archive: duckdb.DuckDBPyConnection, facet: str
) -> None:
    bare = {"text": "Words."}
    a, b = FACETS[facet]
    looks = [bare, bare | {facet: a}, bare, bare | {facet: a}, bare, bare | {facet: b}]
    assert spell_numbers(archive, looks) == [1, 1, 1, 1, 1, 2]


# Looks at one document, some of unknown time, recorded in any order.
LOOKS: list[Row] = [
    {"at": date(2025, 5, 1), "text": "One."},
    {"at": date(2025, 5, 5), "text": "Two."},
    {"told": date(2025, 4, 1), "text": "Three."},
    {"told": date(2025, 5, 3), "text": "Four."},
    {"told": date(2025, 9, 1), "text": "Five."},
    {"text": "Six."},
]


@pytest.mark.parametrize("first", range(len(LOOKS)))
def test_the_spans_of_validity_of_a_document_join_without_gaps_and_its_last_version_is_the_current_one(
    archive: duckdb.DuckDBPyConnection, first: int
) -> None:
    fill(archive, [*LOOKS[first:], *LOOKS[:first]])
    rows = archive.execute(
        "select valid_from, valid_to, is_current, text from versions order by version_number"
    ).fetchall()
    starts, ends = [row[0] for row in rows], [row[1] for row in rows]
    assert None not in starts
    assert starts == sorted(starts)
    assert ends == [*starts[1:], None]
    assert [row[2] for row in rows] == [False] * 5 + [True]
    assert rows[-1][3] == "Two."


def test_looks_at_unknown_times_only_join_in_the_order_of_what_their_bytes_tell(
    archive: duckdb.DuckDBPyConnection,
) -> None:
    told = [date(2025, 5, 3), date(2025, 5, 1), date(2025, 5, 2)]
    fill(archive, [{"told": day, "text": f"Words of {day}."} for day in told])
    rows = archive.execute("select text, valid_from, valid_to from versions order by version_number").fetchall()
    assert [row[0] for row in rows] == [f"Words of {day}." for day in sorted(told)]
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    assert all(start <= (end or start) for _, start, end in rows)


def test_a_time_that_is_known_stays_what_it_is_whatever_stands_beside_it(archive: duckdb.DuckDBPyConnection) -> None:
    known = [{"at": date(2025, 5, day), "text": f"Words of the {day}."} for day in (1, 3, 5)]
    unknown = [{"told": date(2025, 5, day), "text": "Others.", "recorded": date(2025, 5, 2)} for day in (2, 4, 9)]
    fill(archive, [*unknown, *known])
    rows = archive.execute(
        "select seen_from, valid_from from versions where seen_from is not null order by 1"
    ).fetchall()
    assert [row[1] for row in rows] == [row[0] for row in rows] == [instant(date(2025, 5, day)) for day in (1, 3, 5)]


@pytest.mark.parametrize("asked", ["ref, 'mid:1:en@00000000'", "'mid:9:en@00000000', ref", "ref, 'mid:1:en'"])
def test_passages_of_a_name_that_no_version_has_are_an_error(archive: duckdb.DuckDBPyConnection, asked: str) -> None:
    fill(archive, [{"at": date(2025, 5, 1), "text": "A\nB"}])
    sides = asked.replace("ref", "(select ref from versions)")
    with pytest.raises(duckdb.Error, match="names no version; expected a ref or a version's key"):
        archive.execute(f"from changed_passages({sides})").fetchall()
