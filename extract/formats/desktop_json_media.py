"""What is attached to a message in Telegram Desktop's JSON: files, polls, places, cards, and counts of reactions."""

import re

import orjson

from extract.formats.desktop_json_text import text_of
from extract.model import Counts, Link, Media, MediaKind, Poll

_FILE_KINDS = {
    "sticker": MediaKind.STICKER,
    "video_message": MediaKind.ROUND_VIDEO,
    "voice_message": MediaKind.VOICE,
    "animation": MediaKind.ANIMATION,
    "video_file": MediaKind.VIDEO,
    "audio_file": MediaKind.AUDIO,
}
# What stands in place of a path; the writer may put the file's name before it.
_NOT_HELD = re.compile(
    r"(?s)(?:(?P<name>.+) )?\((?:(?:File|Photo) (?:not included|exceeds maximum size)\. "
    r"Change data exporting settings to download\.|(?:File|Photo) unavailable, please try again later|unavailable)\)"
)
_CLIMBS = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.DOTALL)
_OTHERS = {
    "game_title": "game_title",
    "todo_list": "title",
    "invoice_information": "title",
    "giveaway_information": "additional_prize",
    "giveaway_results": "additional_prize",
    "paid_stars_amount": "",
}
_NOT_FILES = frozenset((*_OTHERS, "contact_information", "location_information", "place_name", "poll"))
_MOST_COUNT = (1 << 63) - 1
Fields = dict[str, object]


def whole(value: object) -> int | None:
    """Return a count as the archive can hold it, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_COUNT:
        return None
    return value


def short(value: object) -> int | None:
    """Return a width, a height or a number of seconds, None for what can't be one."""
    number = whole(value)
    return number if number is not None and number < 1 << 31 else None


def words(value: object) -> str | None:
    """Return a string that says something, None for anything else."""
    return value if isinstance(value, str) and value else None


def media_of(fields: Fields) -> tuple[Media, ...]:
    """Return what is attached to a message."""
    found: list[Media] = []
    if "photo" in fields:
        found.append(_photo(fields))
    if "file" in fields or "media_type" in fields:
        found.append(_file(fields))
    if not _NOT_FILES.isdisjoint(fields):
        found.extend(_without_file(fields))
    return tuple(found)


def _photo(fields: Fields) -> Media:
    name, address, is_held = _place(fields["photo"])
    return Media(
        MediaKind.PHOTO,
        name=name,
        size_bytes=whole(fields.get("photo_file_size")),
        address=address,
        is_held=is_held,
        width=short(fields.get("width")),
        height=short(fields.get("height")),
    )


def _file(fields: Fields) -> Media:
    name, address, is_held = _place(fields.get("file"))
    kind = fields.get("media_type")
    song = (words(fields.get("performer")), words(fields.get("title")))
    return Media(
        MediaKind.DOCUMENT if kind is None else _FILE_KINDS.get(str(kind), MediaKind.OTHER),
        name=words(fields.get("file_name")) or name,
        mime_type=words(fields.get("mime_type")),
        size_bytes=whole(fields.get("file_size")),
        address=address,
        is_held=is_held,
        width=short(fields.get("width")),
        height=short(fields.get("height")),
        duration_s=short(fields.get("duration_seconds")),
        caption=" – ".join(filter(None, song)) or words(fields.get("sticker_emoji")),
    )


def _place(value: object) -> tuple[str | None, str | None, bool | None]:
    """Name, path in the export, and whether the file came with it."""
    if not isinstance(value, str) or not value:
        return None, None, None
    if value[-1] == ")" and (match := _NOT_HELD.fullmatch(value)):
        return match["name"], None, False
    return None, value, None if climbs_out(value) else True


def climbs_out(path: str) -> bool:
    """Tell whether a path leads out of the folder of an export."""
    return _CLIMBS.match(path) is not None


def _without_file(fields: Fields) -> list[Media]:
    found: list[Media] = []
    if "contact_information" in fields:
        found.append(Media(MediaKind.CONTACT, caption=_contact_name(fields["contact_information"])))
    if "location_information" in fields or "place_name" in fields:
        found.append(Media(MediaKind.LOCATION, caption=_place_name(fields)))
    if "poll" in fields:
        found.append(Media(MediaKind.POLL))
    for key, title in _OTHERS.items():
        if key in fields:
            value = fields[key]
            if isinstance(value, str) and value.startswith("{"):
                value = _unpacked(value)
            named = value.get(title) if isinstance(value, dict) else value
            found.append(Media(MediaKind.OTHER, caption=text_of(named) or None))
    return found


def _unpacked(value: str) -> object:
    """Return an object that was written as a string, as invoices are."""
    try:
        unpacked: object = orjson.loads(value)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return unpacked


def _contact_name(value: object) -> str | None:
    """Name on a card; its telephone number is not kept."""
    if not isinstance(value, dict):
        return None
    names = (words(value.get("first_name")), words(value.get("last_name")))
    return " ".join(filter(None, names)) or None


def _place_name(fields: Fields) -> str | None:
    named = ", ".join(filter(None, (words(fields.get("place_name")), words(fields.get("address")))))
    point = fields.get("location_information")
    if named or not isinstance(point, dict):
        return named or None
    degrees = (point.get("latitude"), point.get("longitude"))
    return ", ".join(str(value) for value in degrees) if all(isinstance(v, int | float) for v in degrees) else None


def poll_of(fields: Fields) -> Poll | None:
    """Return what a poll asks, None where there is none."""
    poll = fields.get("poll")
    if not isinstance(poll, dict):
        return None
    return Poll(text_of(poll.get("question")), tuple(text_of(answer.get("text")) for answer in _answers(poll)))


def _answers(poll: Fields) -> list[Fields]:
    answers = poll.get("answers")
    return [answer for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []


def counts_of(fields: Fields) -> Counts | None:
    """Return the counts of reactions and votes, None where the message carries none; never who they are of."""
    reactions = _reactions(fields["reactions"]) if "reactions" in fields else None
    poll = fields.get("poll")
    if not isinstance(poll, dict):
        return None if reactions is None else Counts(reactions=reactions)
    votes = [whole(answer.get("voters")) for answer in _answers(poll)]
    known = tuple(vote for vote in votes if vote is not None)
    return Counts(
        reactions=reactions,
        poll_votes=known if votes and len(known) == len(votes) else None,
        poll_voters=whole(poll.get("total_voters")),
    )


def _reactions(value: object) -> tuple[tuple[str, int], ...] | None:
    """Count of each reaction. Custom emoji are one: what the form names them by differs between exports."""
    if not isinstance(value, list):
        return None
    counts: dict[str, int] = {}
    for reaction in value:
        count = whole(reaction.get("count")) if isinstance(reaction, dict) else None
        if count is not None:
            kind = reaction.get("type")
            name = words(reaction.get("emoji")) or ("paid" if kind == "paid" else "custom_emoji")
            counts[name] = min(counts.get(name, 0) + count, _MOST_COUNT)
    return tuple(counts.items())


def buttons_of(fields: Fields) -> tuple[Link, ...]:
    """Return the buttons below a message; those that open no address have an empty one."""
    rows = fields.get("inline_bot_buttons")
    found: list[Link] = []
    for row in rows if isinstance(rows, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, dict):
                data = words(button.get("data"))
                is_address = data is not None and "://" in data[:16]
                found.append(Link(words(button.get("text")) or "", data if data and is_address else ""))
    return tuple(found)
