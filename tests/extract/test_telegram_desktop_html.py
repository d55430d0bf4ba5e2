"""What is read in the HTML that Telegram Desktop exports, and what is not taken for it."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, NoDocument, UnknownChannel, UnreadableInput
from extract.formats.desktop_html_service import service_of
from extract.formats.desktop_html_split import MOST_BYTES, stretches
from extract.formats.telegram_desktop_html import FORMAT, NOTICES
from extract.model import (
    SERVICE_ACTIONS,
    Claim,
    Hints,
    MediaKind,
    Post,
    PostKind,
    PublishedBasis,
    Reason,
    Record,
    Rejection,
)
from extract.posts import post_key

CASES = Path(__file__).parents[1] / "golden" / "telegram_desktop_html"
HINTS = Hints("channel", channel_id=1101170442)
BERLIN = Hints("channel", channel_id=1101170442, time_zone="Europe/Berlin", is_zone_given=True)
HEAD = (
    '<!DOCTYPE html>\n<html>\n <head>\n<title>Exported Data</title>\n </head>\n <body onload="CheckLocation();">\n'
    '  <div class="page_wrap">\n   <div class="page_header">\n    <div class="content">\n'
    '     <div class="text bold">\nMinistry \n     </div>\n    </div>\n   </div>\n'
    '   <div class="page_body chat_page">\n    <div class="history">\n'
)
TAIL = "\n    </div>\n   </div>\n  </div>\n </body>\n</html>\n"
DATE = "26.07.2024 15:20:11 UTC+01:00"
Value = Record | Rejection


def message(number: int, inner: str, when: str = DATE, *, joined: bool = False) -> str:
    return (
        f'\n     <div class="message default clearfix{" joined" if joined else ""}" id="message{number}">\n'
        f'      <div class="body">\n       <div class="pull_right date details" title="{when}">\n15:20\n       </div>\n'
        f"{inner}\n      </div>\n     </div>\n"
    )


def text(words: str) -> str:
    return f'\n       <div class="text">\n{words}\n       </div>\n'


def divider(number: int, day: str) -> str:
    return (
        f'\n     <div class="message service" id="message-{number}">\n      <div class="body details">\n{day}\n'
        "      </div>\n     </div>\n"
    )


def service(number: int, words: str) -> str:
    return divider(number, words).replace('id="message-', 'id="message')


def page(*messages: str) -> bytes:
    return (HEAD + "".join(messages) + TAIL).encode()


def values(data: bytes, hints: Hints = HINTS, chunk_bytes: int = 1 << 20, stretch_bytes: int = 1 << 19) -> list[Value]:
    cut = stretches(io.BytesIO(data), hints, chunk_bytes, stretch_bytes)
    return [value for stretch in cut for value in FORMAT.read(stretch, hints)]


def records(data: bytes, hints: Hints = HINTS) -> list[Record]:
    found = values(data, hints)
    assert all(isinstance(value, Record) for value in found)
    return [value for value in found if isinstance(value, Record)]


def post_of(record: Record) -> Post:
    assert record.post is not None
    return record.post


def samples() -> Iterator[bytes]:
    for path in sorted(CASES.glob("ordinary*.html")):
        yield path.read_bytes()


SMALL = page(
    divider(1, "26 July 2024"),
    message(2, text("First <b>words</b><br>here.")),
    service(3, "Channel photo changed"),
    message(4, text("Second."), joined=True),
)


class Drops:
    """A stream that gives one byte at a time, as a slow pipe may."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, _size: int = -1) -> bytes:
        return self._stream.read(1)


def test_where_the_input_is_cut_changes_nothing_that_is_read() -> None:
    for data in samples():
        whole = values(data)
        for chunk_bytes, stretch_bytes in ((1, 1), (7, 300), (64, 5_000), (1 << 20, 1)):
            assert values(data, chunk_bytes=chunk_bytes, stretch_bytes=stretch_bytes) == whole


def test_a_slow_pipe_is_read_like_a_file() -> None:
    slow: BinaryIO = Drops(SMALL)  # type: ignore[assignment]
    assert [value for stretch in FORMAT.split(slow, HINTS) for value in FORMAT.read(stretch, HINTS)] == values(SMALL)


def test_the_bytes_of_a_record_are_its_element_and_no_two_overlap() -> None:
    for data in samples():
        found = values(data)
        for value in found:
            assert value.byte_from is not None
            element = data[value.byte_from : value.byte_to]
            assert element.startswith(b'<div class="message ')
            assert element.endswith(b"</div>")
        places = [(value.byte_from or 0, value.byte_to or 0) for value in found]
        assert all(above[1] <= below[0] for above, below in pairwise(places))


def test_an_export_cut_at_any_byte_gives_what_is_whole_and_one_rejection() -> None:
    whole = {value.key: value for value in records(SMALL)}
    end = SMALL.index(b"</html>") + len(b"</html>")
    for length in range(end):
        try:
            found = values(SMALL[:length])
        except ExtractError:
            assert length < len(HEAD)
            continue
        kept = [value for value in found if isinstance(value, Record)]
        assert all(value == whole[value.key] for value in kept)
        (rest,) = (value for value in found if isinstance(value, Rejection))
        assert rest.reason is Reason.BROKEN_OFF
        assert rest.byte_to == length
        assert rest.byte_from is not None
        assert all(value.byte_to <= rest.byte_from for value in kept)
        assert len(kept) == sum(SMALL.find(b"</div>", value.byte_to - 6) < length - 5 for value in whole.values())
    assert values(SMALL[:end]) == list(whole.values())


def test_a_message_that_breaks_off_in_the_middle_of_a_file_is_rejected_and_never_half_a_text() -> None:
    broken = message(2, text("Half a sen")).partition("tence")[0].partition("\n       </div>\n\n")[0]
    found = values(page(broken, message(3, text("Whole."))))
    assert [value.reason if isinstance(value, Rejection) else value.text for value in found] == [
        Reason.BROKEN_OFF,
        "Whole.",
    ]


def test_the_label_lies_in_summer_by_an_hour_and_the_key_is_that_of_other_forms() -> None:
    """As JSON has it: date_unixtime 1722000011, which is 15:20:11 in Berlin in July."""
    (labelled,) = records(page(message(2, text("Words."))))
    (given_zone,) = records(page(message(2, text("Words."))), BERLIN)
    true = datetime.fromtimestamp(1722000011, UTC)
    assert labelled.published_at == true + timedelta(seconds=3600)
    assert labelled.published_basis is PublishedBasis.LABELLED_ZONE
    assert given_zone.published_at == true
    assert given_zone.published_basis is PublishedBasis.ASSUMED_ZONE
    assert labelled.key == given_zone.key == post_key(1101170442, 2)
    assert labelled.published_text == DATE


@pytest.mark.parametrize(
    ("printed", "instant"),
    [
        ("12.02.2025 08:37:48 UTC", datetime(2025, 2, 12, 8, 37, 48, tzinfo=UTC)),
        ("12.02.2025 08:37:48 UTC-05:00", datetime(2025, 2, 12, 13, 37, 48, tzinfo=UTC)),
        ("12.02.2025 08:37:48 UTC\u221204:30", datetime(2025, 2, 12, 13, 7, 48, tzinfo=UTC)),
        ("12.02.2025 08:37:48", None),
        ("31.02.2025 08:37:48 UTC", None),
        ("01.01.0001 00:00:00 UTC+14:00", None),
        ("31.12.9999 23:59:59 UTC-12:00", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_an_instant_only_with_a_label(printed: str, instant: datetime | None) -> None:
    (record,) = records(page(divider(1, "12 February 2025"), message(2, text("Words."), printed)))
    assert record.published_at == instant
    assert (record.published_within is None) == (instant is not None)


@pytest.mark.parametrize("printed", ["01.01.0001 00:00:00", "31.12.9999 23:59:59"])
def test_the_ends_of_the_calendar_are_no_fault(printed: str) -> None:
    for hints in (HINTS, BERLIN):
        (record,) = records(page(message(2, text("Words."), printed)), hints)
        assert record.published_at is not None or record.published_within is not None


def test_a_service_message_is_of_the_day_of_the_divider_above_it_also_across_stretches() -> None:
    data = page(
        divider(1, "26 July 2024"),
        *(message(number, text("Words.")) for number in range(2, 9)),
        service(9, "Channel photo changed"),
        divider(2, "27 July 2024"),
        service(10, "Channel photo removed"),
    )
    found = [value for value in values(data, stretch_bytes=1) if isinstance(value, Record)]
    days = [value.published_within for value in found if value.published_at is None]
    assert days == [(date(2024, 7, 25), date(2024, 7, 27)), (date(2024, 7, 26), date(2024, 7, 28))]


def test_dividers_are_no_records_and_carry_the_title() -> None:
    assert [(value.post and value.post.message_id) for value in records(SMALL)] == [2, 3, 4]
    assert {value.post and value.post.channel_title for value in records(SMALL)} == {"Ministry"}


def test_what_is_forwarded_lies_inside_its_own_body() -> None:
    inner = (
        '<div class="forwarded body"><div class="from_name">\nRussian MFA via @a_bot<span class="date details" '
        f'title="25.07.2024 10:00:00 UTC+01:00"> 25.07.2024 10:00:00</span></div>{text("Its words.")}'
        '<div class="signature details">\nDuty Officer\n</div></div>'
    )
    (record,) = records(page(message(2, inner)))
    post = post_of(record)
    assert (record.text, record.forwarded_from, post.author) == ("Its words.", "Russian MFA", "Duty Officer")
    assert post.origin is not None
    assert post.origin.published_at == datetime(2024, 7, 25, 9, tzinfo=UTC)
    assert record.furniture == ("via @a_bot",)


def test_a_joined_forward_without_a_name_is_from_the_one_above_and_an_own_post_between_ends_that() -> None:
    named = (
        '<div class="forwarded body"><div class="from_name">\nIvan <span class="date details" '
        f'title="{DATE}"> 26.07.2024</span></div>{text("One.")}</div>'
    )
    unnamed = f'<div class="forwarded body">{text("Two.")}</div>'
    above = [message(2, named), message(3, unnamed, joined=True)]
    assert [value.forwarded_from for value in values(page(*above), stretch_bytes=1) if isinstance(value, Record)] == [
        "Ivan",
        "Ivan",
    ]
    apart = records(page(message(2, named), message(3, text("Own."), joined=True), message(4, unnamed, joined=True)))
    assert [value.forwarded_from for value in apart] == ["Ivan", None, None]


@pytest.mark.parametrize(
    ("reply", "target"),
    [
        ('<a href="#go_to_message12" onclick="return GoToMessage(12)">this message</a>', 12),
        ('<a href="messages2.html#go_to_message12">this message</a>', 12),
        ("In reply to a message in another chat", None),
        ('<a href="#go_to_message">this message</a>', None),
    ],
)
def test_a_reply_has_its_target_where_it_is_in_the_same_chat(reply: str, target: int | None) -> None:
    (record,) = records(page(message(20, f'<div class="reply_to details">{reply}</div>{text("Words.")}')))
    assert post_of(record).reply_to == target


def test_scripts_and_handlers_are_never_text_and_marks_of_direction_stay() -> None:
    words = '<script>evil()</script><style>p{}</style>\u200fשלום\u202eabc\u202c<img src="x" onerror="evil()"><b>B</b>'
    (record,) = records(page(message(2, text(words))))
    assert record.text == "\u200fשלום\u202eabc\u202cB"


def test_tags_mentions_commands_and_emoji_are_no_links() -> None:
    (record,) = records((CASES / "ordinary_text.html").read_bytes())[3:4]
    assert record.links is not None
    assert [link.address for link in record.links] == ["mid.example/ru", "https://t.me/mfa_example/55"]


def test_who_reacted_is_not_read() -> None:
    for data in samples():
        assert "Secret" not in repr(values(data))


def test_paths_out_of_the_export_are_kept_as_printed_and_not_held() -> None:
    for path in ("../a.jpg", "/etc/passwd", "C:\\a.jpg", "file:///a.jpg", "photos/%2e%2e/../a", "https://x.example/a"):
        inner = f'<div class="media_wrap"><a class="photo_wrap clearfix" href="{path}"><img src="x"/></a></div>'
        (record,) = records(page(message(2, inner)))
        assert record.media is not None
        assert [(one.address, one.is_held) for one in record.media] == [(path, None)]
        assert [notice.code for notice in record.notices] == ["path_leads_out"]


def test_a_file_that_did_not_come_along_has_the_same_kind() -> None:
    (record,) = records((CASES / "ordinary_media.html").read_bytes())[4:5]
    assert record.media is not None
    assert [(one.kind, one.is_held, one.address) for one in record.media] == [(MediaKind.PHOTO, False, None)]


def test_markup_nested_too_deep_rejects_that_message_and_no_other() -> None:
    for tag in ("div", "b", "span"):
        deep = f"<{tag}>" * 100_000 + "x" + f"</{tag}>" * 100_000
        found = values(page(message(2, text("Above.")), message(3, text(deep)), message(4, text("Below."))))
        assert [value.reason if isinstance(value, Rejection) else value.text for value in found] == [
            "Above.",
            Reason.TOO_LARGE,
            "Below.",
        ]


def test_formatting_that_a_browser_would_open_anew_a_million_times_is_rejected() -> None:
    """60 KB of it became 3.8 GB in the parser."""
    bomb = "<p>" + "".join(f"<b id={number}>" for number in range(1_900)) + "<p>x</p>" * 5_000
    found = values(page(message(2, text(bomb)), message(3, text("Below."))))
    assert [value.reason if isinstance(value, Rejection) else value.text for value in found] == [
        Reason.TOO_LARGE,
        "Below.",
    ]


def test_a_message_without_end_is_passed_over_in_bounded_memory() -> None:
    huge = page(message(2, text("Above.")), message(3, text("x" * (3 * MOST_BYTES))), message(4, text("Below.")))
    cut = list(FORMAT.split(io.BytesIO(huge), HINTS))
    assert max(len(stretch.data) for stretch in cut) <= 2 * MOST_BYTES
    found = [value for stretch in cut for value in FORMAT.read(stretch, HINTS)]
    assert [value.reason if isinstance(value, Rejection) else value.text for value in found] == [
        "Above.",
        Reason.TOO_LARGE,
        "Below.",
    ]
    assert values(huge, chunk_bytes=100_000) == found


def test_an_unknown_channel_ends_the_input_before_anything_is_read() -> None:
    with pytest.raises(UnknownChannel):
        next(FORMAT.split(io.BytesIO(SMALL), Hints("channel")))


def test_what_is_no_chat_ends_the_input() -> None:
    for data in (b"{}", b"<html><body>page_wrap</body></html>", b"words", HEAD[:200].encode()):
        with pytest.raises(UnreadableInput):
            values(data)
    with pytest.raises(NoDocument):
        values(page(divider(1, "No exported messages")))


def test_the_form_is_claimed_by_its_head_and_shows_nothing_of_coverage() -> None:
    assert FORMAT.claims(SMALL)
    assert FORMAT.shows(SMALL) is Claim.UNKNOWN
    preview = b'<div class="tgme_page_wrap"><div class="tgme_widget_message_wrap"><div class="tgme_widget_message">'
    for other in (b"", b"\0", b"{}", preview, b'<body class="page"><h1>Briefing</h1><div class="text">Words</div>'):
        assert not FORMAT.claims(other)


@pytest.mark.parametrize(
    ("printed", "action", "detail"),
    [
        ("Channel title changed to «A «B»»", "edit_group_title", "A «B»"),
        ("Channel «A» created", "create_channel", "A"),
        ("Channel photo changed", "edit_group_photo", None),
        ("Channel photo removed", "delete_group_photo", None),
        ("A pinned this message", "pin_message", "7"),
        ("A pinned «some words»", "pin_message", "7"),
        ("New messages will not auto-delete", "set_messages_ttl", None),
        ("A boosted the group 2 times", "boost_apply", None),
        ("A created topic «T»", "topic_created", "T"),
        ("A changed topic title to «T»,icon to «5»", "topic_edit", "T"),
        ("A changed topic icon to «5»", "topic_edit", None),
        ("A joined Telegram", None, None),
    ],
)
def test_sentences_become_the_words_of_the_json(printed: str, action: str | None, detail: str | None) -> None:
    found = service_of(printed, 7)
    assert (found.action, found.detail, found.printed) == (action, detail, printed)
    assert action is None or action in SERVICE_ACTIONS


def test_services_have_no_text_and_what_is_not_supported_says_so() -> None:
    words = "This message is not supported by this version of Telegram Desktop. Please update the application."
    made, unsupported = records(page(divider(1, "3 May 2024"), service(2, "Channel «A» created"), service(3, words)))
    assert (made.text, post_of(made).kind) == ("", PostKind.SERVICE)
    assert (unsupported.text, post_of(unsupported).kind) == ("", PostKind.UNSUPPORTED)
    assert [notice.code for notice in unsupported.notices] == ["words_not_shown"]


def test_every_notice_has_its_definition() -> None:
    found = [value for data in samples() for value in values(data) if isinstance(value, Record)]
    codes = {notice.code for value in found for notice in value.notices}
    assert codes <= set(NOTICES)
    assert len(codes) > len(NOTICES) // 2


def test_a_file_of_an_account_wide_export_names_its_paths_from_the_top() -> None:
    held = [
        one.is_held
        for value in records((CASES / "ordinary_account_export.html").read_bytes())
        for one in value.media or ()
    ]
    assert held == [True, None]


def _outcome(data: bytes) -> list[Value]:
    try:
        return values(data, stretch_bytes=200)
    except ExtractError:
        return []


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_values_or_an_error(data: bytes) -> None:
    _outcome(data)
    _outcome(HEAD.encode() + data)
    FORMAT.claims(data)


_PIECES = st.sampled_from(
    [
        b"<",
        b">",
        b"\0",
        b"\xff",
        b"<div>",
        b"</div>",
        b'<div class="',
        b'<div class="message ',
        b"</html>",
        b'id="message',
        b"&#x",
    ]
    + [
        f"<{tag}>".encode()
        for tag in ("table", "!--", "script", "select", "frameset", "template", "svg", "p", "a href=")
    ]
)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(list(samples())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), _PIECES), min_size=1, max_size=8),
)
def test_a_damaged_export_ends_in_values_that_do_not_overlap(
    data: bytes, damages: list[tuple[float, int, bytes]]
) -> None:
    for place, length, piece in damages:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + length :]
    places = [(value.byte_from or 0, value.byte_to or 0) for value in _outcome(data)]
    assert all(start <= end <= len(data) for start, end in places)
    assert all(above[1] <= below[0] for above, below in pairwise(places))
    json.dumps([value.text for value in _outcome(data) if isinstance(value, Record)]).encode()
