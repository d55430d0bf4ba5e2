"""A seeded generator of pages in the shape of the ministry's present site and of t.me/s, whole as servers send them."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from tests.bench.generate import WORDS

POSTS_A_PAGE = 20
_FIRST_AT = 1_700_000_000
_TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # noqa: S105 - an alphabet
_SECTIONS = ("foreign_policy/news", "press_service/minister_speeches", "press_service/spokesman/briefings", "maps/la")


def write_pages(folder: Path, make: Callable[[random.Random, int], str], count: int) -> int:
    """Write so many pages, and return their size in bytes."""
    folder.mkdir()
    for number in range(count):
        drawn = random.Random(number)  # noqa: S311 - nothing here is secret
        (folder / f"{number:03d}.html").write_text(make(drawn, number), encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def ministry_page(drawn: random.Random, number: int) -> str:
    """Return a page of about 145 kB: an article of some 25 kB between menus, scripts and lists of other pages."""
    title = f"Briefing {number} by Foreign Ministry Spokeswoman Maria Zakharova, Moscow, March 1, 2024"
    head = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title} - The Ministry of Foreign Affairs of the Russian Federation</title>\n"
        f'<link rel="canonical" href="https://www.mid.ru/en/foreign_policy/news/{1_900_000 + number}/">\n'
        f"<style>{_styles(drawn)}</style>\n<script>{_script(drawn, 300)}</script></head>\n<body>"
    )
    article = (
        '<div class="page-body"><div class="photo-content">\n<span class="photo-content__date">1 March 2024</span>\n'
        f'<span class="photo-content__clock">17:18</span>\n<h1 class="photo-content__title">{title}</h1>\n'
        f'<p class="article-line__note article-line__note_small">{400 + number}-01-03-2024</p>\n'
        f'<div class="text article-content">\n{_article(drawn)}</div>\n</div></div>'
    )
    return (
        f"{head}{_menu(drawn, 260)}{article}{_related(drawn, 62)}<script>{_script(drawn, 300)}</script></body></html>"
    )


def _said(drawn: random.Random, least: int, most: int) -> str:
    return " ".join(drawn.choices(WORDS, k=drawn.randrange(least, most)))


def _article(drawn: random.Random) -> str:
    lines = []
    for number in range(56):
        said = _said(drawn, 40, 80)
        if number % 8 == 0:
            lines.append(f'<p style="text-align: center"><strong>{_said(drawn, 6, 12)}</strong></p>')
        elif number % 8 == 4:
            lines.append(f"<p><b>Question:</b> {_said(drawn, 12, 30)}?</p>\n<p><b>Maria Zakharova:</b> {said}.</p>")
        elif number % 8 == 6:
            address = f"/en/foreign_policy/news/{1_800_000 + number}/"
            lines.append(
                f'<p>{said}, <a href="{address}" target="_blank">{_said(drawn, 4, 8)}</a> <em>as before</em>.</p>'
            )
        else:
            lines.append(f"<p>{said}.</p>")
    return "\n".join(lines)


def _menu(drawn: random.Random, count: int) -> str:
    items = "\n".join(
        f'<li class="menu__item menu__item_level_{number % 3}">'
        f'<a class="menu__link" href="/en/{drawn.choice(_SECTIONS)}/{number}/" data-id="{number}">'
        f"{_said(drawn, 2, 6)}</a></li>"
        for number in range(count)
    )
    return f'<header><h1></h1><nav><ul class="menu">\n{items}</ul></nav></header>\n'


def _related(drawn: random.Random, count: int) -> str:
    items = "\n".join(
        '<li class="announce__item"><span class="announce__date">1 March 2024</span><span class="announce__time">10:00'
        f'</span><a class="announce__link announce__link_fix_en" href="/en/foreign_policy/news/{1_700_000 + number}/">'
        f'{_said(drawn, 10, 18)}</a><div class="announce__meta-tags">{_said(drawn, 2, 4)}</div></li>'
        for number in range(count)
    )
    return f'<aside><ul class="announce announce_articles">\n{items}</ul></aside><footer>{_menu(drawn, 60)}</footer>\n'


def _styles(drawn: random.Random) -> str:
    return "\n".join(
        f".{drawn.choice(WORDS).strip('’s').lower()}__{number}{{margin:{number}px;color:#{number:06x}}}"
        for number in range(250)
    )


def _script(drawn: random.Random, count: int) -> str:
    return "\n".join(f'BX.message({{"{_token(drawn, 16)}":"{_said(drawn, 2, 4)}"}});' for _ in range(count))


def _token(drawn: random.Random, count: int) -> str:
    return "".join(drawn.choices(_TOKEN, k=count))


def preview_page(drawn: random.Random, number: int) -> str:
    """Return a page of t.me/s with 20 posts, about 150 kB."""
    first = 1 + number * POSTS_A_PAGE
    posts = "\n".join(_post(drawn, first + place) for place in range(POSTS_A_PAGE))
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Example Ministry - Telegram</title>'
        f'<link rel="canonical" href="/s/Example_Ministry?before={first + POSTS_A_PAGE}"></head>'
        '<body class="widget_frame_base tgme_webpreview emoji_image"><header class="tgme_header search_collapsed">'
        '<form class="tgme_header_search_form" action="/s/Example_Ministry"><input name="q" value=""></form></header>'
        '<main class="tgme_main" data-url="/Example_Ministry">'
        '<section class="tgme_channel_history js-message_history">\n'
        f'{posts}\n</section></main><script src="//telegram.org/js/telegram-web.js"></script></body></html>\n'
        "<!-- page generated in 31.52ms -->"
    )


def _post(drawn: random.Random, number: int) -> str:
    address = f"https://t.me/Example_Ministry/{number}"
    at = datetime.fromtimestamp(_FIRST_AT + 240 * number, UTC)
    photo = _photo(drawn, address) if number % 2 else ""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        '<div class="tgme_widget_message text_not_supported_wrap js-widget_message" '
        # In base 64 the page tells the channel's number in it.
        f'data-post="Example_Ministry/{number}" data-view="eyJjIjogLTEyMzQ1Njc4OTAsICJwIjogMTEsICJ0IjogMTcwMDAwMDAwMCwg'
        'ImgiOiAiMDEyMzQ1Njc4OWFiY2RlZjAxIn0">'
        '<div class="tgme_widget_message_user"><a href="https://t.me/Example_Ministry">'
        '<i class="tgme_widget_message_user_photo bgcolor6">'
        f'<img src="https://cdn.example/file/{_token(drawn, 430)}.jpg"></i></a></div>'
        f'<div class="tgme_widget_message_bubble"><i class="tgme_widget_message_bubble_tail">{_tail(drawn)}</i>'
        '<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
        f'href="https://t.me/Example_Ministry"><span dir="auto">Example Ministry {_emoji("🎙")}</span></a></div>{photo}'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{_text(drawn, number)}</div>'
        f'<div class="tgme_widget_message_reactions js-message_reactions">{_reactions(drawn)}</div>'
        '<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short '
        f'js-message_info"><span class="tgme_widget_message_views">{drawn.randrange(1, 90)}.{number % 10}K</span>'
        '<span class="copyonly"> views</span><span class="tgme_widget_message_meta">'
        f'<a class="tgme_widget_message_date" href="{address}">'
        f'<time datetime="{at.isoformat()}" class="time">{at:%H:%M}</time></a></span></div></div>'
        "</div></div></div>"
    )


def _photo(drawn: random.Random, address: str) -> str:
    style = f"width:800px;background-image:url('https://cdn.example/file/{_token(drawn, 430)}.jpg')"
    return (
        f'<a class="tgme_widget_message_photo_wrap {drawn.randrange(10**18)}" href="{address}" style="{style}">'
        '<div class="tgme_widget_message_photo" style="padding-top:66.25%"></div></a>'
    )


def _tail(drawn: random.Random) -> str:
    drawings = (" ".join(f"{drawn.random() * 20:.3f}" for _ in range(60)) for _ in range(4))
    paths = "".join(
        f'<path class="border_{number}x" fill="#d7e3ec" d="M{drawing} Z"></path>'
        for number, drawing in enumerate(drawings)
    )
    return f'<svg class="bubble_icon" width="9px" height="20px" viewBox="0 0 9 20"><g fill="none">{paths}</g></svg>'


def _emoji(emoji: str) -> str:
    code = emoji.encode().hex().upper()
    return (
        f'<i class="emoji" style="background-image:url(\'//telegram.org/img/emoji/40/{code}.png\')"><b>{emoji}</b></i>'
    )


def _text(drawn: random.Random, number: int) -> str:
    lines = [f"{_emoji('🎙')} <b>Foreign Minister Sergey Lavrov’s remarks at meeting {number} of the group</b>", ""]
    for _ in range(drawn.randrange(3, 7)):
        lines += [f"{_emoji('🔹')} {escape(_said(drawn, 30, 60))}.", ""]
    lines.append(
        f'{_emoji("📄")} <a href="https://mid.example/en/{number}/" target="_blank" rel="noopener">Read in full</a>'
    )
    lines += ["", '<a href="?q=%23ASEAN">#ASEAN</a> <a href="?q=%23SCO">#SCO</a>']
    return "<br/>".join(lines)


def _reactions(drawn: random.Random) -> str:
    return "".join(
        f'<span class="tgme_reaction">{_emoji(emoji)}{drawn.randrange(2, 900)}</span>'
        for emoji in ("👍", "❤", "🔥", "👏")
    )
