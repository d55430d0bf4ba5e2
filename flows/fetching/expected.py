"""What one address of each kind is expected to answer, rule by rule: the table that a probe compares with.

No live answer was seen when this was written: each row says on what it rests, and which file holds the rule that has to
be changed where the site turns out otherwise.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from extract.formats.page_rules import BODIES


class Kind(StrEnum):
    """What is tried: one address of each."""

    LISTING = "listing"
    RSS = "feed rss.php"
    ATOM = "feed rss"
    ARTICLE = "article"
    AGAIN = "article, asked again"
    OTHER = "article, another language"
    NO_ARTICLE = "number that isn't there"
    PAST_END = "listing, past its end"
    DAY = "listing of one day"
    OLD = "old portal"
    OLD_MOVED = "old portal, former host"
    CHANNEL = "channel"
    BEFORE = "channel, older posts"
    POST = "embedded post"
    NO_POST = "post that isn't there"
    NO_CHANNEL = "channel that isn't there"
    INDEX = "index of copies"
    COPY = "copy"


class Rule(StrEnum):
    """What is looked at in an answer."""

    ROBOTS = "robots.txt"
    DELAY = "crawl delay"
    TLS = "TLS"
    PROTOCOL = "protocol"
    STATUS = "status"
    TYPE = "content type"
    CHARSET = "charset"
    CODING = "coding"
    VALIDATORS = "ETag, Last-Modified"
    VERDICT = "verdict"
    FORM = "form"
    COUNT = "documents"
    LEADS = "where they lead"
    DATES = "dates"
    DAYS = "days"
    NEXT = "paging link"
    BODY = "body"
    TITLE = "title"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    KEY = "key"
    LANGUAGE = "language"
    LANGUAGES = "languages"
    POSTS = "posts"
    READ = "posts read"
    IDS = "ids"
    CHANNEL = "channel number"
    MEMENTO = "capture time"


@dataclass(frozen=True, slots=True)
class Expected:
    """What one rule is expected to find in the answers of some kinds."""

    kinds: tuple[Kind, ...]
    rule: Rule
    said: str  # as a person reads it
    ground: str  # what the expectation rests on
    place: str | None  # which file holds the rule; None: it is the host's own affair, and the code takes any answer
    pattern: str | None = None  # of all that is as expected; None: exactly what is said

    def fits(self, found: str) -> bool:
        """Say whether what was found is as expected."""
        return re.fullmatch(self.pattern or re.escape(self.said), found) is not None


_FIRST = (Kind.LISTING, Kind.CHANNEL, Kind.INDEX)  # of each host
_FEEDS = (Kind.RSS, Kind.ATOM)
_LISTS = (Kind.LISTING, Kind.DAY)
_PAGES = (Kind.ARTICLE, Kind.OTHER)
_OLD = (Kind.OLD, Kind.OLD_MOVED)
_POSTS = (Kind.CHANNEL, Kind.BEFORE, Kind.POST)
_DOUBTFUL = (Kind.PAST_END, Kind.DAY, *_OLD)
_USUAL = tuple(kind for kind in Kind if kind not in _DOUBTFUL)
_WORDS = (*_LISTS, *_PAGES, *_POSTS)
_HTML = (*_WORDS, *_OLD, Kind.PAST_END, Kind.COPY)
_CODED = (*_FIRST, Kind.ARTICLE)
_PLAIN = (*_WORDS, *_FEEDS, Kind.PAST_END, Kind.NO_POST, Kind.INDEX, Kind.COPY)

_RULES = "extract/formats/page_rules.py"
_PAGE = "extract/formats/mid_page_html.py"
_VERDICTS = "extract/formats/page_verdicts.py"
_LISTINGS = "extract/listings.py"
_FEED = "extract/feeds.py"
_INDEX = "extract/index.py"
_ADDRESSES = "extract/addresses.py"
_PREVIEW = "extract/formats/telegram_preview.py"
_CUT = "extract/formats/preview_cut.py"
_CHANNELS = "flows/fetching/channels.py"
_CODING = "flows/content_coding.py"
_KEEPING = "flows/fetching/keeping.py"
_DAYS = "flows/fetching/entrances.py"

_READERS = "programs of 2024 to 2026 that read it"
_OLD_READERS = "programs of 2015 to 2021 that read it"
_PREVIEWS = "pages that other projects keep for their tests"
_SERVICE = "what the service says of itself"
_QUOTED = "a collector of 2026 quotes rules against paging and the old portal; it is obeyed either way"
_COSTLY = "not known; without any, each look costs the whole page"
_PROOF = "only what is found in the bytes proves an answer"

_SOME = "[1-9][0-9,]*"
_TWO = "[a-z]{2}(, [a-z]{2})+"
_CODINGS = "gzip|br|zstd|deflate|none"
_VALIDATORS = "ETag|Last-Modified|both"
_BODIES = "|".join(map(re.escape, (*BODIES, "h1 + h1 ~ table")))
_TITLES = r"h1\.photo-content__title|h3\.announcement__title|h1, the last of 2"

EXPECTED: tuple[Expected, ...] = (
    # What the host is
    Expected(_USUAL, Rule.ROBOTS, "allows", "one collector of 2026 quotes it; paths like these are not among it", None),
    Expected(_DOUBTFUL, Rule.ROBOTS, "allows or forbids", _QUOTED, None, "allows|forbids"),
    Expected(_FIRST, Rule.DELAY, "none, or seconds", "not known; it is kept to", None, r"none|[0-9.]+ s"),
    Expected(_FIRST, Rule.TLS, "verified", "reports on the site's authority disagree", "MFA_ARCHIVE_CA_FILE"),
    Expected(_FIRST, Rule.PROTOCOL, "HTTP/1.1 or HTTP/2", "not known; both are spoken", None, "HTTP/1.1|HTTP/2"),
    # What the answer is
    Expected(_PLAIN, Rule.STATUS, "200", _READERS, None),
    Expected((Kind.AGAIN,), Rule.STATUS, "304", "HTTP, of a server that sends ETag or Last-Modified", None),
    Expected((Kind.NO_ARTICLE,), Rule.STATUS, "404 or 410", "missing sections answer 404", _VERDICTS, "404|410"),
    Expected(_OLD, Rule.STATUS, "200, maybe after redirects", "not known", _ADDRESSES, "(30[12378], )*200"),
    Expected((Kind.NO_CHANNEL,), Rule.STATUS, "302", f"{_PREVIEWS}: to a page that opens it", _CHANNELS),
    Expected(_HTML, Rule.TYPE, "text/html", _READERS, None),
    Expected(_FEEDS, Rule.TYPE, "some XML", "what feeds are sent as", None, ".*xml"),
    Expected((Kind.INDEX,), Rule.TYPE, "some JSON, or text", _SERVICE, _INDEX, ".*json.*|text/plain"),
    Expected(_WORDS, Rule.CHARSET, "utf-8", f"{_READERS}: both later generations", "extract/encoding.py"),
    Expected(_CODED, Rule.CODING, "one that is known, or none", "each is taken off", _CODING, _CODINGS),
    Expected((Kind.ARTICLE,), Rule.VALIDATORS, "one or both", _COSTLY, "flows/fetching/pages.py", _VALIDATORS),
    Expected((*_PAGES, *_OLD, Kind.COPY), Rule.VERDICT, "fetched", _PROOF, _RULES),
    Expected((*_LISTS, Kind.PAST_END), Rule.VERDICT, "fetched", _PROOF, _LISTINGS),
    Expected(_FEEDS, Rule.VERDICT, "fetched", _PROOF, _FEED),
    Expected(_POSTS, Rule.VERDICT, "fetched", _PROOF, _PREVIEW),
    Expected((Kind.INDEX,), Rule.VERDICT, "fetched", _PROOF, _INDEX),
    Expected((Kind.AGAIN,), Rule.VERDICT, "unchanged", "the bytes that are held are confirmed", _KEEPING),
    Expected((Kind.NO_ARTICLE,), Rule.VERDICT, "missing", "only 404 and 410 are failed looks", _VERDICTS),
    Expected((Kind.NO_POST,), Rule.VERDICT, "missing", f"{_PREVIEWS}: it says so in words", _PREVIEW),
    Expected((Kind.NO_CHANNEL,), Rule.VERDICT, "moved", f"{_PREVIEWS}: to a page that opens it", _CHANNELS),
    # What leads to documents
    Expected((Kind.RSS,), Rule.FORM, "RSS", _READERS, _FEED),
    Expected((Kind.ATOM,), Rule.FORM, "Atom, or RSS", "a program of 2026 takes both here", _FEED, "Atom|RSS"),
    Expected((Kind.LISTING,), Rule.COUNT, "20", f"{_READERS}: twenty a page", _LISTINGS),
    Expected((Kind.PAST_END,), Rule.COUNT, "0", "three programs stop after empty pages", _LISTINGS),
    Expected((Kind.DAY,), Rule.COUNT, "1 or more", "this day has some", _LISTINGS, _SOME),
    Expected(_FEEDS, Rule.COUNT, "1 or more", "ten were seen", _FEED, _SOME),
    Expected((Kind.INDEX,), Rule.COUNT, "1 or more", "25,000 addresses were found in it", _INDEX, _SOME),
    Expected((*_LISTS, *_FEEDS), Rule.LEADS, "all to numbered pages", _READERS, _ADDRESSES),
    Expected(_LISTS, Rule.DATES, "all with date and time", _READERS, _LISTINGS),
    Expected(_FEEDS, Rule.DATES, "all with a date", "what RSS and Atom have", _FEED),
    Expected((Kind.DAY,), Rule.DAYS, "all of that day", "a complete corpus was built so", _DAYS),
    Expected((Kind.LISTING,), Rule.NEXT, "PAGEN_1=2", _READERS, _LISTINGS),
    # What stands in a page
    Expected((*_PAGES, Kind.COPY), Rule.BODY, "the text's element", _READERS, _RULES, _BODIES),
    Expected(_PAGES, Rule.TITLE, "h1.photo-content__title, or an announcement's", _READERS, _RULES, _TITLES),
    Expected(_PAGES, Rule.DATE, ".photo-content__date", _READERS, _RULES),
    Expected(_PAGES, Rule.TIME, "text beside the title", "stored copies; its class was found nowhere", _RULES),
    Expected(_PAGES, Rule.NUMBER, "p.article-line__note.article-line__note_small", _READERS, _RULES),
    Expected(_PAGES, Rule.LANGUAGES, "two or more", "most are translated; the switch is not known", _PAGE, _TWO),
    Expected(_OLD, Rule.BODY, "the text's element", _OLD_READERS, _RULES, _BODIES),
    Expected(_OLD, Rule.TITLE, "h1, or p.anons-title", _OLD_READERS, _RULES, r"h1.*|p\.anons-title"),
    Expected(_OLD, Rule.DATE, "the status line's", _OLD_READERS, _RULES, r"div\.(article|anons)-status-line > .*"),
    Expected((*_PAGES, *_OLD, Kind.COPY), Rule.KEY, "as its address says", "stored copies", _ADDRESSES),
    Expected((*_PAGES, *_OLD), Rule.LANGUAGE, "as its address says", "stored copies, also with ?lang=", _ADDRESSES),
    # What stands in a preview
    Expected((Kind.CHANNEL, Kind.BEFORE), Rule.POSTS, "4 to 24", f"{_PREVIEWS}: about 20", _CUT, "[4-9]|1[0-9]|2[0-4]"),
    Expected(_POSTS, Rule.READ, "all, with date and words or media", _PREVIEWS, _PREVIEW),
    Expected((Kind.BEFORE,), Rule.IDS, "all below the one asked", _PREVIEWS, _CHANNELS),
    Expected((Kind.POST,), Rule.IDS, "the one asked", _PREVIEWS, _CHANNELS),
    Expected(_POSTS, Rule.CHANNEL, "a number in data-view", _PREVIEWS, _CUT, "[0-9]+"),
    Expected((Kind.CHANNEL,), Rule.NEXT, "before the lowest post", _PREVIEWS, _CHANNELS),
    # What a web archive tells
    Expected((Kind.COPY,), Rule.MEMENTO, "the one asked for", _SERVICE, "flows/fetching/wayback.py"),
)


def expected_of(kind: Kind) -> tuple[Expected, ...]:
    """Return what is expected of a kind, in the order of the table."""
    return tuple(one for one in EXPECTED if kind in one.kinds)
