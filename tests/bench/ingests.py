"""Ingests of one file, and how long each part of them took."""

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flows.inputs import Input, Job
from flows.pipeline import ingest
from flows.reports import RunReport
from flows.run import Listener, new_run
from warehouse.archive import Writing
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

DUMPS = SourceFacts("bench", format="channel_dump", language="en", coverage="sample", minimum=1)
EXPORTS = SourceFacts("bench", format="telegram_desktop_json", language="en", coverage="complete")


def clock() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Timed:
    """One ingest and its parts, in seconds."""

    report: RunReport
    reading_s: float = 0.0  # looking, keeping the bytes, reading them
    append_s: float = 0.0
    publish_s: float = 0.0  # making the read copy
    ticks: list[float] = field(default_factory=list)  # when progress was told

    @property
    def whole_s(self) -> float:
        """All of it."""
        return self.reading_s + self.append_s + self.publish_s

    @property
    def without_publishing_s(self) -> float:
        """All but the read copy, which is made of the whole archive."""
        return self.reading_s + self.append_s

    @property
    def longest_silence_s(self) -> float:
        """The longest time in which no progress was told."""
        return max((after - before for before, after in zip(self.ticks, self.ticks[1:], strict=False)), default=0.0)


def timed_ingest(home: Path, source: SourceFacts, path: Path, locator: str | None = None) -> Timed:
    """Ingest one file as a source, under its own name or another one, and insist that it went well."""
    begun = time.perf_counter()
    ticks, marks = [begun], dict[str, float]()

    def say(text: str) -> None:
        ticks.append(time.perf_counter())
        if text in ("appending", "publishing"):
            marks[text] = ticks[-1]

    def advance(_: int) -> None:
        ticks.append(time.perf_counter())

    run = new_run("ingest", Layout(home), Writing(clock(), "bench", 60.0), clock, Listener(say, advance))
    report = ingest(run, [Job(source, (Input(locator or path.name, path),))])
    ended = time.perf_counter()
    if not report.is_good:
        sys.exit(f"the benchmark's own ingest failed: {report.problems or report.sources[0].problems}")
    publishing = marks.get("publishing", ended)
    appending = marks.get("appending", publishing)
    ticks.append(ended)
    return Timed(report, appending - begun, publishing - appending, ended - publishing, ticks)
