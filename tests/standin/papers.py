"""Documents of the ministry's site as the site itself knows them: what each says in which language since when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Layout(StrEnum):
    """How a document is shown."""

    ARTICLE = "article"  # the present site
    ANNOUNCEMENT = "announcement"
    COUNTRY = "country"  # two headings and a table
    OLD_PORTAL = "old_portal"  # with a number of the old portal, and at its paths only
    OLD_ANNOUNCEMENT = "old_announcement"

    @property
    def is_old(self) -> bool:
        return self in (Layout.OLD_PORTAL, Layout.OLD_ANNOUNCEMENT)


@dataclass(frozen=True, slots=True)
class Version:
    """What a document says from an instant on."""

    since: datetime
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, with one number in all its languages and sections."""

    number: int
    section: str  # as foreign_policy/news
    published_at: datetime  # what is printed, in Moscow's time; an edit leaves it as it is
    versions: Mapping[str, tuple[Version, ...]]  # by language, the oldest first; a translation may begin later
    layout: Layout = Layout.ARTICLE
    also_in: tuple[str, ...] = ()  # further sections that show it
    away: tuple[tuple[datetime, datetime | None], ...] = ()  # from when until when it is taken down
    moved_at: datetime | None = None  # from then on its address leads to the listing
    missing_status: int = 404  # of what is taken down: 404 or 410
    stands_in: str | None = "ru"  # language that is shown where a translation is missing; None: it isn't found
    document_number: str | None = None
    tags: tuple[str, ...] = ()
    country: str = "Laos"  # the first heading of a country page
    is_restless: bool = False  # the newest documents are named beside it, so its bytes change and its words don't

    def is_there(self, now: datetime) -> bool:
        """Say whether the site shows it, in whatever language."""
        is_away = any(since <= now and (until is None or now < until) for since, until in self.away)
        return self.published_at <= now and not is_away

    def said(self, lang: str, now: datetime) -> Version | None:
        """Return the newest version in a language; None where it has none yet."""
        return next((version for version in reversed(self.versions.get(lang, ())) if version.since <= now), None)

    def languages(self, now: datetime) -> list[str]:
        return sorted(lang for lang in self.versions if self.said(lang, now) is not None)

    def path(self, lang: str) -> str:
        """Return the path that the site's own links have."""
        if self.layout.is_old:
            return f"/{lang}/{self.section}/-/asset_publisher/cKNonkJE02Bw/content/id/{self.number}"
        return f"/{lang}/{self.section}/{self.number}/"

    def address(self, lang: str) -> str:
        host = "archive.mid.ru" if self.layout.is_old else "mid.ru"
        return f"https://{host}{self.path(lang)}"

    def key(self, lang: str) -> str:
        """Return the key that the archive gives the document."""
        return f"{'mid-lr' if self.layout.is_old else 'mid'}:{self.number}:{lang}"

    def saying(self, lang: str, since: datetime, title: str, *paragraphs: str) -> "Paper":
        """Return the document with one version more: an edit, or a translation where the language is new."""
        versions = (*self.versions.get(lang, ()), Version(since, title, paragraphs))
        return replace(self, versions={**self.versions, lang: versions})


def published(number: int, section: str, at: datetime, title: str, *paragraphs: str, lang: str = "en") -> Paper:
    """Return a document of the present site in one language, as it is since it was published."""
    return Paper(number, section, at, {}).saying(lang, at, title, *paragraphs)
