"""Reading commands: what they show, and that programs can read it."""

import csv
import io
import json
from typing import Any

import pytest

from flows.command.root import ROOT
from tests.command.conftest import Ask

READING = [
    ("status",),
    ("list",),
    ("show", "weak:339ace8e0215e0eb"),
    ("history", "weak:339ace8e0215e0eb"),
    ("views",),
    ("views", "documents"),
    ("check",),
    ("sql", "select document_key, title, hashtags, first_seen_at from documents"),
]


def rows(ask: Ask, *arguments: str) -> list[dict[str, Any]]:
    result = ask(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout_bytes)
    return found


def key_of(ask: Ask, where: str) -> str:
    return str(rows(ask, "sql", f"select document_key from documents where {where}")[0]["document_key"])


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_json_is_an_array_of_objects_and_csv_has_the_same_columns_and_rows(
    ask: Ask, arguments: tuple[str, ...]
) -> None:
    objects = rows(ask, *arguments)
    assert objects
    written = ask(*arguments, "--csv")
    assert written.exit_code == 0
    assert written.stdout_bytes.partition(b"\n")[0].endswith(b"\r")
    records = list(csv.reader(io.StringIO(written.stdout_bytes.decode(), newline="")))
    assert records[0] == list(objects[0])
    assert len(records) == 1 + len(objects)
    assert {len(record) for record in records} == {len(objects[0])}


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_a_table_holds_nothing_that_acts_on_a_terminal(ask: Ask, arguments: tuple[str, ...]) -> None:
    result = ask(*arguments)
    assert result.exit_code == 0, result.stderr
    assert not set(result.output) & {"\x1b", "\x07", "\u202e"}


def test_text_that_would_act_on_a_terminal_is_shown_as_escapes_and_given_to_programs_as_it_is(ask: Ask) -> None:
    key = key_of(ask, "source_key = 'handed_in'")
    shown = ask("show", key).stdout
    assert r"\x1b[31mthat paints" in shown
    assert r"\u202eturns" in shown
    assert r"rings \x07 the bell" in shown
    assert "\x1b[31mthat paints" in rows(ask, "show", key)[0]["text"]
    assert "\x1b[31mthat paints" in ask("show", key, "--csv").stdout_bytes.decode()


def test_a_table_that_is_piped_is_not_cut(ask: Ask) -> None:
    titles = [row["title"] for row in rows(ask, "list") if row["title"] and row["title"].isprintable()]
    shown = ask("list", "--limit", "0").stdout
    assert max(map(len, titles)) > 200
    assert all(title in shown for title in titles)


def test_list_shows_the_newest_first_and_those_without_a_day_last(ask: Ask) -> None:
    days = [row["sort_date"] for row in rows(ask, "list")]
    known = [day for day in days if day]
    assert known == sorted(known, reverse=True)
    assert days[: len(known)] == known


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        (("--source", "channel_dump_sco"), "source_key = 'channel_dump_sco'"),
        (("--kind", "opening_remarks"), "kind = 'opening_remarks'"),
        (("--medium", "page"), "medium = 'page'"),
        (("--since", "2024-07-01", "--until", "2024-07-31"), "sort_date between '2024-07-01' and '2024-07-31'"),
        (("--tag", "#asean"), "list_contains(hashtags, 'ASEAN')"),
        (
            ("--text", "lavrov's VIENTIANE"),
            "concat(title, ' ', text) ilike '%lavrov_s%' and concat(title, ' ', text) ilike '%vientiane%'",
        ),
        (("--text", "July 25-26"), "text like '%July 25−26%'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_list_shows_what_fits_a_filter_and_nothing_else(ask: Ask, options: tuple[str, ...], condition: str) -> None:
    expected = rows(ask, "sql", f"select document_key from documents where {condition}")
    assert expected
    found = {row["document_key"] for row in rows(ask, "list", *options)}
    assert found == {row["document_key"] for row in expected}


def test_list_takes_a_day_an_instant_and_so_long_ago_by_the_publishers_days(ask: Ask) -> None:
    for since in ("2024-07-26", "2024-07-25T21:00:00Z", "2024-07-26T00:00:00+03:00"):
        assert rows(ask, "list", "--since", since) == rows(ask, "list", "--since", "2024-07-26")
    assert rows(ask, "list", "--since", "1 day") == []
    result = ask("list", "--since", "last")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "since a run: mfa-archive changes --since" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--json", "--csv"),
        ("sql", "--csv", "select 1", "--json"),
        ("views", "--json", "--csv"),
        ("cite", "weak:", "--csl", "--bibtex"),
        ("diff", "weak:", "--unified", "--json"),
        ("withhold", "--list", "weak:"),
        ("withhold", "--list", "--why", "private"),
        ("withhold", "weak:", "--why", "private", "--json"),
    ],
    ids=" ".join,
)
def test_options_that_contradict_one_another_are_one_line_and_answer_nothing(
    ask: Ask, arguments: tuple[str, ...]
) -> None:
    result = ask(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert "expected" in result.stderr


def test_an_option_that_is_given_twice_is_no_contradiction(ask: Ask) -> None:
    assert rows(ask, "list", "--json") == rows(ask, "list")


def test_list_says_when_it_does_not_show_all(ask: Ask) -> None:
    result = ask("list", "--limit", "2")
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr == "2 of 34; --limit 0 shows all\n"


def test_a_key_may_be_the_beginning_of_one_if_only_one_begins_so(ask: Ask) -> None:
    key = key_of(ask, "medium = 'page'")
    assert rows(ask, "show", key[:-4])[0]["document_key"] == key
    result = ask("show", "weak:")
    assert result.exit_code == 1
    assert "more than one document key begins with 'weak:'" in result.stderr


@pytest.mark.parametrize("command", ["show", "history"])
@pytest.mark.parametrize("key", ["nothing", "it's; drop view documents; --", '"', "weak:zz@", "%", ""])
def test_an_unknown_key_is_one_line_that_says_what_to_do(ask: Ask, command: str, key: str) -> None:
    result = ask(command, "--", key)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("mfa-archive: ")


def test_show_with_a_ref_shows_that_version_and_not_the_current_one(ask: Ask) -> None:
    before, after = rows(ask, "sql", "select ref, text from versions where document_key in (select document_key from "
                         "changes where cause = 'edited') order by version_number")  # fmt: skip
    shown = rows(ask, "show", before["ref"])
    assert [row["text"] for row in shown] == [before["text"]]
    assert "our deep gratitude" in after["text"]
    assert "our special gratitude" in ask("show", before["ref"]).stdout


def test_history_shows_word_by_word_what_was_removed_and_added(ask: Ask) -> None:
    key = rows(ask, "sql", "select document_key from changes where cause = 'edited'")[0]["document_key"]
    shown = ask("history", key).stdout
    assert "convey our [-special-]{+deep+} gratitude to Cambodia" in shown
    assert "words unchanged" in shown
    versions = rows(ask, "history", key)
    assert [version["cause"] for version in versions] == ["first_seen", "edited"]
    assert "[-special-]{+deep+}" in versions[1]["diff"]
    assert versions[0]["diff"] == ""


def test_history_does_not_call_an_edit_silent_where_there_is_no_date_line(ask: Ask) -> None:
    key = rows(ask, "sql", "select document_key from changes where cause = 'edited'")[0]["document_key"]
    assert "silent" not in ask("history", key).stdout


def test_views_names_every_view_and_column_with_what_it_is(ask: Ask) -> None:
    views = rows(ask, "views")
    assert {"documents", "versions", "documents_as_of(instant)"} <= {view["view_name"] for view in views}
    for view in views:
        assert view["comment"], view["view_name"]
        for column in rows(ask, "views", view["view_name"]):
            assert column["comment"], f"{view['view_name']}.{column['column_name']}"
    (next_seen,) = [one for one in rows(ask, "views", "published_as_of") if one["column_name"] == "next_seen_from"]
    query = "select definition from terms where list = 'published_as_of' and value = 'next_seen_from'"
    assert rows(ask, "sql", query) == [{"definition": next_seen["comment"]}]


def test_a_macro_is_described_by_its_name_as_by_its_call(ask: Ask) -> None:
    asked = [{"column_name": name} for name in rows(ask, "sql", "from changes limit 1")[0]]
    for name in ("changes_since", "changes_since(instant)", "changes_of_run"):
        described = rows(ask, "views", name)
        assert [column["column_name"] for column in described] == [one["column_name"] for one in asked]
        assert described == [dict(one) for one in rows(ask, "views", "changes")]


def test_an_unknown_view_is_answered_with_those_that_there_are(ask: Ask) -> None:
    result = ask("views", "document")
    assert result.exit_code == 1
    assert "documents" in result.stderr


def test_check_names_every_rule_and_finds_it_kept(ask: Ask) -> None:
    found = rows(ask, "check")
    assert len(found) > 5
    assert {one["result"] for one in found} == {"ok"}


def test_status_tells_what_the_archive_holds_and_how_each_source_fared(ask: Ask) -> None:
    status = rows(ask, "status")[0]
    assert (status["document_count"], status["version_count"]) == (34, 35)
    assert status["last_run_outcome"] == "completed"
    assert status["open_rejection_count"] == 0
    assert len(status["sources"]) == 6
    assert not status["waiting_batches"]
    assert not status["is_older_than_store"]


def test_every_command_has_help_with_an_example() -> None:
    for name in ROOT.list_commands(None):  # type: ignore[arg-type] # the names need no context
        command = ROOT.get_command(None, name)  # type: ignore[arg-type] # likewise
        assert command is not None
        assert "Example" in (command.help or "")
        assert f"mfa-archive {name}" in (command.help or "")
