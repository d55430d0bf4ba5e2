"""What fetching has before it, and what has been in its way for days: both follow from the captures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from flows.reports import HostDue
from warehouse.statements import statement

TROUBLED_AFTER = timedelta(days=2)  # a refusal, a challenge or a failure of one day is told by its own run
_HOSTS = {
    "challenged": "shows a challenge in place of what is asked for",
    "refused": "refuses us",
    "failed": "fails",
}
_SOURCES = {
    "not_asked": "was not asked",
    "not_a_document": "shows no documents where it should lead to them",
    "missing": "is not there any more, says its host",
}
_REMEDIES = {
    "host": "look at it with a browser from the same place; nothing is done to get around it, "
    "and mfa-archive fetch wayback may have what it refuses",
    "source": "look at its address in the registry with a browser",
    "documents": "look at one of them with a browser: its layout may be new",
    "not_asked": "see whether its schedule is on, and what the last runs of its deployment say",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A host or a source of which nothing good came for days."""

    subject: str  # host; source: its listing, feed or channel page; documents: of a source
    name: str
    verdict: str  # of the newest request, or not_asked
    began_at: datetime
    request_count: int  # since then
    last_good_at: datetime | None  # None: not within a month

    @property
    def line(self) -> str:
        """The sentence that a person is told."""
        since = f"since {self.began_at:%Y-%m-%d %H:%M} UTC"
        good = "none within a month" if self.last_good_at is None else f"{self.last_good_at:%Y-%m-%d %H:%M} UTC"
        counted = f" ({self.request_count:,} requests)" if self.request_count else ""
        remedy = _REMEDIES.get(self.verdict) or _REMEDIES[self.subject]
        return f"{self._what} {since}{counted}; last good answer: {good}; {remedy}"

    @property
    def _what(self) -> str:
        if self.subject == "host":
            return f"{self.name}: {_HOSTS[self.verdict]}"
        if self.subject == "documents":
            return f"source {self.name}: none of its documents can be had"
        return f"source {self.name}: {_SOURCES.get(self.verdict) or _HOSTS[self.verdict]}"


def dues(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[HostDue, ...]:
    """Return what is to be looked at again, host by host; nothing where nothing was ever asked."""
    if not _is_any(connection):
        return ()
    connection.execute(statement("fetching/documents"))
    rows = connection.execute(statement("fetching/due"), {"now": now}).fetchall()
    return tuple(HostDue(*row) for row in rows)


def troubles(
    connection: duckdb.DuckDBPyConnection, now: datetime, source_keys: list[str] | None
) -> tuple[Trouble, ...]:
    """Return what has been in trouble for days. `source_keys` are the sources that ought to be asked, if known."""
    if not _is_any(connection):
        return ()
    asked = {"since": now - TROUBLED_AFTER, "source_keys": source_keys}
    return tuple(Trouble(*row) for row in connection.execute(statement("fetching/troubled"), asked).fetchall())


def _is_any(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute(statement("fetching/is_any")).fetchone() == (True,)
