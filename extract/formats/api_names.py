"""The names of Telegram's API as Telethon writes them, from what programs in other languages make of them.

`FwdFrom` (tdl, tg_history_dumper) and `fwdFrom` (GramJS) become `fwd_from`; `TL_messageService`, `types.MessageService`
and GramJS's `className` become the type that `type_of` returns. tdl writes no types at all: they are told by which
names an object has, as in the code that Go's library gotd generates.
"""

import re
from functools import cache
from typing import Any

from extract.formats.api_json import Json

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.|t\.me/)\S+|(?:[\w-]{1,63}\.){1,9}[^\W\d_]{2,24}(?:[/?#]\S*)?")
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,9}[^\W\d_]{2,24}")

# By a name that no other type of the same place has; the first that fits is it.
_MEDIA_BY_NAME = (
    ("phone_number", "messagemediacontact"),
    ("photo", "messagemediaphoto"),
    ("document", "messagemediadocument"),
    ("webpage", "messagemediawebpage"),
    ("poll", "messagemediapoll"),
    ("venue_id", "messagemediavenue"),
    ("geo", "messagemediageo"),
)
_ATTRIBUTE_BY_NAME = (
    ("file_name", "documentattributefilename"),
    ("round_message", "documentattributevideo"),
    ("voice", "documentattributeaudio"),
    ("free", "documentattributecustomemoji"),
    ("stickerset", "documentattributesticker"),
    ("w", "documentattributeimagesize"),
)
_PLACE_MEMBERS = 2  # offset and length; any other is that of a type which is no link
_FILM = "video/"  # an attribute with no members is that of animations, or says that there are stickers


def type_of(value: Json) -> str:
    """Return the type of an object in lower case, without what a program puts before it; "" where it has none."""
    name = value.get("_")
    return name.rpartition(".")[2].removeprefix("TL_").lower() if isinstance(name, str) else ""


def is_foreign(message: Json) -> bool:
    """Tell whether a message has the names of another program than Telethon."""
    return "className" in message or "ID" in message or "PeerID" in message or "peerId" in message


def renamed(value: Any) -> Any:
    """Return a value of JSON with its names as Telethon writes them, and what stands in `className` as `_`."""
    if isinstance(value, dict):
        return {_snake(name): renamed(one) for name, one in value.items()}
    return [renamed(one) for one in value] if isinstance(value, list) else value


@cache
def _known_snake(name: str) -> str:
    return "_" if name == "className" else _HUMP.sub("_", name).lower()


def _snake(name: str) -> str:
    """Return a name with underscores; long ones are no names of the API and are not remembered."""
    if len(name) > 40 or not name.isascii():
        return name
    return _known_snake(name)


def typed(message: Json) -> Json:
    """Return a message without types with those that its names show. Values that stand for nothing are left out."""
    told: Json = {name: one for name, one in message.items() if one not in (None, 0, "", [])} | {"_": "Message"}
    told["post"] = message.get("post") is True
    text = message.get("message")
    told["entities"] = _typed_entities(message.get("entities"), text if isinstance(text, str) else "")
    if isinstance(message.get("media"), dict):
        told["media"] = _typed_media(message["media"])
    forward = message.get("fwd_from")
    if isinstance(forward, dict) and not forward.get("date"):
        del told["fwd_from"]  # Go writes what isn't there as an object of zeros
    replies = message.get("replies")
    if isinstance(replies, dict) and not replies.get("replies_pts"):
        del told["replies"]
    return told


def _typed_media(media: Json) -> Json:
    told: Json = {"_": _type_by_name(media, _MEDIA_BY_NAME)} | media
    document = media.get("document")
    if isinstance(document, dict):
        mime_type = document.get("mime_type")
        is_film = isinstance(mime_type, str) and mime_type.startswith(_FILM)
        attributes = [one for one in document.get("attributes") or [] if isinstance(one, dict)]
        empty = "documentattributeanimated" if is_film else ""
        told["document"] = document | {
            "attributes": [{"_": _type_by_name(one, _ATTRIBUTE_BY_NAME) if one else empty} | one for one in attributes]
        }
    return told


def _type_by_name(value: Json, names: tuple[tuple[str, str], ...]) -> str:
    return next((kind for name, kind in names if name in value), "")


def _typed_entities(entities: Any, text: str) -> list[Json]:
    """Return the links among entities without types: those with an address, and those whose words are one."""
    units = text.encode("utf-16-le", "surrogatepass")
    told: dict[tuple[int, int], Json] = {}
    for entity in entities if isinstance(entities, list) else []:
        offset, length = _place(entity)
        words = units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
        kind = _entity_type(entity, words)
        if kind:
            told[offset, length] = {"_": kind} | entity
    return list(told.values())


def _place(entity: Any) -> tuple[int, int]:
    places = [entity.get(name, 0) for name in ("offset", "length")] if isinstance(entity, dict) else [0, 0]
    offset, length = (place if isinstance(place, int) and 0 <= place < 1 << 31 else 0 for place in places)
    return offset, length


def _entity_type(entity: Any, words: str) -> str:
    if not isinstance(entity, dict) or not words:
        return ""
    if entity.get("url"):
        return "messageentitytexturl"
    if len(entity) > _PLACE_MEMBERS:
        return ""
    if _EMAIL.fullmatch(words):
        return "messageentityemail"
    return "messageentityurl" if _ADDRESS.fullmatch(words) else ""
