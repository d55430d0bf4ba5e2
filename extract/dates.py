"""Printed dates as values, in English and Russian, and as far as month names go in German, French, Spanish, Portuguese.

Knows nothing of what a date stands for, and adds no year. A date that no calendar has (31 February) is no date.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Twelve names a language, in the order of the months; "|" parts the spellings of one name.
MONTH_NAMES = {
    "en": "January|Jan February|Feb March|Mar April|Apr May June|Jun July|Jul August|Aug September|Sept|Sep "
    "October|Oct November|Nov December|Dec",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "de": "Januar|Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
# In English "may" and "march" are words too: the names count only with a capital.
_CAPITALISED = frozenset({"en", "de"})

# U+2212 MINUS stands for the dash of a range on pages of 2016 ("July 25−26").
_DASHES = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
_ADJACENT = frozenset({"and", "и"})  # "July 3 and 4" is a span only because nothing lies between


def _months() -> dict[str, int]:
    months: dict[str, int] = {}
    for language, names in MONTH_NAMES.items():
        for number, spellings in enumerate(names.split(), 1):
            for name in spellings.split("|"):
                forms = {name.capitalize(), name.upper()} | (set() if language in _CAPITALISED else {name.lower()})
                months |= dict.fromkeys(forms, number)
    return months


_MONTH = _months()
_M = "(?:" + "|".join(sorted(_MONTH, key=len, reverse=True)) + r")(?!\w)\.?"
_Y = r"(?P<year>(?:1[89]|20)\d\d)(?!\d)"
_DAY_END = r"(?:st|nd|rd|th|er|\.)?(?![\w:])"
_SEPARATOR = rf"(?P<separator>\s?[{_DASHES}]\s?|\s(?:and|to|и|по|bis)\s)"
_MONTH_FIRST = re.compile(
    rf"(?<!\w)(?P<m1>{_M})\s(?P<d1>\d{{1,2}}){_DAY_END}"
    rf"(?:{_SEPARATOR}(?:(?P<m2>{_M})\s)?(?P<d2>\d{{1,2}}){_DAY_END})?(?:,?\s{_Y})?"
)
_DAY_FIRST = re.compile(
    rf"(?<![\w{_DASHES}.:])(?:(?P<d1>\d{{1,2}}){_DAY_END}(?:\s(?P<m1>{_M}))?{_SEPARATOR})?"
    rf"(?P<d2>\d{{1,2}}){_DAY_END}\s(?:de\s)?(?P<m2>{_M})(?:,?\s(?:de\s)?{_Y}(?:\s(?:года|г\.|ГОДА))?)?"
)


# Where a date may begin: at a number, or at the word before one.
_NUMBER = re.compile(r"\d+")
_WORD_BEFORE = re.compile(r"(?<!\w)([^\W\d_]+)\.?\s$")
_LONGEST_WORD_BEFORE = max(map(len, _MONTH)) + len(". ")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A day or a span of days as it stands in a text."""

    text: str
    start: int  # offset in the text it was found in
    end: int
    year: int | None  # the year in which it ends; None where none is printed
    month_days: tuple[int, int, int, int]  # month, day, month, day

    def days(self, year: int) -> tuple[date, date] | None:
        """Return first and last day if the span ended in `year`; None where the calendar lacks one of them."""
        return span(self.month_days, year)


@lru_cache(maxsize=4_096)  # of the same few years come the same days
def span(month_days: tuple[int, int, int, int], year: int) -> tuple[date, date] | None:
    """Return first and last day of a span that ends in `year`; one from December to January begins the year before."""
    first_month, first_day, last_month, last_day = month_days
    try:
        first = date(year - (first_month > last_month), first_month, first_day)
        last = date(year, last_month, last_day)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def dates_in(text: str) -> list[PrintedDate]:
    """Return the dates with a day and a month, in the order of the text; runs of white space must be folded before."""
    numbers = [match.start() for match in _NUMBER.finditer(text) if match.end() - match.start() <= 2]
    if not numbers:
        return []
    words = [
        word
        for at in numbers
        if text[at - 1].isspace() and (word := _WORD_BEFORE.search(text, max(0, at - _LONGEST_WORD_BEFORE), at))
    ]
    month_first = _found(_MONTH_FIRST, text, [word.start() for word in words if word[1] in _MONTH])
    found = [*month_first, *_found(_DAY_FIRST, text, numbers)]
    if len(found) < 2:
        return found
    found.sort(key=lambda printed: (printed.start, -printed.end))
    apart: list[PrintedDate] = []
    for printed in found:
        if not apart or printed.start >= apart[-1].end:
            apart.append(printed)
    return apart


def _found(pattern: re.Pattern[str], text: str, starts: Iterable[int]) -> Iterator[PrintedDate]:
    """Yield what `finditer` finds, in less than half its time, by a look at the few places where a date begins."""
    end = 0
    for start in starts:
        match = pattern.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            printed = _printed(match)
            if printed is not None:
                yield printed


def _printed(match: re.Match[str]) -> PrintedDate | None:
    m1, d1, m2, d2 = match.group("m1", "d1", "m2", "d2")
    if d1 is None or d2 is None:  # one day
        m1 = m2 = m1 or m2
        d1 = d2 = d1 or d2
    month_days = (_month(m1 or m2), int(d1), _month(m2 or m1), int(d2))
    year = int(match["year"]) if match["year"] else None
    days = span(month_days, year or 2000)  # a leap year, so that 29 February stands
    if days is None or not _is_span(match["separator"], *days):
        return None
    return PrintedDate(match[0], match.start(), match.end(), year, month_days)


def _month(name: str) -> int:
    return _MONTH[name.removesuffix(".")]


def _is_span(separator: str | None, first: date, last: date) -> bool:
    return (separator or "").strip() not in _ADJACENT or last - first == timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a page prints above its title as its date."""

    day: date | None  # None: not printed, or unclear
    at: time | None  # None: not printed, or unclear
    is_unclear: bool  # it has the shape of a date, but no calendar has it, or its year has two digits


# The time stands glued to the year where the page nests it in the date's element: "3 February 202014:15".
_TIME = rf"(?:\s?[{_DASHES},]?\s?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}))?"
_LINES = (
    re.compile(rf"(?P<day>\d{{1,2}})\s(?P<month>{_M})\s(?P<year>\d{{4}})(?:\sгода|\sг\.)?{_TIME}"),
    re.compile(rf"(?P<month>{_M})\s(?P<day>\d{{1,2}}),?\s(?P<year>\d{{4}}){_TIME}"),
    re.compile(rf"(?P<day>\d{{2}})\.(?P<month>\d{{2}})\.(?P<year>\d{{4}}|\d\d){_TIME}"),
)
_TIME_LINE = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})")


def date_line(line: str) -> DateLine | None:
    """Return what a line says that is nothing but a date, a time, or both; None for any other line."""
    line = " ".join(line.split())
    alone = _TIME_LINE.fullmatch(line)
    if alone is not None:
        at = _time(alone)
        return DateLine(None, at, is_unclear=at is None)
    match = next(filter(None, (pattern.fullmatch(line) for pattern in _LINES)), None)
    return None if match is None else _date_line(match)


def _date_line(match: re.Match[str]) -> DateLine:
    day, at = _day(match), _time(match)
    is_unclear = day is None or (at is None and match["hour"] is not None)
    return DateLine(day, at, is_unclear)


def _day(match: re.Match[str]) -> date | None:
    month = _MONTH.get(match["month"].removesuffix(".")) or int(match["month"])
    try:
        return date(int(match["year"]), month, int(match["day"])) if len(match["year"]) == 4 else None
    except ValueError:
        return None


def _time(match: re.Match[str]) -> time | None:
    try:
        return time(int(match["hour"]), int(match["minute"])) if match["hour"] else None
    except ValueError:
        return None


def instants(day: date, at: time, zone: str) -> tuple[datetime, ...]:
    """Return the instants, in UTC, at which clocks in `zone` showed that time.

    Two where clocks were set back, none where they were set forward over it.
    """
    shown = datetime.combine(day, at)
    local = datetime.combine(day, at, ZoneInfo(zone))
    try:
        candidates = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    except OverflowError:  # the first and the last day of the calendar
        return ()
    return tuple(sorted(i for i in candidates if i.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown))
