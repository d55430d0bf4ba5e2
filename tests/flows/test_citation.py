"""Citations: what is known stands in them, what is not is said to be unknown, and no letter is lost on the way."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.citation import _LATEX, bibtex, csl, dated, entry_key, latex, plain
from flows.command.root import ROOT
from flows.inputs import Job, handed_in_job
from tests.conftest import PROJECT, Desk
from tests.forms.every import ingest_in_batches
from warehouse.staging import SourceFacts

JSON_EXPORT = PROJECT / "tests" / "golden" / "telegram_desktop_json" / "ordinary.json"
POST = "telegram:1101170442:40718"
FORWARD = "weak:339ace8e0215e0eb"
PAGE = "weak:66865c1840f42b49"


def ask(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(ROOT, arguments, env={"MFA_ARCHIVE_HOME": str(desk.home)}, prog_name="mfa-archive")


HEADLINE = "📰 A headline of more than forty letters and digits, which stays as it is"
DAYS: tuple[tuple[int | None, ...], ...] = ((1, 2, 3), (None, None, None), (1, None, 2))


def dump(path: Path, *posts: list[str]) -> Path:
    """Write a dump of posts, each given as its lines."""
    lines = [line for post in posts for line in ("Forwarded from Russian MFA 🇷🇺", *post, *post[1:])]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def look(path: Path, source_key: str, day: int | None, **facts: object) -> Job:
    captured_at = None if day is None else datetime(2024, 8, day, tzinfo=UTC)
    return handed_in_job(SourceFacts(source_key, captured_at=captured_at, **facts), [path])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cited(seeded: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive of the seeds, an export, a title that acts on terminals, and a post that was edited."""
    folder = tmp_path_factory.mktemp("cited")
    desk = seeded.copied(folder)
    at = datetime(2024, 8, 1, 22, 30, tzinfo=UTC)
    exported = SourceFacts("hand", channel="mid_rus", channel_id=1101170442, captured_at=at)
    hostile = folder / "hostile.txt"
    hostile.write_text("Forwarded from Russian MFA 🇷🇺\n📰 A \x1b[31m headline\n💬 Its text.\n", encoding="utf-8")
    first, second = (dump(folder / f"{word}.txt", [HEADLINE, f"💬 The {word} word."]) for word in ("first", "second"))
    assert ingest_in_batches(
        desk,
        [handed_in_job(exported, [JSON_EXPORT]), look(hostile, "hostile", None, format="channel_dump")],
        [look(first, "edited", 1)],
        [look(second, "edited", 2)],
    ) == []  # fmt: skip
    return desk


def items(desk: Desk, *keys: str) -> list[dict[str, object]]:
    result = ask(desk, "cite", *keys, "--csl")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_a_citation_leads_to_the_words_the_bytes_and_the_head(cited: Desk) -> None:
    text = ask(cited, "cite", PAGE).stdout
    ref, text_sha256, raw_sha256 = cited.query(
        "select ref, text_sha256, raw_sha256 from versions where document_key = ?", PAGE
    )[0]
    head = cited.value("select lower(hex(head)) from store.append order by append_number desc limit 1")
    assert all(str(value) in text for value in (ref, text_sha256, raw_sha256, head, "23 July 2016", "page_local_time"))


def test_the_address_of_a_post_is_made_of_the_username_that_is_known(cited: Desk) -> None:
    item = items(cited, POST)[0]
    assert item["URL"] == "https://t.me/mid_rus/40718"
    assert item["issued"] == {"date-parts": [[2024, 7, 26]]}
    assert item["accessed"] == {"date-parts": [[2024, 8, 1]]}
    assert item["type"] == "post"


def test_no_date_is_guessed_and_bounds_are_told_as_bounds(cited: Desk) -> None:
    item = items(cited, FORWARD)[0]
    assert "issued" not in item
    assert "accessed" not in item
    text = ask(cited, "cite", FORWARD).stdout
    assert "undated (not before 26 July 2024, not after 2 August 2024)" in text
    assert "captured at a time that nobody knows" in text
    assert dated({"published_date": None, "published_after": None, "published_before": None}) == "undated"


def test_several_keys_are_cited_in_their_order_and_each_once(cited: Desk) -> None:
    found = items(cited, POST, PAGE, POST)
    assert [str(item["archive_location"]).partition("@")[0] for item in found] == [POST, PAGE]


def test_letters_of_every_script_stand_in_bibtex_as_they_are(cited: Desk) -> None:
    entry = ask(cited, "cite", POST, "--bibtex").stdout
    assert "Ответ официального представителя на вопрос СМИ" in entry
    assert entry.startswith("@online{telegram-1101170442-40718-")
    assert "date = {2024-07-26}" in entry
    assert "langid = {russian}" in entry
    assert latex("وزارة الخارجية") == "وزارة الخارجية"


@pytest.mark.parametrize("mark", sorted(_LATEX))
def test_no_mark_of_latex_stands_in_bibtex_unescaped(mark: str) -> None:
    written = latex(f"a{mark}b")
    assert written == f"a{_LATEX[mark]}b"
    assert written.count("{") - written.count("\\{") == written.count("}") - written.count("\\}")


def test_a_key_of_bibtex_follows_from_the_ref_alone() -> None:
    assert entry_key("mid:1906578:en@3f9c1a12") == "mid-1906578-en-3f9c1a12"


def test_a_title_that_acts_on_terminals_is_shown_as_escapes(cited: Desk) -> None:
    key = str(cited.value("select document_key from documents where source_key = 'hostile'"))
    for style in ((), ("--bibtex",)):
        result = ask(cited, "cite", key, *style)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout


def test_a_version_that_was_replaced_is_cited_as_such(cited: Desk) -> None:
    old, new = (
        str(ref)
        for (ref,) in cited.query("select ref from versions where source_key = 'edited' order by version_number")
    )
    text = ask(cited, "cite", old).stdout
    assert f"version 1 of 2; replaced by 2024-08-02 00:00:00Z, now {new}" in text
    assert "version 2 of 2; current" in ask(cited, "cite", new.split("@")[0]).stdout


@pytest.fixture(scope="module")
def further_copies(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[str], object]]:
    """For each list of days what was printed of a post after each of them, and the number of its looks at the end."""
    folder = tmp_path_factory.mktemp("copies")
    desk = Desk(folder / "data")
    printed: list[list[str]] = [[] for _ in DAYS]
    of_series = "select document_key from documents where contains(text, ?)"
    for turn in range(3):
        jobs = []
        for series, days in enumerate(DAYS):
            other = f"📰 Another headline of more than forty letters, number {turn} of {series}"
            path = dump(folder / f"{series}.txt", [other], [f"{HEADLINE} in series {series}"])
            jobs.append(look(path, f"series-{series}", days[turn]))
        assert desk.ingest(*jobs).is_good
        for series in range(len(DAYS)):
            key = str(desk.value(of_series, f"in series {series}"))
            lines = ask(desk, "cite", key).stdout.splitlines()
            printed[series].append("\n".join(line for line in lines if not line.startswith("  archive head")))
    looks = [desk.value("select sighting_count from versions where contains(text, ?)", f"in series {series}")
             for series in range(len(DAYS))]  # fmt: skip
    return list(zip(printed, looks, strict=True))


@pytest.mark.parametrize("series", range(len(DAYS)), ids=map(str, DAYS))
def test_a_further_copy_moves_nothing_of_a_printed_citation(
    further_copies: list[tuple[list[str], object]], series: int
) -> None:
    printed, looks = further_copies[series]
    assert looks == len(DAYS[series])
    assert len(set(printed)) == 1
    assert "A headline of more than forty" in printed[0]


def test_an_unknown_key_is_one_line(cited: Desk) -> None:
    result = ask(cited, "cite", "mid:0")
    assert result.exit_code == 1
    assert re.fullmatch(r"mfa-archive: no document key begins with .*\n", result.stderr)


def test_the_functions_need_no_archive() -> None:
    row = dict.fromkeys(
        ("publisher", "forwarded_from", "title", "published_date", "published_after", "published_before", "url",
         "captured_address", "captured_at", "published_at", "published_basis", "published_text", "source_edited_at",
         "lang", "document_number", "channel_title", "username")
    )  # fmt: skip
    row |= {
        "ref": "weak:1@2", "medium": "page", "captured_basis": "unknown", "captured_basis_means": "Nobody knows.",
        "recorded_at": None, "version_number": 1, "version_count": 1, "is_current": True, "status": "present",
        "text_sha256": "ab", "raw_sha256": "cd", "byte_from": 0, "byte_to": 1, "locator": "a.txt", "head": "ef",
        "head_recorded_at": None, "are_bytes_withheld": False,
    }  # fmt: skip
    assert plain(row).startswith("(publisher not known): “(untitled)”, undated. ")
    assert "date =" not in bibtex(row)
    assert "issued" not in csl(row)
