"""What the text of a channel post says about itself.

Knows the words of a post and nothing of the form in which they came.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from extract.events import post_event
from extract.kinds import kind_of
from extract.labels import SPEECH, is_nobody
from extract.language import language_of
from extract.model import (
    NO_EVENT,
    Counts,
    Hints,
    Kind,
    Link,
    Media,
    Medium,
    Notice,
    Passage,
    Poll,
    Post,
    PublishedBasis,
    Record,
    Role,
)
from extract.people import speakers_in
from extract.symbols import flags, has_letters, hashtags, points_to_full_text
from extract.turns import turns
from extract.values import value

_CYRILLIC = frozenset({"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"})
_LATIN = frozenset({"cs", "de", "en", "es", "fi", "fr", "hu", "id", "it", "nl", "no", "pl", "pt", "ro", "sv", "tr"})
_SCRIPT_SAMPLE = 200  # characters from the top that show in which letters a text is written
_NO_LATIN_LETTERS = bytes(code for code in range(256) if not (65 <= code <= 90 or 97 <= code <= 122))

_PIN = "📍"
_CLOSE = timedelta(days=2)  # a local time of unknown zone leaves as much open
_HEADING = Passage(Role.HEADING)


@value(frozen=True, slots=True)
class PostText:
    """A post as a form hands it over."""

    byte_from: int
    byte_to: int  # exclusive
    text: str  # as it stands, lines joined with "\n"; "" for a post without text
    forwarded_from: str | None  # name of the channel or person, as printed
    has_media_placeholder: bool = False
    furniture: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    # What richer forms carry, see `Record`.
    post: Post | None = None
    published_at: datetime | None = None
    published_basis: PublishedBasis | None = None
    published_text: str | None = None  # a local time of unknown zone, as the form has it
    published_within: tuple[date, date] | None = None
    links: tuple[Link, ...] | None = None
    media: tuple[Media, ...] | None = None
    poll: Poll | None = None
    counts: Counts | None = None
    carries_paragraphs: bool = False
    carries_punctuation: bool = True


def post_record(post: PostText, hints: Hints) -> Record:
    """Return the record of a post as a form hands it over: named, dated, described."""
    text = post.text
    lines = text.split("\n") if text else []
    heading = _heading(lines)
    title = None if heading is None else lines[heading]
    kind = None if title is None else kind_of(title)
    event = NO_EVENT if heading is None else post_event(_dated_lines(lines, heading), _published_day(post))
    passages = tuple(_passages(lines, heading))
    return Record(
        byte_from=post.byte_from,
        byte_to=post.byte_to,
        medium=Medium.POST,
        key=None if post.post is None else post_key(post.post.channel_id, post.post.message_id),
        key_date=event.text or "",
        title=title,
        text=text,
        carries_paragraphs=post.carries_paragraphs,
        published_text=post.published_text,
        document_number=None,
        forwarded_from=post.forwarded_from,
        published_at=post.published_at,
        published_basis=post.published_basis,
        lang=_language(text, hints.language),
        languages_available=(),
        kind=Kind.OTHER if kind is None else kind,
        kind_basis="none" if kind is None else "title",
        speakers=_speakers(title, passages),
        event=event,
        hashtags=hashtags(text),
        flags=flags(text),
        is_excerpt=points_to_full_text(text, lines),
        has_media_placeholder=post.has_media_placeholder,
        passages=passages,
        furniture=post.furniture,
        notices=post.notices,
        links=post.links,
        media=post.media,
        poll=post.poll,
        post=post.post,
        counts=post.counts,
        carries_punctuation=post.carries_punctuation,
        published_within=post.published_within,
    )


def _published_day(post: PostText) -> date | None:
    """Return a day that is near enough to settle a year; where only bounds are known, the first if they are close."""
    if post.published_at is not None:
        return post.published_at.date()
    if post.published_within is None or post.published_within[1] - post.published_within[0] > _CLOSE:
        return None
    return post.published_within[0]


def post_key(channel_id: int, message_id: int) -> str:
    """Return the key of a post, the same in every form."""
    return f"telegram:{channel_id}:{message_id}"


def _heading(lines: Sequence[str]) -> int | None:
    """Index of the headline: the first line that says something in letters outside its hashtags."""
    for index, line in enumerate(lines):  # `next` takes twice as long
        if has_letters(line):
            return index
    return None


def _dated_lines(lines: Sequence[str], heading: int) -> list[str]:
    """Lines that may date the event: the headline, the line after it, and those with a pin."""
    near = heading + 2
    return [*lines[:near], *[line for line in lines[near:] if line[:1] == _PIN]]


def _language(text: str, hinted: str | None) -> str | None:
    """Language that the source is registered with, where the letters agree; else as the words show it."""
    if not text:
        return None
    if hinted is None:
        return language_of(text)
    alphabet = _CYRILLIC if _is_cyrillic(text[:_SCRIPT_SAMPLE]) else _LATIN
    return hinted if hinted in alphabet else language_of(text)


def _is_cyrillic(sample: str) -> bool:
    """Whether more letters of the sample are Cyrillic than Latin; in UTF-8 a Cyrillic one begins with D0 or D1."""
    if sample.isascii():
        return False
    encoded = sample.encode()
    count = encoded.count(b"\xd0") + encoded.count(b"\xd1")
    return count > 0 and count > len(encoded.translate(None, _NO_LATIN_LETTERS))


def _speakers(title: str | None, passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """Who speaks by the headline, then by the labels, each once; "President Putin" is the Putin of the headline."""
    named = () if title is None else speakers_in(title)
    spoken = [one for one in passages if one.speaker is not None and one.role is not Role.QUESTION]
    if not spoken:
        return named
    speakers = {name.rpartition(" ")[2]: name for name in named}
    for label in dict.fromkeys(passage.name or passage.speaker for passage in spoken):
        if label is not None and not is_nobody(label):
            speakers.setdefault(label.rpartition(" ")[2], label)
    return tuple(speakers.values())


def _passages(lines: Sequence[str], heading: int | None) -> list[Passage]:
    """Return what each line is for. A mark of speech or of a question counts for the headline too, a label does not."""
    passages = turns(lines, medium=Medium.POST, title=None if heading is None else lines[heading])
    if heading is not None:
        own = passages[heading]
        if own.role is Role.BODY:
            passages[heading] = _HEADING
        elif own.role is Role.QUOTE and not lines[heading].startswith(SPEECH):
            passages[heading] = replace(own, role=Role.HEADING)
    return passages
