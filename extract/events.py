"""When and where that took place which a text is about; not when it was published.

Looks only where the ministry prints it: at the tail of a title, at a pin line, at the head or the tail of the first
sentence. A date further inside belongs to something else. Adds a year to a date printed without one only where the
page itself has a date; for posts the order of the dump has to settle it (`extract.order`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

from extract.dates import PrintedDate, dates_in, span
from extract.model import NO_EVENT, Event, EventBasis
from extract.people import GIVEN_NAMES, known_names

_PIN = "\N{ROUND PUSHPIN}"
_PLACEHOLDERS = frozenset({"This media is not supported in your browser", "VIEW IN TELEGRAM"})
_HASHTAG = re.compile(r"#\w+")
_LEADING_SIGNS = re.compile(r"(?:#\w+|[^\w#(«\"“])+")
_LETTER = re.compile(r"[^\W\d_]")

_FULL_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_PREPOSITION = re.compile(r"(?i)\b(?:on|am|le|el)\s$")
_PREPOSITION_CHARS = len("on ")
_TAIL_END = re.compile(r"[\s.)\]»”\"]*")
_TAIL_PLACE_AFTER = re.compile(r" in (?P<place>[^\W\d_][\w’'\- ]{1,40}?)[\s.]*")
_BEFORE_TAIL = re.compile(r"[,(]\s?(?P<place>[^,()]+(?:, D\.C\.)?),\s$")
_HEAD = re.compile(
    r"(?:Today,? )?(?:(?:On|on|From|Am|Le|El|С|В|с|в) )?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:the )?"
)
_SENTENCE_END = re.compile(r"[.!?]\s+(?=[\"“«]?[A-ZА-ЯЁ])")
_ABBREVIATION = re.compile(r"(?:^|[\s.(])(?:[A-Za-zА-Яа-яЁё]|Mr|Mrs|Ms|Dr|St|No|Prof|Gen|им)$")
_ABBREVIATION_CHARS = len(".Prof")
_AHEAD = re.compile(
    r"(?i)\b(?:will|(?:is|are) (?:to|due to|scheduled to|expected to|set to|planned)|plans? to"
    r"|примет участие|примут участие|состоится|состоятся|посетит|провед[её]т|проведут|пройд[её]т|пройдут|прибудет"
    r"|планируется|намечен\w*)\b"
)
# One of them stands wherever the pattern fits: a cheap look before it, which takes five times as long.
_AHEAD_STEMS = (
    *("will", "is to", "are to", "due to", "scheduled to", "expected to", "set to", "plan"),
    *("участие", "состо", "посетит", "провед", "пройд", "прибудет", "планируется", "намечен"),
)
_ASCII_AHEAD_STEMS = tuple(filter(str.isascii, _AHEAD_STEMS))
_YEARLY_STEMS = ("year", "annually", "ежегодно", "каждый")
_YEARLY = re.compile(r"(?i)\b(?:(?:every|each) year|annually|ежегодно|каждый год)\b")
_HOSTED = re.compile(r", (?P<place>[A-Z][\w’'\- ]{1,40}?) (?:hosted|will host|is hosting)\b")
_IN_PLACE = re.compile(r"\bin (?P<place>[A-Z][\w’'\-]+(?: [A-Z][\w’'\-]+){0,2})(?: \([^()]+\))?,?\s?(?:on )?$")
# "accredited in Moscow", "the situation in Minsk": not where the event was.
_ELSEWHERE = re.compile(r"(?i)\b(?:accredited|based|located|headquartered|situation|developments|born|lives?|living) $")
_ELSEWHERE_CHARS = 20  # its longest word is shorter
_NO_PLACE_WORDS = frozenset(
    {
        *("agency", "channel", "magazine", "minister", "ministry", "newspaper", "novosti", "programme", "radio"),
        *("tass", "tv"),
    }
)
_PLACE = re.compile(r"[A-ZÀ-ÞА-ЯЁ][\w.’'\-]*(?: [\w.’'\-]+){0,4}(?:, D\.C)?")
_LOOK_CHARS = 2_000  # of a first paragraph
_NEAR = timedelta(days=120)  # half a year off, the year before and the year after fit equally well
_LOOK_BACK_CHARS = 120  # from a date to the place before it
# Where no date stands beside it a name is a place of the event only if it is one of these: "in Ukraine" may be what
# the talks were about.
CITIES = frozenset(
    {
        *("Abu Dhabi", "Abuja", "Addis Ababa", "Algiers", "Ankara", "Antalya", "Ashgabat", "Astana", "Athens"),
        *("Baghdad", "Baku", "Bandar Seri Begawan", "Bangkok", "Beijing", "Belgrade", "Berlin", "Bishkek", "Brasilia"),
        *("Brussels", "Bucharest", "Budapest", "Buenos Aires", "Cairo", "Caracas", "Chisinau", "Damascus", "Delhi"),
        *("Doha", "Dushanbe", "Geneva", "Hanoi", "Harare", "Havana", "Helsinki", "Islamabad", "Istanbul", "Jakarta"),
        *("Johannesburg", "Kaliningrad", "Kampala", "Kazan", "Khartoum", "Kuala Lumpur", "Lisbon", "London", "Luanda"),
        *("Madrid", "Managua", "Manama", "Manila", "Mexico City", "Milan", "Minsk", "Moscow", "Munich", "Muscat"),
        *("Nairobi", "Naypyidaw", "New Delhi", "New York", "Nizhny Novgorod", "Nur-Sultan", "Oslo", "Paris"),
        *("Phnom Penh", "Prague", "Pretoria", "Pyongyang", "Rabat", "Rio de Janeiro", "Riyadh", "Rome", "Samarkand"),
        *("Sarajevo", "Seoul", "Shanghai", "Sharm el-Sheikh", "Singapore", "Skopje", "Sochi", "Sofia", "St Petersburg"),
        *("Stockholm", "Tashkent", "Tbilisi", "Tehran", "The Hague", "Tokyo", "Tripoli", "Tunis", "Ufa", "Ulaanbaatar"),
        *("Vienna", "Vientiane", "Vladivostok", "Warsaw", "Washington", "Windhoek", "Yangon", "Yekaterinburg"),
        *("Yerevan", "Zagreb"),
    }
)


def page_event(title: str, paragraphs: Sequence[str], published: date | None) -> Event:
    """Return the event of a page, by the tail of its title, else by the first sentence of its text.

    `published` is the day the page prints, in its own zone; a date without a year gets the one that puts it nearest,
    if that is within four months.
    """
    event = _title_tail(_folded(title))
    if event.text is None and paragraphs:
        event = _merged(_sentence(_first_sentence(_folded(paragraphs[0][:_LOOK_CHARS]))), event)
    return _with_year(event, published)


def post_event(lines: Sequence[str], published: date | None = None) -> Event:
    """Return the event of a post, by its headline, else by its pin line.

    A date without a year gets the one that puts it nearest to the day of publication, as on a page; where that is not
    known it stays without one.
    """
    unread = iter(lines)
    for line in unread:
        first = _folded(line)
        if _is_headline(first):
            break
    else:
        return NO_EVENT
    signs = _LEADING_SIGNS.match(first)
    event = _headline(first if signs is None else first[signs.end() :])
    pins = [line for line in unread if _PIN in line and line.lstrip().startswith(_PIN)]
    return _with_year(_merged(event, _pin_line(_folded(pins[0]))) if pins else event, published)


def _with_year(event: Event, published: date | None) -> Event:
    """Return the event with the year that puts it nearest to its publication, if that is within four months."""
    if event.month_days is None or published is None:
        return event
    days = _nearest(event.month_days, published)
    if days is None:
        return event
    return replace(event, date_from=days[0], date_to=days[1], basis=EventBasis.YEAR_FROM_PUBLICATION)


def _headline(headline: str) -> Event:
    """Return the event by the tail of a headline, else by its first sentence."""
    event = _title_tail(headline)
    return event if event.text is not None else _sentence(_first_sentence(headline))


def _is_headline(line: str) -> bool:
    is_furniture = line in _PLACEHOLDERS or line.startswith(_PIN)
    return not is_furniture and _LETTER.search(_HASHTAG.sub("", line) if "#" in line else line) is not None


def _folded(line: str) -> str:
    return " ".join(line.split())


def _merged(event: Event, other: Event) -> Event:
    """Return the first event with what only the other tells."""
    dated = event if event.text is not None else other
    return replace(dated, is_ahead=event.is_ahead or other.is_ahead, place=event.place or other.place)


def _title_tail(title: str) -> Event:
    """Return the event by a full date that ends a title, with the place before it or, in German, after it."""
    may_have_year = ("20" in title or "19" in title or "18" in title) and _FULL_YEAR.search(title)
    dates = dates_in(title) if may_have_year else []
    if not dates or dates[-1].year is None:
        return NO_EVENT
    printed = dates[-1]
    rest = title[printed.end :]
    place_after = _TAIL_PLACE_AFTER.fullmatch(rest)
    if place_after is None and _TAIL_END.fullmatch(rest) is None:
        return NO_EVENT
    before = title[: printed.start][-_LOOK_BACK_CHARS:]
    match = place_after or _BEFORE_TAIL.search(before, _tail_start(before))
    place = _place(match["place"]) if match else _place_before(before)
    return _event(printed, _with_preposition(title, printed), place, is_ahead=_is_ahead(title))


def _tail_start(before: str) -> int:
    """Return where a place before a date can begin: it holds no comma, but for one city."""
    return 0 if "D.C." in before else max(0, before.rfind(",", 0, -2), before.rfind("(", 0, -2))


def _pin_line(line: str) -> Event:
    """Return the event by a pin line: "Kuala Lumpur, July 28, 2024", or only one of the two."""
    line = line.removeprefix(_PIN).lstrip("\ufe0f ").strip()
    dates = dates_in(line)
    if not dates:
        return Event(place=_place(line))
    printed = dates[-1]
    place = line[: printed.start].rstrip(" ,–—-|")
    return _event(printed, printed.text, _place(place), is_ahead=False)


def _first_sentence(paragraph: str) -> str:
    is_one = "." not in paragraph and "!" not in paragraph and "?" not in paragraph
    for end in () if is_one else _SENTENCE_END.finditer(paragraph):
        at = end.start()
        if not _ABBREVIATION.search(paragraph, max(0, at - _ABBREVIATION_CHARS), at):
            return paragraph[:at]
    return paragraph.rstrip(".!? ")


def _sentence(sentence: str) -> Event:
    """Return the event by a date at the head or the tail of a sentence, and the city at its tail."""
    place = _city(sentence)
    dates = dates_in(sentence)
    if place is None and not dates:
        return NO_EVENT
    is_ahead = _is_ahead(sentence)
    if dates and _is_yearly(sentence):
        dates = []
    if dates and _HEAD.fullmatch(sentence[: dates[0].start]):
        return _event(dates[0], _with_preposition(sentence, dates[0]), place, is_ahead=is_ahead)
    if dates and _TAIL_END.fullmatch(sentence[dates[-1].end :]):
        text = _with_preposition(sentence, dates[-1])
        if text != dates[-1].text:  # "on July 27", not "the agreement of July 27"
            return _event(dates[-1], text, _place_before(sentence[: dates[-1].start]), is_ahead=is_ahead)
    return NO_EVENT if place is None else Event(place=place, is_ahead=is_ahead)


def _is_yearly(text: str) -> bool:
    folded = text.casefold()
    for stem in _YEARLY_STEMS:
        if stem in folded:
            return _YEARLY.search(text) is not None
    return False


def _is_ahead(text: str) -> bool:
    folded = text.casefold()
    for stem in _AHEAD_STEMS if not folded.isascii() else _ASCII_AHEAD_STEMS:  # `any` takes three times as long
        if stem in folded:
            return _AHEAD.search(text) is not None
    return False


def _with_preposition(text: str, printed: PrintedDate) -> str:
    match = _PREPOSITION.search(text, max(0, printed.start - _PREPOSITION_CHARS), printed.start)
    return (match[0] if match else "") + text[printed.start : printed.end]


def _place_before(before: str) -> str | None:
    near = before[-_LOOK_BACK_CHARS:]
    at = near.find("in ")
    while at >= 0:
        match = _IN_PLACE.match(near, at)
        if match is not None:
            return None if _ELSEWHERE.search(near, max(0, at - _ELSEWHERE_CHARS), at) else _place(match["place"])
        at = near.find("in ", at + 1)
    return None


def _city(sentence: str) -> str | None:
    hosted = _HOSTED.search(sentence) if " host" in sentence else None
    if hosted is not None and hosted["place"] in CITIES:
        return hosted["place"]
    place = _place_before(sentence)
    return place if place in CITIES else None


def _place(printed: str) -> str | None:
    """Return what stands where places stand, unless it is a person or a paper."""
    name = printed.strip(" .")
    words = name.lower().split()
    is_person = words[:1] and (words[0] in GIVEN_NAMES or any(known_names(name)))
    if is_person or _PLACE.fullmatch(name) is None or not _NO_PLACE_WORDS.isdisjoint(words):
        return None
    return "Washington, D.C." if name == "Washington, D.C" else name


def _event(printed: PrintedDate, text: str, place: str | None, *, is_ahead: bool) -> Event:
    days = None if printed.year is None else printed.days(printed.year)
    if days is None:
        return Event(text, month_days=printed.month_days, is_ahead=is_ahead, place=place)
    return Event(text, *days, EventBasis.TEXT, is_ahead=is_ahead, place=place)


def _nearest(month_days: tuple[int, int, int, int], published: date) -> tuple[date, date] | None:
    """Return the span in the year that puts it nearest to the day of publication; None where no year stands out."""
    years = range(max(published.year - 1, MINYEAR + 1), min(published.year + 1, MAXYEAR) + 1)
    spans = [days for year in years if (days := span(month_days, year)) is not None]
    nearest = min(spans, key=lambda days: abs(days[0] - published), default=None)
    return nearest if nearest and abs(nearest[0] - published) <= _NEAR else None
