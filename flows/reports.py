"""What a run tells at its end: the same values on the terminal, in Prefect's artifact and in the archive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flows.fetching.values import Verdict
from warehouse.publish import Totals
from warehouse.runs import SourceCounts

FORBIDDEN = "forbidden"  # in the counts of a host, beside the verdicts: not asked, since robots.txt forbids it


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
class HostReport:
    """What became of the requests to one host in one run."""

    host: str
    counts: Mapping[str, int]  # by verdict, and FORBIDDEN
    stopped: str | None  # why it was not asked any further


@dataclass(frozen=True, slots=True)
class HostDue:
    """What of one host is to be looked at again, as it stands at the end of a run."""

    host: str
    due_count: int  # now
    soon_count: int  # further ones, within 24 hours
    next_due_at: datetime | None  # of those that aren't due now

    @property
    def line(self) -> str:
        """What a person is told."""
        after = "" if self.next_due_at is None else f", the next of them on {self.next_due_at:%Y-%m-%d at %H:%M} UTC"
        return f"{self.host}: {self.due_count:,} due now, {self.soon_count:,} more within 24 hours{after}"


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
    hosts: tuple[HostReport, ...] = ()  # that were asked
    dues: tuple[HostDue, ...] = ()  # after a fetch

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


def host_rows(hosts: Iterable[HostReport]) -> list[dict[str, str | int]]:
    """Return one row for each host, for any table: how often it was asked, and what came of it."""
    return [
        {
            "host": host.host,
            "asked": sum(host.counts.get(verdict, 0) for verdict in Verdict),
            **{verdict.replace("_", " "): host.counts.get(verdict, 0) for verdict in Verdict},
            FORBIDDEN: host.counts.get(FORBIDDEN, 0),
            "stopped": host.stopped or "",
        }
        for host in hosts
    ]


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
