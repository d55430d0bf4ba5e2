"""What a run tells at its end: the same values on the terminal, in Prefect's artifact and in the archive."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flows.fetching.values import Verdict
from flows.tables import counted
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


@dataclass(slots=True)
class HostOutlook:
    """What one host has before it, with those that count with it: at the end of a run, or now."""

    host: str
    document_count: int = 0  # that can be looked at again there
    due_count: int = 0  # of them, now
    soon_count: int = 0  # further ones, within 24 hours
    next_due_at: datetime | None = None  # of those that aren't due now
    unseen_count: int = 0  # of them, known from elsewhere and never looked at there
    found_count: int = 0  # further ones to which listings, feeds and indexes lead, not fetched yet
    lacking_count: int = 0  # numbers between posts that are known; some are of nothing
    forbidden_count: int = 0  # addresses of all these, and of listings and the like, that robots.txt forbids
    look_at: datetime | None = None  # when new ones are looked for next; None where nothing of the registry does
    is_look_due: bool = False  # at once
    asked_count: int = 0  # requests within 24 hours
    budget: int = 0  # of them
    stopped: str | None = None  # why it isn't asked now

    @property
    def line(self) -> str:
        """What a person is told of what is before it."""
        return f"{self.host}: {'; '.join((self._due, *self._more))}"

    @property
    def budget_line(self) -> str:
        """What a person is told of what it was asked."""
        return f"{self.host}: {self.asked_count:,} of {counted(self.budget, 'request')} within 24 hours"

    @property
    def _due(self) -> str:
        of = counted(self.document_count, "document")
        after = None if self.next_due_at is None else f"{self.next_due_at:%Y-%m-%d %H:%M} UTC"
        soon = f"{self.soon_count:,} more within 24 hours"
        if self.due_count:
            return f"{self.due_count:,} of {of} due, {soon}" + (f", the next on {after}" if after else "")
        if after is None:
            return "nothing due"
        return f"nothing due; next {after} ({self.soon_count:,} of {of} within 24 hours)"

    @property
    def _more(self) -> Iterator[str]:
        if self.unseen_count:
            yield f"{self.unseen_count:,} never looked at there"
        if self.found_count:
            yield f"{self.found_count:,} found and not fetched yet"
        if self.lacking_count:
            yield f"at most {counted(self.lacking_count, 'post')} lacking between those that are known"
        if self.forbidden_count:
            yield f"{counted(self.forbidden_count, 'address', 'addresses')} forbidden by robots.txt"
        if self.is_look_due:
            yield "new ones are looked for by the next run"
        elif self.look_at is not None:
            yield f"new ones are looked for from {self.look_at:%Y-%m-%d %H:%M} UTC on"


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
    outlooks: tuple[HostOutlook, ...] = ()  # after a fetch, of its hosts
    nothing: str | None = None  # why nothing was asked, where nothing was
    is_interrupted: bool = False  # by a person or the system, and ended in order

    @property
    def is_good(self) -> bool:
        """True where nothing was rejected and nothing failed."""
        return not self.problems and not any(
            source.rejected_count or source.is_failed or source.problems for source in self.sources
        )

    @property
    def outcome(self) -> str:
        """The word that stands in the archive."""
        if self.is_interrupted:
            return "interrupted"
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
