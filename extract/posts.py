"""What the text of a channel post says about itself.

Knows the words of a post and nothing of the form in which they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from extract.events import post_event
from extract.kinds import kind_of
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
from extract.people import printed_speaker, speakers_in
from extract.symbols import flags, has_letters, hashtags, is_omission, is_pointer, points_to_full_text, without_hashtags

_CYRILLIC = frozenset({"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"})
_LATIN = frozenset({"cs", "de", "en", "es", "fi", "fr", "hu", "id", "it", "nl", "no", "pl", "pt", "ro", "sv", "tr"})
_SCRIPT_SAMPLE = 200  # characters from the top that show in which letters a text is written
_NO_LATIN_LETTERS = bytes(code for code in range(256) if not (65 <= code <= 90 or 97 <= code <= 122))

_QUESTION_LABELS = ("Question:", "Вопрос:")
_OMISSION_START = "<"
_PIN = "📍"
_SPEECH = "💬"
_QUERY = "❓"
# A line with any other beginning goes on with what stands before it.
_MARKS = frozenset((_SPEECH, _QUERY, _OMISSION_START, "Q", "В", "#"))
_LABEL_LENGTH = 80  # a colon further on belongs to the sentence

_BODY = Passage(Role.BODY)
_HEADING = Passage(Role.HEADING)
_QUESTION = Passage(Role.QUESTION)
_OMISSION = Passage(Role.OMISSION)


@dataclass(frozen=True, slots=True)
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
    event = NO_EVENT if heading is None else post_event(_dated_lines(lines, heading))
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
        published_text=None,
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


def post_key(channel_id: int, message_id: int) -> str:
    """Return the key of a post, the same in every form."""
    return f"telegram:{channel_id}:{message_id}"


def _heading(lines: Sequence[str]) -> int | None:
    """Index of the headline: the first line that says something in letters outside its hashtags."""
    return next((index for index, line in enumerate(lines) if has_letters(line)), None)


def _dated_lines(lines: Sequence[str], heading: int) -> list[str]:
    """Lines that may date the event: the headline, the line after it, and those with a pin."""
    near = heading + 2
    return [*lines[:near], *(line for line in lines[near:] if line[:1] == _PIN)]


def _language(text: str, hinted: str | None) -> str | None:
    """Language that the source is registered with, where the letters agree; else as the words show it."""
    if not text:
        return None
    alphabet = _CYRILLIC if _is_cyrillic(text[:_SCRIPT_SAMPLE]) else _LATIN
    return hinted if hinted in alphabet else language_of(text)


def _is_cyrillic(sample: str) -> bool:
    """Whether more letters of the sample are Cyrillic than Latin; in UTF-8 a Cyrillic one begins with D0 or D1."""
    if sample.isascii():
        return False
    encoded = sample.encode()
    return encoded.count(b"\xd0") + encoded.count(b"\xd1") > len(encoded.translate(None, _NO_LATIN_LETTERS))


def _speakers(title: str | None, passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """Who speaks by the headline, then by the labels, each once; "President Putin" is the Putin of the headline."""
    speakers = {name.rpartition(" ")[2]: name for name in (() if title is None else speakers_in(title))}
    for label in dict.fromkeys(passage.speaker for passage in passages if passage.speaker is not None):
        for name in speakers_in(label) or (label,):
            speakers.setdefault(name.rpartition(" ")[2], name)
    return tuple(speakers.values())


def _passages(lines: Sequence[str], heading: int | None) -> list[Passage]:
    """Return what each line is for. A mark of speech or of a question counts for the headline too.

    An answer goes on until the next mark, a pointer to the full text or a line of hashtags. Where a quotation ends is
    not marked in a post, so that only the line with the mark is surely one.
    """
    passages: list[Passage] = []
    current = _BODY
    is_asked = False
    for line in lines:
        if line[:1] in _MARKS:
            own, current = _marked(line, current, is_asked=is_asked)
            is_asked = is_asked or own is _QUESTION
            passages.append(own)
        else:
            if current is not _BODY and is_pointer(line):
                current = _BODY
            passages.append(current)
    if heading is not None and passages[heading] is _BODY:
        passages[heading] = _HEADING
    return passages


def _marked(line: str, current: Passage, *, is_asked: bool) -> tuple[Passage, Passage]:
    """Passage of a line that may begin with a mark, and what the lines after it are."""
    if line.startswith(_SPEECH):
        speech = _speech(line, Role.ANSWER if is_asked else Role.QUOTE)
        return speech, speech if is_asked else _BODY
    if line.startswith(_QUERY) or line.startswith(_QUESTION_LABELS):
        return _QUESTION, _BODY
    if is_omission(line):
        return _OMISSION, current
    if line.startswith("#") and not without_hashtags(line).strip():
        return _BODY, _BODY
    return current, current


def _speech(line: str, role: Role) -> Passage:
    label = printed_speaker(line) if ":" in line[:_LABEL_LENGTH] else None
    return Passage(role, None if label is None else label[0])
