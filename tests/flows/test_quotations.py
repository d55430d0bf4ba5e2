"""Quotations held against the archive: typography may differ, letters may not, and every version is searched."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from tests.conftest import Desk

CHANNEL = 1101170442
FIRST = (
    "📰 A statement by the Ministry’s “spokesperson”\n"
    "We firmly believe that dialogue—open and honest—is the only way… and we are ready for it.\n"
    "The Ambassador’s visit on July 25−26 was useful, and its results will be made public.\n"
    "Мы решительно осуждаем «двойные стандарты» и призываем к диалогу."
)
LATER = FIRST.replace("firmly believe", "believe")
GONE = "A second post of the channel, which nobody can find any more since it was taken down."


def write_export(path: Path, *posts: tuple[int, str]) -> Path:
    messages = [
        {"id": number, "type": "message", "date": "2024-07-26T10:00:00", "date_unixtime": "1721988000",
         "from": "X", "from_id": f"channel{CHANNEL}", "text": text, "text_entities": []}
        for number, text in posts
    ]  # fmt: skip
    export = {"name": "X", "type": "public_channel", "id": CHANNEL, "messages": messages}
    path.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A channel of three posts: the first is edited, the second taken down, the third stays."""
    folder = tmp_path_factory.mktemp("quoted")
    desk = Desk(folder / "data")
    looks = [((1, FIRST), (2, GONE), (3, "A third post."))] + 2 * [((1, LATER), (3, "A third post."))]
    for day, posts in enumerate(looks, 1):
        desk.hand_in(
            write_export(folder / "result.json", *posts),
            captured_at=datetime(2024, 8, day, tzinfo=UTC),
            channel="mid_x",
        )
    return desk


def ask(desk: Desk, path: Path, *options: str) -> Result:
    return CliRunner().invoke(
        ROOT, ("quotes", str(path), *options), env={"MFA_ARCHIVE_HOME": str(desk.home)}, prog_name="mfa-archive"
    )


def write_list(path: Path, *rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def check(desk: Desk, folder: Path, text: str, **more: str) -> dict[str, Any]:
    result = ask(desk, write_list(folder / "list.csv", {"quote": text, **more}), "--json")
    assert result.exit_code in (0, 1), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)[0]
    assert result.exit_code == (0 if found["stands"] else 1)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "dialogue—open and honest—is the only way… and we are ready",
        "dialogue - open and honest - is the only way... and we are ready",
        "“dialogue–open and honest–is the only way”",
        "The Ambassador's visit on July 25-26 was useful",
        "The  Ambassador`s\u00a0visit on Ju\u00adly 25–26 was useful",
        'осуждаем "двойные стандарты" и призы\u00adваем',
        "решительно осуждаем «двои\u0306ные стандарты»",
        "A statement by the Ministry's 'spokesperson'",
    ],
)
def test_typography_may_differ(desk: Desk, tmp_path: Path, text: str) -> None:
    found = check(desk, tmp_path, text)
    assert found["outcome"] == "verbatim"
    assert found["now"] == "present"


@pytest.mark.parametrize(
    "text",
    [
        "dialogue—open and Honest—is the only way",  # another letter case
        "dialogue—open or honest—is the only way",  # another word
        "he Ambassador’s visit on July 25−26 was useful",  # a word that is cut
        "we are ready for it, and more",  # words that are added
    ],
)
def test_letters_and_words_may_not(desk: Desk, tmp_path: Path, text: str) -> None:
    assert check(desk, tmp_path, text)["outcome"] == "altered"


def test_what_is_edited_since_stands_and_is_told_with_what_stands_there_now(desk: Desk, tmp_path: Path) -> None:
    found = check(desk, tmp_path, "We firmly believe that dialogue")
    assert (found["outcome"], found["now"], found["passage_from"]) == ("verbatim", "edited", 2)
    assert found["seen_from"] == found["seen_until"] == "2024-08-01T00:00:00Z"
    assert found["says_now_diff"] == "We [-firmly -]believe that dialogue"


def test_what_is_gone_is_found_and_said_to_be_gone(desk: Desk, tmp_path: Path) -> None:
    found = check(desk, tmp_path, "which nobody can find any more")
    assert (found["outcome"], found["now"]) == ("verbatim", "gone")


def test_words_left_out_are_an_outcome_of_their_own(desk: Desk, tmp_path: Path) -> None:
    one = check(desk, tmp_path, "We believe that dialogue […] and we are ready for it")
    assert (one["outcome"], one["passage_from"], one["passage_to"]) == ("with_omissions", 2, 2)
    several = check(desk, tmp_path, "We believe that dialogue ... results will be made public")
    assert (several["outcome"], several["passage_from"], several["passage_to"]) == ("with_omissions", 2, 3)
    assert (
        check(desk, tmp_path, "results will be made public ... We believe that dialogue")["outcome"] != "with_omissions"
    )


def test_the_nearest_words_are_shown_as_they_stand_with_what_differs(desk: Desk, tmp_path: Path) -> None:
    found = check(desk, tmp_path, "The Ambassador's trip on July 25-26 was useful")
    assert found["nearest"] == "The Ambassador’s visit on July 25−26 was useful"
    assert found["diff"] == "The Ambassador's [-visit-]{+trip+} on July 25-26 was useful"
    assert 0.8 < found["similarity"] < 1
    assert found["nearest_passage"] == 3


LONG = " ".join(f"A sentence with the number {number} that nobody quotes." for number in range(40))


@pytest.mark.parametrize(
    ("text", "diff"),
    [
        (
            "We believe that dialogue; open and honest, is the only way … призываем к диалогу",
            "We believe that dialogue[---]{+; +}open and honest[---]{+, +}is the only way ... призываем к диалогу",
        ),
        (
            "The Ambassador's visit, on July 25-26 [...] осуждаем «двойные стандарты», и призываем",
            "The Ambassador's visit{+,+} on July 25-26 ... осуждаем 'двойные стандарты'{+,+} и призываем",
        ),
    ],
)
def test_a_changed_mark_beside_words_left_out_is_shown_however_much_is_left_out(
    tmp_path: Path, text: str, diff: str
) -> None:
    desk = Desk(tmp_path / "data")
    lines = LATER.split("\n")
    desk.hand_in(
        write_export(tmp_path / "result.json", (1, "\n".join([*lines[:3], LONG, *lines[3:]]))), channel="mid_x"
    )
    found = check(desk, tmp_path, text)
    assert (found["outcome"], found["diff"]) == ("altered", diff)
    assert found["similarity"] > 0.9


def test_what_is_nowhere_is_not_found(desk: Desk, tmp_path: Path) -> None:
    for text in ("Bananas grow on trees of steel", "…", "—"):
        found = check(desk, tmp_path, text)
        assert (found["outcome"], found["nearest"]) == ("not_found", None)


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        ({"ref": f"telegram:{CHANNEL}:1"}, "verbatim"),
        ({"url": "https://t.me/mid_x/1"}, "verbatim"),
        ({"url": f"https://t.me/c/{CHANNEL}/1"}, "verbatim"),
        ({"ref": f"telegram:{CHANNEL}:3"}, "elsewhere"),
        ({"document_key": "mid:1:en"}, "elsewhere"),
    ],
)
def test_a_quotation_must_stand_where_the_list_says(
    desk: Desk, tmp_path: Path, named: dict[str, str], outcome: str
) -> None:
    assert check(desk, tmp_path, "that dialogue—open and honest", **named)["outcome"] == outcome


def test_a_ref_names_one_version(desk: Desk, tmp_path: Path) -> None:
    key = f"telegram:{CHANNEL}:1"
    old, new = (
        str(ref)
        for (ref,) in desk.query("select ref from versions where document_key = ? order by version_number", key)
    )
    assert check(desk, tmp_path, "We firmly believe that", ref=old)["outcome"] == "verbatim"
    assert check(desk, tmp_path, "We firmly believe that", ref=new)["outcome"] == "elsewhere"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_lists_come_with_any_delimiter_and_mark(desk: Desk, tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = {"Note": "a, b; c", "Quotation": "results will be made public"}
    path = write_list(tmp_path / "list.csv", row, delimiter=delimiter, encoding=encoding)
    result = ask(desk, path, "--csv")
    assert result.exit_code == 0, result.stderr
    found = next(csv.DictReader(io.StringIO(result.stdout)))
    assert found["Note"] == "a, b; c"
    assert found["outcome"] == "verbatim"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n", "found|has 'a', 'b'"),
        (b"", "has nothing"),
        (b"quote\n", "nothing below its header"),
        (b"quote\nOne, two\n", "line 2 has 2 cells"),
        ("quote\nДа\n".encode("cp1251"), "byte 6 is no UTF-8"),
        (b'quote\n"open\n', "is no CSV"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(desk: Desk, tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    result = ask(desk, path)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert any(part in result.stderr for part in expected.split("|"))


def test_the_table_tells_what_people_need(desk: Desk, tmp_path: Path) -> None:
    path = write_list(
        tmp_path / "list.csv", {"quote": "We firmly believe that dialogue"}, {"quote": "We firmly hope that dialogue"}
    )
    result = ask(desk, path)
    assert result.exit_code == 1
    assert "1 of 2 quotations stand" in result.stdout
    assert "We [-firmly -]believe that dialogue" in result.stdout
    assert "We firmly [-believe-]{+hope+} that dialogue" in result.stdout
    assert "Read from Desktop JSON, which lacks" in result.stdout


def test_an_archive_that_is_not_there_is_no_false_quotation(tmp_path: Path) -> None:
    result = ask(Desk(tmp_path / "data"), write_list(tmp_path / "list.csv", {"quote": "Words."}))
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
