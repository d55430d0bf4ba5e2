"""Telegram's web preview: what t.me answers to a request at an instant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

from tests.forms.made import MadePost, runs, said
from tests.forms.preview import post_block
from tests.standin.coding import coded
from tests.standin.faults import Fault, spoiled
from tests.standin.http import Request, Response

HOST = "t.me"
PAGE = 20  # posts on a page, every item of an album counted
_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
_WRAP = '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
_PREVIEW = re.compile(r"/s/(?P<name>\w+)/?")
_POST = re.compile(r"/(?P<name>\w+)/(?P<number>\d+)")
_CONTACT = re.compile(r"/(?P<name>\w+)/?")
_Query = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class SentPost(MadePost):
    """A post at an instant of its own; `pieces` are the words that it was published with."""

    sent_at: datetime = datetime(2013, 8, 14, tzinfo=UTC)  # when Telegram began
    edits: tuple[tuple[datetime, str], ...] = ()  # when it got which words, the oldest first
    away: tuple[tuple[datetime, datetime | None], ...] = ()  # from when until when it is removed

    @property
    def at(self) -> datetime:
        """The instant of publication."""
        return self.sent_at

    def shown(self, now: datetime) -> MadePost | None:
        """Return the post as it stands at an instant; None where it doesn't."""
        is_away = any(since <= now and (until is None or now < until) for since, until in self.away)
        if now < self.sent_at or is_away:
            return None
        made = [(since, words) for since, words in self.edits if since <= now]
        return replace(self, pieces=said(made[-1][1]), edited_at=made[-1][0]) if made else self


def sent(number: int, at: datetime, words: str, **others: object) -> SentPost:
    """Return a post of plain words; `others` are fields of it."""
    return SentPost(number, said(words) if words else (), sent_at=at, **others)  # type: ignore[arg-type]


@dataclass
class Channel:
    """A public channel."""

    username: str
    channel_id: int  # bare and positive
    title: str
    posts: list[SentPost] = field(default_factory=list)  # by rising number; numbers may be missing
    has_preview: bool = True

    def blocks(self, now: datetime) -> list[list[MadePost]]:
        """Return the posts that stand at an instant, those of one album together."""
        return runs(post for one in self.posts if (post := one.shown(now)) is not None)

    def block(self, posts: Sequence[MadePost], now: datetime) -> str:
        """Return the markup of a post; its views rise with time, as nothing else of it does."""
        hours = (now - posts[0].at).total_seconds() / 3_600
        return post_block(posts, f"{1 + hours / 10:.2f}K", self.username, self.channel_id, escape(self.title))


@dataclass
class Telegram:
    """The host t.me with its channels; `faults` are looked at before them."""

    channels: list[Channel] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def answer(self, request: Request, now: datetime) -> Response:
        """Return what t.me answers at an instant."""
        return coded(request, spoiled(self.faults, request, now, self._whole))

    def _whole(self, request: Request, now: datetime) -> Response:
        path, _, query = request.target.partition("?")
        asked = parse_qs(query, keep_blank_values=True)
        if found := _PREVIEW.fullmatch(path):
            channel = self._channel(found["name"])
            if channel is None or not channel.has_preview:
                return Response(302, b"", _HEADERS | {"Location": f"https://t.me/{found['name']}"})
            return _html(preview(channel, now, asked))
        if found := _POST.fullmatch(path):
            return _html(_widget(self._channel(found["name"]), int(found["number"]), now, asked))
        if found := _CONTACT.fullmatch(path):
            return _html(_contact(found["name"], self._channel(found["name"])))
        return Response(404, b"<html><head><title>404 Not Found</title></head></html>\n", _HEADERS)

    def _channel(self, name: str) -> Channel | None:
        return next((one for one in self.channels if one.username.lower() == name.lower()), None)


def _html(text: str) -> Response:
    return Response(200, text.encode(), _HEADERS)


def preview(channel: Channel, now: datetime, asked: _Query | None = None) -> str:
    """Return a page of the preview, the newest posts where nothing of the query says otherwise."""
    asked = asked or {}
    words = asked.get("q", [""])[-1]
    before, after = _number(asked, "before"), _number(asked, "after")
    blocks = [block for block in channel.blocks(now) if any(words.lower() in post.text.lower() for post in block)]
    numbers = [post.number for block in blocks for post in block]
    if after is not None:
        shown = _full([block for block in blocks if block[0].number > after])
    else:
        below = [block for block in blocks if before is None or block[0].number < before]
        shown = _full(below[::-1])[::-1]
    if not shown:
        return _page(channel, words, NO_POSTS, "", before or 1)
    first, last = shown[0][0].number, shown[-1][-1].number
    query = f"&q={escape(words)}" if words else ""
    links, top, bottom = "", "", ""
    if min(numbers) < first:
        links += f'<link rel="prev" href="/s/{channel.username}?before={first}{query}">'
        top = _more(channel, "before", first, query)
    if max(numbers) > last:
        links += f'<link rel="next" href="/s/{channel.username}?after={last}{query}">'
        bottom = _more(channel, "after", last, query)
    body = "\n".join(channel.block(block, now) for block in shown)
    return _page(channel, words, f"{top}{body}{bottom}", links, last + 1)


def _full(blocks: Sequence[list[MadePost]]) -> list[list[MadePost]]:
    """Return the first blocks that make a page; an album is never parted."""
    taken: list[list[MadePost]] = []
    for block in blocks:
        if sum(map(len, taken)) >= PAGE:
            break
        taken.append(block)
    return taken


def _number(asked: _Query, name: str) -> int | None:
    value = asked.get(name, [""])[-1]
    return int(value) if value.isdecimal() else None


def _more(channel: Channel, name: str, number: int, query: str) -> str:
    return (
        '<div class="tgme_widget_message_centered js-messages_more_wrap">'
        f'<a href="/s/{channel.username}?{name}={number}{query}" class="tme_messages_more js-messages_more" '
        f'data-{name}="{number}"></a></div>\n'
    )


NO_POSTS = (
    f'{_WRAP}<div class="tgme_widget_message_centered"><div class="tme_no_messages_found">No posts found</div></div>'
    "</div>"
)


def _page(channel: Channel, words: str, body: str, links: str, before: int) -> str:
    title, name = escape(channel.title), channel.username
    query = f"q={escape(words)}&" if words else ""
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title} – Telegram</title>{links}'
        f'<link rel="canonical" href="/s/{name}?{query}before={before}"></head>'
        '<body class="widget_frame_base tgme_webpreview emoji_image"><header class="tgme_header search_collapsed">'
        f'<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span dir="auto">{title}</span>'
        f'</div><div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a></div></div>'
        f'<form class="tgme_header_search_form" action="/s/{name}"><input class="tgme_header_search_form_input '
        f'js-header_search" placeholder="Search" name="q" autocomplete="off" value="{escape(words)}"></form></header>'
        f'<main class="tgme_main" data-url="/{name}"><section class="tgme_channel_history js-message_history">\n'
        f'{body}\n</section></main><script src="//telegram.org/js/telegram-web.js"></script></body></html>\n'
        "<!-- page generated in 31.52ms -->\n"
    )


def too_fast(channel: Channel) -> Response:
    """Return the page without posts that is also shown to one who asks too fast."""
    return _html(_page(channel, "", NO_POSTS, "", 1))


def _widget(channel: Channel | None, number: int, now: datetime, asked: _Query) -> str:
    """Return one post as it is embedded, with its album unless `single` is asked; without `embed` a page to open it."""
    if "embed" not in asked:
        return _contact("" if channel is None else channel.username, channel)
    if channel is None:
        return _widget_page('<div class="tgme_widget_message_error">Channel not found</div>')
    block = next((block for block in channel.blocks(now) if number in [post.number for post in block]), None)
    if block is None:
        return _widget_page('<div class="tgme_widget_message_error">Post not found</div>')
    if "single" in asked:
        block = [replace(post, album=None) for post in block if post.number == number]
    return _widget_page(channel.block(block, now).removeprefix(_WRAP).removesuffix("</div>"))


def _widget_page(body: str) -> str:
    return (
        "<!DOCTYPE html><html><head><title>Telegram Widget</title></head><body "
        f'class="widget_frame_base tgme_widget body_widget_post emoji_image no-border">{body}'
        '<script src="https://telegram.org/js/widget-frame.js"></script></body></html>\n'
    )


def _contact(name: str, channel: Channel | None) -> str:
    title = escape(name if channel is None else channel.title)
    return (
        f"<!DOCTYPE html><html><head><title>Telegram: Contact @{name}</title></head>"
        f'<body class="no_transition"><div class="tgme_page_wrap"><div class="tgme_page"><div class="tgme_page_title">'
        f'{title}</div><a class="tgme_action_button_new" href="tg://resolve?domain={name}">View in Telegram</a></div>'
        "</div></body></html>\n"
    )
