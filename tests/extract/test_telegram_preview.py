"""Rules of the format `telegram_preview`."""

import base64
import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, NoDocument, TooLarge, UnknownChannel, UnreadableInput
from extract.formats.preview_post import count_of
from extract.formats.telegram_preview import FORMAT, NOTICES
from extract.markup import MOST_BYTES
from extract.model import (
    WORDS_NOT_SHOWN,
    Claim,
    Hints,
    Link,
    Media,
    MediaKind,
    Origin,
    Poll,
    PostKind,
    PublishedBasis,
    Reason,
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


def test_a_post_is_keyed_by_the_channel_s_number_and_its_own() -> None:
    found = record(words("Text"))
    assert found.key == f"telegram:{CHANNEL_ID}:12"
    assert found.post is not None
    assert found.post.username == NAME.lower()
    assert found.post.channel_title == "Example Ministry 🎙"
    assert found.published_at == datetime(2024, 3, 1, 9, 30, 5, tzinfo=UTC)
    assert found.published_basis is PublishedBasis.STATED_OFFSET
    assert found.carries_paragraphs


def test_a_text_is_what_was_published_line_by_line() -> None:
    text = (
        '<b>🎙 Head</b><br/><br/>Two  spaces <i class="emoji" style="x"><b>🔥</b></i> and '
        '<tg-emoji emoji-id="5"><i class="emoji"><b>👍</b></i></tg-emoji><blockquote expandable>quoted<br>twice'
        '</blockquote>after<br/><pre><code>a\n  b</code></pre><span class="tgme_spoiler">hidden</span> &lt;...&gt;'
    )
    assert record(words(text)).text == ("🎙 Head\n\nTwo  spaces 🔥 and 👍\nquoted\ntwice\nafter\na\n  b\nhidden <...>")


def test_a_line_break_of_the_markup_is_none_of_the_text() -> None:
    found = record(words("\n   One\n   two\n   <br>\n   three\n  "))
    assert found.text == "One two\nthree"
    assert [notice.code for notice in found.notices] == ["markup_line_breaks"]


def test_marks_of_direction_stay_and_controls_are_counted() -> None:
    found = record(words("\u200fA\u200e\u202b b\u202c &#7;"))
    assert found.text == "\u200fA\u200e\u202b b\u202c ␇"
    assert [(notice.code, notice.detail) for notice in found.notices] == [("odd_characters", "1")]


def test_links_are_those_that_lead_out_in_the_order_of_the_text() -> None:
    text = (
        '<a href="https://mid.ru/ru/1/" onclick="return confirm(1)">in full</a> <a href="?q=%23tag">#tag</a> '
        '<a href="https://t.me/s/x?q=%23tag">#tag</a> <a href="https://t.me/other" target="_blank">@other</a> '
        '<a href="http://mid.ru/en/" rel="noopener">mid.ru/en</a> <a href="mailto:a@mid.ru">a@mid.ru</a> '
        '<a href="javascript:alert(1)">script</a> <a href="tg://bot_command?command=x">/x</a> '
        '<a href="https://t.me/other/55">their post</a>'
    )
    assert record(words(text)).links == (
        Link("in full", "https://mid.ru/ru/1/"),
        Link("mid.ru/en", "mid.ru/en"),
        Link("a@mid.ru", "mailto:a@mid.ru"),
        Link("their post", "https://t.me/other/55"),
    )


def test_an_address_that_the_page_escapes_twice_is_read_as_the_publisher_wrote_it() -> None:
    twice = '<a href="https://x.example/?a=1&amp;amp;b=2" onclick="return confirm(1)">a</a>'
    once = '<a href="https://x.example/?a=1&amp;amp;b=2">b</a>'
    assert record(words(f"{twice} {once}")).links == (
        Link("a", "https://x.example/?a=1&b=2"),
        Link("b", "https://x.example/?a=1&amp;b=2"),
    )


def test_the_quote_of_a_reply_is_no_text() -> None:
    reply = (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{NAME.lower()}/7"><div '
        'class="tgme_widget_message_text js-message_reply_text" dir="auto">Quoted</div></a>'
    )
    found = record(reply + words("Own"))
    assert (found.text, found.furniture) == ("Own", ("Quoted",))
    assert found.post is not None
    assert found.post.reply_to == 7


def test_a_reply_to_another_channel_is_none_in_this_one() -> None:
    found = record('<a class="tgme_widget_message_reply" href="https://t.me/other/7"></a>' + words("Own"))
    assert found.post is not None
    assert found.post.reply_to is None


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ('<a class="{}" href="https://t.me/Other_MFA/55">Other</a>', Origin(username="other_mfa", message_id=55)),
        ('<a class="{}" href="https://t.me/c/777000111/55">Other</a>', Origin(channel_id=777000111, message_id=55)),
        ('<a class="{}" href="https://t.me/some_user">Other</a>', Origin(username="some_user")),
        ('<span class="{}">Other</span>', None),
    ],
)
def test_a_forwarded_post_says_where_it_came_from(name: str, origin: Origin | None) -> None:
    link = name.format("tgme_widget_message_forwarded_from_name")
    above = f'<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;{link}</div>'
    found = record(above + words("Text"))
    assert found.forwarded_from == "Other"
    assert found.post is not None
    assert found.post.origin == origin


def test_a_signature_with_the_word_edited_is_no_mark_of_an_edit() -> None:
    author = '<span class="tgme_widget_message_from_author" dir="auto">Not edited</span>, '
    signed, edited = record(words("x"), meta=author), record(words("x"), meta=f"{author}&nbsp;edited &nbsp;")
    assert signed.post is not None
    assert edited.post is not None
    assert (signed.post.author, signed.post.is_edited) == ("Not edited", False)
    assert (edited.post.is_edited, edited.post.edited_at) == (True, None)


@pytest.mark.parametrize(
    ("printed", "count"),
    [
        ("853", (853, False)),
        ("1 204", (1204, False)),
        ("4.85K", (4850, True)),
        ("16K", (16000, True)),
        ("1.1M", (1_100_000, True)),
        ("many", None),
        ("4.5", None),
        ("", None),
    ],
)
def test_a_count_is_read_as_the_page_rounds_it(printed: str, count: tuple[int, bool] | None) -> None:
    assert count_of(printed) == count


def test_reactions_are_counted_and_name_nobody() -> None:
    found = record(
        '<div class="tgme_widget_message_reactions"><span class="tgme_reaction '
        'tgme_reaction_paid"><i class="icon"></i>7'
        '</span><span class="tgme_reaction"><i class="emoji"><b>👍</b></i>1.2K</span><span class="tgme_reaction">'
        '<tg-emoji emoji-id="546"></tg-emoji>3</span></div>'
    )
    assert found.counts is not None
    assert found.counts.reactions == (("paid", 7), ("👍", 1200), ("custom_emoji:546", 3))
    assert (found.counts.views, found.counts.views_are_rounded) == (853, False)


STICKER = '<div class="tgme_widget_message_sticker_wrap media_supported_cont"><i class="tgme_widget_message_sticker" '
MEDIA = [
    (
        (
            '<a class="tgme_widget_message_photo_wrap 123 45_6" '
            "style=\"width:450px;background-image:url('https://cdn.example"
            '/p.jpg\')" href="#"><div class="tgme_widget_message_photo" '
            'style="width:75%;padding-top:133.3333%"></div></a>'
        ),
        Media(MediaKind.PHOTO, address="https://cdn.example/p.jpg", width=450, height=600),
    ),
    (
        (
            '<a class="tgme_widget_message_video_player" href="#"><div class="tgme_widget_message_video_wrap" '
            'style="width:720px;padding-top:50%"><video src="https://cdn.example/v.mp4"></video></div><div '
            f'class="message_video_play"></div><time class="message_video_duration">0:27</time>{VIDEO_WORDS}</a>'
        ),
        Media(MediaKind.VIDEO, address="https://cdn.example/v.mp4", width=720, height=360, duration_s=27),
    ),
    (
        (
            '<a class="tgme_widget_message_video_player not_supported" href="#"><div '
            'class="tgme_widget_message_video_wrap">'
            '</div><div class="message_media_not_supported_label">Media is too big</div></a>'
        ),
        Media(MediaKind.ANIMATION),
    ),
    (
        (
            '<a class="tgme_widget_message_roundvideo_player"><div class="tgme_widget_message_roundvideo_wrap"><video '
            'class="tgme_widget_message_roundvideo" src="//cdn.example/r.mp4"></video></div><time '
            'class="tgme_widget_message_roundvideo_duration">0:15</time></a>'
        ),
        Media(MediaKind.ROUND_VIDEO, address="//cdn.example/r.mp4", duration_s=15),
    ),
    (
        (
            '<a class="tgme_widget_message_voice_player"><audio class="tgme_widget_message_voice" '
            'src="https://cdn.example/o.ogg"></audio><time class="tgme_widget_message_voice_duration">1:05</time></a>'
        ),
        Media(MediaKind.VOICE, address="https://cdn.example/o.ogg", duration_s=65),
    ),
    (
        (
            f'<a class="tgme_widget_message_document_wrap" href="https://t.me/{NAME}/12?single"><div '
            'class="tgme_widget_message_document_icon accent_bg"></div><div class="tgme_widget_message_document"><div '
            'class="tgme_widget_message_document_title">Report.pdf</div><div '
            'class="tgme_widget_message_document_extra">'
            "1.2 MB</div></div></a>"
        ),
        Media(MediaKind.DOCUMENT, name="Report.pdf", caption="1.2 MB"),
    ),
    (
        (
            '<a class="tgme_widget_message_document_wrap" href="#"><div '
            'class="tgme_widget_message_document_icon audio">'
            '</div><div class="tgme_widget_message_document_title">Anthem</div><div '
            'class="tgme_widget_message_document_extra">Choir</div></a>'
        ),
        Media(MediaKind.AUDIO, caption="Anthem, Choir"),
    ),
    (
        f'{STICKER} data-webp="https://cdn.example/s.webp" style="background-image:url(\'data:image/svg\')"></i></div>',
        Media(MediaKind.STICKER, address="https://cdn.example/s.webp"),
    ),
    (
        (
            '<a class="tgme_widget_message_location_wrap" href="https://maps.example/?q=1,2"><div '
            'class="tgme_widget_message_location_title">Hall</div></a>'
        ),
        Media(MediaKind.LOCATION, address="https://maps.example/?q=1,2", caption="Hall"),
    ),
    (
        (
            '<div class="tgme_widget_message_contact_wrap"><div class="tgme_widget_message_contact"><div '
            'class="tgme_widget_message_contact_name">Press Centre</div><div class="tgme_widget_message_contact_phone">'
            "+7 000</div></div></div>"
        ),
        Media(MediaKind.CONTACT, caption="Press Centre, +7 000"),
    ),
]


@pytest.mark.parametrize(("markup", "media"), MEDIA, ids=[media.kind for _, media in MEDIA])
def test_an_attachment_is_known_by_its_element(markup: str, media: Media) -> None:
    found = record(markup + words("Caption"))
    assert found.media == (media,)
    assert found.text == "Caption"


def test_the_words_in_place_of_a_film_are_marked_and_no_text() -> None:
    found = record(MEDIA[1][0])
    assert (found.text, found.has_media_placeholder) == ("", True)
    assert found.post is not None
    assert found.post.kind is PostKind.MESSAGE


def test_a_poll_has_voters_and_no_votes() -> None:
    options = "".join(
        '<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">50%</div>'
        f'<div class="tgme_widget_message_poll_option_text">{text}</div></div>'
        for text in ("Yes", "No")
    )
    found = record(
        '<div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">Coming?</div>'
        f'<div class="tgme_widget_message_poll_type">Anonymous Poll</div><a>{options}</a></div>',
        info='<span class="tgme_widget_message_voters">1.5K</span>',
    )
    assert found.poll == Poll("Coming?", ("Yes", "No"))
    assert found.media == (Media(MediaKind.POLL, caption="Anonymous Poll"),)
    assert found.counts is not None
    assert (found.counts.poll_voters, found.counts.poll_votes, found.counts.views) == (1500, None, None)


def test_a_link_preview_is_furniture() -> None:
    preview = (
        '<a class="tgme_widget_message_link_preview" href="https://mid.ru"><div '
        'class="link_preview_site_name">MID</div>'
        '<i class="link_preview_image" style="background-image:url(x)"></i><div class="link_preview_title">Title</div>'
        '<div class="tgme_widget_message_video_wrap"><video src="x"></video></div></a>'
    )
    found = record(words("Text") + preview)
    assert (found.text, found.furniture, found.media, found.links) == ("Text", ("MID", "Title"), (), ())


def test_a_button_that_leads_nowhere_has_no_address() -> None:
    row = (
        '<div class="tgme_widget_message_inline_row"><a class="tgme_widget_message_inline_button url_button" '
        'href="https://mid.ru/x"><span>Read</span></a><a class="tgme_widget_message_inline_button" '
        'href="https://t.me/x/12"><span>Vote</span></a><a class="tgme_widget_message_inline_button url_button" '
        'href="javascript:alert(1)"><span>Run</span></a></div>'
    )
    found = record(words("Text"), below=row)
    assert found.post is not None
    assert found.post.buttons == (Link("Read", "https://mid.ru/x"), Link("Vote", ""), Link("Run", ""))


@pytest.mark.parametrize(
    ("text", "action", "detail"),
    [
        ("Channel created", "create_channel", None),
        (
            'Channel name was changed to «<span class="tgme_widget_service_strong_text">New «name»</span>»',
            "edit_group_title",
            "New «name»",
        ),
        ("Channel photo updated", "edit_group_photo", None),
        ("Channel photo removed", "delete_group_photo", None),
        ("<a href='https://t.me/x'>Example</a> pinned «<a href='https://t.me/example/9'>Text</a>»", "pin_message", "9"),
        ("Example pinned a photo", "pin_message", None),
        ("Live stream scheduled for tomorrow", "group_call_scheduled", None),
        ("Live stream finished (1 hour)", "group_call", None),
        ("Something new happened", None, None),
    ],
)
def test_an_event_of_the_channel_has_an_action_and_no_text(text: str, action: str | None, detail: str | None) -> None:
    found = record(words(text), classes="service_message ", info="")
    assert found.text == ""
    assert found.post is not None
    assert found.post.kind is PostKind.SERVICE
    assert found.post.service is not None
    assert (found.post.service.action, found.post.service.detail) == (action, detail)
    assert [notice.code for notice in found.notices] == ([] if action else ["unknown_service"])


def test_a_post_that_the_page_can_t_show_has_no_known_words() -> None:
    found = record(HIDDEN_WORDS)
    assert found.post is not None
    assert found.post.kind is PostKind.UNSUPPORTED
    assert (found.text, found.media, found.links) == ("", None, None)
    assert [notice.code for notice in found.notices] == [WORDS_NOT_SHOWN]


def test_words_that_the_style_sheet_hides_are_no_sign_of_anything() -> None:
    """A post with custom emoji has its content twice, the second time as a hint to open Telegram."""
    found = record(f'<div class="media_supported_cont">{words("Text")}</div>{HIDDEN_WORDS}')
    assert (found.text, found.has_media_placeholder, found.notices, found.furniture) == ("Text", False, (), ())


def test_each_item_of_an_album_is_a_post_and_the_first_one_has_the_text() -> None:
    found = sorted(records(page(ALBUM)), key=lambda one: one.key or "")
    assert [one.key for one in found] == [f"telegram:{CHANNEL_ID}:{number}" for number in (84, 85, 86)]
    assert [one.text for one in found] == ["Talks in Moscow\ntoday", "", ""]
    assert [one.post.album for one in found if one.post] == ["first:84"] * 3
    assert [[media.kind for media in one.media or ()] for one in found] == [["video"], ["photo"], ["video"]]
    assert [[notice.code for notice in one.notices] for one in found] == [[], [WORDS_NOT_SHOWN], [WORDS_NOT_SHOWN]]
    assert [one.has_media_placeholder for one in found] == [True, False, True]
    assert len({one.published_at for one in found}) == 1
    assert [one.counts is None for one in found] == [False, True, True]


@pytest.mark.parametrize("is_text_above", [False, True])
def test_posts_of_an_album_have_bytes_of_their_own_and_the_text_is_in_those_of_the_first(is_text_above: bool) -> None:
    items = album(grouped(84), grouped(85), grouped(86))
    data = page(block(84, CAPTION + items if is_text_above else items + CAPTION)).encode()
    found = records(data)
    assert all(left.byte_to <= right.byte_from for left, right in pairwise(found))
    for one in found:
        assert one.post is not None
        own = data[one.byte_from : one.byte_to]
        mark = b"Talks in Moscow" if one.post.message_id == 84 else f"/{one.post.message_id}?single".encode()
        assert mark in own


def test_a_link_in_a_text_to_an_item_makes_no_album() -> None:
    (found,) = records(page(block(12, words(f'<a href="https://t.me/{NAME}/85?single">see</a>'))))
    assert found.post is not None
    assert found.post.album is None


def test_an_item_without_an_id_stands_with_the_first_post() -> None:
    stray = '<a class="tgme_widget_message_photo_wrap grouped_media_wrap"></a>'
    main = next(one for one in records(page(block(84, album(grouped(84), stray, grouped(86)) + CAPTION))) if one.text)
    assert len(main.media or ()) == 2
    assert [notice.code for notice in main.notices] == ["item_without_id"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "windows-1251", "koi8-r"])
def test_a_record_leads_back_to_its_own_bytes_in_any_encoding(codec: str) -> None:
    source = page(block(1, words("Первый")), block(2, words("Второй ещё")), charset="x").replace("🎙", "")
    data = source.encode(codec)
    hints = Hints("test", encoding=codec if codec in ("windows-1251", "koi8-r") else None)
    found = records(data, hints)
    plain = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, codec.removesuffix("-sig"))
    for one, text in zip(found, ("Первый", "Второй ещё"), strict=True):
        own = data[one.byte_from : one.byte_to].decode(plain)
        assert (own[:5], own[-6:], one.text) == ("<div ", "</div>", text)
        assert text in own


def test_the_markup_s_own_encoding_counts_where_none_is_declared() -> None:
    data = page(block(1, words("Текст")), charset="windows-1251").replace("🎙", "").encode("windows-1251")
    assert records(data)[0].text == "Текст"


def test_a_post_whose_bytes_are_wrong_is_rejected_alone() -> None:
    data = page(block(1, words("AAA")), block(2, words("BBB"))).encode().replace(b"AAA", b"\xff\xfe")
    rejection, found = values(data)
    assert isinstance(rejection, Rejection)
    assert rejection.reason is Reason.UNDECODABLE
    assert isinstance(found, Record)
    assert found.text == "BBB"


@pytest.mark.parametrize("lost", ["", 'data-view=""', 'data-view="%%%"', f'data-view="{view("x", 0)}"'])
def test_without_the_channel_s_number_another_post_a_person_or_nobody_tells_it(lost: str) -> None:
    orphan = block(13, words("Text"), attributes=f'data-post="{NAME}/13" {lost}')
    assert records(page(orphan, block(14)))[0].key == f"telegram:{CHANNEL_ID}:13"
    for hints in (Hints("x", channel_id=42), Hints("x", channel_id=42, channel=NAME.lower())):
        (found,) = records(page(orphan), hints)
        assert found.key == "telegram:42:13"
        assert found.post is not None
        assert found.post.username is None
    for hints in (Hints("x"), Hints("x", channel=NAME.lower()), Hints("x", channel="other", channel_id=42)):
        with pytest.raises(UnknownChannel):
            values(page(orphan), hints)


def test_an_embedded_post_may_tell_the_channel_by_its_peer() -> None:
    ids = f'id="widget_message" data-post="{NAME}/15" data-peer="c{CHANNEL_ID}_-1111111111111111111"'
    assert records(page(block(15, words("Text"), attributes=ids)))[0].key == f"telegram:{CHANNEL_ID}:15"


@pytest.mark.parametrize("ids", ["", f'data-post="{NAME}"', f'data-post="{NAME}/0"', f'data-post="{NAME}/1/2"'])
def test_a_post_without_an_id_is_rejected_alone(ids: str) -> None:
    rejection, found = values(page(block(1, words("A"), attributes=ids), block(2, words("B"))))
    assert isinstance(rejection, Rejection)
    assert rejection.reason is Reason.MISSING_ID
    assert isinstance(found, Record)


@pytest.mark.parametrize("date", ["", "yesterday", "2024-03-01T09:30:05", "0001-01-01T00:00:00+14:00"])
def test_a_date_without_an_offset_tells_no_instant(date: str) -> None:
    found = record(words("Text"), date=date)
    assert (found.published_at, found.published_basis) == (None, None)
    assert [notice.code for notice in found.notices] == ["unclear_date"]


def test_a_page_cut_anywhere_gives_its_whole_posts_and_says_that_it_breaks_off() -> None:
    data = page(ALBUM, *(block(number, words(f"Text {number}")) for number in (87, 88))).encode()
    whole = records(data)
    first_end, end = max(one.byte_to for one in whole[:3]), data.index(b"</html>")
    for at in range(first_end + 1, end, 61):
        *found, rejection = values(data[:at])
        assert isinstance(rejection, Rejection)
        assert (rejection.reason, rejection.byte_to) == (Reason.BROKEN_OFF, at)
        assert found == [one for one in whole if one.byte_to <= at]


def test_a_piece_of_a_page_is_whole_where_its_posts_are() -> None:
    assert len(records(block(1, words("A")) + block(2, words("B")))) == 2


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            page('<div class="tgme_widget_message_wrap"><div class="tme_no_messages_found">No posts</div></div>'),
            NoDocument,
        ),
        ('<html><body class="tgme_page_wrap"><div class="tgme_page_title">Contact @x</div></body></html>', NoDocument),
        ('<html><body><div class="tgme_widget_message_error">Post not found</div></body></html>', NoDocument),
        ("<html><title>Just a moment...</title></html>", NoDocument),
        ("<html><title>Log in to Telegram</title><a href='https://telegram.org'></a></html>", NoDocument),
        ("<html><body><p>News</p></body></html>", UnreadableInput),
        ("Forwarded from X\nText", UnreadableInput),
        ('{"messages": []}', UnreadableInput),
    ],
)
def test_an_input_without_posts_is_refused_whole(source: str, error: type[ExtractError]) -> None:
    with pytest.raises(error):
        values(source)


def test_only_markup_of_the_preview_is_claimed() -> None:
    assert FORMAT.claims(page(block()).encode()[:65_536])
    assert FORMAT.claims(block().encode())
    assert FORMAT.claims(page(block()).encode("utf-16"))
    assert not FORMAT.claims(
        b'<div class="message default clearfix" id="message12"><div class="text">tgme_x</div></div>'
    )
    assert not FORMAT.claims(b'<html><a href="https://t.me/MID_Russia">Telegram</a></html>')
    assert not FORMAT.claims(b'{"text": "<div class=\\"tgme_widget_message\\">"}')
    assert not FORMAT.claims(b"")


def test_a_search_shows_a_sample_and_an_ordinary_page_claims_nothing() -> None:
    assert FORMAT.shows(page(block(), asked="#tag").encode()) is Claim.SAMPLE
    assert FORMAT.shows(page(block()).replace("?before=40", "?q=%23tag").encode()) is Claim.SAMPLE
    assert FORMAT.shows(page(block()).encode()) is Claim.UNKNOWN


def test_scripts_are_never_shown() -> None:
    text = '<script>alert(1)</script>Text<svg onload="x"><text>y</text></svg><style>b{}</style><img src=x onerror=y>'
    assert record(words(text)).text == "Text"


BOMBS = {
    "deep": "<div>" * 50_000 + "</div>" * 50_000,
    "formatting": "".join(f"<b a{n}>" for n in range(2_000)) + "<p>x" * 2_000,
    "large": "x" * (3 << 20),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_rejected_alone(bomb: str) -> None:
    rejection, found = values(page(block(1, words(BOMBS[bomb])), block(2, words("B"))))
    assert isinstance(rejection, Rejection)
    assert rejection.reason is Reason.TOO_LARGE
    assert len(rejection.excerpt) <= 200
    assert isinstance(found, Record)


SLOW = {
    "open_tags": '<div class="tgme_widget_message" ' * 20_000,
    "links": block(1, "<a href='" + "/1?" * 100_000 + "'>"),
    "single": block(1, f'<a class="tgme_widget_message_photo_wrap" href="/85?single">{"<a href=/1?" * 50_000}'),
    "spaces": block(1, words(" " * 300_000 + "\n x" + "\n" * 300_000 + "y")),
    "blocks": block(1, words("<p> </p>" * 20_000)),
    "count": block(1, info=f'<span class="tgme_widget_message_views">{"1," * 200_000}</span>'),
}


@pytest.mark.parametrize("slow", SLOW)
def test_no_input_takes_time_without_bound(slow: str) -> None:
    assert values(SLOW[slow])


def test_a_page_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        values(b"<" * (MOST_BYTES + 1))


SOURCES = [path.read_bytes() for path in sorted(GOLDEN.glob("*.html"))] + [page(ALBUM).encode()]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_any_bytes_end_in_values_or_an_error_of_ours(source: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 400)))
    mutated = source[:start] + data.draw(st.binary(max_size=20)) + source[end:]
    mutated = mutated[: data.draw(st.integers(0, len(mutated)) | st.just(len(mutated)))]
    FORMAT.claims(mutated[:65_536])
    FORMAT.shows(mutated[:65_536])
    try:
        found = values(mutated)
    except ExtractError:
        return
    places = [(one.byte_from, one.byte_to) for one in found]
    assert all(left[1] <= right[0] for left, right in pairwise(places) if left[1] and right[0])
    assert {notice.code for one in found if isinstance(one, Record) for notice in one.notices} <= set(NOTICES)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"), max_size=20)))
def test_a_text_comes_out_as_it_went_in(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert record(words("<br/>".join(lines))).text == text.strip()
