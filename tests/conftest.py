"""What the tests share: an archive in a folder of its own, a clock that ticks, and the seeds."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.fetching.entrances import of_files
from flows.inputs import Job, handed_in_job, registered_job
from flows.pipeline import ingest
from flows.registry import read_registry
from flows.reports import RunReport
from flows.run import Listener, Run, new_run
from warehouse.archive import Writing, opened_for_writing
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

PROJECT = Path(__file__).parent.parent
REGISTRY = PROJECT / "seeds" / "sources.csv"
SEEDS = PROJECT / "seeds" / "documents"
# By this variable DuckDB takes the number of its threads, in every process that a test starts. A second one costs a
# fifth of the time on archives of a few documents; tests of what must not depend on threads say how many they take.
THREADS = "SLURM_CPUS_ON_NODE"
os.environ[THREADS] = "1"


@dataclass
class Clock:
    """A clock that goes on by a second each time it is read."""

    now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Desk:
    """One archive and what a person does with it."""

    home: Path
    clock: Clock = field(default_factory=Clock)
    wait_s: float = 0.2

    @property
    def layout(self) -> Layout:
        return Layout(self.home)

    def run(self, command: str = "ingest") -> Run:
        return new_run(command, self.layout, Writing(self.clock(), "test", self.wait_s), self.clock, Listener())

    def copied(self, folder: Path) -> "Desk":
        """Return a copy of the archive, to be written to."""
        return Desk(Path(shutil.copytree(self.home, folder / "data")), replace(self.clock), self.wait_s)

    def ingest(self, *jobs: Job) -> RunReport:
        return ingest(self.run(), list(jobs))

    def ingest_seeds(self) -> RunReport:
        return self.ingest(*(registered_job(source, REGISTRY) for source in of_files(read_registry(REGISTRY), ())))

    def hand_in(self, path: Path, source_key: str = "hand", **facts: object) -> RunReport:
        """Ingest a file or folder as a source of that key."""
        return self.ingest(handed_in_job(SourceFacts(source_key, **facts), [path]))  # type: ignore[arg-type]

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the read copy."""
        with duckdb.connect(str(self.layout.published), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def query(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Ask the read copy."""
        with self.reading() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def value(self, sql: str, *parameters: object) -> object:
        """Return the one value that a question to the read copy gives."""
        return self.query(sql, *parameters)[0][0]

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table of the store."""
        with duckdb.connect(str(self.layout.published), read_only=True) as connection:
            names = connection.execute("select table_name from duckdb_tables() where schema_name = 'store'").fetchall()
            counts = {name: connection.execute(f"from store.{name}").fetchall() for (name,) in names}
            return {name: len(rows) for name, rows in counts.items()}


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The writer's file of an archive to which nothing was appended yet: to make one takes a quarter of a second."""
    desk = Desk(tmp_path_factory.mktemp("empty") / "data")
    with opened_for_writing(desk.layout, desk.run().writing):
        pass
    return desk.layout.store


def begun(home: Path, empty_store: Path) -> Desk:
    """Return an archive to which nothing was appended yet."""
    desk = Desk(home)
    desk.layout.store.parent.mkdir(parents=True)
    shutil.copyfile(empty_store, desk.layout.store)
    return desk


@pytest.fixture
def desk(tmp_path: Path, empty_store: Path) -> Desk:
    return begun(tmp_path / "data", empty_store)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive of the seeds that no test writes to."""
    desk = Desk(tmp_path_factory.mktemp("seeded") / "data")
    assert desk.ingest_seeds().is_good
    return desk


@pytest.fixture
def dump(tmp_path: Path) -> Callable[..., Path]:
    """Write a dump of posts, each given as its lines."""

    def write(name: str, *posts: list[str]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line for post in posts for line in ("Forwarded from Russian MFA 🇷🇺", *post, *post[1:])]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., Path]:
    """Write a rendered page."""

    def write(
        name: str, body: str, title: str = "Press release on a meeting of some importance to everybody", date: str = ""
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"{date}\n\n" if date else ""
        path.write_text(f"{head}{title}\n\n  • en-GB1 ru-RU1\n\n{body}\n", encoding="utf-8")
        return path

    return write
