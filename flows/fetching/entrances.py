"""The sources that are fetched: rows of the registry whose locator is an address of the site or of a channel."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode, urlsplit

import duckdb

from extract.addresses import ARCHIVE_SITE, SITE, is_ministry, page_of
from extract.telegram import username_of
from flows.errors import InputRefused, RegistryRefused
from flows.fetching.values import Purpose
from flows.inputs import parted, pick
from warehouse.known import expected_channel
from warehouse.staging import SourceFacts

PREVIEW = "t.me"
WEB_ARCHIVE = "web.archive.org"
SITES = (SITE, f"www.{SITE}", ARCHIVE_SITE)
_FEED_NAMES = ("rss", "rss.php", "rss.xml", "feed", "atom", "atom.xml")


@dataclass(frozen=True, slots=True)
class Entrance:
    """One address at which new documents of a source are found."""

    source: SourceFacts
    address: str
    purpose: Purpose  # LISTING, FEED or CHANNEL
    minimum: int  # documents that it must lead to; fewer are a fault of the source or of our reading

    @property
    def channel(self) -> str:
        """The username by which a channel's preview is asked for."""
        return self.address.rpartition("/")[2]


def is_fetched(row: SourceFacts) -> bool:
    """Say whether a row of the registry is fetched; all others are files."""
    return (row.locator or "").lower().startswith(("https://", "http://"))


def of_files(rows: list[SourceFacts], keys: tuple[str, ...]) -> list[SourceFacts]:
    """Return the rows whose inputs are files: all of them, or those named. Raises `InputRefused`."""
    for row in pick(rows, keys):
        if is_fetched(row):
            raise InputRefused(
                f"source {row.source_key!r} is fetched from {row.locator}; expected one whose locator is a file; "
                f"mfa-archive fetch --help shows how, and mfa-archive ingest PATH --source {row.source_key} takes in "
                "files that you saved of it"
            )
    return pick(rows, keys) if keys else [row for row in rows if not is_fetched(row)]


def entrance_of(row: SourceFacts) -> Entrance:
    """Return the entrance of a fetched row. Raises `RegistryRefused` for an address that is none of a known kind."""
    address = row.locator or ""
    # Its documents come one by one: how many the source has in all is not known.
    source = replace(parted(row)[0], minimum=None, maximum=None)
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    if scheme == "https" and host == PREVIEW:
        name = username_of(f"/{path}")
        if path.startswith("s/") and name is not None:
            source = replace(source, channel=source.channel or name, format="telegram_preview")
            return Entrance(source, f"https://{PREVIEW}/s/{name}", Purpose.CHANNEL, row.minimum or 0)
    elif scheme == "https" and host in SITES and page_of(address) is None:
        is_feed = path.rstrip("/").rpartition("/")[2] in _FEED_NAMES
        purpose = Purpose.FEED if is_feed else Purpose.LISTING
        return Entrance(replace(source, format="mid_page_html"), address, purpose, row.minimum or 0)
    raise RegistryRefused(
        f"source {row.source_key}: locator is {address!r}; expected a listing or feed of {SITE}, as "
        f"https://{SITE}/en/foreign_policy/news/, or a channel's preview, as https://{PREVIEW}/s/mid_rus; correct it"
    )


def with_expected_channel(connection: duckdb.DuckDBPyConnection, entrance: Entrance) -> Entrance:
    """Return an entrance with the number of its channel, where its row doesn't tell it and the archive does.

    A channel is its number: pages of another one that bears its name now are not taken in.
    """
    source = entrance.source
    if entrance.purpose is not Purpose.CHANNEL or source.channel_id is not None:
        return entrance
    channel_id = expected_channel(connection, source.source_key, entrance.channel)
    return replace(entrance, source=replace(source, channel_id=channel_id))


def every(rows: list[SourceFacts]) -> list[Entrance]:
    """Return the entrances of all rows that are fetched. Raises `RegistryRefused`."""
    return [entrance_of(row) for row in rows if is_fetched(row)]


def chosen(rows: list[SourceFacts], keys: tuple[str, ...], *purposes: Purpose) -> list[Entrance]:
    """Return the entrances of these purposes, of all rows or of those named. Raises `InputRefused`."""
    found = [one for one in every(rows) if one.purpose in purposes]
    by_key = {one.source.source_key: one for one in found}
    for key in keys:
        if key not in by_key:
            named = ", ".join(sorted(by_key)) or "none, for no row has an address for a locator"
            raise InputRefused(
                f"source {key!r} is none that is fetched so; expected one of {named}; look at the registry"
            )
    if not found:
        raise InputRefused(
            "the registry has no row that is fetched so; expected one whose locator is an address, such as "
            f"https://{SITE}/en/foreign_policy/news/ or https://{PREVIEW}/s/mid_rus; add it"
        )
    return [by_key[key] for key in keys] if keys else found


def hosts_of(entrances: list[Entrance]) -> frozenset[str]:
    """Return the hosts that may be asked for these entrances."""
    hosts = {(urlsplit(one.address).hostname or "").lower() for one in entrances}
    if any(is_ministry(one.address) for one in entrances):
        hosts |= set(SITES)
    return frozenset(hosts)


def every_host(entrances: list[Entrance]) -> frozenset[str]:
    """Return the hosts that may be asked in any fetch."""
    return hosts_of(entrances) | {WEB_ARCHIVE}


def days_of(entrance: Entrance, first: date, last: date) -> list[str]:
    """Return the addresses of a listing's days, the newest first: one a day, as the site's own form asks."""
    days = [last - timedelta(days=number) for number in range((last - first).days + 1)]
    return [f"{entrance.address}?{urlencode({'activeFrom': _day(day), 'activeTo': _day(day)})}" for day in days]


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
