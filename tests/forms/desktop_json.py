"""Posts as Telegram Desktop exports them to JSON, with what differs between exports as arguments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.forms.made import CHANNEL_ID, OTHER_ID, OTHER_TITLE, TITLE, Attached, MadePost, Mark, Piece

OLD_SHIFT = 1 << 33  # what versions up to 2.7.1 added to the id of a channel
NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"


@dataclass(frozen=True, slots=True)
class Exporter:
    """What differs between exports: their settings, their state, and the channel."""

    zone: str = "Europe/Berlin"
    title: str | None = TITLE
    channel_id: int = CHANNEL_ID
    has_files: bool = False
    emoji_path: str = "stickers/AnimatedSticker.tgs"
    likes: int = 3


USUAL = Exporter()


def desktop_json(posts: Sequence[MadePost], exporter: Exporter = USUAL) -> bytes:
    """Return an export of 2025."""
    return _export(exporter.title, exporter.channel_id, [_message(post, exporter) for post in posts])


def desktop_json_2019(posts: Sequence[MadePost], exporter: Exporter = USUAL) -> bytes:
    """Return an export of 2019: no seconds since 1970, numbers for ids, an edit in 1970 where there was none."""
    return _export(exporter.title, OLD_SHIFT + exporter.channel_id, [_old_message(post, exporter) for post in posts])


def _export(title: str | None, chat_id: int, messages: list[dict[str, Any]]) -> bytes:
    chat = {"name": title, "type": "public_channel", "id": chat_id, "messages": messages}
    return json.dumps(chat, ensure_ascii=False, indent=1).encode()


def _local(at: datetime, exporter: Exporter) -> str:
    return at.astimezone(ZoneInfo(exporter.zone)).strftime("%Y-%m-%dT%H:%M:%S")


def _message(post: MadePost, exporter: Exporter) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": post.number,
        "type": "message",
        "date": _local(post.at, exporter),
        "date_unixtime": str(int(post.at.timestamp())),
    }
    if post.edited_at is not None:
        message["edited"] = _local(post.edited_at, exporter)
        message["edited_unixtime"] = str(int(post.edited_at.timestamp()))
    if post.new_title is not None:
        actor = {"actor": exporter.title, "actor_id": f"channel{exporter.channel_id}"}
        service = {"action": "edit_group_title", "title": post.new_title, "text": "", "text_entities": []}
        return message | {"type": "service"} | actor | service
    message |= {"from": exporter.title, "from_id": f"channel{exporter.channel_id}"}
    message |= _around(post, exporter) | _files(post, exporter)
    if post.origin is not None:
        message["forwarded_from_id"] = f"channel{OTHER_ID}"
    pieces = [_piece(piece, exporter) for piece in post.pieces]
    entities = [{"type": "plain", "text": one} if isinstance(one, str) else one for one in pieces]
    message |= {"text": _joined(pieces), "text_entities": entities}
    if exporter.likes:
        liked = {"from": "A Person", "from_id": "user1", "date": _local(post.at, exporter)}
        message["reactions"] = [{"type": "emoji", "count": exporter.likes, "emoji": "👍", "recent": [liked]}]
    return message


def _old_message(post: MadePost, exporter: Exporter) -> dict[str, Any]:
    never = datetime.fromtimestamp(0, post.at.tzinfo)
    message: dict[str, Any] = {
        "id": post.number,
        "type": "message",
        "date": _local(post.at, exporter),
        "edited": _local(post.edited_at or never, exporter),
    }
    if post.new_title is not None:
        actor = {"actor": exporter.title, "actor_id": OLD_SHIFT + exporter.channel_id}
        return (
            message | {"type": "service"} | actor | {"action": "edit_group_title", "title": post.new_title, "text": ""}
        )
    message |= {"from": exporter.title, "from_id": OLD_SHIFT + exporter.channel_id} | _around(post, exporter)
    files = _files(post, exporter)
    message |= {name: files[name] for name in files if not name.endswith("_size") and name != "file_name"}
    plain = (Mark.PLAIN, Mark.CUSTOM_EMOJI)
    return message | {
        "text": _joined([one.text if one.mark in plain else _piece(one, exporter) for one in post.pieces])
    }


def _around(post: MadePost, exporter: Exporter) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if post.origin is not None:
        found["forwarded_from"] = OTHER_TITLE
    if post.reply_to is not None:
        found["reply_to_message_id"] = post.reply_to
    if post.poll is not None:
        question, options = post.poll
        answers = [{"text": option, "voters": exporter.likes, "chosen": False} for option in options]
        found["poll"] = {"question": question, "closed": False, "total_voters": exporter.likes, "answers": answers}
    return found


def _files(post: MadePost, exporter: Exporter) -> dict[str, Any]:
    place = f"{post.number}.bin" if exporter.has_files else NOT_INCLUDED
    if post.attached is Attached.PHOTO:
        photo = f"photos/{place}" if exporter.has_files else NOT_INCLUDED
        return {"photo": photo, "photo_file_size": 181_220, "width": 1280, "height": 853}
    if post.attached is Attached.VIDEO:
        video = {"media_type": "video_file", "mime_type": "video/mp4", "duration_seconds": 27}
        return {"file": place, "file_name": "film.mp4", "file_size": 2_096_128, **video, "width": 1280, "height": 720}
    if post.attached is Attached.DOCUMENT:
        return {"file": place, "file_name": post.file_name, "file_size": 4096, "mime_type": "application/pdf"}
    return {}


def _piece(piece: Piece, exporter: Exporter) -> str | dict[str, Any]:
    if piece.mark is Mark.PLAIN:
        return piece.text
    found: dict[str, Any] = {"type": piece.mark.value, "text": piece.text}
    if piece.mark is Mark.TEXT_LINK:
        found["href"] = piece.address
    if piece.mark is Mark.CUSTOM_EMOJI:
        found["document_id"] = exporter.emoji_path
    return found


def _joined(pieces: list[str | dict[str, Any]]) -> object:
    """Return a text as the exporter writes it: a string where it is plain, otherwise a list."""
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(piece for piece in pieces if isinstance(piece, str))
    return pieces
