"""A better reading of the same bytes takes the place of the older one, and never looks like an edit."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from extract.formats import formats, mid_page_text
from extract.model import Hints, Record, Rejection, Stretch
from flows.command.reread import _row
from flows.inputs import Job, handed_in_job
from flows.rebuild import rebuild
from flows.reread import Rereading, due, rehearse, reread
from tests.conftest import Clock, Desk
from tests.flows.killing import Step, _die_at
from tests.forms.every import ingest_in_batches
from warehouse.archive import opened_for_writing
from warehouse.checks import run_checks
from warehouse.rereading import Wanted
from warehouse.staging import SourceFacts

Reading = Callable[[Stretch, Hints], tuple[Record | Rejection, ...]]
REAL = mid_page_text.FORMAT
DAY = datetime(2025, 6, 1, tzinfo=UTC)
VERSIONS = """
select document_key, version_number, cause, text, ref from versions order by document_key, version_number
"""
ALL = Wanted()
TITLE = "Press release on a meeting of some importance to everybody"
OTHER = "Press release on another matter of some importance"


def with_artefact(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Read `talks` as an older extractor might have: wrongly, in as many bytes."""
    return REAL.read(replace(stretch, data=stretch.data.replace(b"talks", b"t*lks")), hints)


def use(version: int, read: Reading = REAL.read) -> None:
    """Let pages be read by a version of the extractor."""
    mid_page_text.FORMAT = replace(REAL, extractor_version=version, read=read)
    formats.cache_clear()


@contextmanager
def used(version: int, read: Reading = REAL.read) -> Iterator[None]:
    """Let pages be read by a version of the extractor, and by the real one after that."""
    use(version, read)
    yield
    mid_page_text.FORMAT = REAL
    formats.cache_clear()


@pytest.fixture
def older() -> Iterator[None]:
    """Read by a version with an artefact at first."""
    with used(1, with_artefact):
        yield


@pytest.fixture
def newer() -> Iterator[None]:
    """Read by a version without it."""
    with used(2):
        yield


def job(*paths: Path, day: int = 0, source_key: str = "site", **facts: object) -> Job:
    captured_at = DAY + timedelta(days=day)
    return handed_in_job(SourceFacts(source_key, captured_at=captured_at, **facts), list(paths))  # type: ignore[arg-type]


def hand_in(desk: Desk, path: Path, day: int = 0) -> None:
    report = desk.ingest(job(path, day=day))
    assert report.is_good, report


def written(path: Path, title: str, body: str) -> Path:
    """Write a rendered page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{title}\n\n  • en-GB1 ru-RU1\n\n{body}\n", encoding="utf-8")
    return path


def rehearsed(desk: Desk, wanted: Wanted = ALL) -> Rereading:
    return rehearse(desk.run("reread"), wanted)


def applied(desk: Desk, wanted: Wanted = ALL) -> Rereading:
    return reread(desk.run("reread"), wanted)


def counts(found: Rereading) -> dict[str, int]:
    """Return the sums over all formats and sources, but for what is none."""
    names = [name for name in _row(found)["changes"][0] if name.endswith("_count")] if found.changes else []
    sums = {name.removesuffix("_count"): sum(getattr(one, name) for one in found.changes.values()) for name in names}
    return {name: value for name, value in sums.items() if value}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of_writer(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """Return all that stands in the writer's file."""
    with opened_for_writing(desk.layout, desk.run("check").writing) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'store'").fetchall()
        return {name: connection.execute(f"from store.{name}").fetchall() for (name,) in names}


def broken_rules(desk: Desk) -> list[str]:
    with opened_for_writing(desk.layout, desk.run("check").writing) as connection:
        return [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]


@pytest.fixture(scope="module")
def older_archive(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive of two pages, one with the artefact, and of a third in another source. No test writes to it."""
    folder = tmp_path_factory.mktemp("older")
    talks = "Press release on the talks of some importance to everybody"
    site = [written(folder / "a.txt", talks, "The talks were long."), written(folder / "b.txt", OTHER, "Nothing odd.")]
    mirror = written(folder / "c.txt", "Press release on a third matter of some importance", "More talks.")
    desk = Desk(folder / "data")
    with used(1, with_artefact):
        assert ingest_in_batches(desk, [job(*site)], [job(mirror, source_key="mirror")]) == []
    return desk


@pytest.fixture(scope="module")
def newer_archive(older_archive: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Rereading]:
    """The same after all of it was read again, and what that told. No test writes to it."""
    desk = older_archive.copied(tmp_path_factory.mktemp("newer"))
    with used(2):
        return desk, applied(desk)


@pytest.fixture
def read_by_older(older_archive: Desk, newer: None, tmp_path: Path) -> Desk:  # noqa: ARG001 -- what follows is read by it
    """An archive that was read by an older version, in the time of a newer one."""
    return older_archive.copied(tmp_path)


@pytest.fixture
def read_again(newer_archive: tuple[Desk, Rereading], newer: None, tmp_path: Path) -> Desk:  # noqa: ARG001 -- likewise
    """An archive that was read again by the newer version."""
    return newer_archive[0].copied(tmp_path)


def test_a_rehearsal_says_what_would_change_and_writes_nothing(read_by_older: Desk) -> None:
    desk = read_by_older
    before = files(desk.layout.raw), rows_of_writer(desk)
    found = rehearsed(desk)
    assert counts(found) == {
        "input": 3,
        "record": 3,
        "document": 3,
        "same": 1,
        "other_words": 1,
        "gained": 1,
        "lost": 1,
    }
    assert {one.source_key: one.input_count for one in found.changes.values()} == {"site": 2, "mirror": 1}
    assert (files(desk.layout.raw), rows_of_writer(desk)) == before
    assert not list(desk.layout.staging.glob("re*"))


def test_a_rehearsal_shows_some_of_the_words(read_by_older: Desk) -> None:
    found = rehearsed(read_by_older, Wanted(source_keys=("mirror",)))
    (sample,) = json.loads(json.dumps(_row(found)["samples"], default=str))
    assert (sample["change"], sample["source_key"]) == ("other_words", "mirror")
    assert [piece["text"] for piece in sample["diff"] if piece["change"] != "same"] == ["t*lks", "talks"]


def test_once_it_is_applied_the_artefact_is_gone_from_the_history(
    older_archive: Desk, newer_archive: tuple[Desk, Rereading]
) -> None:
    wrong = older_archive.value("select ref from documents where source_key = 'mirror'")
    desk, found = newer_archive
    assert found.report is not None
    assert found.report.is_good
    assert desk.value("select count(*) from documents") == 3
    assert desk.value("select count(*) from documents where text || title like '%*%'") == 0
    assert {row[2] for row in desk.query(VERSIONS)} == {"first_seen"}
    assert broken_rules(desk) == []
    # The ref of the artefact leads to the document whose bytes it names.
    assert desk.query("select document_key from store.ref where ref = ?", wrong) == desk.query(
        "select document_key from documents where source_key = 'mirror'"
    )
    assert desk.query("select cause, count(*) from store.reread group by all") == [("newer_version", 3)]
    newest = "select outcome, read_count, appended_count, unchanged_count from runs order by started_at desc limit 1"
    assert desk.query(newest) == [("completed", 3, 1, 2)]


def test_a_second_reread_changes_nothing(read_again: Desk) -> None:
    desk = read_again
    before = files(desk.layout.raw), desk.query(VERSIONS), desk.value("select max(append_number) from store.append")
    assert due(desk.run("reread"), ALL) == (0, 0)
    assert not applied(desk).changes
    assert not rehearsed(desk).changes
    after = files(desk.layout.raw), desk.query(VERSIONS), desk.value("select max(append_number) from store.append")
    assert after == before


def test_a_reread_may_be_of_one_source_or_format(read_by_older: Desk) -> None:
    desk = read_by_older
    assert due(desk.run(), Wanted(source_keys=("mirror",)))[0] == 1
    assert due(desk.run(), Wanted(formats=("mid_page_html",)))[0] == 0
    assert counts(applied(desk, Wanted(source_keys=("mirror",))))["input"] == 1
    assert due(desk.run(), ALL)[0] == 2


def test_inputs_are_read_again_by_the_hints_that_they_were_read_by(
    desk: Desk,
    older: None,  # noqa: ARG001 -- it reads what follows
    tmp_path: Path,
) -> None:
    """A person handed them in one after another, each with its own; the source's newest row is that of the last."""
    batches = []
    for number, encoding in enumerate(("utf-16", "windows-1251", None)):
        path = tmp_path / f"{number}.txt"
        title = f"Пресс-релиз о переговорах, номер {number}, важный для всех"
        path.write_text(f"{title}\n\n  • en-GB1 ru-RU1\n\nСлова talks.\n", encoding=encoding or "utf-8")
        batches.append([job(path, encoding=encoding, format="mid_page_text")])
    assert ingest_in_batches(desk, *batches) == []
    use(2)
    states = desk.counts()["source"]
    found = applied(desk)
    assert counts(found) == {"input": 3, "record": 3, "document": 3, "same": 1, "other_words": 2}
    assert desk.query("select distinct text from documents") == [("Слова talks.",)]
    assert desk.counts()["source"] == states
    use(3)
    assert counts(applied(desk)) == {"input": 3, "record": 3, "document": 3, "same": 3}


def test_what_a_newer_extractor_finds_to_be_no_document_goes(read_by_older: Desk) -> None:
    def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
        if b"More talks" in stretch.data:
            return REAL.read(replace(stretch, data=b"\n"), hints)
        return REAL.read(stretch, hints)

    use(2, read)
    desk = read_by_older
    assert counts(rehearsed(desk, Wanted(("mirror",))))["lost"] == 1
    found = applied(desk)
    assert counts(found)["rejections_gained"] == 1
    assert desk.value("select count(*) from documents where source_key = 'mirror'") == 0
    assert desk.value("select count(*) from rejections where source_key = 'mirror' and is_open") == 1
    assert due(desk.run(), ALL) == (0, 0)


# Before an append.


@pytest.fixture(scope="module")
def older_talks(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive of two pages of one source, read by an older version. No test writes to it."""
    folder = tmp_path_factory.mktemp("talks")
    pages = written(folder / "a.txt", TITLE, "The talks were long."), written(folder / "b.txt", OTHER, "Short talks.")
    desk = Desk(folder / "data")
    with used(1, with_artefact):
        assert desk.ingest(job(*pages)).is_good
    return desk


@pytest.mark.parametrize("is_edited", [False, True])
def test_what_an_older_extractor_read_is_read_anew_before_newer_bytes_are_compared_with_it(
    older_talks: Desk,
    newer: None,  # noqa: ARG001 -- what follows is read by it
    tmp_path: Path,
    is_edited: bool,
) -> None:
    desk = older_talks.copied(tmp_path)
    words = "The talks were very long." if is_edited else "The talks were long."
    again = written(tmp_path / "again" / "a.txt", TITLE, words)
    again.write_text(again.read_text(encoding="utf-8").replace("en-GB1", "en-GB1 fr-FR1"), encoding="utf-8")
    hand_in(desk, again, day=1)
    key = desk.value("select document_key from versions where text = ?", words)
    causes = desk.query("select cause, text from versions where document_key = ? order by version_number", key)
    assert causes == [("first_seen", "The talks were long."), ("edited", words)][: 1 + is_edited]
    read_anew = "select locator from store.reread join store.capture using (capture_key)"
    assert [Path(str(locator)).name for (locator,) in desk.query(read_anew)] == ["a.txt"]
    assert due(desk.run(), ALL)[0] == 1
    assert broken_rules(desk) == []


def test_a_change_of_cleaning_is_never_taken_for_an_edit(
    desk: Desk, page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(desk, page("a.txt", "The talks were long."))
    for module in ("flows.rereading", "flows.reading", "flows.intake", "flows.takeover"):
        monkeypatch.setattr(f"{module}.CLEANING_VERSION", 99)
    hand_in(desk, page("b.txt", "Other words.", "Press release on another matter of some importance"))
    assert desk.counts()["reread"] == 0
    hand_in(desk, page("c.txt", "The talks were long.\n"), day=1)
    assert desk.query("select cause from store.reread") == [("newer_bytes",)]


# Rebuild and kills.


def test_a_rebuild_keeps_what_was_read_again_and_every_ref(older_archive: Desk, read_again: Desk) -> None:
    desk = read_again
    refs = {ref for (ref,) in older_archive.query("select ref from versions")}
    versions = desk.query(VERSIONS)
    refs |= {ref for (ref,) in desk.query("select ref from versions")}
    for _ in range(2):
        report = rebuild(desk.run("rebuild"))
        assert report.is_good, report.problems
        assert desk.query(VERSIONS) == versions
        assert refs <= {ref for (ref,) in desk.query("select ref from store.ref")}
        assert desk.query("select cause, count(*) from store.reread group by all") == [("newer_version", 3)]
        assert broken_rules(desk) == []
        assert desk.ingest().is_good
    assert due(desk.run(), ALL) == (0, 0)


def test_a_rebuild_by_the_extractors_that_were_used_gives_the_same_chain(read_by_older: Desk) -> None:
    desk = read_by_older
    assert rebuild(desk.run("rebuild")).is_good  # from here on all is read by one version
    use(3)
    applied(desk)
    assert rebuild(desk.run("rebuild")).is_good
    head = desk.value("select head from store.append order by append_number desc limit 1")
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.value("select head from store.append order by append_number desc limit 1") == head


STEPS: list[Step] = [
    ("flows.reread.opened_batch", "after", 1),
    ("warehouse.staging:Batch.note", "after", 1),
    ("flows.rereading.read_capture", "after", 2),
    ("warehouse.staging:Batch.seal", "after", 1),
    ("flows.pipeline.append_batch", "before", 1),
    ("sql:commit", "after", 1),
    ("flows.pipeline.append_batch", "after", 1),
    ("flows.reread.close_run", "before", 1),
]


def reread_killed(home: Path, clock: Clock, step: Step) -> None:
    use(2)
    desk = Desk(home, clock, wait_s=30)
    _die_at(step)
    reread(desk.run("reread"), ALL)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(map(str, step)))
def test_a_reread_killed_at_any_step_is_made_good_by_the_next(
    read_by_older: Desk, newer_archive: tuple[Desk, Rereading], step: Step
) -> None:
    desk, undisturbed = read_by_older, newer_archive[0]
    desk.clock.now += timedelta(hours=1)
    process = get_context("fork").Process(target=reread_killed, args=(desk.home, desk.clock, step))
    process.start()
    process.join(60)
    assert process.exitcode == -9, step
    found = applied(desk)
    assert found.report is not None
    assert found.report.is_good, step
    assert desk.query(VERSIONS) == undisturbed.query(VERSIONS), step
    counted = {name: count for name, count in desk.counts().items() if not name.startswith("run")}
    assert counted == {name: count for name, count in undisturbed.counts().items() if name in counted}, step
    assert due(desk.run(), ALL) == (0, 0), step
