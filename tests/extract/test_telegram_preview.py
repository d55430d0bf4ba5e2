"""Rules of the format `telegram_preview`: what is read in a post."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from extract.formats.preview_post import count_of
from extract.model import (
    WORDS_NOT_SHOWN,
    Link,
    Media,
    MediaKind,
    Origin,
    Poll,
    PostKind,
    PublishedBasis,
)
from tests.extract.preview_pages import (
    ALBUM,
    CAPTION,
    CHANNEL_ID,
    HIDDEN_WORDS,
    NAME,
    VIDEO_WORDS,
    album,
    block,
    grouped,
    page,
    record,
    records,
    words,
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
