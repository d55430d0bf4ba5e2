"""What a run tells at its end: the same values on the terminal, in Prefect's artifact and in the archive."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from warehouse.runs import SourceCounts


@dataclass(slots=True)
class SourceReport:
    """What became of the inputs of one source in one run."""

    source_key: str
    input_count: int = 0
    read_count: int = 0
    appended_count: int = 0
    unchanged_count: int = 0
    rejected_count: int = 0
    problems: list[str] = field(default_factory=list)  # one line for each rejection or failure
    is_failed: bool = False  # something of it could not be appended at all
    notes: list[str] = field(default_factory=list)  # one line for each sort of thing that was passed over

    def counts(self) -> SourceCounts:
        """Return what goes into the archive."""
        return SourceCounts(
            self.source_key,
            self.input_count,
            self.read_count,
            self.appended_count,
            self.unchanged_count,
            self.rejected_count,
            tuple(self.problems),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What the archive holds."""

    document_count: int
    version_count: int
    head: str | None  # hexadecimal


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did."""

    run_key: str
    command: str
    started_at: datetime
    ended_at: datetime
    sources: tuple[SourceReport, ...]
    problems: tuple[str, ...]  # of the run as a whole
    totals: Totals | None  # None where the archive could not be opened
    archive: str  # the read copy's place

    @property
    def is_good(self) -> bool:
        """True where nothing was rejected and nothing failed."""
        return not self.problems and not any(
            source.rejected_count or source.is_failed or source.problems for source in self.sources
        )

    @property
    def outcome(self) -> str:
        """The word that stands in the archive."""
        return "completed" if self.is_good else "failed"


def table_rows(sources: Iterable[SourceReport]) -> list[dict[str, str | int]]:
    """Return one row for each source, for any table."""
    return [
        {
            "source": source.source_key,
            "inputs": source.input_count,
            "read": source.read_count,
            "appended": source.appended_count,
            "unchanged": source.unchanged_count,
            "rejected": source.rejected_count,
        }
        for source in sources
    ]
