"""The body of a page in markup as lines: blocks, tables, links, media."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.blocks import Body, body_of, folded
from extract.errors import ExtractError
from extract.markup import parsed
from extract.model import Block, MediaKind

ADDRESS = "https://mid.ru/en/foreign_policy/news/1900001/"


def body(markup: str, address: str | None = ADDRESS) -> Body:
    """Return what stands in a body with this markup."""
    node = parsed(f"<div id=b>{markup}</div>".encode(), None).css_first("#b")
    assert node is not None
    return body_of([node], address)


def lines(markup: str) -> list[tuple[str, str]]:
    """Return the lines of a body, each with its block."""
    return [(line.text, line.block.value) for line in body(markup).lines]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One\n  two</p><p>three</p>", [("One two", "paragraph"), ("three", "paragraph")]),
        ("one<p>two</p>three", [("one", "paragraph"), ("two", "paragraph"), ("three", "paragraph")]),
        ("<p>One<br>two<br/><br>three</p>", [("One", "paragraph"), ("two", "paragraph"), ("three", "paragraph")]),
        ("<h3>One</h3><p><b>Two</b></p>", [("One", "heading"), ("Two", "paragraph")]),
        ("<ol><li>One</li><li><p>two</p></li></ol>", [("One", "list_item"), ("two", "list_item")]),
        ("<ul><li>One<ul><li>two</li></ul>three</li></ul>", [(w, "list_item") for w in ("One", "two", "three")]),
        ("<blockquote><p>One</p></blockquote>", [("One", "quotation")]),
        ("<pre>a  b\n\tc</pre>", [("a  b", "code"), ("\tc", "code")]),
        ("<p>a<b>b</b>c <i>d</i></p>", [("abc d", "paragraph")]),
        ("<p>&nbsp;</p><p> </p><hr>", []),
        ("<p><hfqfy hjl:thc=''></hfqfy>a<o:p>b</o:p></p>", [("ab", "paragraph")]),
        ("<p>a<script>b</script><style>c</style><!-- d -->e</p>", [("ae", "paragraph")]),
        ("<div>a<div>b</div>c</div>", [("a", "paragraph"), ("b", "paragraph"), ("c", "paragraph")]),
    ],
)
def test_lines_are_those_that_a_browser_shows(markup: str, expected: list[tuple[str, str]]) -> None:
    assert lines(markup) == expected


def test_no_break_spaces_stay_and_soft_hyphens_go_and_are_counted() -> None:
    found = body("<p>a&nbsp;b \u2009c de&shy;le&shy;gate</p>")
    assert [line.text for line in found.lines] == ["a\u00a0b \u2009c delegate"]
    assert found.soft_hyphen_count == 2


def test_the_cells_of_a_row_are_parted_by_tabs() -> None:
    assert lines("<table><tr><th>a<th>b<tr><td><p>c</p><p>d<br>e</p><td></table>") == [
        ("a\tb", "table_row"),
        ("c d e\t", "table_row"),
    ]


def test_a_table_without_text_in_a_row_loses_the_row() -> None:
    assert lines("<table><tr><td>&nbsp;<td><tr><td>a<td>b</table>") == [("a\tb", "table_row")]


def test_a_table_that_only_lays_out_gives_lines_of_their_own() -> None:
    assert lines("<table><tr><td><p>a</p><p>b</p></td></tr></table>") == [("a", "paragraph"), ("b", "paragraph")]
    nested = "<table><tr><td>a</td><td>b<table><tr><td>c</td><td>d</td></tr></table>e</td></tr></table>"
    assert lines(nested) == [("a", "paragraph"), ("b", "paragraph"), ("c\td", "table_row"), ("e", "paragraph")]


def test_an_empty_numbered_item_in_a_cell_is_the_number_of_the_row() -> None:
    cell = "<td><ol start=42><li>&nbsp;</li></ol></td>"
    assert lines(f"<table><tr>{cell}<td>a</td></tr></table>") == [("42.\ta", "table_row")]
    assert lines("<ol start=42><li>&nbsp;</li><li>a</li></ol>") == [("a", "list_item")]
    assert lines("<table><tr><td><ul><li></li></ul></td><td>a</td></tr></table>") == [("\ta", "table_row")]
    assert lines("<table><tr><td><ol><li value=7></li></ol></td><td>a</td></tr></table>") == [("7.\ta", "table_row")]


@pytest.mark.parametrize(
    "markup",
    ["<p style='text-align: center;'>a</p>", "<div align=CENTER>a</div>", "<center>a</center>"],
)
def test_a_centred_line_is_marked(markup: str) -> None:
    assert [line.is_centred for line in body(markup + "<p>b</p>").lines] == [True, False]


def test_links_are_whole_and_stand_in_the_order_of_the_text() -> None:
    found = body(
        "<p><a href='/ru/x/'>a <b>b</b></a><br><a href=' https://t.me/x/1 '>c<br>d</a> <a href='mailto:e@f.g'>h</a>"
    )
    assert [(link.text, link.address) for link in found.links] == [
        ("a b", "https://mid.ru/ru/x/"),
        ("c d", "https://t.me/x/1"),
        ("h", "mailto:e@f.g"),
    ]


@pytest.mark.parametrize("href", ["#1", f"{ADDRESS}#2", "/en/foreign_policy/news/1900001/#3", "?#4"])
def test_a_link_to_a_place_on_the_page_is_none_and_marks_its_line(href: str) -> None:
    found = body(f"<p><a href='{href}'>a</a></p><p>b</p>")
    assert [line.is_inner_link for line in found.lines] == [True, False]
    assert found.links == ()


@pytest.mark.parametrize("href", ["javascript:void(0)", "", "data:text/html,x"])
def test_what_leads_nowhere_is_no_link(href: str) -> None:
    assert body(f"<a href='{href}'>a</a>").links == ()


def test_without_the_pages_address_links_stay_as_they_are() -> None:
    assert [link.address for link in body("<a href='/ru/x/'>a</a>", None).links] == ["/ru/x/"]


def test_pictures_films_and_files_are_media() -> None:
    found = body(
        "<img src='/upload/a.jpg' alt=' A  photo '><img src='data:image/png;base64,x'>"
        "<video><source src='/b.mp4'></video>"
        "<iframe src='https://example.org/c'>no text</iframe><audio src='/d.mp3'></audio>"
        "<a href='/upload/x/Report%201.pdf'>r</a><a href='/documents/1/2/list.docx/abc'>l</a>"
        "<a href='/upload/y/big.jpg'>p</a><a href='/en/x/1900001/'>n</a>"
    )
    assert [(one.kind, one.name, one.address, one.caption) for one in found.media] == [
        (MediaKind.PHOTO, None, "https://mid.ru/upload/a.jpg", "A photo"),
        (MediaKind.PHOTO, None, None, None),
        (MediaKind.VIDEO, None, "https://mid.ru/b.mp4", None),
        (MediaKind.VIDEO, None, "https://example.org/c", None),
        (MediaKind.AUDIO, None, "https://mid.ru/d.mp3", None),
        (MediaKind.DOCUMENT, "Report 1.pdf", "https://mid.ru/upload/x/Report%201.pdf", "r"),
        (MediaKind.DOCUMENT, "list.docx", "https://mid.ru/documents/1/2/list.docx/abc", "l"),
    ]
    assert all(one.is_held is None for one in found.media)


def test_depth_is_walked_without_recursion() -> None:
    found = body("<div><table><tr><td>" * 250 + "a")
    assert [line.text for line in found.lines] == ["a"]


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div align=center>",
            "</div>",
            "<li>",
            "<ol start=3>",
            "</ol>",
            "<table>",
            "</table>",
            "<tr>",
        ),
        *("<td>", "</td>", "<br>", "<a href='#1'>", "<a href='/x.pdf'>", "</a>", "<h2>", "</h2>", "<pre>", "</pre>"),
        *(
            "<img src=a alt=b>",
            "<iframe src=c>",
            "</iframe>",
            "<script>",
            "</script>",
            "a",
            "b c",
            "\n",
            "&nbsp;",
            "&shy;",
        ),
        *(
            "<blockquote>",
            "</blockquote>",
            "<center>",
            "</center>",
            "<video>",
            "<svg>",
            "</svg>",
            "<a href='http://['>",
        ),
    ]
)


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_every_markup_gives_lines_without_breaks_and_blanks(markup: str) -> None:
    try:
        found = body(markup)
    except ExtractError:
        return
    for line in found.lines:
        assert line.text
        assert "\n" not in line.text
        assert line.block in Block
    assert all("\n" not in link.text for link in found.links)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
