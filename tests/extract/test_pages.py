"""Pages as rendered text: the layouts, the furniture, and what is not there."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.errors import ExtractError, UndecodableInput, UnreadableInput
from extract.formats import claimants, formats
from extract.formats.mid_page_text import FOOTER, FORMAT, NOTICES, clean
from extract.model import Hints, Reason, Record, Rejection, Role

HINTS = Hints("pages")
HEAD = "3 February 202014:15\n\nForeign Ministry statement\n\n\n  • en-GB1 ru-RU1\n\n"
FOOT = "\n\n".join(FOOTER)


def read(text: str | bytes, hints: Hints = HINTS) -> Record | Rejection:
    """Return the one value that is read in a page."""
    data = text.encode() if isinstance(text, str) else text
    (stretch,) = FORMAT.split(io.BytesIO(data), hints)
    assert (stretch.byte_from, stretch.byte_to) == (0, len(data))
    (value,) = FORMAT.read(stretch, hints)
    return value


def record(text: str | bytes, hints: Hints = HINTS) -> Record:
    """Return the record that is read in a page."""
    value = read(text, hints)
    assert isinstance(value, Record)
    return value


def codes(value: Record) -> set[str]:
    """Return the codes of a record's notices."""
    return {notice.code for notice in value.notices}


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("3 February 202014:15", datetime(2020, 2, 3, 11, 15, tzinfo=UTC)),
        ("3 February 2020 14:15", datetime(2020, 2, 3, 11, 15, tzinfo=UTC)),
        ("17 July 2018 - 15:06", datetime(2018, 7, 17, 12, 6, tzinfo=UTC)),
        ("07.04.202218:54", datetime(2022, 4, 7, 15, 54, tzinfo=UTC)),
    ],
)
def test_the_date_line_gives_the_instant_and_stays_as_printed(line: str, instant: datetime) -> None:
    page = record(f"{line}\n\nTitle\n\nText.")
    assert (page.published_text, page.key_date, page.published_at) == (line, line, instant)
    assert page.title == "Title"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("3 February 2020", "date_without_time"),
        ("17:18", "time_without_date"),
        ("31 February 202014:15", "unclear_date"),
        ("26 October 2014 01:30", "unclear_local_time"),
    ],
)
def test_a_date_line_that_settles_no_instant_leaves_it_open(line: str, code: str) -> None:
    page = record(f"{line}\n\nTitle\n\nText.")
    assert (page.published_text, page.published_at, page.published_basis) == (line, None, None)
    assert code in codes(page)


def test_a_page_without_a_date_line_has_no_date_and_says_so() -> None:
    page = record("Press release\n\n  • en-GB1 ru-RU1\n\nOn February 20, they met. India joined in 2017.")
    assert (page.published_text, page.key_date, page.published_at) == (None, "", None)
    assert "no_date_line" in codes(page)
    assert page.event.date_from is None


def test_day_and_time_on_two_lines_are_one_date() -> None:
    page = record("27 September 2023\n17:18\n\nTitle\n\nText.")
    assert page.published_text == "27 September 2023 17:18"
    assert page.published_at == datetime(2023, 9, 27, 14, 18, tzinfo=UTC)


def test_a_date_line_below_the_title_is_read_too() -> None:
    page = record("Title\n\n17 July 2018 - 15:06\n\nText.")
    assert (page.title, page.published_text, page.text) == ("Title", "17 July 2018 - 15:06", "Text.")


def test_the_zone_of_the_source_counts() -> None:
    page = record(HEAD + "Text.", Hints("pages", time_zone="Asia/Vladivostok"))
    assert page.published_at == datetime(2020, 2, 3, 4, 15, tzinfo=UTC)


def test_the_languages_are_listed_once_each_and_sorted() -> None:
    page = record("Title\n\n  • de-DE1 en-GB1 es-ES1 ru-RU1 fr-FR1\n\nText.")
    assert page.languages_available == ("de", "en", "es", "fr", "ru")
    assert page.furniture == ("  • de-DE1 en-GB1 es-ES1 ru-RU1 fr-FR1",)


def test_a_line_of_languages_inside_the_body_stays_there() -> None:
    page = record(HEAD + "First.\n\n• en-GB1 ru-RU1\n\nLast.")
    assert page.text == "First.\n• en-GB1 ru-RU1\nLast."


def test_white_space_is_folded_and_soft_hyphens_go_and_nothing_else() -> None:
    page = record(HEAD + "dialogue to       a\u00a0strategic le\u00advel, “July 25−26”…  \n")
    assert page.text == "dialogue to a strategic level, “July 25−26”…"
    assert page.carries_paragraphs


def test_the_footer_is_kept_apart() -> None:
    page = record(HEAD + "Text.\n\nAdditional materials\n\n\n" + FOOT)
    assert page.text == "Text."
    assert page.furniture[1:] == ("Additional materials", *FOOTER)


@pytest.mark.parametrize("cut", range(1, len(FOOTER)))
def test_a_footer_whose_beginning_is_cut_is_kept_apart(cut: int) -> None:
    assert record(HEAD + "Text.\n\n" + "\n\n".join(FOOTER[cut:])).text == "Text."


def test_a_body_that_names_the_osce_keeps_it() -> None:
    page = record(HEAD + f"{FOOTER[0]}\n\nText.\n\n{FOOTER[1]}\n\n{FOOT}")
    assert page.text == f"{FOOTER[0]}\nText.\n{FOOTER[1]}"
    assert page.furniture[1:] == FOOTER


@pytest.mark.parametrize("lines", [FOOTER[:4], (FOOTER[0], FOOTER[4], "Text."), ("Text.", FOOTER[3])])
def test_a_run_that_does_not_end_in_advanced_settings_is_no_footer(lines: tuple[str, ...]) -> None:
    assert record(HEAD + "\n".join(lines)).text == "\n".join(lines)


def test_additional_materials_in_the_middle_stay_in_the_body() -> None:
    page = record(HEAD + "Additional materials\n\nWere handed out.\n\nAdditional materials")
    assert page.text == "Additional materials\nWere handed out."
    assert page.furniture[1:] == ("Additional materials",)


def test_the_number_of_the_present_site_is_read() -> None:
    page = record("17:18\n\nBriefing by Maria Zakharova\n\n1893-27-09-2023\n\nText.")
    assert (page.document_number, page.text, page.published_text) == ("1893-27-09-2023", "Text.", "17:18")


def test_a_number_below_the_text_is_read_and_a_bare_date_there_is_not() -> None:
    assert record(HEAD + "Text.\n\n1383-22-09-2011").document_number == "1383-22-09-2011"
    assert record(HEAD + "Text.\n\n22-09-2011").text == "Text.\n22-09-2011"


def test_a_number_without_its_sequence_is_kept_and_noticed() -> None:
    page = record("17:18\n\nTitle\n\n27-04-2018\n\nText.")
    assert page.document_number == "27-04-2018"
    assert "number_without_sequence" in codes(page)


@pytest.mark.parametrize("text", ["3 February 202014:15", "3 February 202014:15\n  • en-GB1 ru-RU1\nText.", FOOT])
def test_a_page_without_a_title_is_rejected(text: str) -> None:
    value = read(text)
    assert isinstance(value, Rejection)
    assert value.reason == Reason.MISSING_TITLE
    assert value.excerpt.startswith(text[:10])


def test_a_title_without_a_text_is_a_document() -> None:
    page = record(HEAD + FOOT)
    assert (page.text, page.passages) == ("", ())
    assert "no_body" in codes(page)


def test_nothing_but_white_space_is_rejected() -> None:
    value = read(" \n\u00a0\n")
    assert isinstance(value, Rejection)
    assert value.reason == Reason.MISSING_TEXT


def test_a_text_without_marks_is_read_only_when_it_is_declared_a_page() -> None:
    text = "A title\n\nA text."
    page = record(text)
    assert not FORMAT.claims(text.encode())
    assert (page.title, page.text) == ("A title", "A text.")
    assert {"no_page_marks", "no_date_line"} <= codes(page)


def test_one_line_without_marks_is_no_page() -> None:
    value = read("A title")
    assert isinstance(value, Rejection)
    assert value.reason == Reason.NOT_THIS_FORMAT


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html><head><script>bobcmn</script></head></html>",
        "<div>\n<p>A page in markup</p>",
        '{"name": "MFA",\n"messages": []}',
        "Forwarded from Russian MFA 🇷🇺\n🎙 Remarks\n",
        "Please enable JavaScript to view the page content.\n\nYour support ID is: 1.",
        "Data processing... Please, wait.\n\nText",
    ],
)
def test_what_is_of_another_form_is_not_read_as_a_page(text: str) -> None:
    assert claimants(text.encode()) != [FORMAT.name]
    with pytest.raises(UnreadableInput):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        "Title\n  • en-GB1 ru-RU1\nText.",
        "07.04.2022 18:54\nЗаголовок\nТекст.",
        "17:18\nTitle\n1893-27-09-2023\nText.",
        "\ufeff" + HEAD,
    ],
)
def test_a_page_with_marks_is_claimed(text: str) -> None:
    assert FORMAT.claims(text.encode())


def test_a_head_that_ends_within_a_character_is_claimed() -> None:
    assert FORMAT.claims((HEAD + "Текст").encode()[:-1])


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xfe\xff", b"17:18", b"17:18\nTitle\nText.", b"3 February 2020", b"\x89PNG\r\n\x1a\n"]
)
def test_a_head_without_marks_is_not_claimed(head: bytes) -> None:
    assert not FORMAT.claims(head)


def test_a_page_that_ends_within_a_character_is_an_error() -> None:
    with pytest.raises(UndecodableInput):
        read((HEAD + "Текст").encode()[:-1])


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_the_ends_of_lines_do_not_matter(newline: str) -> None:
    page = record((HEAD + "One.\n\nTwo.").replace("\n", newline))
    assert (page.text, page.furniture) == ("One.\nTwo.", ("  • en-GB1 ru-RU1",))


def test_questions_and_answers_are_told_apart() -> None:
    page = record(
        HEAD
        + "Sergey Lavrov: Good day.\n\nIt was useful.\n\nAnswers to media questions:\n\nQuestion: Why?\n\nWhen?\n\n"
        "Sergey Lavrov: Soon.\n\n<...>\n\nVery soon."
    )
    assert [(passage.role, passage.speaker) for passage in page.passages] == [
        (Role.BODY, "Sergey Lavrov"),
        (Role.BODY, "Sergey Lavrov"),
        (Role.HEADING, None),
        (Role.QUESTION, "Question"),
        (Role.QUESTION, "Question"),
        (Role.ANSWER, "Sergey Lavrov"),
        (Role.OMISSION, None),
        (Role.ANSWER, "Sergey Lavrov"),
    ]


def test_back_links_are_furniture() -> None:
    page = record(HEAD + "One.\n\nBack to the table of contents\n\nTwo.\n\nНазад к оглавлению")
    assert page.text == "One.\nTwo."
    assert page.furniture[1:] == ("Back to the table of contents", "Назад к оглавлению")


def test_an_unofficial_translation_is_kept_and_noticed() -> None:
    page = record(HEAD + "Unofficial translation from Russian\n\nText.")
    assert page.text.startswith("Unofficial translation from Russian")
    assert "unofficial_translation" in codes(page)


def test_the_language_of_the_source_stands_in_and_is_noticed() -> None:
    page = record("3 February 202014:15\nTitle\nLao PDR.", Hints("pages", language="en"))
    assert page.lang == "en"
    assert "language_from_source" in codes(page)


def test_a_language_that_the_page_does_not_list_is_noticed() -> None:
    page = record("Title\n• en-GB1 de-DE1\nМы рады приветствовать вас в Москве.")
    assert page.lang == "ru"
    assert "language_not_listed" in codes(page)


def test_every_format_has_a_name_of_its_own() -> None:
    assert all(name == form.name for name, form in formats().items())
    assert FORMAT.name in formats()


PIECES = st.sampled_from(
    [
        *(
            "3 February 202014:15",
            "31 February 2020",
            "17:18",
            "Title",
            "  • en-GB1 ru-RU1",
            "1893-27-09-2023",
            *FOOTER,
        ),
        *("Additional materials", "Question: Why?", "С.В.Лавров: Да.", "<...>", "A\u00a0b  c\u00add", "", "\ufffd"),
        *("Back to contents", "On July 26, they met.", "Table of contents"),
    ]
)
PAGES = st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=12).map("\n".join)


@given(st.one_of(PAGES, st.text()))
def test_every_text_ends_in_a_record_a_rejection_or_an_error_of_ours(text: str) -> None:
    try:
        data = text.encode("utf-8", "surrogatepass")
        value = read(data)
    except ExtractError:
        return
    if isinstance(value, Record):
        assert len(value.passages) == (len(value.text.split("\n")) if value.text else 0)
        assert codes(value) <= set(NOTICES)


@given(st.binary(max_size=200))
def test_all_bytes_end_in_a_record_a_rejection_or_an_error_of_ours(data: bytes) -> None:
    FORMAT.claims(data)
    try:
        read(data)
    except ExtractError:
        return


@given(PAGES)
def test_no_letter_of_a_page_is_lost_or_doubled(text: str) -> None:
    try:
        value = read(text)
    except ExtractError:
        return
    if isinstance(value, Record):
        parts = (value.published_text, value.title, value.document_number, value.text, *value.furniture)
        assert letters("".join(filter(None, parts))) == letters(text.removeprefix("\ufeff"))


def letters(text: str) -> list[str]:
    """Return what is no white space, in order of its code points."""
    return sorted(sign for sign in text.replace("\u00ad", "") if not sign.isspace())


@given(st.text())
def test_cleaning_twice_changes_nothing(line: str) -> None:
    assert clean(clean(line)) == clean(line)
