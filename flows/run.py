"""One execution while it is under way: the value that the steps of the pipeline hand on."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from flows.reports import SourceReport
from warehouse.archive import Writing, opened_for_writing
from warehouse.errors import ArchiveBusy
from warehouse.layout import Layout
from warehouse.runs import RunStart, run_start
from warehouse.staging import Batch, opened_batch

# So much is read, and so long the writer's file is kept, without others having to wait.
READ_AT_ONCE_BYTES = 1_000_000
KEPT_AT_MOST_S = 0.5


def _say_nothing(_: object) -> None:
    """Be the listener of those who don't listen."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how a run goes."""

    say: Callable[[str], None] = _say_nothing  # one line
    advance: Callable[[int], None] = _say_nothing  # bytes of input done since the last call


@dataclass(slots=True)
class Run:
    """One execution, its batch and what it has to report."""

    layout: Layout
    writing: Writing
    clock: Callable[[], datetime]
    listener: Listener
    start: RunStart
    batch: Batch | None = None
    reports: dict[str, SourceReport] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    appended_keys: list[str] = field(default_factory=list)
    is_archive_busy: bool = False
    is_interrupted: bool = False  # its work was cut short by whoever runs it
    _kept: ExitStack | None = None
    _connection: duckdb.DuckDBPyConnection | None = None  # that is kept
    _kept_since: float = 0.0

    @contextmanager
    def archive(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the writer's file, or use it where it is kept open."""
        opening = opened_for_writing(self.layout, replace(self.writing, now=self.clock()))
        if self._kept is None:
            with opening as connection:
                yield connection
            return
        if self._connection is None:
            self._connection = self._kept.enter_context(opening)
            self._kept_since = time.monotonic()
        try:
            yield self._connection
        except BaseException as error:
            self._connection = None
            if not self._kept.__exit__(type(error), error, error.__traceback__):  # where it is told as what it is
                raise

    @contextmanager
    def keeping_archive(self) -> Iterator[None]:
        """Keep the writer's file open from one question to the next; whatever takes long lets go of it before."""
        with ExitStack() as kept:
            self._kept = kept
            try:
                yield
            finally:
                self._kept = self._connection = None

    def let_go(self) -> None:
        """Close the writer's file where it is kept, so that others can write."""
        if self._kept is not None:
            self._connection = None
            self._kept.close()

    def let_go_to_read(self, size_bytes: int) -> None:
        """Close the writer's file before something is read, unless that takes no time and it is not kept for long."""
        if size_bytes > READ_AT_ONCE_BYTES or time.monotonic() - self._kept_since > KEPT_AT_MOST_S:
            self.let_go()

    def note_busy(self, error: ArchiveBusy) -> None:
        """Note that another process keeps the archive, and wait for it no more in this run."""
        if not self.is_archive_busy:
            self.problems.append(str(error))
        self.is_archive_busy = True
        self.writing = replace(self.writing, wait_s=0.0)

    def open_batch(self) -> Batch:
        """Return the batch that is being filled."""
        if self.batch is None:
            self.batch = opened_batch(self.layout, self.start.run_key, self.clock())
        return self.batch

    def report_of(self, source_key: str) -> SourceReport:
        """Return the report of a source, begun when it is first asked for."""
        return self.reports.setdefault(source_key, SourceReport(source_key))


def new_run(command: str, layout: Layout, writing: Writing, clock: Callable[[], datetime], listener: Listener) -> Run:
    """Return a run that is about to begin."""
    start = run_start(command, writing.now, writing.code_version)
    return Run(layout, writing, clock, listener, start)
