"""What the order of an input's records tells of their dates.

Takes and gives columns, one entry a record in the order of the input; days are proleptic ordinals (`date.toordinal`),
0 where there is none. Knows no texts: `extract.events` has read what they print.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate

from extract.dates import span
from extract.model import EventBasis

ASSUMPTION = (
    "Posts stand in the order of their publication; none came out before the end of an event that it reports as past; "
    "one that reports a dated event came out within 7 days after it."
)
# What an entry of `SettledColumns.basis` stands for.
BASES = (None, EventBasis.TEXT, EventBasis.YEAR_FROM_PUBLICATION, EventBasis.YEAR_FROM_ORDER)
REPORT_DAYS = 7  # from an event to the post that reports it
SLACK_DAYS = 31  # a post without a year may look back or ahead so far from its dated neighbours
# A post may print a day long past, as on an anniversary. Such days are no evidence of the order; more of them than
# this say that there is none. Shuffled days come nowhere near: of n, about 2 * sqrt(n) stand in order.
ORDERED_SHARE = 0.9
_AHEAD_DAYS = 183  # an announcement looks further ahead
_SAFE_DAYS = 183  # nearer to its only neighbour than to the same day of another year
_YEAR_DAYS = 366
_FAR = date.max.toordinal()
_TEXT = BASES.index(EventBasis.TEXT)
_FROM_ORDER = BASES.index(EventBasis.YEAR_FROM_ORDER)


class Direction(StrEnum):
    """In which way the records run, by the days that they print with a year."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
    EITHER = "either"  # all days lie so near to each other that both fit
    UNKNOWN = "unknown"  # no day, or days in no order


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events as they are printed."""

    date_from: Sequence[int]
    date_to: Sequence[int]  # inclusive
    month_days: Sequence[int]  # a date without a year as mmddmmdd: 4080409 is 8 to 9 April; 0: none
    is_ahead: Sequence[int]  # 1 where the text speaks of the event as still to come


@dataclass(frozen=True, slots=True)
class SettledColumns:
    """Events with the years that the order gives, and between which days each record was published."""

    direction: Direction
    date_from: Sequence[int]
    date_to: Sequence[int]  # inclusive
    basis: Sequence[int]  # index of `BASES`
    after: Sequence[int]  # published on this day or later
    before: Sequence[int]  # published on this day or earlier


def settle(events: EventColumns) -> SettledColumns:
    """Return dates with the years that follow from the order, and bounds of publication under `ASSUMPTION`.

    What doesn't follow stays 0: where the dated records run in no order, where two years fit, where bounds contradict
    each other. Linear in time but for the records whose days are out of order.
    """
    direction, evidence = _direction(events)
    if direction is Direction.DESCENDING:
        reverse = EventColumns(
            events.date_from[::-1], events.date_to[::-1], events.month_days[::-1], events.is_ahead[::-1]
        )
        settled = _settled(_Days.of(reverse), evidence, direction)
        return SettledColumns(
            direction,
            settled.date_from[::-1],
            settled.date_to[::-1],
            settled.basis[::-1],
            settled.after[::-1],
            settled.before[::-1],
        )
    return _settled(_Days.of(events), evidence, direction)


@dataclass(frozen=True, slots=True)
class _Days:
    """Columns that are filled in, in the order of publication."""

    events: EventColumns
    date_from: "array[int]"
    date_to: "array[int]"
    basis: "array[int]"

    @classmethod
    def of(cls, events: EventColumns) -> "_Days":
        basis = array("b", (_TEXT if day else 0 for day in events.date_to))
        return cls(events, array("i", events.date_from), array("i", events.date_to), basis)

    def add_year(self, index: int, days: tuple[int, int]) -> None:
        self.date_from[index], self.date_to[index] = days
        self.basis[index] = _FROM_ORDER


def _settled(days: _Days, evidence: "array[int]", direction: Direction) -> SettledColumns:
    """Columns for records in ascending order; `evidence` are the indices of those whose days show it."""
    if direction is Direction.EITHER:
        _add_years_around(days, evidence)
    elif direction is not Direction.UNKNOWN:
        _add_years_between(days, evidence)
    if direction in {Direction.EITHER, Direction.UNKNOWN}:
        after, before = _own_bounds(days)
    else:
        after, before = _bounds(days, evidence)
    return SettledColumns(direction, days.date_from, days.date_to, days.basis, after, before)


def _direction(events: EventColumns) -> tuple[Direction, "array[int]"]:
    """Direction, and the indices (counted in that direction) of the records whose days agree with it."""
    dated = array("i", (i for i, day in enumerate(events.date_to) if day and not events.is_ahead[i]))
    if not dated:
        return Direction.UNKNOWN, dated
    count = len(events.date_to)
    up = _in_order(dated, events.date_to)
    down = _in_order(array("i", (count - 1 - i for i in reversed(dated))), events.date_to[::-1])
    if up and down:
        return Direction.EITHER, up
    if up:
        return Direction.ASCENDING, up
    return (Direction.DESCENDING, down) if down else (Direction.UNKNOWN, down)


def _in_order(dated: "array[int]", day_of: Sequence[int]) -> "array[int]":
    """Those indices whose days ascend, but for inversions of up to `REPORT_DAYS`; none if too many don't."""
    days = array("i", (day_of[i] for i in dated))
    if not _has_far_inversion(days):
        return dated
    chain = [day if on_chain else 0 for day, on_chain in zip(days, _longest_ascent(days), strict=True)]
    bounds = zip(dated, days, _latest_so_far(chain), _earliest_from_here(chain), strict=True)
    agreeing = array("i", (i for i, day, since, until in bounds if since - REPORT_DAYS <= day <= until + REPORT_DAYS))
    return agreeing if len(agreeing) >= ORDERED_SHARE * len(dated) else array("i")


def _has_far_inversion(days: Iterable[int]) -> bool:
    latest = 0
    for day in days:
        if day > latest:
            latest = day
        elif latest - day > REPORT_DAYS:
            return True
    return False


def _longest_ascent(days: Sequence[int]) -> bytearray:
    """1 for each entry of a longest non-descending chain (patience sorting)."""
    tails: list[int] = []
    tail_at: list[int] = []
    parents = array("i", bytes(4 * len(days)))
    for i, day in enumerate(days):
        place = bisect_right(tails, day)
        parents[i] = tail_at[place - 1] if place else -1
        tails[place : place + 1] = [day]
        tail_at[place : place + 1] = [i]
    chain = bytearray(len(days))
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        chain[at] = 1
        at = parents[at]
    return chain


@lru_cache(maxsize=1 << 14)
def _days_in(month_days: int, year: int) -> tuple[int, int] | None:
    """First and last day of a packed span that ends in `year`; None where the calendar lacks one of them."""
    first, last = divmod(month_days, 10_000)
    days = span((*divmod(first, 100), *divmod(last, 100)), year)
    return None if days is None else (days[0].toordinal(), days[1].toordinal())


@lru_cache(maxsize=1 << 16)
def _candidates(month_days: int, earliest: int, latest: int) -> tuple[tuple[int, int], ...]:
    """Spans, one for each year that fits, that end on `earliest` or later and begin on `latest` or earlier."""
    lowest, highest = 1, date.max.toordinal()
    years = range(
        date.fromordinal(min(max(earliest, lowest), highest)).year,
        min(date.fromordinal(min(max(latest, lowest), highest)).year + 1, date.max.year) + 1,
    )
    spans = (_days_in(month_days, year) for year in years)
    return tuple(days for days in spans if days is not None and days[1] >= earliest and days[0] <= latest)


def _add_years_around(days: _Days, evidence: "array[int]") -> None:
    """Add the years that hold in both directions: of days near to all that have a year."""
    known = [days.date_to[i] for i in evidence]
    earliest, latest = min(known) - SLACK_DAYS, max(known) + SLACK_DAYS
    for i in _without_year(days):
        fitting = _candidates(days.events.month_days[i], earliest, latest)
        if len(fitting) == 1:
            days.add_year(i, fitting[0])


def _add_years_between(days: _Days, evidence: "array[int]") -> None:
    """Add the years that put a day between its neighbours with a year; past the outermost, the nearest on that side."""
    _add_years_above(days, evidence[0])
    date_to, is_ahead = days.date_to, days.events.is_ahead
    anchors = iter(evidence)
    following: int | None = next(anchors)
    known = safe = until = date_to[evidence[0]]
    for i in _without_year(days):
        while following is not None and following < i:
            known = safe = until
            following = next(anchors, None)
            until = 0 if following is None else date_to[following]
        if i > evidence[0] and (found := _between(days.events.month_days[i], (known, safe), until, is_ahead[i])):
            days.add_year(i, found)
            if not is_ahead[i] and (until or found[1] - safe <= _SAFE_DAYS):
                safe = max(safe, found[1])


def _without_year(days: _Days) -> list[int]:
    pairs = zip(days.events.month_days, days.date_to, strict=True)
    return [i for i, (month_days, day) in enumerate(pairs) if month_days and not day]


def _between(month_days: int, since: tuple[int, int], until: int, is_ahead: int) -> tuple[int, int] | None:
    """Return the days with the one year that fits.

    `since` is the last day known from a text, and the last known by any means; `until` the next one from a text, or 0.
    """
    known, safe = since
    if not until:
        fitting = _candidates(month_days, safe - SLACK_DAYS, safe - SLACK_DAYS + _YEAR_DAYS)
        return fitting[0] if fitting else None
    latest = until + (_AHEAD_DAYS if is_ahead else SLACK_DAYS)
    fitting = _candidates(month_days, known - SLACK_DAYS, latest)
    if len(fitting) > 1 and safe > known:
        fitting = _candidates(month_days, safe - SLACK_DAYS, latest)
    return fitting[0] if len(fitting) == 1 else None


def _add_years_above(days: _Days, first: int) -> None:
    """Add years to the records before the first one with a year, upwards from it; announcements stay without."""
    safe = days.date_to[first]
    for i in range(first - 1, -1, -1):
        month_days = days.events.month_days[i]
        if not month_days or days.date_to[i] or days.events.is_ahead[i]:
            continue
        fitting = _candidates(month_days, safe + SLACK_DAYS - _YEAR_DAYS, safe + SLACK_DAYS)
        if fitting:
            days.add_year(i, fitting[-1])
            if safe - fitting[-1][1] <= _SAFE_DAYS:
                safe = min(safe, fitting[-1][1])


def _own_bounds(days: _Days) -> tuple["array[int]", "array[int]"]:
    ahead = days.events.is_ahead
    after = array("i", (0 if ahead[i] else day for i, day in enumerate(days.date_to)))
    return after, array("i", (day + REPORT_DAYS if day else 0 for day in after))


def _bounds(days: _Days, evidence: "array[int]") -> tuple["array[int]", "array[int]"]:
    """Bounds of publication: the latest event so far, and the earliest from here on with the days to report it.

    A day that the order contradicts bounds nothing but its own record, from below.
    """
    counted = _counted(days, evidence)
    after = array("i", _latest_so_far(counted))
    before = array("i", (0 if day == _FAR else day + REPORT_DAYS for day in _earliest_from_here(counted)))
    for i, (own, is_ahead, latest, earliest) in enumerate(
        zip(days.date_to, days.events.is_ahead, after, before, strict=True)
    ):
        bound = own if own > latest and not is_ahead else latest
        if bound > earliest > 0:
            after[i] = before[i] = 0
        else:
            after[i] = bound
    return after, before


def _counted(days: _Days, evidence: "array[int]") -> list[int]:
    """Days that bound their neighbours: the evidence, and years from the order that agree with it; 0 for others."""
    known = [0] * len(days.date_to)
    for i in evidence:
        known[i] = days.date_to[i]
    counted = known.copy()
    ahead = days.events.is_ahead
    since, until = list(_latest_so_far(known)), list(_earliest_from_here(known))
    for i, (basis, day) in enumerate(zip(days.basis, days.date_to, strict=True)):
        if basis == _FROM_ORDER and not ahead[i] and since[i] - REPORT_DAYS <= day <= until[i] + REPORT_DAYS:
            counted[i] = day
    return counted


def _latest_so_far(days: Iterable[int]) -> Iterator[int]:
    return accumulate(days, max)


def _earliest_from_here(days: Sequence[int]) -> list[int]:
    """Return the earliest day from each record on; `_FAR` where none comes."""
    return list(accumulate((day or _FAR for day in reversed(days)), min))[::-1]
