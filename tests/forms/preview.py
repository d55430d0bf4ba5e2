"""Posts as pages of the web preview at t.me/s, saved as the server sends them."""

import base64
import json
from collections.abc import Sequence
from html import escape

from tests.forms.desktop_html import written
from tests.forms.made import (
    CHANNEL_ID,
    OTHER_TITLE,
    OTHER_USERNAME,
    TITLE,
    USERNAME,
    Attached,
    MadePost,
    Mark,
    Piece,
    runs,
)

PAGE = 20  # posts on a page


def preview_pages(posts: Sequence[MadePost], views: str = "4.85K", username: str = USERNAME) -> list[bytes]:
    """Return saved pages with about twenty posts each, an album never parted."""
    pages: list[list[list[MadePost]]] = [[]]
    for run in runs(posts):
        if sum(map(len, pages[-1])) >= PAGE:
            pages.append([])
        pages[-1].append(run)
    return [preview_page(page, views, username) for page in pages]


def preview_page(
    blocks: Sequence[Sequence[MadePost]],
    views: str = "4.85K",
    username: str = USERNAME,
    channel_id: int = CHANNEL_ID,
) -> bytes:
    """Return one saved page."""
    first = blocks[0][0].number if blocks else 1
    body = "\n".join(post_block(block, views, username, channel_id) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{TITLE} – Telegram</title>'
        f'<link rel="prev" href="/s/{username}?before={first}">'
        f'<link rel="canonical" href="/s/{username}?before=70"></head>'
        '<body class="widget_frame_base tgme_webpreview emoji_image"><header class="tgme_header search_collapsed">'
        f'<form class="tgme_header_search_form" action="/s/{username}"><input class="tgme_header_search_form_input '
        'js-header_search" placeholder="Search" name="q" autocomplete="off" value=""></form></header>'
        f'<main class="tgme_main" data-url="/{username}"><section class="tgme_channel_history js-message_history">\n'
        f'{body}\n</section></main><script src="//telegram.org/js/telegram-web.js"></script></body></html>\n'
    ).encode()


def post_block(block: Sequence[MadePost], views: str, username: str, channel_id: int, title: str = TITLE) -> str:
    """Return the block of a post, or of the posts of one album."""
    post = block[0]
    is_album = post.album is not None
    view = {"c": -channel_id, "p": f"{post.number}g" if is_album else post.number, "t": 1_700_000_000, "h": "01ef"}
    data_view = base64.urlsafe_b64encode(json.dumps(view).encode()).decode().rstrip("=")
    service = "service_message " if post.new_title is not None else ""
    edited = "edited " if post.edited_at is not None else ""
    where = f"https://t.me/{username}/{post.number}"
    shown = "" if post.new_title is not None else f'<span class="tgme_widget_message_views">{views}</span>'
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap {service}js-widget_message" '
        f'data-post="{username}/{post.number}" data-view="{data_view}"><div class="tgme_widget_message_bubble">'
        '<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
        f'href="https://t.me/{username}"><span dir="auto">{title}</span></a></div>{_above(post, username)}'
        f"{_preview_media(block, username)}{_preview_text(post)}"
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        f'<div class="tgme_widget_message_info short js-message_info">{shown}<span class="copyonly"> views</span>'
        f'<span class="tgme_widget_message_meta">{edited}<a class="tgme_widget_message_date" href="{where}">'
        f'<time datetime="{post.at:%Y-%m-%dT%H:%M:%S}+00:00" class="time">{post.at:%H:%M}</time></a></span></div></div>'
        "</div></div></div>"
    )


def _above(post: MadePost, username: str) -> str:
    if post.origin is not None:
        return (
            '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
            f'<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/{OTHER_USERNAME}/'
            f'{post.origin.message_id}"><span dir="auto">{OTHER_TITLE}</span></a></div>'
        )
    if post.reply_to is not None:
        return (
            f'<a class="tgme_widget_message_reply" href="https://t.me/{username}/{post.reply_to}">'
            '<div class="tgme_widget_message_text js-message_reply_text" dir="auto">A quote of the other post</div></a>'
        )
    return ""


def _preview_text(post: MadePost) -> str:
    words = "".join(map(_preview_piece, post.pieces))
    if post.new_title is not None:
        words = f"Channel name was changed to «{written(post.new_title)}»"
    if not words:
        return ""
    div = '<div class="tgme_widget_message_text js-message_text" dir="auto">'
    # The text of an album stands in two such elements.
    return f"{div}{div}{words}</div></div>" if post.album is not None else f"{div}{words}</div>"


def _preview_piece(piece: Piece) -> str:
    words = written(piece.text).replace("<br>", "<br/>")
    if piece.mark in (Mark.LINK, Mark.TEXT_LINK):
        return _preview_link(piece, words)
    before, after = {
        Mark.PLAIN: ("", ""),
        Mark.BOLD: ("<b>", "</b>"),
        Mark.ITALIC: ("<i>", "</i>"),
        Mark.HASHTAG: (f'<a href="?q=%23{words[1:]}">', "</a>"),
        Mark.MENTION: (f'<a href="https://t.me/{words[1:]}" target="_blank">', "</a>"),
        Mark.CUSTOM_EMOJI: ('<tg-emoji emoji-id="5"><i class="emoji"><b>', "</b></i></tg-emoji>"),
        Mark.EMAIL: (f'<a href="mailto:{words}">', "</a>"),
    }[piece.mark]
    return f"{before}{words}{after}"


def _preview_link(piece: Piece, words: str) -> str:
    """Return a link; one whose words are not its address asks before it is followed, and is escaped twice."""
    if piece.mark is Mark.TEXT_LINK:
        twice = escape(escape(piece.address))
        return f'<a href="{twice}" target="_blank" rel="noopener" onclick="return confirm(1);">{words}</a>'
    address = piece.text if "://" in piece.text else f"http://{piece.text}"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">{words}</a>'


def _preview_media(block: Sequence[MadePost], username: str) -> str:
    post = block[0]
    if post.album is not None:
        items = "".join(_item(one, username) for one in block)
        wrap = '<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped">'
        return f"{wrap}{items}</div></div>"
    if post.poll is not None:
        return _preview_poll(*post.poll)
    if post.attached is Attached.PHOTO:
        return (
            '<a class="tgme_widget_message_photo_wrap" style="width:450px;background-image:url'
            '(\'https://cdn.example/p.jpg\')" href="#"><div class="tgme_widget_message_photo" style="padding-top:66%">'
            "</div></a>"
        )
    if post.attached is Attached.VIDEO:
        return (
            '<a class="tgme_widget_message_video_player" href="#"><div class="tgme_widget_message_video_wrap">'
            '<video src="https://cdn.example/v.mp4"></video></div><div class="message_video_play"></div>'
            '<time class="message_video_duration">0:27</time></a>'
        )
    if post.attached is Attached.DOCUMENT:
        return (
            '<a class="tgme_widget_message_document_wrap" href="#">'
            '<div class="tgme_widget_message_document_icon"></div><div class="tgme_widget_message_document">'
            f'<div class="tgme_widget_message_document_title">{post.file_name}</div>'
            '<div class="tgme_widget_message_document_extra">4 KB</div></div></a>'
        )
    return ""


def _item(post: MadePost, username: str) -> str:
    return (
        '<a class="tgme_widget_message_photo_wrap grouped_media_wrap" style="background-image:url'
        f'(\'https://cdn.example/{post.number}.jpg\')" href="https://t.me/{username}/{post.number}?single"><div></div></a>'
    )


def _preview_poll(question: str, options: tuple[str, ...]) -> str:
    answers = "".join(
        '<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">33%</div>'
        '<div class="tgme_widget_message_poll_option_value"><div class="tgme_widget_message_poll_option_text">'
        f"{written(option)}</div></div></div>"
        for option in options
    )
    return (
        '<div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">'
        f'{written(question)}</div><div class="tgme_widget_message_poll_type">Anonymous Poll</div>'
        f'<a class="tgme_widget_message_poll_options" href="#">{answers}</a></div>'
    )
