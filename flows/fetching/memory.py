"""What the archive knows of earlier requests: the only memory of a crawl.

Asked once when a fetch begins, after all that earlier ones left staged has been appended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from extract.addresses import resolved
from flows.fetching.entrances import Entrance, with_expected_channel
from flows.fetching.values import Purpose
from warehouse.errors import ArchiveDamaged
from warehouse.raw_store import Blob, opened
from warehouse.statements import statement

BUDGET_SPAN = timedelta(hours=24)
LED_SPAN = timedelta(days=30)  # of what a listing or a feed named before it was last had
MOST_HOPS = 5  # of redirects, one after another
_NOTHING = (404, 410)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the past."""

    locator: str
    asked_at: datetime
    purpose: Purpose
    http_status: int | None
    failure: str | None
    not_before: datetime | None
    reason: str | None  # why its bytes were rejected as a whole


@dataclass(frozen=True, slots=True)
class Directory:
    """One address that leads to documents, as the archive knows it."""

    locator: str
    purpose: Purpose
    asked_at: datetime
    http_status: int | None  # of the newest answer
    content_type: str | None
    failure: str | None
    last_sha256: bytes
    good_at: datetime | None  # when what was asked for last came
    source_key: str | None
    held: Blob | None  # the bytes that came then
    etag: str | None
    last_modified: str | None

    @property
    def answered_at(self) -> datetime | None:
        """When it last gave what was asked for, or it was told that there is nothing; None: never."""
        return self.asked_at if self.failure is None and self.http_status in _NOTHING else self.good_at


@dataclass(frozen=True, slots=True)
class KnownPage:
    """One page that can be looked at again."""

    document_key: str
    source_key: str
    address: str  # where it was seen last, over HTTP if ever
    addresses: tuple[str, ...]
    held: Blob | None  # what came there last
    etag: str | None
    last_modified: str | None
    failed_count: int  # failed looks since it was last seen
    is_gone: bool
    last_look_at: datetime | None
    due_at: datetime | None  # None: never looked at over HTTP


@dataclass(frozen=True, slots=True)
class KnownPost:
    """One post that can be looked at again."""

    document_key: str
    message_id: int
    failed_count: int
    is_gone: bool
    last_look_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One address of a document that was asked for."""

    answer_count: int  # that told what is there
    answered_at: datetime | None  # the last of them
    read_at: datetime | None  # when a document was last read there; None: never


@dataclass(frozen=True, slots=True)
class Move:
    """What the newest answer at an address leads to."""

    to: str  # through all hops
    asked_at: datetime  # of the oldest of them


@dataclass(frozen=True, slots=True)
class Led:
    """One state in which a listing or a feed was had."""

    locator: str
    purpose: Purpose
    source_key: str
    raw_sha256: bytes
    content_type: str | None
    came_at: datetime  # when it was had so first
    confirmed_at: datetime  # and last
    is_first: bool  # of all states of its address
    is_last: bool


@dataclass(slots=True)
class Memory:
    """What is known when a fetch begins."""

    connection: duckdb.DuckDBPyConnection
    _is_prepared: bool = False

    def requests(self, now: datetime) -> list[Request]:
        """Return the requests that a budget still counts, and those whose hosts still ask to wait, in their order."""
        return [
            Request(row["locator"], row["asked_at"], Purpose(row["purpose"]), *_rest(row, 3))
            for row in self._rows("fetching/requests", now=now, since=now - BUDGET_SPAN)
        ]

    def directories(self) -> dict[tuple[str, Purpose], Directory]:
        """Return the addresses that lead to documents."""
        found: dict[tuple[str, Purpose], Directory] = {}
        for row in self._rows("fetching/directories"):
            held = _held(row)
            purpose = Purpose(row.pop("purpose"))
            found[row["locator"], purpose] = Directory(purpose=purpose, held=held, **row)
        for locator, move in self.moves().items():
            for purpose in Purpose:
                if (there := found.get((move.to, purpose))) is not None:
                    found[locator, purpose] = _seen_through(there, move.asked_at)
        return found

    def led(self) -> list[Led]:
        """Return the states in which listings and feeds were had, the oldest first: all last ones, and late ones."""
        rows = self._rows("fetching/led", span_days=LED_SPAN.days)
        return [Led(purpose=Purpose(row.pop("purpose")), **row) for row in rows]

    def pages(self) -> list[KnownPage]:
        """Return the pages that can be looked at again."""
        self._prepare()
        pages = []
        for row in self._rows("fetching/pages"):
            held = _held(row)
            addresses = tuple(row.pop("addresses") or ())
            pages.append(KnownPage(held=held, addresses=addresses, **row))
        return pages

    def posts(self, channel_id: int) -> list[KnownPost]:
        """Return the posts of a channel, the newest first."""
        self._prepare()
        return [KnownPost(**row) for row in self._rows("fetching/posts", channel_id=channel_id)]

    def shown_ids(self, channel_id: int) -> list[tuple[int, int]]:
        """Return the stretches of a channel's ids that are known whole, ascending; they may overlap."""
        return [(row["id_from"], row["id_to"]) for row in self._rows("fetching/shown_ids", channel_id=channel_id)]

    def expected(self, entrance: Entrance) -> Entrance:
        """Return an entrance with the number of its channel, where its row doesn't tell it and the archive does."""
        return with_expected_channel(self.connection, entrance)

    def asked(self) -> dict[str, Asked]:
        """Return the addresses of documents that were asked for."""
        found = {row.pop("locator"): Asked(**row) for row in self._rows("fetching/asked")}
        for locator, move in self.moves().items():
            if locator in found and move.to in found:
                found[locator] = replace(found[locator], read_at=found[move.to].read_at)
        return found

    def moves(self) -> dict[str, Move]:
        """Return the addresses that lead elsewhere."""
        hops: dict[str, Move] = {}
        for row in self._rows("fetching/moves"):
            location = dict(orjson.loads(row["headers"] or "[]")).get("location", "")
            hops[row["locator"]] = Move(led_to(row["locator"], location), row["asked_at"])
        ends = dict(hops)
        for locator in hops:
            for _ in range(MOST_HOPS):
                move = ends[locator]
                if (after := hops.get(move.to)) is None:
                    break
                ends[locator] = Move(after.to, min(move.asked_at, after.asked_at))
        return ends

    def dues(self, now: datetime) -> list[tuple[str, int, int, int, datetime | None, int]]:
        """Return of each host its documents, those due, those due within 24 hours, when next, and those never seen."""
        self._prepare()
        return self.connection.execute(statement("fetching/due"), {"now": now}).fetchall()

    def known_pages(self, now: datetime) -> list[tuple[str, str | None]]:
        """Return the keys of the pages that are known, each with the address at which it is due, if it is."""
        self._prepare()
        return self.connection.execute(statement("fetching/known_pages"), {"now": now}).fetchall()

    def _prepare(self) -> None:
        if not self._is_prepared:
            self.connection.execute(statement("fetching/documents"))
            self._is_prepared = True

    def _rows(self, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        found = self.connection.execute(statement(name), parameters or None)
        names = [column[0] for column in found.description]
        for values in found.fetchall():
            yield dict(zip(names, values, strict=True))


def held_bytes(raw: Path, raw_sha256: bytes) -> bytes | None:
    """Return the bytes of an earlier answer; None where they are withheld, missing or damaged, which `verify` tells.

    What they said is then asked for anew.
    """
    try:
        with opened(raw, raw_sha256) as stream:
            return stream.read()
    except ArchiveDamaged:
        return None


def led_to(address: str, location: str) -> str:
    """Return where a redirect leads that was the answer at an address."""
    return resolved(location, address).partition("#")[0]


def _seen_through(there: Directory, moved_at: datetime) -> Directory:
    """Return what is known of a directory, for an address that leads there: as old as the older of both answers."""
    good_at = None if there.good_at is None else min(there.good_at, moved_at)
    return replace(there, asked_at=min(there.asked_at, moved_at), good_at=good_at)


def _held(row: dict[str, Any]) -> Blob | None:
    raw_sha256, size_bytes, blocks_root = row.pop("raw_sha256"), row.pop("size_bytes"), row.pop("blocks_root")
    return None if raw_sha256 is None else Blob(raw_sha256, size_bytes, blocks_root)


def _rest(row: dict[str, Any], start: int) -> Sequence[Any]:
    return list(row.values())[start:]
