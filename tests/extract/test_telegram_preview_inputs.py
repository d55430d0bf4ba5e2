"""Rules of the format `telegram_preview`: which inputs are read, and what becomes of broken and hostile ones."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import (
    ExtractError,
    NoDocument,
    NotFound,
    OtherChannel,
    TooLarge,
    UndecodableInput,
    UnknownChannel,
    UnreadableInput,
)
from extract.formats.telegram_preview import FORMAT, NOTICES
from extract.markup import MOST_BYTES
from extract.model import (
    Claim,
    Hints,
    Reason,
    Record,
    Rejection,
)
from tests.extract.preview_pages import (
    ALBUM,
    CHANNEL_ID,
    GOLDEN,
    NAME,
    block,
    page,
    record,
    records,
    values,
    view,
    words,
)


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


def said(words: str) -> str:
    """Return an embedded page that shows words in place of a post."""
    return f'<html><body class="tgme_widget"><div class="tgme_widget_message_error">{words}</div></body></html>'


@pytest.mark.parametrize(
    "words",
    [
        "Post not found",
        "Post <a href='https://t.me/chan/123' target='_blank'><b>chan/123</b></a> not found",
        " POST\n <b>Chan_1/5</b>&nbsp;not  found. ",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_page_that_says_that_the_post_is_not_there_is_told_apart(words: str, codec: str) -> None:
    with pytest.raises(NotFound, match=r"(?i)'post .*not found"):
        values(said(words).encode(codec))


ASKED = "https://t.me/chan_1/5?embed=1&mode=tme"


@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        ("Post not found", True),
        ("Post <b>chan_1/5</b> not found", True),
        ("Post Chan_1/5 not found", True),
        ("Post other_name/5 not found", True),
        ("Post other/5 not found", False),
        ("Post chan_1/9 not found", False),
        ("Post chan_1/50 not found", False),
    ],
)
def test_it_proves_only_that_the_post_that_was_asked_for_is_not_there(words: str, is_asked: bool) -> None:
    with pytest.raises(NotFound if is_asked else NoDocument):
        values(said(words), Hints("test", address=ASKED, channel="other_name"))
    with pytest.raises(NotFound):  # of a saved page nothing tells which post was asked for
        values(said(words))
    if "/" in words:
        with pytest.raises(NoDocument):
            values(said(words), Hints("test", address="https://t.me/s/chan_1"))


def test_a_page_of_another_channel_than_the_one_that_was_asked_for_is_refused_whole() -> None:
    source = page(block(1, words("A")), block(2, words("B")))
    with pytest.raises(OtherChannel, match=rf"posts of the channel {CHANNEL_ID}.*expected those of 42"):
        values(source, Hints("test", channel=NAME.lower(), channel_id=42, expects_channel_id=42))
    assert len(records(source, Hints("test", channel_id=42))) == 2
    assert len(records(source, Hints("test", expects_channel_id=CHANNEL_ID))) == 2


def test_a_post_of_another_channel_on_a_page_is_rejected_alone() -> None:
    stray = block(2, words("B"), attributes=f'data-post="other/2" data-view="{view(2, 42)}"')
    found, rejection = values(page(block(1, words("A")), stray), Hints("test", expects_channel_id=CHANNEL_ID))
    assert isinstance(found, Record)
    assert isinstance(rejection, Rejection)
    assert rejection.reason is Reason.OTHER_CHANNEL


@pytest.mark.parametrize(
    "words",
    [
        "Channel with username <b>@chan</b> not found",
        "Channel not found",
        "Channel is private",
        "Please open Telegram to view this post",
        "Post not found in the cache, try again",
        "The post was not found",
        "Not found",
        "",
    ],
)
def test_other_words_in_place_of_a_post_prove_nothing(words: str) -> None:
    with pytest.raises(NoDocument):
        values(said(words))
    with pytest.raises(NoDocument):
        values(said(words).replace("tgme_widget_message_error", "tgme_page_description"))
    with pytest.raises(NoDocument):
        values(said("Post not found").replace("tgme_widget_message_error", "tgme_page_description"))


@pytest.mark.parametrize("hinted", [True, False])
def test_a_page_in_utf_8_is_read_so_whatever_it_declares_and_says_so(hinted: bool) -> None:
    data = page(block(1, words("Текст")), charset="utf-8" if hinted else "windows-1251").encode()
    (found,) = records(data, Hints("test", encoding="windows-1251" if hinted else None))
    assert found.text == "Текст"
    assert [notice.code for notice in found.notices] == ["charset_contradiction"]


def test_a_page_whose_letters_make_no_words_gives_no_post() -> None:
    text = page(block(1, words("Министр Сергей Лавров в Москве. Посол Китая")), charset="koi8-r").replace("🎙", "")
    with pytest.raises(UndecodableInput):
        values(text.encode("windows-1251"))


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
