"""The frozen values that extraction hands on.

Knows nothing of where bytes are kept, of databases, clocks or the network. Every value here is a pure function of
the bytes of one input and of the `Hints` that go with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO

from extract.values import value


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

    UNIX_TIME = "unix_time"  # seconds since 1970, as the form has them
    STATED_OFFSET = "stated_offset"  # a date and time with its offset from UTC, or in a form that is UTC throughout
    PAGE_LOCAL_TIME = "page_local_time"  # the page's own date and time, read in the source's time zone
    LABELLED_ZONE = "labelled_zone"  # a label that is wrong by an hour in summer: within an hour
    ASSUMED_ZONE = "assumed_zone"  # a local time, read in the zone that a person gave
    LOCAL_DAY = "local_day"  # bounds only: a day, or a local time of unknown zone
    ORDER_AND_EVENT_DATES = "order_and_event_dates"  # bounds only, see extract.order


class PostKind(StrEnum):
    """What a channel shows as one message."""

    MESSAGE = "message"
    SERVICE = "service"  # an event of the channel, such as a new title; it has no text of its own
    UNSUPPORTED = "unsupported"  # the form can't show it: its words are not known


class MediaKind(StrEnum):
    """What is attached to a document."""

    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    ROUND_VIDEO = "round_video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    OTHER = "other"


class Block(StrEnum):
    """What one line of a text is in the markup of its form; a line of a form without markup has none."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"  # its cells are parted by tabs
    QUOTATION = "quotation"
    CODE = "code"


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
    UNKNOWN_CHANNEL = "unknown_channel"  # nothing says of which channel the posts are; a later run takes them in
    UNCONFIRMED_COLUMNS = "unconfirmed_columns"  # a table whose columns nobody has named
    MISSING_ID = "missing_id"  # a record without the publisher's id in a form that has ids
    CHALLENGE_PAGE = "challenge_page"  # a page that a shield shows in place of the one asked for
    NO_DOCUMENT = "no_document"  # a page that shows no document: a listing, an error, an empty preview
    NOT_FOUND = "not_found"  # the source itself says that what was asked for isn't there
    WRONG_LANGUAGE = "wrong_language"  # a document in another language than the one that was asked for
    OTHER_CHANNEL = "other_channel"  # posts of another channel than the one whose name was asked for
    TOO_LARGE = "too_large"  # more than a limit allows: a bomb, or not what it is said to be
    WITHHELD = "withheld"  # a person took it out of the archive


@dataclass(frozen=True, slots=True)
class Hints:
    """What an input doesn't tell about itself."""

    source_key: str
    language: str | None = None  # ISO 639-1, as the registry has it
    time_zone: str = "Europe/Moscow"  # IANA name; the zone in which the source prints dates
    encoding: str | None = None  # declared by a server, the markup or the registry; None: not declared
    is_zone_given: bool = False  # a person has named the zone; otherwise local times of an export have none
    channel: str | None = None  # username without "@", in lower case
    channel_id: int | None = None  # bare and positive, as 1101170442
    address: str | None = None  # where a page was found: an absolute URL
    columns: str | None = None  # a table's columns as a person declares them: "id=message_id, text=body"
    is_asked_for: bool = False  # a page for which this program asked: nothing in the place of its text is not taken
    expects_language: str | None = None  # ISO 639-1; the one that was asked for, where another is not to be taken
    expects_channel_id: int | None = None  # bare; the channel that was asked for, where another is not to be taken


@value(frozen=True, slots=True)
class Stretch:
    """The bytes of one record as they stand in the input."""

    byte_from: int
    byte_to: int  # exclusive
    data: bytes
    context: bytes = b""  # what stood above and is needed to read it, such as the channel of a message


@value(frozen=True, slots=True)
class Notice:
    """Something odd that was read past, not guessed away."""

    code: str
    detail: str


# With this notice nothing shows that a text is whole: it may have been cut off. It is kept, and begins no version of a
# document that is known.
NOT_PROVEN_WHOLE = "no_repeat"
# Likewise: the form shows that the post is there and not its words.
WORDS_NOT_SHOWN = "words_not_shown"


@value(frozen=True, slots=True)
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


@value(frozen=True, slots=True)
class Passage:
    """What one line of the text is for, and who says it."""

    role: Role
    speaker: str | None = None  # as printed; None when unsure
    name: str | None = None  # of that speaker, normalised; None when unsure
    outlet: str | None = None  # for which a question is asked, as printed
    block: Block | None = None


@value(frozen=True, slots=True)
class Link:
    """One link of a text, as it stands."""

    text: str
    address: str  # as in the form; a bare address in a text stands in both


@value(frozen=True, slots=True)
class Media:
    """One thing that is attached to a document or stands in it; kind and name are what the publisher chose."""

    kind: MediaKind
    name: str | None = None  # the publisher's file name; None where it has none or the form doesn't carry it
    mime_type: str | None = None
    size_bytes: int | None = None
    address: str | None = None  # URL, or path in the export, as in the form
    is_held: bool | None = None  # the form says that the bytes came with it; None: it does not say
    width: int | None = None
    height: int | None = None
    duration_s: int | None = None
    caption: str | None = None  # title, performer, place or alternative text, as printed


@value(frozen=True, slots=True)
class Poll:
    """What a poll asks; its votes are counts."""

    question: str
    options: tuple[str, ...]


@value(frozen=True, slots=True)
class Service:
    """An event of a channel. `action` is one of `SERVICE_ACTIONS`, or None where the form's own word has no equal."""

    action: str | None
    detail: str | None = None  # the new title, or the id of the pinned message
    printed: str = ""  # the form's own words or name of the action


# The words of Telegram Desktop's export, which other forms' names are translated to.
SERVICE_ACTIONS = frozenset(
    {
        "create_channel",
        "edit_group_title",
        "edit_group_photo",
        "delete_group_photo",
        "pin_message",
        "migrate_from_group",
        "migrate_to_supergroup",
        "set_messages_ttl",
        "group_call",
        "group_call_scheduled",
        "boost_apply",
        "giveaway_launch",
        "giveaway_results",
        "topic_created",
        "topic_edit",
        "edit_chat_theme",
        "set_chat_wallpaper",
    }
)


@value(frozen=True, slots=True)
class Origin:
    """Where a forwarded post came from, as far as the form tells; its name is `Record.forwarded_from`."""

    channel_id: int | None = None  # bare and positive; None for a person, or where it is hidden
    username: str | None = None  # in lower case
    message_id: int | None = None
    published_at: datetime | None = None  # aware, UTC


@value(frozen=True, slots=True)
class Counts:
    """Counts that change all the time and make no version. A None was not carried."""

    views: int | None = None
    views_are_rounded: bool = False
    forwards: int | None = None
    replies: int | None = None
    reactions: tuple[tuple[str, int], ...] | None = None  # reaction and count; never who reacted
    poll_votes: tuple[int, ...] | None = None  # one for each option
    poll_voters: int | None = None


@value(frozen=True, slots=True)
class Post:
    """What only a post has."""

    channel_id: int  # bare and positive
    message_id: int
    kind: PostKind = PostKind.MESSAGE
    username: str | None = None  # the channel's, in lower case, where the form itself pairs it with the id
    channel_title: str | None = None
    author: str | None = None  # the signature
    is_edited: bool | None = None  # the form's edit mark; None where the form has none
    edited_at: datetime | None = None  # aware, UTC
    reply_to: int | None = None  # message id in the same channel
    # Of posts that were sent as one set: the API's id of the set, or "first:<message id>" where the form shows the set.
    album: str | None = None
    origin: Origin | None = None
    service: Service | None = None
    buttons: tuple[Link, ...] = ()


@value(frozen=True, slots=True)
class Page:
    """What only a page has."""

    address: str | None = None  # as found
    site_number: int | None = None  # the site's own
    section: str | None = None  # path of the section, as foreign_policy/news
    contents: tuple[str, ...] = ()  # the lines of a table of contents, which are no part of the text
    matched: tuple[str, ...] = ()  # which rule found each field, as "title: h1.photo-content__title"


@value(frozen=True, slots=True)
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
    # What only richer forms carry.
    links: tuple[Link, ...] | None = None  # None: not carried
    media: tuple[Media, ...] | None = None  # None: not carried
    poll: Poll | None = None
    post: Post | None = None
    page: Page | None = None
    counts: Counts | None = None
    carries_punctuation: bool = True  # False where the form tears or drops marks and white space
    # First and last day, in Moscow, on which it can have been published, where the form tells no instant.
    published_within: tuple[date, date] | None = None


@value(frozen=True, slots=True)
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
class Apart:
    """A stretch whose records can be read each by itself: from its own bytes, the hints and what stands here."""

    places: tuple[tuple[int, int], ...]  # where each begins and ends in the data of the stretch
    channel_id: int  # bare and positive
    channel_title: str | None  # goes into the description of each post as it is, and into nothing else


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
    # A stretch may hold several records; those of a form without places in its bytes (a database) all have the whole
    # input for theirs.
    read: Callable[[Stretch, Hints], tuple[Record | Rejection, ...]]
    # The first 64 KiB of an input: what its form claims to show of the stretch of ids that stands in it.
    shows: Callable[[bytes], Claim] = lambda _: Claim.UNKNOWN
    # For a form whose records need no more than `Apart` has: records of equal bytes are then read once. None where a
    # stretch must be read as a whole.
    apart: Callable[[Stretch], Apart | None] = lambda _: None
