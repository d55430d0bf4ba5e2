"""A month of the ministry's site: 180 pages, and the list of what truly happened to them.

What is changed or taken down stays so for long enough that a reader who looks again after half of the time for which a
page has stood unchanged (at least 6 hours, at most 30 days), once a day at the worst, sees all of it within the month;
on a day with a challenge and on the day after it he may see nothing.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tests.standin.faults import CHALLENGE, RESET, UNAVAILABLE, Fault, When
from tests.standin.http import Request
from tests.standin.papers import Layout, Paper, published
from tests.standin.site import site_of
from tests.standin.world import World

DAYS = 30
PAGES = 180
OLD_PAGES = 80  # that stand when the month begins
EDITED = 24
EDITED_OLD = 6  # of them older than the month
EDITED_TWICE = 3  # of them; the last one back to its first words
VANISHED = 10
RETURNED = 3  # of them
FLICKERS = 2  # further pages that are missing for less than a day, which is no removal
CHALLENGED_DAYS = 4
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
SECTIONS = {
    "en": ("foreign_policy/news", "press_service/minister_speeches", "press_service/spokesman/briefings"),
    "ru": ("foreign_policy/news", "press_service/minister_speeches", "press_service/spokesman/kommentarii"),
}
_FIRST_NUMBER = 1_936_000
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LEAST = timedelta(hours=6)  # between two looks at a page
_SEEN_BY = BEGIN + (DAYS - 1) * _DAY


class What(StrEnum):
    """What happens to a page."""

    PUBLISHED = "published"
    EDITED = "edited"
    VANISHED = "vanished"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a page."""

    at: datetime
    key: str  # as mid:1936001:en
    what: What
    title: str | None = None  # what it says from then on; None for one that vanished
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """A world with a site of 180 pages whose month begins at `begins_at`, and what truly happens in it."""

    world: World
    begins_at: datetime
    ends_at: datetime
    happened: tuple[Happened, ...]  # by time; PUBLISHED of the 100 pages that appear within the month
    given: tuple[str, ...]  # addresses of the pages that stand when it begins: nothing lists them all
    listings: tuple[str, ...]  # addresses that may be asked for what is new
    feeds: tuple[str, ...]
    challenged: tuple[datetime, ...]  # midnights of the days on which the shield answers for some hours
    flickers: tuple[str, ...]  # keys of the pages that are missing for less than a day

    def of(self, what: What) -> tuple[Happened, ...]:
        return tuple(one for one in self.happened if one.what is what)


def thirty_days(seed: int = 1) -> Month:
    """Return the month that a seed gives."""
    drawn = random.Random(seed)  # noqa: S311 - nothing here is secret
    challenged = _challenged(drawn)
    course = _Course(drawn, challenged)
    papers = list(_papers(drawn))
    fates = _fates(drawn, papers, course)
    papers = [fates.get(paper.number, paper) for paper in papers]
    site = site_of(papers)
    site.faults += _faults(drawn, challenged)
    return Month(
        world=World(BEGIN, site),
        begins_at=BEGIN,
        ends_at=BEGIN + DAYS * _DAY,
        happened=tuple(sorted(_happened(papers, course), key=lambda one: (one.at, one.key))),
        given=tuple(paper.address(_lang(paper)) for paper in papers if paper.published_at < BEGIN),
        listings=tuple(f"https://mid.ru/{lang}/{section}/" for lang in SECTIONS for section in SECTIONS[lang]),
        feeds=tuple(f"https://mid.ru/{lang}/{name}" for lang, name in (("en", "rss.php"), ("ru", "rss"))),
        challenged=challenged,
        flickers=tuple(paper.key(_lang(paper)) for paper in papers if paper.number in course.flickers),
    )


@dataclass
class _Course:
    """When things can happen so that they are seen; each page has one fate at most."""

    drawn: random.Random
    challenged: tuple[datetime, ...]
    flickers: set[int] = field(default_factory=set)

    def late(self, at: datetime) -> datetime:
        """Return until when a look that is due at an instant has been made, by a reader who comes once a day."""
        day = at.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        while {day, day - _DAY} & set(self.challenged):
            day += _DAY
        return day + _DAY

    def seen(self, at: datetime, since: datetime) -> datetime:
        """Return until when what happens at an instant has been seen, to a page that is unchanged since another."""
        return self.late(at + max(_LEAST, (at - since) / 2))

    def first_seen(self, paper: Paper) -> datetime:
        return self.late(max(paper.published_at, BEGIN))

    def edit(self, paper: Paper) -> datetime | None:
        """Return when a page can be edited: soon after it is first seen, or later if it is old."""
        wait = timedelta(hours=self.drawn.uniform(1, 240 if paper.published_at < BEGIN else 72))
        at = _to_second(self.first_seen(paper) + wait)
        return at if self.seen(at, paper.published_at) <= _SEEN_BY else None

    def removal(self, paper: Paper) -> tuple[datetime, datetime] | None:
        """Return when a page can vanish, and when it has been missed three times, a day apart."""
        at = _to_second(self.first_seen(paper) + timedelta(hours=self.drawn.uniform(1, 72)))
        missed = self.seen(at, paper.published_at)
        for _ in range(3):
            missed = self.late(missed + _DAY)
        return (at, missed) if missed <= _SEEN_BY else None


def _to_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _challenged(drawn: random.Random) -> tuple[datetime, ...]:
    """Return days with a challenge: none in the first two nor in the last four, and no three in a row."""
    while True:
        days = sorted(drawn.sample(range(2, DAYS - 4), CHALLENGED_DAYS))
        if not any(day + 1 in days and day + 2 in days for day in days):
            return tuple(BEGIN + day * _DAY for day in days)


def _papers(drawn: random.Random) -> Iterator[Paper]:
    """Yield pages, the older ones first: three in five in English, each in one language."""
    older = sorted(drawn.uniform(0.2, 120) for _ in range(OLD_PAGES))[::-1]
    newer = sorted(drawn.uniform(0, DAYS - 2) for _ in range(PAGES - OLD_PAGES))
    for place, days in enumerate([-one for one in older] + newer):
        number = _FIRST_NUMBER + 7 * place
        lang = "ru" if drawn.random() < 0.4 else "en"
        at = (BEGIN + timedelta(days=days)).replace(second=0, microsecond=0)
        paper = published(number, drawn.choice(SECTIONS[lang]), at, *_words(drawn, lang, number, 0), lang=lang)
        yield replace(
            paper,
            layout=Layout.ANNOUNCEMENT if place % 25 == 0 else Layout.ARTICLE,
            document_number=f"{place + 1}-{at:%d-%m-%Y}",
            missing_status=410 if place % 3 == 0 else 404,
            is_restless=place % 10 == 0,
            stands_in=None,
        )


_SENTENCES = {
    "en": (
        "The ministers discussed the agenda of the meeting and the work of the group",
        "The sides agreed to go on with the talks that they have begun",
        "It was noted that trade between the countries has grown in the last year",
        "The parties spoke of the situation in the region and of the ways to settle it",
        "The delegation will visit the capital at the invitation of the ministry",
        "We thank our partners for the support that they have given to the initiative",
    ),
    "ru": (
        "Министры обсудили повестку дня встречи и работу группы",
        "Стороны условились продолжить начатые переговоры",
        "Было отмечено, что торговля между странами выросла за последний год",
        "Собеседники рассмотрели положение в регионе и пути его урегулирования",
        "Делегация посетит столицу по приглашению министерства иностранных дел",
        "Мы благодарим партнёров за поддержку, которую они оказали этой инициативе",
    ),
}
_TITLES = {"en": "Press release on meeting No. {} of the working group", "ru": "О заседании рабочей группы № {}"}
_ADDED = {
    "en": "This paragraph was added to the text as edition {} of it.",
    "ru": "Этот абзац был добавлен к тексту в редакции {}.",
}


def _words(drawn: random.Random, lang: str, number: int, edition: int) -> tuple[str, ...]:
    """Return a title and paragraphs that no other page has."""
    said = [
        f"{'. '.join(drawn.sample(_SENTENCES[lang], 3))}. ({number}/{place})" for place in range(drawn.randrange(2, 6))
    ]
    return _TITLES[lang].format(number), *said, *([_ADDED[lang].format(edition)] if edition else [])


def _fates(drawn: random.Random, papers: list[Paper], course: _Course) -> dict[int, Paper]:
    """Return the pages to which something happens, by number."""
    fates: dict[int, Paper] = {}
    old = [paper for paper in papers if paper.published_at < BEGIN]
    new = [paper for paper in papers if paper.published_at >= BEGIN]
    drawn.shuffle(old)
    drawn.shuffle(new)
    edited = [*_edited(old, EDITED_OLD, course), *_edited(new, EDITED - EDITED_OLD, course)]
    twice = 0
    for place, paper in enumerate(edited):
        again = _edited_again(paper, course, is_back=twice == EDITED_TWICE - 1) if twice < EDITED_TWICE else None
        twice += again is not None
        edited[place] = again or paper
    fates |= {paper.number: paper for paper in edited}
    fates |= {paper.number: paper for paper in _vanished([one for one in new if one.number not in fates], course)}
    fates |= {paper.number: paper for paper in _flickering([one for one in old if one.number not in fates], course)}
    return fates


def _edited(papers: list[Paper], count: int, course: _Course) -> list[Paper]:
    found: list[Paper] = []
    for paper in papers:
        if len(found) < count and (at := course.edit(paper)) is not None:
            found.append(_with_edit(paper, at, course.drawn))
    return found


def _with_edit(paper: Paper, at: datetime, drawn: random.Random) -> Paper:
    """Return a page with other words: another title, a paragraph changed or taken out, or one more."""
    lang = _lang(paper)
    last = paper.versions[lang][-1]
    edition = len(paper.versions[lang])
    title, first, *others = last.title, *last.paragraphs
    how = drawn.choice(("title", "changed", "shorter", "longer"))
    if how == "title":
        title = f"{title} ({edition})"
    elif how == "changed":
        first = f"{first[:-1]}, {edition})"
    elif how == "shorter" and others:
        others = others[:-1]
    else:
        others = [*others, _ADDED[lang].format(edition)]
    return paper.saying(lang, at, title, first, *others)


def _edited_again(paper: Paper, course: _Course, *, is_back: bool) -> Paper | None:
    """Return an edited page with one edit more, after the first one has been seen; None where it would be too late."""
    lang = _lang(paper)
    first, last = paper.versions[lang]
    at = course.seen(last.since, paper.published_at) + timedelta(hours=course.drawn.randrange(1, 30))
    if course.seen(at, paper.published_at) > _SEEN_BY:
        return None
    return paper.saying(lang, at, first.title, *first.paragraphs) if is_back else _with_edit(paper, at, course.drawn)


def _vanished(papers: list[Paper], course: _Course) -> list[Paper]:
    """Return pages that vanish; the first of them return after they have been missed often enough."""
    found: list[Paper] = []
    returned = 0
    for paper in sorted(papers, key=lambda one: one.published_at > BEGIN + 4 * _DAY):  # those that return are young
        removal = course.removal(paper) if len(found) < VANISHED else None
        if removal is None:
            continue
        at, missed = removal
        back = _to_second(missed + timedelta(hours=course.drawn.uniform(1, 12)))
        returns = returned < RETURNED and course.seen(back, paper.published_at) <= _SEEN_BY
        if len(found) >= VANISHED - RETURNED + returned and not returns:
            continue
        returned += returns
        found.append(replace(paper, away=((at, back if returns else None),)))
    return found


def _flickering(papers: list[Paper], course: _Course) -> list[Paper]:
    """Return pages that are missing for some hours and then there again."""
    found = papers[:FLICKERS]
    course.flickers |= {paper.number for paper in found}
    starts = [_to_second(BEGIN + timedelta(days=course.drawn.uniform(3, 20))) for _ in found]
    return [replace(paper, away=((at, at + 20 * _HOUR),)) for paper, at in zip(found, starts, strict=True)]


def _happened(papers: list[Paper], course: _Course) -> Iterator[Happened]:
    for paper in papers:
        lang = _lang(paper)
        key, (first, *edits) = paper.key(lang), paper.versions[lang]
        if paper.published_at >= BEGIN:
            yield Happened(first.since, key, What.PUBLISHED, first.title, first.paragraphs)
        for edit in edits:
            yield Happened(edit.since, key, What.EDITED, edit.title, edit.paragraphs)
        for since, until in paper.away if paper.number not in course.flickers else ():
            yield Happened(since, key, What.VANISHED)
            if until is not None:
                yield Happened(until, key, What.RETURNED, first.title, first.paragraphs)


def _faults(drawn: random.Random, challenged: tuple[datetime, ...]) -> Iterator[Fault]:
    """Yield what goes wrong: challenges for hours, and now and then a broken connection or a server that is busy."""
    for day in challenged:
        begin = day + timedelta(hours=drawn.uniform(0, 10))
        yield Fault(_within(begin, day + timedelta(hours=drawn.uniform(14, 24))), CHALLENGE)
    for place in range(2, DAYS - 4, 5):
        number = _FIRST_NUMBER + 7 * drawn.randrange(PAGES)
        begin = BEGIN + place * _DAY
        yield Fault(_asks(number, begin, begin + 6 * _HOUR), drawn.choice((RESET, UNAVAILABLE)))


def _within(since: datetime, until: datetime) -> When:
    return lambda _, now: since <= now < until


def _asks(number: int, since: datetime, until: datetime) -> When:
    def is_asked(request: Request, now: datetime) -> bool:
        return since <= now < until and str(number) in request.target

    return is_asked


def _lang(paper: Paper) -> str:
    return next(iter(paper.versions))
