"""The frozen values that extraction hands on.

Knows nothing of where bytes are kept, of databases, clocks or the network. Every value here is a pure function of
the bytes of one input and of the `Hints` that go with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO


class Medium(StrEnum):
    """In which shape a document was published."""

    PAGE = "page"
    POST = "post"


class Kind(StrEnum):
    """What sort of document it is, by its title."""

    MEDIA_ANNOUNCEMENT = "media_announcement"
    BRIEFING = "briefing"
    PRESS_RELEASE = "press_release"
    JOINT_DOCUMENT = "joint_document"
    STATEMENT = "statement"
    COMMENT = "comment"
    INTERVIEW = "interview"
    ARTICLE = "article"
    REMARKS_AND_ANSWERS = "remarks_and_answers"
    ANSWER = "answer"
    OPENING_REMARKS = "opening_remarks"
    SPEECH_REMARKS = "speech_remarks"
    NEWS_CONFERENCE = "news_conference"
    GREETINGS = "greetings"
    CONTACT = "contact"
    REFERENCE = "reference"
    OTHER = "other"


class EventBasis(StrEnum):
    """How the year of an event's date is known."""

    TEXT = "text"
    YEAR_FROM_PUBLICATION = "year_from_publication"
    YEAR_FROM_ORDER = "year_from_order"


class PublishedBasis(StrEnum):
    """How the instant of publication is known."""

    PAGE_LOCAL_TIME = "page_local_time"  # the page's own date and time, read in the source's time zone
    ORDER_AND_EVENT_DATES = "order_and_event_dates"  # bounds only, see extract.order


class Role(StrEnum):
    """What one line of a text is for."""

    HEADING = "heading"
    BODY = "body"
    QUESTION = "question"
    ANSWER = "answer"
    QUOTE = "quote"
    OMISSION = "omission"  # the publisher's own mark for text left out


class Claim(StrEnum):
    """What an input shows of its source."""

    COMPLETE = "complete"
    SAMPLE = "sample"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a record or an input was rejected: the closed list."""

    UNKNOWN_FORMAT = "unknown_format"  # no format, or more than one, claims the input
    UNDECODABLE = "undecodable"  # no text, or text whose encoding is not certain
    NOT_THIS_FORMAT = "not_this_format"  # text, but not of the format it is said to be
    MISSING_TITLE = "missing_title"
    MISSING_TEXT = "missing_text"
    BROKEN_OFF = "broken_off"  # the input ends in the middle of a record
    MISSING_INPUT = "missing_input"  # nothing is there to be read
    UNREADABLE_INPUT = "unreadable_input"  # something is there, but the system refuses it
    OUT_OF_BOUNDS = "out_of_bounds"  # fewer or more records than the source's registry row allows


@dataclass(frozen=True, slots=True)
class Hints:
    """What an input doesn't tell about itself."""

    source_key: str
    language: str | None = None  # ISO 639-1, as the registry has it
    time_zone: str = "Europe/Moscow"  # IANA name; the zone in which the source prints dates
    encoding: str | None = None  # declared by a server, the markup or the registry; None: not declared


@dataclass(frozen=True, slots=True)
class Stretch:
    """The bytes of one record as they stand in the input."""

    byte_from: int
    byte_to: int  # exclusive
    data: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd that was read past, not guessed away."""

    code: str
    detail: str


# With this notice nothing shows that a text is whole: it may have been cut off. It is kept, and begins no version of a
# document that is known.
NOT_PROVEN_WHOLE = "no_repeat"


@dataclass(frozen=True, slots=True)
class Event:
    """When and where that took place which a document is about; not when it was published."""

    text: str | None = None  # the date as printed
    date_from: date | None = None
    date_to: date | None = None  # inclusive; equals date_from for one day
    basis: EventBasis | None = None  # None while the year is not known
    month_days: tuple[int, int, int, int] | None = None  # month, day, month, day of a date printed without a year
    is_ahead: bool = False  # the text speaks of it as still to come
    place: str | None = None


NO_EVENT = Event()


@dataclass(frozen=True, slots=True)
class Passage:
    """What one line of the text is for, and who says it."""

    role: Role
    speaker: str | None = None  # as printed; None when unsure


@dataclass(frozen=True, slots=True)
class Record:
    """One document as one extractor version reads it in one stretch of bytes."""

    byte_from: int
    byte_to: int  # exclusive
    medium: Medium
    key: str | None  # made of the publisher's id; None where the form has no id, and a weak key is made
    key_date: str  # weak keys: the date as printed, "" if none
    # The publisher's words, as read. A None was not carried by this form, or is not there.
    title: str | None
    text: str  # one line for each paragraph or line, joined with "\n"; "" for a document without text
    carries_paragraphs: bool  # False where the form has lost the paragraph breaks of a text
    published_text: str | None  # the date line as printed
    document_number: str | None
    forwarded_from: str | None  # the channel's name as printed
    # What this extractor makes of them.
    published_at: datetime | None  # aware, UTC
    published_basis: PublishedBasis | None
    lang: str | None  # ISO 639-1, of the text itself
    languages_available: tuple[str, ...]  # ISO 639-1, sorted
    kind: Kind
    kind_basis: str  # "title" where a rule fired, "none" otherwise
    speakers: tuple[str, ...]
    event: Event
    hashtags: tuple[str, ...]  # without "#", each once, in the order of the text
    flags: tuple[str, ...]  # ISO 3166-1 alpha-2 (and EU, UN), each once, in the order of the text
    is_excerpt: bool  # it points to a fuller text elsewhere
    has_media_placeholder: bool
    passages: tuple[Passage, ...]  # one for each line of the text
    furniture: tuple[str, ...]  # what stands around the text, as printed
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record, or one whole input, that could not be read."""

    byte_from: int | None  # None: the whole input
    byte_to: int | None
    reason: Reason
    found: str
    expected: str
    remedy: str
    excerpt: str  # at most 200 characters of what was found


@dataclass(frozen=True, slots=True)
class Format:
    """One form in which documents arrive. A module of `extract.formats` exports one as `FORMAT`.

    `split` finds the stretches of the records in a stream, cheaply and one after another; `read` turns one stretch
    into values and may run anywhere. Both may raise `extract.errors.ExtractError` for an input that is none of theirs.
    """

    name: str
    extractor_version: int  # goes up with each change that alters what is read
    form: str  # for readers: what such an input is
    lost_in_form: tuple[str, ...]  # what the form lacks of the published document
    is_ordered: bool  # True where the records stand in the order of their publication
    claims: Callable[[bytes], bool]  # the first 64 KiB of an input: is it one of ours?
    split: Callable[[BinaryIO, Hints], Iterator[Stretch]]
    read: Callable[[Stretch, Hints], tuple[Record | Rejection, ...]]
