"""Pages of a channel's web preview, made from their parts, and what is read in them."""

import base64
import io
import json
from pathlib import Path

import pytest

from extract.formats.telegram_preview import FORMAT
from extract.model import (
    Hints,
    Record,
    Rejection,
)

CHANNEL_ID = 1234567890
NAME = "Example_Ministry"
HINTS = Hints("test", language="en")
GOLDEN = Path(__file__).parents[1] / "golden" / "telegram_preview"
VIDEO_WORDS = (
    '<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">'
    '<div class="message_media_not_supported_label">This media is not supported in your browser</div>'
    '<span class="message_media_view_in_telegram">VIEW IN TELEGRAM</span></div></div>'
)
HIDDEN_WORDS = (
    '<div class="media_not_supported_cont"><div class="message_media_not_supported">'
    '<div class="message_media_not_supported_label">Please open Telegram to view this post</div>'
    '<a class="message_media_view_in_telegram" href="#">VIEW IN TELEGRAM</a></div></div>'
)


def view(page_id: str | int, channel_id: int = CHANNEL_ID) -> str:
    """Return the value of `data-view`."""
    value = json.dumps({"c": -channel_id, "p": page_id, "t": 1700000000, "h": "0123456789abcdef01"})
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def words(text: str) -> str:
    """Return the element of a text."""
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'


def block(
    number: int = 12,
    content: str = "",
    *,
    attributes: str | None = None,
    classes: str = "",
    meta: str = "",
    info: str = '<span class="tgme_widget_message_views">853</span>',
    date: str = "2024-03-01T09:30:05+00:00",
    below: str = "",
) -> str:
    """Return the block of a post."""
    ids = f'data-post="{NAME}/{number}" data-view="{view(number)}"' if attributes is None else attributes
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap {classes}js-widget_message" {ids}>'
        '<div class="tgme_widget_message_user"><a href="https://t.me/x"><i class="tgme_widget_message_user_photo">'
        '</i></a></div><div class="tgme_widget_message_bubble">'
        '<i class="tgme_widget_message_bubble_tail"><svg><path d="M8"></path></svg></i>'
        '<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
        f'href="https://t.me/{NAME}"><span dir="auto">Example Ministry <i class="emoji"><b>🎙</b></i></span></a></div>'
        f'{content}<div class="tgme_widget_message_footer compact js-message_footer">'
        f'<div class="tgme_widget_message_info short js-message_info">{info}<span class="copyonly"> views</span>'
        f'<span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date" '
        f'href="https://t.me/{NAME}/{number}"><time datetime="{date}" class="time">09:30</time></a></span></div></div>'
        f"</div>{below}</div></div>"
    )


def page(*blocks: str, asked: str = "", charset: str = "utf-8") -> str:
    """Return a page of a channel."""
    posts = "\n".join(blocks)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="{charset}"><title>Example Ministry - Telegram</title>'
        f'<link rel="canonical" href="/s/{NAME}?before=40"></head>'
        '<body class="widget_frame_base tgme_webpreview emoji_image"><header class="tgme_header search_collapsed">'
        f'<form class="tgme_header_search_form" action="/s/{NAME}"><input class="tgme_header_search_form_input '
        f'js-header_search" placeholder="Search" name="q" autocomplete="off" value="{asked}"></form></header>'
        f'<main class="tgme_main" data-url="/{NAME}"><section class="tgme_channel_history js-message_history">\n'
        f'{posts}\n</section></main><script src="//telegram.org/js/telegram-web.js"></script></body></html>\n'
        "<!-- page generated in 31.52ms -->\n"
    )


def values(source: str | bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    """Return all that is read in an input."""
    stream = io.BytesIO(source.encode() if isinstance(source, str) else source)
    return [value for stretch in FORMAT.split(stream, hints) for value in FORMAT.read(stretch, hints)]


def records(source: str | bytes, hints: Hints = HINTS) -> list[Record]:
    """Return the records of an input that has no rejections."""
    return [value for value in values(source, hints) if isinstance(value, Record) or pytest.fail(value.found)]


def record(content: str = "", **parts: str) -> Record:
    """Return the only record of a page with one post."""
    (found,) = records(page(block(12, content, **parts)))  # type: ignore[arg-type]
    return found


def grouped(number: int, *, is_video: bool = False) -> str:
    """Return one item of an album."""
    style = "style=\"left:0px;width:127px;height:169px;background-image:url('https://cdn.example/a.jpg')\""
    link = f'data-ratio="0.75" href="https://t.me/{NAME}/{number}?single"'
    if is_video:
        return (
            f'<a class="tgme_widget_message_video_player grouped_media_wrap blured" {style} {link}><div '
            'class="tgme_widget_message_video_wrap grouped_media"><video src="https://cdn.example/v.mp4"></video></div>'
            f'<time class="message_video_duration">1:02:05</time>{VIDEO_WORDS}</a>'
        )
    return f'<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured" {style} {link}><div></div></a>'


def album(*items: str) -> str:
    """Return the element that holds the items of an album."""
    return (
        '<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped"><div '
        f'class="tgme_widget_message_grouped_layer" style="width:453px;height:425px">{"".join(items)}</div></div></div>'
    )


CAPTION = words(words("Talks in Moscow<br/>today"))
ALBUM = block(
    84,
    album(grouped(84, is_video=True), grouped(85), grouped(86, is_video=True)) + CAPTION,
    attributes=f'data-post="{NAME}/84" data-view="{view("84g")}"',
)
