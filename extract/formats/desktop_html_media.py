"""What is attached to a message of Telegram Desktop's HTML: media, polls, places.

Sizes in bytes are printed rounded and are not read as counts; a picture's `style` has the size of its preview.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from extract.markup import inline_text
from extract.model import Media, MediaKind, Notice, Poll

_WRAPS = MappingProxyType(
    {
        "photo_wrap": MediaKind.PHOTO,
        "video_file_wrap": MediaKind.VIDEO,
        "animated_wrap": MediaKind.ANIMATION,
        "sticker_wrap": MediaKind.STICKER,
    }
)
# By class, then by the title that the exporter gives to what it names by no file name.
_TITLES = MappingProxyType(
    {
        ("media_photo", "Sticker"): MediaKind.STICKER,
        ("media_video", "Animation"): MediaKind.ANIMATION,
        ("media_video", "Video message"): MediaKind.ROUND_VIDEO,
    }
)
_CLASSES = MappingProxyType(
    {
        "media_photo": MediaKind.PHOTO,
        "media_video": MediaKind.VIDEO,
        "media_voice_message": MediaKind.VOICE,
        "media_audio_file": MediaKind.AUDIO,
        "media_file": MediaKind.DOCUMENT,
        "media_contact": MediaKind.CONTACT,
        "media_location": MediaKind.LOCATION,
        "media_live_location": MediaKind.LOCATION,
        "media_venue": MediaKind.LOCATION,
        "media_invoice": MediaKind.OTHER,
        "media_game": MediaKind.OTHER,
        "media_call": MediaKind.OTHER,
        "media_giveaway": MediaKind.OTHER,
    }
)
_PLACES = frozenset((("media_location", "Location"), ("media_live_location", "Live location")))
_FILES = frozenset(
    (
        MediaKind.PHOTO,
        MediaKind.VIDEO,
        MediaKind.ANIMATION,
        MediaKind.ROUND_VIDEO,
        MediaKind.VOICE,
        MediaKind.AUDIO,
        MediaKind.DOCUMENT,
        MediaKind.STICKER,
    )
)
# What the exporter says in place of a file: three reasons, and of what destroys itself two states.
_NOT_HELD = (
    "Not included, change data exporting settings to download.",
    "Exceeds maximum size, change data exporting settings to download.",
    "Unavailable, please try again later.",
    "Please view it on your mobile",
    "Expired",
)
_SIZE = re.compile(r"(\d{1,6}) ?[\u00d7x] ?(\d{1,6})")
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d\d)\b")
_VOTES = re.compile(r"(\d{1,12}) votes?")
_ROOTED = re.compile(r"[/\\]|[A-Za-z][A-Za-z0-9+.-]*:")
_TODO = "To-do List"


@dataclass(frozen=True, slots=True)
class Attached:
    """What one `media_wrap` holds."""

    media: Media
    poll: Poll | None = None
    votes: tuple[int, ...] | None = None
    voters: int | None = None
    notices: tuple[Notice, ...] = ()


def elements(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements right below a node."""
    child = node.first_child
    while child is not None:
        if child.tag and not child.tag.startswith("-"):
            yield child
        child = child.next


def classes(node: LexborNode) -> list[str]:
    """Return the classes of an element."""
    return (node.attributes.get("class") or "").split()


def line_of(node: LexborNode | None) -> str:
    """Return the words of an element that is one line, without the white space around them."""
    if node is None:
        return ""
    only = node.first_child
    if only is not None and only.tag == "-text" and only.next is None:
        return (only.text_content or "").strip()
    return inline_text(node)[0].strip()


def attached(wrap: LexborNode, to_top: str) -> Iterator[Attached]:
    """Yield what a `media_wrap` holds: one thing, as the exporter writes it."""
    for node in elements(wrap):
        names = classes(node)
        if "media_poll" in names:
            yield _poll(node)
        elif wrapped := next((_WRAPS[name] for name in names if name in _WRAPS), None):
            duration = next((line_of(part) for part in elements(node) if "video_duration" in classes(part)), "")
            yield _file(wrapped, node.attributes.get("href"), to_top, duration_s=_seconds(duration))
        else:
            yield _generic(node, names, to_top)


def _generic(node: LexborNode, names: list[str], to_top: str) -> Attached:
    """Read what the exporter shows as a box with a title, a description and a status."""
    body = next((part for part in elements(node) if "body" in classes(part)), node)
    lines = {classes(part)[0]: line_of(part) for part in elements(body) if classes(part)}
    title, description, status = (lines.get(name, "") for name in ("title", "description", "status"))
    own = next((name for name in names if name.startswith("media_")), "")
    kind = _TITLES.get((own, title)) or _CLASSES.get(own, MediaKind.OTHER)
    address = node.attributes.get("href") or None
    if kind not in _FILES:
        if kind is MediaKind.CONTACT or (own, title) in _PLACES:
            # A place has no title of its own, and a person's telephone number is not kept.
            title, status = ("", status) if kind is MediaKind.LOCATION else (title, "")
        return _no_file(kind, own, address, to_top, (title, description, status) if lines else (line_of(node),))
    size = _SIZE.match(status)
    if address is None:
        is_absent = description in _NOT_HELD or status in _NOT_HELD
        media = Media(kind, is_held=False if is_absent else None)
        notices: tuple[Notice, ...] = ()
    else:
        file = _file(kind, address, to_top)
        media, notices = file.media, file.notices
    return Attached(
        Media(
            kind=kind,
            name=title if kind is MediaKind.DOCUMENT and title and title != "File" else None,
            address=media.address,
            is_held=media.is_held,
            width=int(size[1]) if size else None,
            height=int(size[2]) if size else None,
            duration_s=_seconds(status),
            caption=title if kind is MediaKind.AUDIO and title and title != "Audio file" else None,
        ),
        notices=notices,
    )


def _no_file(kind: MediaKind, own: str, address: str | None, to_top: str, lines: tuple[str, ...]) -> Attached:
    """Read a place, a person, a price: what is no file, though a person's card may be one."""
    caption = ", ".join(line for line in lines if line) or None
    notices = () if own in _CLASSES else (Notice("unknown_media", own),)
    if kind is MediaKind.CONTACT and address is not None:
        card = _file(kind, address, to_top)
        media = Media(kind, address=address, is_held=card.media.is_held, caption=caption)
        return Attached(media, notices=(*notices, *card.notices))
    return Attached(Media(kind, address=address, caption=caption), notices=notices)


def _file(kind: MediaKind, address: str | None, to_top: str, duration_s: int | None = None) -> Attached:
    """Return a file that came with the export; of one whose path leads elsewhere that is not known."""
    if not address:
        return Attached(Media(kind, duration_s=duration_s))
    if _leads_outside(address, to_top):
        notice = Notice("path_leads_out", address[:200])
        return Attached(Media(kind, address=address, duration_s=duration_s), notices=(notice,))
    return Attached(Media(kind, address=address, is_held=True, duration_s=duration_s))


def _leads_outside(path: str, to_top: str) -> bool:
    """Whether a path climbs out of the export; the files of an account-wide one start at its top."""
    inner = path.removeprefix(to_top) if to_top and path.startswith(f"{to_top}chats/") else path
    return any(_ROOTED.match(read) is not None or ".." in re.split(r"[/\\]", read) for read in (inner, unquote(inner)))


def _seconds(printed: str) -> int | None:
    match = _DURATION.match(printed)
    return None if match is None else int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])


def _poll(node: LexborNode) -> Attached:
    question, details, total = "", "", ""
    answers: list[tuple[str, int | None]] = []
    for part in elements(node):
        names = classes(part)
        if "question" in names:
            question = line_of(part)
        elif "answer" in names:
            answers.append(_answer(part))
        elif "total" in names:
            total = line_of(part)
        elif "details" in names:
            details = line_of(part)
    options = tuple(option for option, _ in answers)
    if details == _TODO:
        return Attached(Media(MediaKind.OTHER, caption="\n".join((question, *options))))
    voters = _votes(total)
    has_votes = any(votes for _, votes in answers)
    return Attached(
        Media(MediaKind.POLL),
        Poll(question, options),
        # Where somebody voted and no answer has a vote, the results were not shown to the exporter.
        tuple(votes or 0 for _, votes in answers) if answers and (has_votes or voters == 0) else None,
        voters,
    )


def _answer(node: LexborNode) -> tuple[str, int | None]:
    """Return an answer without its dash, and its votes; None where none are printed."""
    parts = list(elements(node))
    shown = parts[-1] if parts and "details" in classes(parts[-1]) else None
    text, _ = inline_text(node)
    if shown is None:
        return text.strip().removeprefix("- ").strip(), None
    counted, _ = inline_text(shown)
    return text.rstrip().removesuffix(counted.rstrip()).strip().removeprefix("- ").strip(), _votes(counted)


def _votes(printed: str) -> int | None:
    match = _VOTES.search(printed)
    if match is None:
        return 0 if printed.strip() == "No votes" else None
    return int(match[1])
