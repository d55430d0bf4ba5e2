"""The markup of the ministry's site in the shape that programs which read it describe: no live page was copied."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from tests.standin.papers import Layout, Paper, Version

MOSCOW = ZoneInfo("Europe/Moscow")
_MENU = (
    '<header><h1></h1><ul class="menu"><li class="menu__item"><a class="menu__link" href="/en/foreign_policy/news/">'
    'News</a></li><li class="menu__item"><a class="menu__link" href="/en/press_service/minister_speeches/">Minister’s '
    'speeches</a></li><li class="menu__item"><a class="menu__link" href="/en/about/structure/">Structure</a></li></ul>'
    "</header>"
)
_SITE = "The Ministry of Foreign Affairs of the Russian Federation"
Entry = tuple[Paper, Version]  # a document in one language


def printed_day(at: datetime, lang: str) -> str:
    """Return a day as the site prints it: in numbers in Russian, with English names of months otherwise."""
    day = at.astimezone(MOSCOW)
    return f"{day:%d.%m.%Y}" if lang == "ru" else f"{day.day} {day:%B %Y}"


def printed_time(at: datetime) -> str:
    return f"{at.astimezone(MOSCOW):%H:%M}"


def document(paper: Paper, lang: str, version: Version, languages: Sequence[str], latest: Sequence[Entry]) -> str:
    """Return the page of a document; the newest others stand beside it where any are given."""
    if paper.layout is Layout.OLD_PORTAL:
        return _old_article(paper, lang, version, languages)
    if paper.layout is Layout.OLD_ANNOUNCEMENT:
        return _old_announcement(paper, lang, version)
    bodies = {Layout.ARTICLE: _article, Layout.ANNOUNCEMENT: _announcement, Layout.COUNTRY: _country}
    aside = f"<aside>{_entries(latest, lang)}</aside>" if latest else ""
    link = f'<link rel="canonical" href="{paper.address(lang)}">'
    body = bodies[paper.layout](paper, lang, version) + _switch(paper, languages)
    return _whole(lang, version.title, link, f'<div class="page-body">{body}</div>{aside}')


def _whole(lang: str, title: str, head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)} - {_SITE}</title>\n'
        f"{head}<script>var BX = {{}};</script></head>\n<body>{_MENU}\n{body}\n"
        '<footer><ul class="footer"><li><a href="/en/about/">About</a></li></ul></footer></body></html>\n'
    )


def _paragraphs(version: Version) -> str:
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in version.paragraphs)


def _dated(paper: Paper, lang: str) -> str:
    return (
        f'<span class="photo-content__date">{printed_day(paper.published_at, lang)}</span>\n'
        f'<span class="photo-content__clock">{printed_time(paper.published_at)}</span>\n'
    )


def _article(paper: Paper, lang: str, version: Version) -> str:
    number = paper.document_number
    note = f'<p class="article-line__note article-line__note_small">{number}</p>\n' if number else ""
    return (
        f'<div class="photo-content">\n{_dated(paper, lang)}'
        f'<h1 class="photo-content__title">{escape(version.title)}</h1>\n{note}'
        f'<div class="text article-content">\n{_paragraphs(version)}\n</div></div>'
    )


def _announcement(paper: Paper, lang: str, version: Version) -> str:
    heading = "Анонсы" if lang == "ru" else "Announcements for the media"
    number = paper.document_number
    return (
        f'<h1>{heading}</h1><ul class="announcements"><li class="announcement">'
        f'<h3 class="announcement__title">{escape(version.title)}</h3>'
        + (f'<div class="announcement__doc-num">{number}</div>' if number else "")
        + f'<div class="announcement__text">{_paragraphs(version)}</div></li>\n</ul>'
    )


def _country(paper: Paper, lang: str, version: Version) -> str:
    rows = "\n".join(f"<tr><td><p>{escape(one, quote=False)}</p></td></tr>" for one in version.paragraphs)
    return (
        f'<div class="photo-content">\n{_dated(paper, lang)}<h1 class="photo-content__title">{escape(paper.country)}'
        f"</h1>\n<h1>{escape(version.title)}</h1>\n<table>{rows}</table></div>"
    )


def _switch(paper: Paper, languages: Sequence[str]) -> str:
    """Return links to the same document in its languages, below its text; how the site shows them isn't known."""
    if len(languages) < 2:
        return ""
    links = "".join(f'<li><a href="{paper.path(lang)}">{lang}</a></li>' for lang in languages)
    return f'<ul class="langs">{links}</ul>'


def _old_article(paper: Paper, lang: str, version: Version, languages: Sequence[str]) -> str:
    """Return a page of the portal, on which the time stands glued to the date."""
    line = " ".join(f"{one}-{_REGIONS.get(one, one.upper())}1" for one in languages)
    number = paper.document_number
    note = f'<div class="article-note"><span class="nowrap">{number}</span></div>\n' if number else ""
    body = (
        "<h1>Министерство иностранных дел Российской Федерации</h1><h1> </h1>"
        f'<div class="article-status-line"><span><span>{printed_day(paper.published_at, lang)}'
        f"<i>{printed_time(paper.published_at)}</i></span></span></div>\n"
        f"<h1>{escape(version.title)}</h1>\n<ul><li>{line}</li></ul>\n"
        f'<div class="text article-content">{_paragraphs(version)}</div>\n{note}'
    )
    return _old_whole(version, body)


_REGIONS = {"en": "GB"}


def _old_announcement(paper: Paper, lang: str, version: Version) -> str:
    number = f'<b class="doc-number">{paper.document_number}</b>' if paper.document_number else ""
    body = (
        f'<h1>Анонсы</h1><p class="anons-title">{escape(version.title)}</p><div class="anons-status-line">'
        f"<i>{printed_day(paper.published_at, lang)}</i> <i>{printed_time(paper.published_at)}</i> {number}</div>"
        f'<div class="anons-text">{_paragraphs(version)}</div>'
    )
    return _old_whole(version, body)


def _old_whole(version: Version, body: str) -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(version.title)}</title></head><body>'
        '<div class="nav"><a href="/en/foreign_policy/news">News</a></div><div class="page-content">'
        f'<div class="portlet-column portlet-column-first">\n{body}</div><div class="portlet-column '
        'portlet-column-last"><ul><li><a class="anons-title" href="/x">Another item</a></li></ul></div></div>'
        "</body></html>\n"
    )


def listing(lang: str, address: str, entries: Sequence[Entry], further: Sequence[tuple[int, str]]) -> str:
    """Return a page that lists documents; `further` are the numbers and paths of its pages."""
    pages = "".join(
        f'<li><a class="pagination__link" href="{escape(path)}">{number}</a></li>' for number, path in further
    )
    head = f'<link rel="canonical" href="{escape(address)}">'
    title = "Новости" if lang == "ru" else "News"
    return _whole(lang, title, head, f'<h1>{title}</h1>{_entries(entries, lang)}<ul class="pagination">{pages}</ul>')


def _entries(entries: Sequence[Entry], lang: str) -> str:
    items = "\n".join(_entry(paper, version, lang) for paper, version in entries)
    return f'<ul class="announce announce_articles">\n{items}</ul>'


def _entry(paper: Paper, version: Version, lang: str) -> str:
    fix = " announce__link_fix_en" if lang == "en" else ""
    tags = f'<div class="announce__meta-tags">{escape(", ".join(paper.tags))}</div>' if paper.tags else ""
    return (
        f'<li class="announce__item"><span class="announce__date">{printed_day(paper.published_at, lang)}</span> '
        f'<span class="announce__time">{printed_time(paper.published_at)}</span>'
        f'<a class="announce__link{fix}" href="{paper.path(lang)}">{escape(version.title)}</a>{tags}</li>'
    )


def rss(lang: str, entries: Sequence[Entry]) -> str:
    """Return a feed as RSS 2.0: a title and a few words of each document."""
    items = "\n".join(
        f"<item><title>{escape(version.title)}</title><link>{paper.address(lang)}</link>"
        f"<description><![CDATA[{_summary(version)}]]></description>"
        f'<pubDate>{format_datetime(paper.published_at.astimezone(MOSCOW))}</pubDate><guid isPermaLink="true">'
        f"{paper.address(lang)}</guid></item>"
        for paper, version in entries
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{_SITE}</title>'
        f"<link>https://mid.ru/{lang}/</link><description>News</description>\n{items}\n</channel></rss>\n"
    )


def atom(lang: str, entries: Sequence[Entry]) -> str:
    """Return a feed as Atom."""
    items = "\n".join(
        f'<entry><title>{escape(version.title)}</title><link rel="alternate" type="text/html" '
        f'href="{paper.address(lang)}"/><id>{paper.address(lang)}</id><updated>'
        f"{paper.published_at.astimezone(MOSCOW).isoformat()}</updated><summary>{escape(_summary(version))}</summary>"
        "</entry>"
        for paper, version in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{_SITE}</title>'
        f'<link rel="self" href="https://mid.ru/{lang}/rss"/><id>https://mid.ru/{lang}/rss</id>\n{items}\n</feed>\n'
    )


def _summary(version: Version) -> str:
    return version.paragraphs[0][:120] if version.paragraphs else ""


def missing(status: int) -> str:
    """Return the page that says that there is none."""
    return _whole("en", f"{status} Not Found", "", f'<div class="page-body"><h1>{status} Not Found</h1></div>')
