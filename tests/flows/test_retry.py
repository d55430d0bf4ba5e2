"""What was rejected is tried again after a mend, and answered; nothing of it is erased."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extract.formats import formats, mid_page_text
from extract.model import Hints, Reason, Record, Rejection, Stretch
from flows.inputs import handed_in_job
from flows.rebuild import rebuild
from flows.retry import Retry, retry
from flows.waiting import Mended
from tests.conftest import Desk, begun
from tests.flows.conftest import copy_of
from warehouse.archive import opened_for_writing
from warehouse.checks import run_checks
from warehouse.staging import SourceFacts

AT = datetime(2025, 6, 1, tzinfo=UTC)
REAL = mid_page_text.FORMAT
TITLE = "Пресс-релиз о переговорах, важный для всех без исключения"
ANSWERS = "select reason, is_open, answer, answered_by is not null from rejections order by all"


def tried(desk: Desk, mended: Mended | None = None) -> Retry:
    return retry(desk.run("retry"), mended or Mended())


def rejected(desk: Desk, path: Path, **facts: object) -> None:
    report = desk.ingest(handed_in_job(SourceFacts("site", captured_at=AT, **facts), [path]))  # type: ignore[arg-type]
    assert not report.is_good


def broken_rules(desk: Desk) -> list[str]:
    with opened_for_writing(desk.layout, desk.run("check").writing) as connection:
        return [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]


@pytest.fixture(scope="module")
def one_rejection(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Desk:
    """An archive of one rejection: a page whose encoding nobody tells. The file is gone. No test writes to it."""
    folder = tmp_path_factory.mktemp("letters")
    desk, path = begun(folder / "data", empty_store), folder / "a.txt"
    path.write_text(f"{TITLE}\n\n  • en-GB1 ru-RU1\n\nСлова.\n", encoding="windows-1251")
    rejected(desk, path, format="mid_page_text")
    path.unlink()
    return desk


@pytest.fixture
def in_old_letters(one_rejection: Desk, tmp_path: Path) -> Desk:
    return copy_of(one_rejection, tmp_path / "data")


@pytest.fixture
def real() -> Iterator[None]:
    """Whatever a case does to the format, it ends with it."""
    yield
    mid_page_text.FORMAT = REAL
    formats.cache_clear()


def test_after_a_mend_of_the_registry_a_rejected_input_is_read_with_its_own_time(in_old_letters: Desk) -> None:
    desk = in_old_letters
    row = SourceFacts("site", format="mid_page_text", encoding="windows-1251")
    found = tried(desk, Mended(registry={"site": row}))
    assert found.report.is_good
    assert (found.tried_count, found.left_count) == (1, 0)
    assert desk.query("select text, captured_at from versions") == [("Слова.", AT)]
    assert desk.query(ANSWERS) == [("undecodable", False, "read", True)]
    assert desk.value("select encoding from sources") == "windows-1251"
    assert broken_rules(desk) == []


def test_what_a_person_says_of_inputs_holds_for_them_and_not_for_their_source(in_old_letters: Desk) -> None:
    found = tried(in_old_letters, Mended(source_keys=("site",), said={"encoding": "windows-1251"}))
    assert [(one.reason, one.outcome, one.count) for one in found.answered] == [("undecodable", "read", 1)]
    assert in_old_letters.query("select text, encoding from versions join sources using (source_key)") == [
        ("Слова.", None)
    ]


def test_where_nothing_was_mended_nothing_is_tried(in_old_letters: Desk) -> None:
    appends = in_old_letters.value("select max(append_number) from store.append")
    found = tried(in_old_letters)
    assert (found.tried_count, found.left_count, found.report.is_good) == (0, 1, True)
    assert in_old_letters.value("select max(append_number) from store.append") == appends
    assert in_old_letters.query(ANSWERS) == [("undecodable", True, None, False)]


def test_a_retry_may_be_of_one_source_or_reason(in_old_letters: Desk) -> None:
    registry = {"site": SourceFacts("site", format="mid_page_text", encoding="windows-1251")}
    assert tried(in_old_letters, Mended(("mirror",), registry=registry)).tried_count == 0
    assert tried(in_old_letters, Mended(reasons=("broken_off",), registry=registry)).tried_count == 0
    assert tried(in_old_letters, Mended(("site",), ("undecodable",), registry)).tried_count == 1


def test_a_mend_that_does_not_help_is_answered_by_another_rejection(in_old_letters: Desk) -> None:
    desk = in_old_letters
    found = tried(desk, Mended(("site",), said={"format": "channel_dump", "encoding": "ascii"}))
    again = tried(desk, Mended(("site",), said={"format": "telegram_preview", "encoding": "windows-1251"}))
    assert [one.report.is_good for one in (found, again)] == [False, False]
    assert desk.value("select count(*) from rejections where is_open") == 1
    assert desk.value("select count(*) from documents") == 0
    assert broken_rules(desk) == []


def test_after_a_mend_of_the_code_rejected_records_are_read_and_answered_each(
    desk: Desk,
    tmp_path: Path,
    real: None,  # noqa: ARG001 -- it ends what the case begins
) -> None:
    def older(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
        del hints
        head = Rejection(0, 9, Reason.MISSING_TITLE, "no line", "a title", "look at it", "")
        tail = Rejection(
            len(stretch.data) - 1, len(stretch.data), Reason.MISSING_TEXT, "no text", "one", "look at it", ""
        )
        return head, tail

    def newer(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
        (record,) = REAL.read(stretch, hints)
        assert isinstance(record, Record)
        return (replace(record, byte_to=stretch.byte_to - 1),)

    mid_page_text.FORMAT = replace(REAL, read=older)
    formats.cache_clear()
    path = tmp_path / "a.txt"
    path.write_text(f"{TITLE}\n\n  • en-GB1 ru-RU1\n\nСлова.\n", encoding="utf-8")
    rejected(desk, path, format="mid_page_text")
    mid_page_text.FORMAT = replace(REAL, extractor_version=REAL.extractor_version + 1, read=newer)
    formats.cache_clear()
    assert tried(desk).report.is_good
    assert desk.query(ANSWERS) == [("missing_text", False, "passed_over", True), ("missing_title", False, "read", True)]
    assert desk.query("select read_count, appended_count from runs order by started_at desc limit 1") == [(1, 1)]


def test_a_source_refused_for_the_number_of_its_records_is_taken_in_once_its_row_allows_them(
    desk: Desk, page: Callable[..., Path]
) -> None:
    rejected(desk, page("a.txt", "Words."), minimum=2)
    assert tried(desk, Mended(registry={"site": SourceFacts("site", minimum=2)})).tried_count == 0
    assert tried(desk, Mended(registry={"site": SourceFacts("site", minimum=1)})).report.is_good
    assert desk.query(ANSWERS) == [("out_of_bounds", False, "read", True)]


def test_a_rebuild_gives_the_same_answers_and_the_same_chain(in_old_letters: Desk) -> None:
    desk = in_old_letters
    tried(desk, Mended(("site",), said={"encoding": "windows-1251"}))
    table = "from store.answer"
    head = "select head from store.append order by append_number desc limit 1"
    answers, before, versions = desk.query(table), desk.value(head), desk.query("select ref, text from versions")
    assert rebuild(desk.run("rebuild")).is_good
    assert (desk.query(table), desk.value(head)) == (answers, before)
    assert desk.query("select ref, text from versions") == versions
