"""Records whose very bytes were read before are taken over, and come out as if they were read anew."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pytest

from flows import intake
from flows.inputs import Input, Job
from flows.pipeline import ingest, opened_run
from flows.rebuild import rebuild
from flows.run import Listener
from flows.takeover import LEAST_BYTES
from tests.bench.exports import CHANNEL_ID, Export, write_export
from tests.conftest import Desk, begun
from warehouse.archive import Writing, opened_for_writing
from warehouse.checks import run_checks
from warehouse.staging import SourceFacts

SOURCE = SourceFacts("export", format="telegram_desktop_json", language="en", coverage="complete")
POSTS = 700  # somewhat more than the least number of bytes for which the earlier reading is asked
# Facts of one execution, which a rebuild is another of; the rows of computed things are compared through these.
OWN = {"run", "run_end", "migration", "heads"}


@dataclass
class Told:
    """What a run says."""

    lines: list[str] = field(default_factory=list)
    advanced: int = 0

    def listener(self) -> Listener:
        return Listener(self.lines.append, self.advance)

    def advance(self, count: int) -> None:
        self.advanced += count

    @property
    def taken(self) -> list[str]:
        return [line.partition(": ")[2] for line in self.lines if "were read before" in line]


def take_in(desk: Desk, path: Path, source: SourceFacts = SOURCE) -> Told:
    told = Told()
    run = replace(desk.run(), listener=told.listener())
    ingest(run, [Job(source, (Input("result.json", path),))])
    return told


def rows(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the writer's file but for what an execution leaves of itself."""
    with duckdb.connect(str(desk.layout.store), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'store'").fetchall()
        tables = sorted(name for (name,) in names if name not in OWN)
        return {name: connection.execute(f"from store.{name} order by all").fetchall() for name in tables}


def as_if_read_anew(desk: Desk) -> None:
    """Insist that a rebuild, which takes nothing over, gives the same rows down to the head of each append."""
    before = rows(desk)
    assert len(before["append"]) > 1
    assert rebuild(desk.run("rebuild")).is_good
    after = rows(desk)
    assert before.keys() == after.keys()
    for name in before:
        assert before[name] == after[name], name
    with opened_for_writing(desk.layout, Writing(desk.clock(), "test", 0.2)) as connection:
        assert [rule for rule in run_checks(connection, desk.layout) if rule.broken_count] == []


def export(path: Path, written: Export) -> Path:
    write_export(path, written)
    return path


def changed(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """Replace some of the bytes of an export, each once."""
    data = path.read_bytes()
    for old, new in changes:
        assert data.count(old) == 1, old
        data = data.replace(old, new)
    path.write_bytes(data)
    return path


def message(path: Path, number: int) -> bytes:
    """Return the bytes of one message of an export."""
    data = path.read_bytes()
    start = data.index(b'{\n   "id": %d,' % number)
    return data[start : data.index(b"\n  }", start) + 4]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("first") / "first.json"
    assert write_export(path, Export(POSTS)) > LEAST_BYTES
    return path


@pytest.fixture(scope="module")
def taken_in(first: Path) -> Desk:
    """An archive of the first export. No test writes to it."""
    desk = Desk(first.with_name("data"))
    assert take_in(desk, first).taken == []
    return desk


@pytest.fixture
def desk(taken_in: Desk, tmp_path: Path) -> Desk:
    """An archive of the first export."""
    return taken_in.copied(tmp_path)


def test_an_export_with_a_few_posts_more_is_read_for_these_alone(desk: Desk, tmp_path: Path) -> None:
    second = export(tmp_path / "second.json", Export(POSTS + 3))
    told = take_in(desk, second)
    assert told.taken == ["700 of 703 records of result.json were read before, byte for byte"]
    assert told.advanced > 0.99 * second.stat().st_size
    assert desk.value("select count(*) from documents") == POSTS + 3
    assert desk.query(
        "select read_count, appended_count, unchanged_count from store.intake order by append_number"
    ) == [
        (700, 700, 0),
        (703, 3, 700),
    ]
    as_if_read_anew(desk)


def test_posts_that_were_edited_or_counted_anew_are_read_anew(desk: Desk, tmp_path: Path) -> None:
    second = export(tmp_path / "second.json", Export(POSTS, edited_share=0.1))
    old = message(second, 5)
    count = old.index(b'"count": ') + 9
    changed(second, (old, old[:count] + b"9" + old[count:]))
    told = take_in(desk, second)
    assert 600 < int(told.taken[0].split()[0]) < 690
    assert POSTS + 10 < int(str(desk.value("select count(*) from versions"))) < POSTS + 100
    as_if_read_anew(desk)


def test_a_channel_with_a_new_title_is_described_anew(desk: Desk, tmp_path: Path) -> None:
    told = take_in(desk, export(tmp_path / "second.json", Export(POSTS, name='Ministry «"new\\"» 🎙')))
    assert told.taken == ["700 of 700 records of result.json were read before, byte for byte"]
    assert desk.query("select distinct channel_title from store.description order by all") == [
        ("Example Ministry 🎙",),
        ('Ministry «"new\\"» 🎙',),
    ]
    assert desk.value("select count(*) from versions") == POSTS
    as_if_read_anew(desk)


def test_what_stands_damaged_between_known_records_is_rejected_as_ever(desk: Desk, tmp_path: Path) -> None:
    second = export(tmp_path / "second.json", Export(POSTS))
    half, twice = message(second, 40), message(second, 77)
    changed(second, (half, half[:200]), (twice, twice + b",\n  " + twice))
    told = take_in(desk, second)
    assert told.taken[0].startswith("69")
    assert desk.value("select count(*) from rejections") == 1
    assert desk.query("select read_count, rejected_count from store.intake order by append_number")[1] == (701, 1)
    as_if_read_anew(desk)


def test_an_export_that_breaks_off_is_partial_though_all_of_it_was_read_before(
    desk: Desk, tmp_path: Path, first: Path
) -> None:
    second = tmp_path / "second.json"
    data = first.read_bytes()
    second.write_bytes(data[: data.index(message(first, 690)) + 100])
    told = take_in(desk, second)
    assert told.taken == ["689 of 689 records of result.json were read before, byte for byte"]
    assert desk.query("select outcome, record_count from store.extraction order by append_number") == [
        ("read", 700),
        ("partial", 689),
    ]
    as_if_read_anew(desk)


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        (SOURCE, ["700 of 703 records of result.json were read before, byte for byte"]),
        (replace(SOURCE, source_key="another"), []),
        (replace(SOURCE, language="fr"), []),
        (replace(SOURCE, time_zone="Asia/Tokyo"), []),
        (replace(SOURCE, channel="mfa"), []),
    ],
    ids=["the same", "source", "language", "zone", "channel"],
)
def test_nothing_is_taken_over_from_another_source_or_under_other_hints(
    desk: Desk, tmp_path: Path, other: SourceFacts, taken: list[str]
) -> None:
    told = Told()
    run = replace(desk.run(), listener=told.listener())
    job = Job(other, (Input("result.json", export(tmp_path / "second.json", Export(POSTS + 3))),))
    with opened_run(run, [job]):
        intake.take_in(run, job)  # and no further: it is the reading that takes over
    assert run.reports[other.source_key].problems == []
    assert told.taken == taken


def test_nothing_is_taken_over_from_another_channel(desk: Desk, tmp_path: Path) -> None:
    number = b' "id": %d,\n "messages"'
    second = changed(export(tmp_path / "second.json", Export(POSTS)), (number % CHANNEL_ID, number % (CHANNEL_ID + 1)))
    assert take_in(desk, second).taken == []
    assert desk.value("select count(*) from documents") == 2 * POSTS


def test_nothing_is_taken_over_from_bytes_that_are_damaged_by_now(desk: Desk, tmp_path: Path) -> None:
    (blob,) = (desk.layout.raw / "blobs").glob("*/*.zst")
    whole = blob.read_bytes()
    blob.write_bytes(whole[: len(whole) // 2])
    told = take_in(desk, export(tmp_path / "second.json", Export(POSTS + 3)))
    assert [line.split()[0] for line in told.taken] == ["0"]
    assert desk.value("select count(*) from documents") == POSTS + 3


@pytest.mark.parametrize(("times", "taken"), [(1, ["700 of 700 records"]), (3, [])])
def test_a_small_export_is_not_compared_with_a_reading_of_so_much_that_it_is_read_sooner(
    empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, taken: list[str]
) -> None:
    monkeypatch.setattr("flows.takeover.MOST_TIMES", 2)
    desk = begun(tmp_path / "other", empty_store)
    take_in(desk, export(tmp_path / "first.json", Export(times * POSTS + 1)))
    told = take_in(desk, export(tmp_path / "second.json", Export(POSTS)))
    assert [line.partition(" of result")[0] for line in told.taken] == taken
