"""What is attached to a message, as Telegram's API has it (`MessageMedia…`)."""

from collections.abc import Callable, Iterator
from typing import Any

from extract.formats.api_json import Json
from extract.formats.api_names import type_of
from extract.formats.api_values import count_of, items, members, seconds_of, string
from extract.model import Counts, Media, MediaKind, Poll

_UNSUPPORTED = "messagemediaunsupported"
_NONE = frozenset({"", "messagemediaempty", "messagemediawebpage", _UNSUPPORTED})


def is_unsupported(media: Json) -> bool:
    """Tell whether the program that wrote the message could not show what is attached."""
    return type_of(media) == _UNSUPPORTED


def media_of(media: Json) -> tuple[Media, ...]:
    """Return what is attached; a web page preview is not."""
    kind = type_of(media)
    if kind in _NONE:
        return ()
    reader = _READERS.get(kind)
    return (Media(MediaKind.OTHER, caption=_title(media)) if reader is None else reader(media),)


def rich_media(rich: Json) -> tuple[Media, ...]:
    """Return the photos and files that stand between the blocks of a rich message."""
    photos = [_photo(photo) for photo in items(rich.get("photos"))]
    return (*photos, *(document_media(document) for document in items(rich.get("documents"))))


def _contact(media: Json) -> Media:
    """Return a card; its telephone number is not kept."""
    return Media(MediaKind.CONTACT, caption=_joined(" ", media.get("first_name"), media.get("last_name")))


def _place(media: Json) -> Media:
    named = _joined(", ", media.get("title"), media.get("address"))
    point = members(media.get("geo"))
    degrees = (point.get("lat"), point.get("long"))
    if named is None and all(isinstance(degree, int | float) for degree in degrees):
        named = ", ".join(map(str, degrees))
    return Media(MediaKind.LOCATION, caption=named)


def _joined(between: str, *parts: Any) -> str | None:
    return between.join(filter(None, map(string, parts))) or None


def _title(media: Json) -> str | None:
    """Return what a game, an invoice or a list of things to do calls itself."""
    for holder in (members(media.get("game")), members(media.get("todo")), media):
        title = text_of(holder.get("title"))
        if title:
            return title
    return None


def text_of(value: Any) -> str | None:
    """Return the words of what is a string in older layers, and an object with its entities in newer ones."""
    return string(value) or string(members(value).get("text"))


def _photo(photo: Json) -> Media:
    """Return a photo in its largest size."""
    sizes = [
        (count_of(size.get("w")) or 0, count_of(size.get("h")) or 0, _bytes_of(size))
        for size in items(photo.get("sizes"))
    ]
    width, height, size_bytes = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0, None))
    return Media(MediaKind.PHOTO, size_bytes=size_bytes, width=width or None, height=height or None)


def _bytes_of(size: Json) -> int | None:
    steps = size.get("sizes")
    if isinstance(steps, list):
        return max((step for step in map(count_of, steps) if step is not None), default=None)
    return count_of(size.get("size"))


def document_media(document: Json) -> Media:
    """Return a file by what its attributes say that it is."""
    attributes = {type_of(one).removeprefix("documentattribute"): one for one in items(document.get("attributes"))}
    video, audio = attributes.get("video", {}), attributes.get("audio", {})
    size, sticker = video or attributes.get("imagesize", {}), attributes.get("sticker", {})
    return Media(
        _document_kind(attributes, video, audio),
        name=string(attributes.get("filename", {}).get("file_name")),
        mime_type=string(document.get("mime_type")),
        size_bytes=count_of(document.get("size")),
        width=count_of(size.get("w")) or None,
        height=count_of(size.get("h")) or None,
        duration_s=seconds_of((video or audio).get("duration")),
        caption=_joined(" – ", audio.get("performer"), audio.get("title")) or string(sticker.get("alt")),
    )


def _document_kind(attributes: dict[str, Json], video: Json, audio: Json) -> MediaKind:
    if "sticker" in attributes:
        return MediaKind.STICKER
    if "video" in attributes and video.get("round_message"):
        return MediaKind.ROUND_VIDEO
    if "animated" in attributes:
        return MediaKind.ANIMATION
    if "video" in attributes:
        return MediaKind.VIDEO
    if "audio" in attributes:
        return MediaKind.VOICE if audio.get("voice") else MediaKind.AUDIO
    return MediaKind.DOCUMENT


def preview_lines(page: Json) -> Iterator[str]:
    """Yield the site and the title of a web page preview, each once."""
    yield from dict.fromkeys(filter(None, (string(page.get("site_name")), string(page.get("title")))))


def poll_of(media: Json) -> Poll | None:
    """Return what a poll asks."""
    if type_of(media) != "messagemediapoll":
        return None
    poll = members(media.get("poll"))
    answers = tuple(text_of(answer.get("text")) or "" for answer in items(poll.get("answers")))
    return Poll(text_of(poll.get("question")) or "", answers)


def poll_counts(media: Json, poll: Poll | None) -> Counts:
    """Return the votes of a poll, as far as they are shown."""
    results = members(media.get("results"))
    votes = tuple(count_of(answer.get("voters")) for answer in items(results.get("results")))
    known = tuple(vote for vote in votes if vote is not None)
    is_whole = poll is not None and known and len(known) == len(votes) == len(poll.options)
    return Counts(
        poll_votes=known if is_whole else None,
        poll_voters=None if poll is None else count_of(results.get("total_voters")),
    )


_READERS: dict[str, Callable[[Json], Media]] = {
    "messagemediaphoto": lambda media: _photo(members(media.get("photo"))),
    "messagemediadocument": lambda media: document_media(members(media.get("document"))),
    "messagemediapoll": lambda _: Media(MediaKind.POLL),
    "messagemediacontact": _contact,
    "messagemediageo": _place,
    "messagemediageolive": _place,
    "messagemediavenue": _place,
}
