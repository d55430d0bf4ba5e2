"""The run report as Markdown."""

from datetime import UTC, datetime

from flows.artifacts import SHOWN, headline, report_markdown
from flows.reports import RunReport, SourceReport
from warehouse.publish import Totals

_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def report(*sources: SourceReport, problems: tuple[str, ...] = (), totals: Totals | None = None) -> RunReport:
    return RunReport("run", "ingest", _AT, _AT, sources, problems, totals, "data/archive.duckdb")


def test_a_good_run_reads_as_one() -> None:
    good = report(SourceReport("a_b", 1, 33, 20, 13), totals=Totals(1_000, 1_001, "ab" * 32))
    assert report_markdown(good) == (
        "# All is well: 20 appended, 13 unchanged, 0 rejected.\n\n"
        "| source | inputs | read | appended | unchanged | rejected |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| a_b | 1 | 33 | 20 | 13 | 0 |\n\n"
        "## The archive now\n\n"
        "- 1,000 documents in 1,001 versions\n"
        f"- chain head `{'ab' * 32}`\n"
        "- read copy `data/archive.duckdb`\n\n"
        "Run `run`, begun 2026-11-22 10:00:00 UTC, took 0.0 s.\n"
    )


def test_what_was_rejected_stands_there_with_its_source_and_reason() -> None:
    bad = report(SourceReport("a", 1, 1, rejected_count=1, problems=["f: undecodable: x"]), SourceReport("b", 1, 1, 1))
    assert (
        headline(bad) == "Failed: 1 of 2 sources had something rejected or failed; 1 appended, 0 unchanged, 1 rejected."
    )
    assert "- **a**: f: undecodable: x" in report_markdown(bad)


def test_text_of_others_can_neither_break_the_table_nor_become_markup() -> None:
    text = report_markdown(report(SourceReport("a|b\nc", problems=["<script> [x](y) `z`"])))
    assert "| a\\|b c | 0 |" in text
    assert "\\<script\\> \\[x\\](y) \\`z\\`" in text


def test_a_thousand_rejections_are_counted_and_not_all_shown() -> None:
    text = report_markdown(report(SourceReport("a", problems=[f"line {number}" for number in range(1_000)])))
    assert f"… and {1_000 - SHOWN} more" in text
    assert f"line {SHOWN}\n" not in text


def test_an_archive_that_could_not_be_opened_is_said_to_be_so() -> None:
    text = report_markdown(report(problems=("archive.lock: held by process 1",)))
    assert "It could not be opened" in text
    assert "- archive.lock: held by process 1" in text
