"""Pages as markup: layouts, keys, languages, verdicts, and pages that break off."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import (
    ChallengePage,
    ExtractError,
    NoDocument,
    TooLarge,
    UndecodableInput,
    UnreadableInput,
    WrongLanguage,
)
from extract.formats import claimants
from extract.formats.mid_page_html import FORMAT, NOTICES
from extract.markup import MOST_BYTES
from extract.model import Block, Claim, Hints, Kind, Reason, Record, Rejection, Role

GOLDEN = Path(__file__).parents[1] / "golden" / "mid_page_html"
ADDRESS = "https://mid.ru/en/foreign_policy/news/1900001/"
OLD_ADDRESS = "http://www.mid.ru/{}foreign_policy/news/-/asset_publisher/cKNonkJE02Bw/content/id/2300001"
TITLE = "Foreign Ministry statement on the talks"
ENGLISH = "The talks were held in the capital of the country, and it was agreed to go on with them."
RUSSIAN = "Переговоры прошли в столице, стороны условились их продолжить в ближайшее время."
CHALLENGE = "<html><head><script>window['bobcmn'] = '1/TSPD/2';</script></head><body></body></html>"


def page(
    body: str = f"<p>{ENGLISH}</p>",
    *,
    head: str = "",
    date: str = '<span class="photo-content__date">30 September 2024</span><span>17:18</span>',
    title: str = f'<h1 class="photo-content__title">{TITLE}</h1>',
    below: str = "",
) -> str:
    """Return a page of the present site."""
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><h1></h1><div class='page-body'><div class='photo-content'>"
        f"{date}{title}{below}<div class='text article-content'>{body}</div></div></div></body></html>"
    )


def values(text: str | bytes, address: str | None = ADDRESS, **hints: str | bool) -> tuple[Record | Rejection, ...]:
    """Return what is read in a page."""
    data = text.encode() if isinstance(text, str) else text
    given_hints = Hints("pages", address=address, **hints)  # type: ignore[arg-type]
    (stretch,) = FORMAT.split(io.BytesIO(data), given_hints)
    assert (stretch.byte_from, stretch.byte_to) == (0, len(data))
    return FORMAT.read(stretch, given_hints)


def record(text: str | bytes, address: str | None = ADDRESS, **hints: str | bool) -> Record:
    """Return the record that is read in a page."""
    (value,) = values(text, address, **hints)
    assert isinstance(value, Record)
    return value


def rejection(text: str | bytes, address: str | None = ADDRESS) -> Rejection:
    """Return the rejection that a page ends in."""
    (value,) = values(text, address)
    assert isinstance(value, Rejection)
    return value


def codes(value: Record) -> set[str]:
    """Return the codes of a record's notices."""
    return {notice.code for notice in value.notices}


def rules(value: Record) -> dict[str, str]:
    """Return which rule found each field."""
    assert value.page is not None
    return dict(matched.split(": ", 1) for matched in value.page.matched)


@pytest.mark.parametrize(
    ("date", "printed", "instant"),
    [
        ('<i class="photo-content__date">30.09.2024</i><i>17:18</i>', "30.09.2024 17:18", (2024, 9, 30, 14, 18)),
        ('<i>17:18</i><i class="photo-content__date">30.09.2024</i>', "30.09.2024 17:18", (2024, 9, 30, 14, 18)),
        ('<i class="photo-content__date">30.09.2024 <b>17:18</b></i>', "30.09.2024 17:18", (2024, 9, 30, 14, 18)),
        ("<i>30 September 2024</i><i>17:18</i>", "30 September 2024 17:18", (2024, 9, 30, 14, 18)),
        ('<i class="photo-content__date">30 September 2024</i>', "30 September 2024", None),
        ("<i>17:18</i>", "17:18", None),
        ('<i class="photo-content__date">31.02.2024</i><i>17:18</i>', "31.02.2024", None),
        ("", None, None),
    ],
)
def test_date_and_time_are_found_beside_each_other(date: str, printed: str | None, instant: tuple[int, ...]) -> None:
    read = record(page(date=date))
    assert read.published_text == printed
    assert read.published_at == (datetime(*instant, tzinfo=UTC) if instant else None)  # type: ignore[misc, arg-type]


def test_a_time_far_from_the_date_is_none_of_the_pages() -> None:
    date = '<i class="photo-content__date">30.09.2024</i>'
    read = record(page(date=f"<p>09:00</p><p>a</p><p>b</p><p>c</p>{date}"))
    assert read.published_text == "30.09.2024"


@pytest.mark.parametrize(
    ("head", "address", "key"),
    [
        ("", ADDRESS, "mid:1900001:en"),
        ("", "https://mid.ru/es/maps/la/1900001/?lang=en#1", "mid:1900001:en"),
        ("", OLD_ADDRESS.format("en/"), "mid-lr:2300001:en"),
        ("", OLD_ADDRESS.format(""), "mid-lr:2300001:en"),
        (f'<link href="{ADDRESS}" rel="canonical">', None, "mid:1900001:en"),
        (f'<meta property="og:url" content="{ADDRESS}"/>', None, "mid:1900001:en"),
        (f'<base href="{ADDRESS}">', None, "mid:1900001:en"),
        (f"<link rel=canonical href={ADDRESS}>", "https://mid.ru/en/", "mid:1900001:en"),
        (f"<!-- saved from url=(0046){ADDRESS} -->", None, "mid:1900001:en"),
        (f"<!--\n Page saved with SingleFile \n url: {ADDRESS} \n saved date: x\n-->", None, "mid:1900001:en"),
        ('<link rel="canonical" href="/en/foreign_policy/news/1900001/">', None, None),
        ("", "https://mid.ru/en/foreign_policy/news/", None),
        ("", None, None),
    ],
)
def test_the_key_is_made_of_the_address_that_it_was_found_at_or_names(
    head: str, address: str | None, key: str | None
) -> None:
    read = record(page(head=head), address)
    assert read.key == key
    assert (key is None) == bool(codes(read) & {"no_address", "no_site_number"})


def test_a_canonical_link_stands_over_the_other_names_of_a_page() -> None:
    other = ADDRESS.replace("1900001", "1900002")
    read = record(page(head=f'<meta property="og:url" content="{other}"><link rel="canonical" href="{ADDRESS}">'), None)
    assert read.key == "mid:1900001:en"
    assert "address_contradiction" in codes(read)


def test_a_page_that_was_asked_for_and_names_itself_as_another_document_is_refused() -> None:
    other = page(head=f'<link rel="canonical" href="{ADDRESS.replace("1900001", "1900002")}">')
    with pytest.raises(NoDocument, match="names itself as another document"):
        values(other, is_asked_for=True)
    assert "address_contradiction" in codes(record(other))


EMPTY_BODIES = {
    "nothing": page(""),
    "white space": page("<p> &nbsp; </p><div>\u00ad\u200b</div>"),
    "signs alone": page("<p>...</p><hr>"),
    "back links alone": page("<p><a href='#0'>Back to contents</a></p>"),
    "contents alone": page("<h2>Contents</h2><ul><li><a href='#1'>One</a></li><li><a href='#2'>Two</a></li></ul>"),
    "an announcement": page(
        below="<ul class='announcements'><li><h3>T</h3><div class='announcement__text'></div></li></ul>"
    ).replace("article-content", ""),
    "a title in the head alone": page("", title="", head=f"<title>{TITLE}</title>"),
}


@pytest.mark.parametrize("case", EMPTY_BODIES)
def test_a_page_that_was_asked_for_and_shows_nothing_where_its_text_stands_is_no_document(case: str) -> None:
    with pytest.raises(NoDocument, match="holds nothing"):
        values(EMPTY_BODIES[case], is_asked_for=True)
    assert not [letter for letter in record(EMPTY_BODIES[case]).text if letter.isalnum()]


@pytest.mark.parametrize(
    "body",
    [
        "<img src='/upload/photo.jpg'>",
        "<a href='/upload/report.pdf'></a>",
        "<table><tr><td>1</td></tr></table>",
        "<p>Да</p>",
        "<iframe src='https://www.youtube.com/embed/x'></iframe>",
    ],
)
def test_a_page_that_was_asked_for_may_hold_a_picture_a_file_or_a_word_alone(body: str) -> None:
    assert record(page(body), is_asked_for=True).title == TITLE


def test_a_page_that_names_itself_in_another_language_is_no_contradiction() -> None:
    read = record(page(head=f'<link rel="canonical" href="{ADDRESS}">'), ADDRESS.replace("/en/", "/fr/") + "?lang=en")
    assert "address_contradiction" not in codes(read)


def test_an_english_address_that_serves_russian_keeps_its_key_and_says_so() -> None:
    read = record(page(f"<p>{RUSSIAN}</p>"))
    assert (read.key, read.lang) == ("mid:1900001:en", "ru")
    assert "language_differs" in codes(read)


def test_languages_are_those_that_the_page_links_to_itself_in() -> None:
    switch = '<a href="/ru/foreign_policy/news/1900001/">R</a><a href="/en/maps/la/1900001/?x=1&amp;lang=de">D</a>'
    assert record(page(below=switch)).languages_available == ("de", "en", "ru")
    assert record(page(below='<a href="/ru/foreign_policy/news/1900002/">R</a>')).languages_available == ()


@pytest.mark.parametrize(
    ("title", "expected", "rule"),
    [
        ("<h1>Лаос</h1><h1>Список консулов</h1>", "Список консулов", "h1, the last of 2"),
        ("<h1> </h1><h1>Министерство иностранных дел Российской Федерации</h1><h1>T<br>U</h1>", "T U", "h1"),
        ('<p class="anons-title">T</p>', "T", "p.anons-title"),
        ('<h1 class="photo-content__title">One&shy;two&nbsp;<b>t</b>hree</h1>', "Onetwo\u00a0three", None),
    ],
)
def test_the_title_is_the_last_heading_above_the_text(title: str, expected: str, rule: str | None) -> None:
    read = record(page(title=title))
    assert read.title == expected
    assert rules(read)["title"] == rule or rule is None


def test_headings_of_the_text_are_no_titles() -> None:
    read = record(page("<h1>Part one</h1><p>Text.</p>"))
    assert (read.title, read.text) == (TITLE, "Part one\nText.")
    assert [passage.block for passage in read.passages] == [Block.HEADING, Block.PARAGRAPH]


def test_a_title_from_the_head_of_the_page_is_noticed() -> None:
    read = record(page(title="", head=f"<title>{TITLE}</title>"))
    assert read.title == TITLE
    assert "title_from_head" in codes(read)


def test_a_page_without_a_title_is_rejected() -> None:
    assert rejection(page(title="")).reason is Reason.MISSING_TITLE


@pytest.mark.parametrize("number", ["1893-27-09-2023", "27-04-2018"])
def test_the_documents_number_is_kept_as_printed(number: str) -> None:
    read = record(page(below=f'<p class="article-line__note article-line__note_small">{number}</p>'))
    assert read.document_number == number
    assert ("number_without_sequence" in codes(read)) == (len(number) == 10)


def test_a_table_of_contents_stands_apart_and_back_links_are_furniture() -> None:
    read = record(
        page(
            "<h2>\u0421одержание</h2><p><a href='#1'>Первое</a></p><p>Из ответов на вопросы:</p>"
            "<p><a href='#2'>Второе</a></p>"
            "<h2>Первое</h2><p>Да.</p><p><a href='#0'>Назад к оглавлению</a></p><h2>Второе</h2><p>Нет.</p>"
        )
    )
    assert read.page is not None
    assert read.page.contents == ("Содержание", "Первое", "Из ответов на вопросы:", "Второе")
    assert read.text == "Первое\nДа.\nВторое\nНет."
    assert "Назад к оглавлению" in read.furniture
    assert read.links == ()


def test_a_heading_called_contents_without_items_stays_in_the_text() -> None:
    assert record(page("<h2>Contents</h2><p>One.</p>")).text == "Contents\nOne."


def test_centred_lines_are_headings_in_briefings_of_the_old_portal_only() -> None:
    body = "<p style='text-align:center'>On Syria</p><p>One.</p>"
    title = "<h1>Briefing by Maria Zakharova, Moscow, April 19, 2017</h1>"
    assert record(page(body, title=title), OLD_ADDRESS.format("en/")).passages[0].role is Role.HEADING
    assert record(page(body, title=title)).passages[0].role is Role.BODY
    assert record(page(body), OLD_ADDRESS.format("en/")).passages[0].role is Role.BODY


def test_an_empty_body_is_a_document_without_text() -> None:
    read = record(page(""))
    assert (read.title, read.text, read.passages) == (TITLE, "", ())
    assert "no_body" in codes(read)


def test_several_elements_of_text_are_joined_and_noticed() -> None:
    read = record(page("<p>One.</p></div><div class='text article-content'><p>Two.</p>"))
    assert read.text == "One.\nTwo."
    assert "several_bodies" in codes(read)


def test_nothing_around_the_text_comes_into_it() -> None:
    read = record(page().replace("</body>", "<aside><p>Related</p></aside><footer>Site</footer></body>"))
    assert read.text == ENGLISH


def test_control_characters_become_their_pictures() -> None:
    read = record(page("<p>a&#1;b</p>".replace("&#1;", "\x01")))
    assert read.text == "a\u2401b"
    assert "odd_characters" in codes(read)


def test_links_of_a_stored_copy_lead_to_the_site() -> None:
    read = record(page("<a href='/ru/x/'>a</a>"), f"https://web.archive.org/web/20240101000000id_/{ADDRESS}")
    assert read.key == "mid:1900001:en"
    assert read.links is not None
    assert read.links[0].address == "https://mid.ru/ru/x/"


@pytest.mark.parametrize("cut", [20, 200, 300])
def test_a_page_that_ends_before_its_text_does_is_never_a_text(cut: int) -> None:
    whole = page(f"<p>{ENGLISH}</p>" * 5)
    end = whole.index("</div></div></div>")
    assert rejection(whole[: end - cut]).reason is Reason.BROKEN_OFF


def test_a_page_that_ends_after_its_text_is_whole() -> None:
    whole = page()
    assert record(whole[: whole.index("</div></div></body>")]).text == ENGLISH


@pytest.mark.parametrize("end", ["<p", "<p class='", "<!-- ", "<script>"])
def test_a_page_that_ends_within_a_tag_is_broken_off(end: str) -> None:
    whole = page()
    assert rejection(whole[: whole.index("</div></div></div>")] + end).reason is Reason.BROKEN_OFF


def test_a_page_that_ends_before_or_within_a_character_is_broken_off() -> None:
    whole = page(f"<p>{RUSSIAN}</p>")
    assert rejection(
        whole[: whole.index("<div class='text")] + '<a href="/en/maps/la/"><a href="/en/maps/us/">'
    ).reason is (Reason.BROKEN_OFF)
    assert rejection(whole[: whole.index("столице") + 3].encode()[:-1]).reason is Reason.BROKEN_OFF


@pytest.mark.parametrize("cut", range(0, 1_000, 37))
def test_no_cut_of_a_page_gives_another_text(cut: int) -> None:
    whole = page(f"<h2>One</h2><p>{ENGLISH}</p><table><tr><td>{ENGLISH}<td>a</table>" * 2)
    try:
        (value,) = values(whole[:cut])
    except ExtractError:
        return
    assert isinstance(value, Rejection) or value.text == record(whole).text


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (CHALLENGE, ChallengePage, "bobcmn"),
        ("<html><body>Data processing... Please, wait.</body></html>", ChallengePage, "Please, wait"),
        ("<html><body><li class='announce__item'>x</li></body></html>", NoDocument, "a listing"),
        ("<html><body><h1>Вход</h1><input type='password'></body></html>", NoDocument, "a form to log in"),
        ("<html><title>404 Not Found</title><body></body></html>", NoDocument, "an error page"),
        ("<html><body><p>Text</p></body></html>", NoDocument, "div.text.article-content"),
        ('{"messages": []}', UnreadableInput, "without markup"),
        ("<html><body><div class='tgme_page'></div></body></html>", UnreadableInput, "Telegram"),
        (b"", UndecodableInput, "empty"),
        (b"<html>\xff\xfe</html>", UndecodableInput, "at byte 6"),
        ("<div>" * 100_000, TooLarge, "deep"),
        (("\ufeff" + "<div>" * 100_000).encode("utf-16-le"), TooLarge, "deep"),
        (f"<p {' '.join(f'a{number}' for number in range(100_000))}>", TooLarge, "100,000 attributes in 1 of its tags"),
        ("<p " + "a='>' " * 2_000 + ">" + "<p " + "a='>' " * 9_900 + ">", TooLarge, "attributes in 2 of its tags"),
    ],
)
def test_what_shows_no_document_is_told_apart(text: str | bytes, error: type[ExtractError], words: str) -> None:
    with pytest.raises(error) as raised:
        values(text)
    assert words in str(raised.value)


def test_a_script_of_the_shield_on_a_page_that_came_through_does_no_harm() -> None:
    assert record(page(head="<script src='/TSPD/1?type=1'></script><script>window.bobcmn=1</script>")).text == ENGLISH


def test_a_listing_with_an_empty_text_is_no_document() -> None:
    listing = page("", below="<ul class='announce'><li class='announce__item'>x</li></ul>")
    with pytest.raises(NoDocument):
        values(listing, "https://mid.ru/en/foreign_policy/news/")


def test_a_page_larger_than_the_limit_is_refused() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b" " * size

    assert MOST_BYTES < 100 << 20
    with pytest.raises(TooLarge):
        next(FORMAT.split(Endless(), Hints("pages")))  # type: ignore[arg-type]


def test_the_encoding_that_the_page_declares_counts_where_it_is_not_utf_8() -> None:
    head = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    text = page(f"<p>{RUSSIAN}</p>", head=head)
    assert record(text.encode("windows-1251")).text == RUSSIAN
    assert "charset_contradiction" not in codes(record(text.encode("windows-1251")))
    assert record("\ufeff" + text).text == RUSSIAN
    assert record(("\ufeff" + text).encode("utf-16-le")).text == RUSSIAN


@pytest.mark.parametrize("declared", ["server", "markup"])
def test_a_page_in_utf_8_is_read_so_whatever_it_declares_and_says_so(declared: str) -> None:
    text = page(f"<p>{RUSSIAN}</p>", head='<meta charset="windows-1251">' if declared == "markup" else "")
    found = record(text, **({"encoding": "windows-1251"} if declared == "server" else {}))
    assert found.text == RUSSIAN
    assert [(notice.code, notice.detail) for notice in found.notices if notice.code == "charset_contradiction"] == [
        ("charset_contradiction", "windows-1251")
    ]
    plain = record(page(head='<meta charset="windows-1251">'))
    assert "charset_contradiction" not in codes(plain)  # nothing in it is read otherwise


@pytest.mark.parametrize("declared", ["koi8-r", "iso-8859-1", "utf-8", None])
def test_a_page_in_windows_1251_that_declares_another_encoding_gives_no_document(declared: str | None) -> None:
    body = f"<p>{RUSSIAN} Сергей Лавров, Мария Захарова, Москва, Пекин.</p>"
    data = page(body, head="" if declared is None else f'<meta charset="{declared}">').encode("windows-1251")
    with pytest.raises(UndecodableInput):
        values(data)
    with pytest.raises(UndecodableInput):
        values(data, **({} if declared is None else {"encoding": declared}))
    assert record(data, encoding="windows-1251").text.startswith(RUSSIAN)  # a person may know better


def test_a_page_surely_in_another_language_than_was_asked_for_is_refused() -> None:
    russian, english = page(f"<p>{RUSSIAN * 4}</p>"), page(f"<p>{ENGLISH * 4}</p>")
    with pytest.raises(WrongLanguage, match="in the language 'ru'; expected one in 'en'"):
        values(russian, expects_language="en")
    assert record(russian, expects_language="ru").lang == "ru"
    assert record(english, expects_language="en").lang == "en"
    assert "language_differs" in codes(record(russian))


@pytest.mark.parametrize("body", ["", RUSSIAN, "Aa bb cc " * 40, "Мид мид мид " * 40, f"{RUSSIAN * 2} {ENGLISH * 2}"])
def test_a_short_text_or_one_of_unsure_language_is_taken_as_asked_for(body: str) -> None:
    assert isinstance(values(page(f"<p>{body}</p>"), expects_language="fr")[0], Record)


@pytest.mark.parametrize(
    "head",
    [
        page(),
        CHALLENGE,
        f"<!-- saved from url=(0046){ADDRESS} --><html>",
        '<html><head><link rel="canonical" href="http://www.mid.ru/brp_4.nsf/main_eng">',
        '<html><body><a href="/en/foreign_policy/news/"></a><a href=/en/maps/us/></a>',
        "\ufeff<html><body><div class='article-status-line'>",
        "<!DOCTYPE html><html><body><a href='/brp_4.nsf/newsline/0'></a>",
    ],
)
def test_pages_of_the_site_are_claimed(head: str) -> None:
    assert claimants(head.encode()) == [FORMAT.name]
    assert FORMAT.shows(head.encode()) is Claim.UNKNOWN


@pytest.mark.parametrize(
    "head",
    [
        "<html><body><p>See <a href='https://mid.ru/en/foreign_policy/news/1900001/'>the page</a></p></body></html>",
        "<html><body><div class='tgme_widget_message'><a href='https://mid.ru/en/x/1900001/'></a></div></body></html>",
        "<html><head><title>Exported Data</title></head><body><div class=\"page_wrap\"><a href='/en/maps/'>",
        f'<html><head><link rel="canonical" href="https://example.org/"></head>{page()}',
        "<html><head><script src='/TSPD/1'></script></head><body>Another site</body></html>",
        "17:18\nTitle\n1893-27-09-2023\nText on https://mid.ru/en/foreign_policy/news/1900001/",
        '{"text": "<html> photo-content__title"}',
        "",
    ],
)
def test_other_inputs_are_not_claimed(head: str) -> None:
    assert not FORMAT.claims(head.encode())


def test_every_record_of_the_cases_leads_back_to_the_whole_page_and_explains_its_notices() -> None:
    for path in GOLDEN.glob("*.html"):
        data = path.read_bytes()
        try:
            read = values(data)
        except ExtractError:
            continue
        for value in read:
            assert (value.byte_from, value.byte_to) == (0, len(data))
            if isinstance(value, Record):
                assert codes(value) <= set(NOTICES)
                assert value.kind in Kind


CASES = st.sampled_from([path.read_bytes() for path in sorted(GOLDEN.glob("ordinary*.html"))])


@settings(max_examples=60)
@given(CASES, st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 60), st.binary(max_size=6)), max_size=4))
def test_every_damaged_page_ends_in_values_or_an_error_of_ours(
    data: bytes, damages: list[tuple[int, int, bytes]]
) -> None:
    for at, length, put in damages:
        data = data[:at] + put + data[at + length :]
    FORMAT.claims(data)
    try:
        read = values(data)
    except ExtractError:
        return
    for value in read:
        if isinstance(value, Record):
            assert len(value.passages) == (len(value.text.split("\n")) if value.text else 0)
            assert codes(value) <= set(NOTICES)


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_all_bytes_end_in_values_or_an_error_of_ours(data: bytes) -> None:
    FORMAT.claims(data)
    try:
        values(data)
    except ExtractError:
        return
