"""Posts as programs on Telegram's API dump them: Telethon's JSON Lines, Pyrogram's JSON."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from tests.forms.made import (
    CHANNEL_ID,
    OTHER_ID,
    OTHER_TITLE,
    OTHER_USERNAME,
    TITLE,
    USERNAME,
    Attached,
    MadePost,
    Mark,
)

PYROGRAM_ZONE = "Europe/Moscow"  # of the machine; its dates have none
_TELETHON = {
    Mark.BOLD: "Bold",
    Mark.ITALIC: "Italic",
    Mark.HASHTAG: "Hashtag",
    Mark.MENTION: "Mention",
    Mark.CUSTOM_EMOJI: "CustomEmoji",
    Mark.TEXT_LINK: "TextUrl",
    Mark.LINK: "Url",
    Mark.EMAIL: "Email",
}
_PYROGRAM = {mark: mark.value.upper() for mark in _TELETHON} | {Mark.LINK: "URL"}


def _units(text: str) -> int:
    """Return the length of a text as the API counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _entities(post: MadePost) -> list[tuple[Mark, int, int, str]]:
    found: list[tuple[Mark, int, int, str]] = []
    offset = 0
    for piece in post.pieces:
        if piece.mark is not Mark.PLAIN:
            found.append((piece.mark, offset, _units(piece.text), piece.address))
        offset += _units(piece.text)
    return found


def telethon(posts: Sequence[MadePost], views: int = 4853, channel_id: int = CHANNEL_ID) -> bytes:
    """Return one message a line."""
    return b"".join(json.dumps(_telethon(post, views, channel_id)).encode() + b"\n" for post in posts)


def _telethon(post: MadePost, views: int, channel_id: int) -> dict[str, Any]:
    message: dict[str, Any] = {
        "_": "Message",
        "id": post.number,
        "peer_id": {"_": "PeerChannel", "channel_id": channel_id},
        "date": post.at.isoformat(),
    }
    if post.new_title is not None:
        action = {"_": "MessageActionChatEditTitle", "title": post.new_title}
        return message | {"_": "MessageService", "action": action, "post": True, "from_id": None, "reply_to": None}
    origin = post.origin
    forward = None
    if origin is not None:
        peer = {"_": "PeerChannel", "channel_id": OTHER_ID}
        named = {"from_id": peer, "from_name": None, "channel_post": origin.message_id}
        forward = {"_": "MessageFwdHeader", "date": origin.at.isoformat(), **named}
    reply = None if post.reply_to is None else {"_": "MessageReplyHeader", "reply_to_msg_id": post.reply_to}
    return message | {
        "message": post.text,
        "out": False,
        "post": True,
        "from_id": None,
        "fwd_from": forward,
        "reply_to": reply,
        "media": _telethon_media(post),
        "reply_markup": None,
        "entities": [
            {"_": f"MessageEntity{_TELETHON[mark]}", "offset": offset, "length": length}
            | ({"url": address} if mark is Mark.TEXT_LINK else {})
            for mark, offset, length, address in _entities(post)
        ],
        "views": views,
        "forwards": 7,
        "replies": None,
        "edit_date": None if post.edited_at is None else post.edited_at.isoformat(),
        "edit_hide": False,
        "post_author": None,
        "grouped_id": None if post.album is None else 13_700_000_000_000_000 + post.album,
        "reactions": None,
    }


def _telethon_media(post: MadePost) -> dict[str, Any] | None:
    if post.poll is not None:
        question, options = post.poll
        answers = [
            {"_": "PollAnswer", "text": {"_": "TextWithEntities", "text": option, "entities": []}, "option": "MA=="}
            for option in options
        ]
        asked = {"_": "TextWithEntities", "text": question, "entities": []}
        poll = {"_": "Poll", "id": 1, "question": asked, "answers": answers}
        return {"_": "MessageMediaPoll", "poll": poll, "results": {"_": "PollResults", "total_voters": 9}}
    if post.attached is None:
        return None
    if post.attached is Attached.PHOTO:
        size = {"_": "PhotoSize", "type": "y", "w": 1280, "h": 853, "size": 181_220}
        return {"_": "MessageMediaPhoto", "photo": {"_": "Photo", "id": post.number, "sizes": [size]}}
    is_film = post.attached is Attached.VIDEO
    named = {"_": "DocumentAttributeFilename", "file_name": "film.mp4" if is_film else post.file_name}
    film = {"_": "DocumentAttributeVideo", "duration": 27.0, "w": 1280, "h": 720, "round_message": False}
    document = {
        "_": "Document",
        "id": post.number,
        "mime_type": "video/mp4" if is_film else "application/pdf",
        "size": 4096,
        "attributes": [film, named] if is_film else [named],
    }
    return {"_": "MessageMediaDocument", "document": document}


def pyrogram(posts: Sequence[MadePost], views: int = 4853, channel_id: int = CHANNEL_ID) -> bytes:
    """Return messages as they print themselves, one after another."""
    return "\n".join(
        json.dumps(_pyrogram(post, views, channel_id), indent=4, ensure_ascii=False) for post in posts
    ).encode()


def _pyrogram(post: MadePost, views: int, channel_id: int) -> dict[str, Any]:
    chat = {
        "_": "Chat",
        "id": -1_000_000_000_000 - channel_id,
        "type": "ChatType.CHANNEL",
        "title": TITLE,
        "username": USERNAME,
    }
    zone = ZoneInfo(PYROGRAM_ZONE)
    message: dict[str, Any] = {"_": "Message", "id": post.number, "sender_chat": chat, "chat": chat}
    message["date"] = f"{post.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if post.new_title is not None:
        return message | {"service": "MessageServiceType.NEW_CHAT_TITLE", "new_chat_title": post.new_title}
    message |= {"views": views, "forwards": 7} | _pyrogram_media(post)
    if post.edited_at is not None:
        message["edit_date"] = f"{post.edited_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if post.reply_to is not None:
        message["reply_to_message_id"] = post.reply_to
    if post.album is not None:
        message["media_group_id"] = str(13_700_000_000_000_000 + post.album)
    if post.origin is not None:
        other = {"_": "Chat", "id": -1_000_000_000_000 - OTHER_ID, "type": "ChatType.CHANNEL", "title": OTHER_TITLE}
        message["forward_from_chat"] = other | {"username": OTHER_USERNAME}
        message["forward_from_message_id"] = post.origin.message_id
        message["forward_date"] = f"{post.origin.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if post.pieces:
        text, entities = ("text", "entities") if post.attached is None else ("caption", "caption_entities")
        message[text] = post.text
        message[entities] = [
            {
                "_": "MessageEntity",
                "type": f"MessageEntityType.{_PYROGRAM[mark]}",
                "offset": offset,
                "length": length,
            }
            | ({"url": address} if mark is Mark.TEXT_LINK else {})
            for mark, offset, length, address in _entities(post)
        ]
    return message


def _pyrogram_media(post: MadePost) -> dict[str, Any]:
    if post.poll is not None:
        question, options = post.poll
        answers = [{"_": "PollOption", "text": option, "voter_count": 3, "data": "b'0'"} for option in options]
        poll = {"_": "Poll", "question": question, "options": answers, "total_voter_count": 9}
        return {"media": "MessageMediaType.POLL", "poll": poll}
    if post.attached is Attached.PHOTO:
        photo = {"_": "Photo", "width": 1280, "height": 853, "file_size": 181_220}
        return {"media": "MessageMediaType.PHOTO", "photo": photo}
    if post.attached is Attached.VIDEO:
        film = {"_": "Video", "file_name": "film.mp4", "mime_type": "video/mp4", "duration": 27}
        return {"media": "MessageMediaType.VIDEO", "video": film}
    if post.attached is Attached.DOCUMENT:
        document = {"_": "Document", "file_name": post.file_name, "mime_type": "application/pdf", "file_size": 4096}
        return {"media": "MessageMediaType.DOCUMENT", "document": document}
    return {}
