"""Rules of `extract.listings`."""

from time import process_time

import pytest

from extract.errors import (
    BrokenOff,
    ChallengePage,
    ExtractError,
    NoDocument,
    TooLarge,
    UndecodableInput,
    UnreadableInput,
)
from extract.found import Directory, Found
from extract.listings import first_page_of, listing_in, page_after

NEWS = "https://mid.ru/ru/foreign_policy/news/"
PORTAL = "https://www.mid.ru/en/foreign_policy/news"
PORTLET = "-/asset_publisher/cKNonkJE02Bw/content/id/"
DOMINO = "http://mid.ru/bdomp/brp_4.nsf/spsza!OpenView&Start=31&Count=30"
DOCUMENT = "0123456789ABCDEF0123456789abcdef"
CHALLENGE = b'<html><head><script>window["bobcmn"] = "1"; /TSPD/</script></head><body></body></html>'


def page(body: str, head: str = "<title>Новости</title>") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>Новости</h1>{body}</body></html>"


def item(number: int, title: str = "Заявление", date: str = "20.08.2026", time: str = "17:18", tags: str = "") -> str:
    return f"""<li class="announce__item"><div class="announce__meta"><span class="announce__date">{date}</span>
        <span class="announce__time">{time}</span></div>
        <a class="announce__link announce__link_fix_en" href="/ru/foreign_policy/news/{number}/">
          {title}
        </a><div class="announce__meta-tags">{tags}</div></li>"""


def items(*printed: str) -> str:
    return f'<ul class="announce announce_articles">{"".join(printed)}</ul>'


def pager(*numbers: int, name: str = "PAGEN_1", path: str = "/ru/foreign_policy/news/") -> str:
    return "".join(f'<a class="pager" href="{path}?{name}={number}">{number}</a>' for number in numbers)


def row(date: str, href: str, title: str) -> str:
    return f'<tr><td><font size="1">{date}</font></td><td><a href="{href}">{title}</a></td></tr>'


def domino(rows: str, tail: str = "") -> str:
    return page(f'<div id="content"><div><div><table>{rows}</table>{tail}</div></div></div>')


def portal(*links: str, tail: str = "") -> str:
    return page(f'<section class="page-block news-articles"><ul>{"".join(links)}</ul></section>{tail}')


def found(number: int, title: str | None = "Заявление", printed: str | None = "20.08.2026 17:18") -> Found:
    return Found(f"{NEWS}{number}/", title, printed)


BRIEFING = (
    f'<tr valign="top"><td></td><td><b><font>02.04.2014</font></b></td>'
    f'<td><font><a href="/brp_4.nsf/newsline/{DOCUMENT}">Брифинг</a></font></td></tr>'
)
LISTINGS = {
    "items in their order": (
        NEWS,
        page(items(item(1900002), item(1900001, "О\u00a0встрече&nbsp;в Москве", "2 January 2024", "15:04"))),
        Directory((found(1900002), found(1900001, "О\u00a0встрече\u00a0в Москве", "2 January 2024 15:04")), None),
    ),
    "tags parted at commas, each once": (
        NEWS,
        page(items(item(1900002, tags=" Китай, ООН,, Китай "))),
        Directory((Found(f"{NEWS}1900002/", "Заявление", "20.08.2026 17:18", ("Китай", "ООН")),), None),
    ),
    "a document twice counts once": (
        NEWS,
        page(items(item(1900002), item(1900002, "Again"))),
        Directory((found(1900002),), None),
    ),
    "links to other things are left out": (
        NEWS,
        page(
            items(
                item(1900002), '<li class="announce__item"><a class="announce__link" href="https://t.me/x/1">T</a></li>'
            )
        ),
        Directory((found(1900002),), None),
    ),
    "an item without a date or a title": (
        NEWS,
        page(
            items(
                '<li class="announce__item"><a href="/ru/foreign_policy/news/1900002/#photo"><img src="a.jpg"></a></li>'
            )
        ),
        Directory((found(1900002, None, None),), None),
    ),
    "the next page, where the page names it": (
        NEWS,
        page(items(item(1900002)) + pager(1, 2, 3, 607)),
        Directory((found(1900002),), f"{NEWS}?PAGEN_1=2"),
    ),
    "the page after this one": (
        f"{NEWS}?PAGEN_1=2",
        page(items(item(1900002)) + pager(1, 2, 3, 607)),
        Directory((found(1900002),), f"{NEWS}?PAGEN_1=3"),
    ),
    "the last page names no next one": (
        f"{NEWS}?PAGEN_1=607",
        page(items(item(1900002)) + pager(1, 2, 606)),
        Directory((found(1900002),), None),
    ),
    "the pages of another list on the page are none of it": (
        f"{NEWS}?PAGEN_1=2",
        page(items(item(1900002)) + pager(3, name="PAGEN_2") + pager(3, path="/ru/press_service/video/")),
        Directory((found(1900002),), None),
    ),
    "a next page on another host is none": (
        NEWS,
        page(items(item(1900002)) + '<a href="https://example.org/?PAGEN_1=2">2</a>'),
        Directory((found(1900002),), None),
    ),
    "nothing past the end": (f"{NEWS}?PAGEN_1=900", page(items() + pager(1, 2, 607)), Directory((), None)),
    "the old portal": (
        PORTAL,
        portal(
            f'<li><i>23 July 2016</i> <a class="anons-title" href="http://www.mid.ru/en/foreign_policy/news/{PORTLET}2369001">Comment</a></li>',
            f'<li><a class="anons-title" href="/en/foreign_policy/news/{PORTLET}2369000">Statement</a></li>',
            tail='<div class="paginates"><ul><li><a href="?p_p_id=x&amp;_101_INSTANCE_cKNonkJE02Bw_delta=20'
            '&amp;_101_INSTANCE_cKNonkJE02Bw_cur=2">2</a></li>'
            '<li class="last"><a href="?_101_INSTANCE_cKNonkJE02Bw_cur=40">40</a></li></ul></div>',
        ),
        Directory(
            (
                Found(f"http://www.mid.ru/en/foreign_policy/news/{PORTLET}2369001", "Comment", "23 July 2016"),
                Found(f"https://www.mid.ru/en/foreign_policy/news/{PORTLET}2369000", "Statement", None),
            ),
            f"{PORTAL}?p_p_id=x&_101_INSTANCE_cKNonkJE02Bw_delta=20&_101_INSTANCE_cKNonkJE02Bw_cur=2",
        ),
    ),
    "a view of the site before 2015": (
        DOMINO,
        domino(
            row("02.04.2014", f"/bdomp/brp_4.nsf/newsline/{DOCUMENT}!OpenDocument", "Заявление")
            + BRIEFING
            + row("", "/brp_4.nsf/main_eng", "English"),
            '<a href="/bdomp/brp_4.nsf/spsza!OpenView&amp;Start=1"><img alt="Назад"></a>'
            '<a href="/bdomp/brp_4.nsf/spsza!OpenView&amp;Start=61"><img alt="Вперед"></a>',
        ),
        Directory(
            (
                Found(f"http://mid.ru/bdomp/brp_4.nsf/newsline/{DOCUMENT}!OpenDocument", "Заявление", "02.04.2014"),
                Found(f"http://mid.ru/brp_4.nsf/newsline/{DOCUMENT}", "Брифинг", "02.04.2014"),
            ),
            "http://mid.ru/bdomp/brp_4.nsf/spsza!OpenView&Start=61",
        ),
    ),
}
NO_LISTINGS: dict[str, tuple[str | bytes, type[ExtractError]]] = {
    "a challenge": (CHALLENGE, ChallengePage),
    "an error page": (page("", "<title>404 Not Found</title>").replace("<h1>Новости</h1>", ""), NoDocument),
    "an error page with the latest news": (
        page(items(item(1900001))).replace("<h1>Новости", "<h1>Ошибка 404"),
        NoDocument,
    ),
    "a login wall": (page('<form><input type="password"></form>'), NoDocument),
    "a page of the site without a list": (page('<div class="page-body"></div>'), NoDocument),
    "the page of a document": (
        page(f'<div class="text article-content"><p>Текст.</p></div>{items(item(1900001))}'),
        UnreadableInput,
    ),
    "items that lead nowhere": (
        page(items('<li class="announce__item"><a class="announce__link" href="/new/scheme">A</a></li>')),
        UnreadableInput,
    ),
    "a page cut within its items": (page(items(item(1900001)))[:-40], BrokenOff),
    "a page cut in its head": ("<!DOCTYPE html><html><head><title>Нов", BrokenOff),
    "a page of Telegram": ('<html><body><div class="tgme_page"></div></body></html>', UnreadableInput),
    "text": ("Новости", UnreadableInput),
    "nothing": ("", UndecodableInput),
    "too many items": (page(items("<li class=announce__item><a href=/x>" * 5_001)), TooLarge),
}


@pytest.mark.parametrize("case", LISTINGS)
def test_a_listing_names(case: str) -> None:
    address, source, directory = LISTINGS[case]
    assert listing_in(source.encode(), address) == directory


@pytest.mark.parametrize("case", NO_LISTINGS)
def test_what_is_no_listing_is_told(case: str) -> None:
    source, error = NO_LISTINGS[case]
    with pytest.raises(error) as raised:
        listing_in(source.encode() if isinstance(source, str) else source, NEWS)
    assert type(raised.value) is error


@pytest.mark.parametrize("declared", ["server", "markup"])
@pytest.mark.parametrize("codec", ["windows-1251", "utf-8"])
def test_a_listing_is_read_in_the_encoding_that_its_bytes_bear_out(codec: str, declared: str) -> None:
    head = '<meta charset="windows-1251">' if declared == "markup" else ""
    data = page(items(item(1900002)), head).encode(codec)
    server = "windows-1251" if declared == "server" else None
    assert listing_in(data, NEWS, server).found == (found(1900002),)


def test_a_table_is_a_listing_only_where_the_address_is_of_the_site_before_2015() -> None:
    data = domino(row("02.04.2014", f"/brp_4.nsf/newsline/{DOCUMENT}", "A")).encode()
    assert listing_in(data, DOMINO).found
    with pytest.raises(NoDocument):
        listing_in(data, NEWS)


def test_a_page_of_twenty_takes_less_than_five_milliseconds() -> None:
    data = page(items(*(item(1900000 + at, "Заявление " * 12) for at in range(20))) + "<p>текст</p>" * 500).encode()
    times = []
    for _ in range(20):
        start = process_time()
        assert len(listing_in(data, NEWS).found) == 20
        times.append(process_time() - start)
    assert min(times) < 0.005


PAGED = {
    "https://mid.ru/en/foreign_policy/news/?PAGEN_1=9": ("?PAGEN_1=10", ""),
    "https://mid.ru/en/foreign_policy/news/?PAGEN_1=2&activeFrom=1&activeTo=2": (
        "?PAGEN_1=3&activeFrom=1&activeTo=2",
        "?activeFrom=1&activeTo=2",
    ),
    "https://mid.ru/en/foreign_policy/news/?activeFrom=1&PAGEN_1=2#x": ("?activeFrom=1&PAGEN_1=3#x", "?activeFrom=1#x"),
    "https://mid.ru/en/foreign_policy/news/?p=1&_101_INSTANCE_aB_cur=2&q=1": (
        "?p=1&_101_INSTANCE_aB_cur=3&q=1",
        "?p=1&q=1",
    ),
    "https://mid.ru/en/foreign_policy/news/?page=2": (None, "?page=2"),
    "https://mid.ru/en/foreign_policy/news/": (None, ""),
}


@pytest.mark.parametrize("address", PAGED)
def test_the_page_after_one_and_the_first_one_are_told_by_its_number(address: str) -> None:
    start = "https://mid.ru/en/foreign_policy/news/"
    after, first = PAGED[address]
    assert page_after(address) == (None if after is None else start + after)
    assert first_page_of(address) == start + first
