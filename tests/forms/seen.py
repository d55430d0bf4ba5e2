"""What a format reads of an input, and what is to be seen in it."""

import io
from datetime import datetime

from extract.errors import ExtractError
from extract.formats import formats
from extract.model import Hints, Reason, Record, Rejection

Values = list[Record | Rejection]


def values(form: str, data: bytes, hints: Hints = Hints("traps")) -> Values:  # noqa: B008
    """Return what a format reads of an input; an input that can't be read is one rejection of the whole."""
    reader = formats()[form]
    found: Values = []
    try:
        for stretch in reader.split(io.BytesIO(data), hints):
            found.extend(reader.read(stretch, hints))
    except ExtractError as error:
        found.append(Rejection(None, None, Reason(error.reason), error.found, error.expected, error.remedy, ""))
    return found


def records(found: Values) -> list[Record]:
    return [one for one in found if isinstance(one, Record)]


def texts(found: Values) -> list[str]:
    return [record.text for record in records(found)]


def keys(found: Values) -> list[str | None]:
    return [record.key for record in records(found)]


def reasons(found: Values) -> list[str]:
    return [one.reason.value for one in found if isinstance(one, Rejection)]


def notices(found: Values) -> list[str]:
    return [notice.code for record in records(found) for notice in record.notices]


def said_and_noted(found: Values) -> tuple[list[str], list[str]]:
    return texts(found), notices(found)


def omissions(found: Values) -> list[int]:
    """Return of each post with marks of omitted words how many it has, as far as there is more than one."""
    counts = (text.split("\n").count("<...>") for text in texts(found))
    return [count for count in counts if count > 1]


def links(found: Values) -> list[tuple[str, str]]:
    return [(link.text, link.address) for record in records(found) for link in record.links or ()]


def channels(found: Values) -> list[int]:
    return [record.post.channel_id for record in records(found) if record.post is not None]


def edits(found: Values) -> list[tuple[bool | None, datetime | None]]:
    return [(record.post.is_edited, record.post.edited_at) for record in records(found) if record.post is not None]


def replies(found: Values) -> list[tuple[str, int | None]]:
    return [(record.text, record.post.reply_to) for record in records(found) if record.post is not None]


def names(found: Values) -> list[tuple[str | None, str | None]]:
    return [(one.post.channel_title, one.forwarded_from) for one in records(found) if one.post is not None]


def titles(found: Values) -> list[tuple[str | None, str, bool]]:
    return [(record.title, record.text, record.has_media_placeholder) for record in records(found)]


def held(found: Values) -> list[tuple[bool | None, list[str]]]:
    return [(media.is_held, notices(found)) for record in records(found) for media in record.media or ()]
