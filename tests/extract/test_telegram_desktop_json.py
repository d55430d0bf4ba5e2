"""Telegram Desktop's JSON: what is cut, damaged, old, or not to be read."""

import io
import json
import tracemalloc
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UndecodableInput, UnknownChannel, UnreadableInput
from extract.formats import claimants, desktop_json_layout, telegram_desktop_json
from extract.formats.telegram_desktop_json import FORMAT, NOTICES
from extract.model import Claim, Hints, Link, MediaKind, PublishedBasis, Reason, Record, Rejection

HINTS = Hints("test")
GOLDEN = Path(__file__).parents[1] / "golden" / "telegram_desktop_json"
CHANNEL = 1101170442
INDENTS = [1, 2, "\t", None, 0]


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    base = {"id": number, "type": "message", "date": "2024-07-26T13:00:00", "date_unixtime": "1721988000"}
    return base | {"text": f"Post {number}"} | fields


def chat(*messages: Any, **header: Any) -> dict[str, Any]:
    top = {"name": "Ministry", "type": "public_channel", "id": CHANNEL} | header
    return top | {"messages": list(messages)}


def export(*messages: Any, indent: int | str | None = 1, **header: Any) -> bytes:
    return json.dumps(chat(*messages, **header), ensure_ascii=False, indent=indent).encode()


def values(data: bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    return [value for stretch in FORMAT.split(io.BytesIO(data), hints) for value in FORMAT.read(stretch, hints)]


def records(data: bytes, hints: Hints = HINTS) -> list[Record]:
    found = values(data, hints)
    assert all(isinstance(value, Record) for value in found), found
    return cast("list[Record]", found)


def record(hints: Hints = HINTS, **fields: Any) -> Record:
    (found,) = records(export(message(**fields)), hints)
    return found


def codes(found: Record) -> list[str]:
    return [notice.code for notice in found.notices]


@pytest.mark.parametrize("indent", INDENTS)
def test_every_layout_gives_the_same_posts_at_their_own_bytes(indent: int | str | None) -> None:
    odd = message(3, text='}, {"id": 4, "type": "message"} ] \\ "\n', reactions=[{"type": "emoji", "count": 1}])
    data = export(message(1), message(2), odd, indent=indent)
    found = records(data)
    assert [one.key for one in found] == [f"telegram:{CHANNEL}:{number}" for number in (1, 2, 3)]
    assert [json.loads(data[one.byte_from : one.byte_to]) for one in found] == [message(1), message(2), odd]


@pytest.mark.parametrize("indent", INDENTS)
def test_crlf_and_a_mark_make_no_difference(indent: int | str | None) -> None:
    data = b"\xef\xbb\xbf" + export(message(1), message(2), indent=indent).replace(b"\n", b"\r\n")
    assert [one.text for one in records(data)] == ["Post 1", "Post 2"]
    assert data[records(data)[0].byte_from :].startswith(b"{")


@pytest.mark.parametrize("indent", [1, None])
def test_an_export_cut_at_any_byte_gives_all_whole_messages_and_one_rejection(indent: int | None) -> None:
    data = export(message(1), message(2, text=["a", {"type": "bold", "text": "я}"}]), message(3), indent=indent)
    ends = [one.byte_to for one in records(data)]
    begin = data.index(b"[") + 1
    for at in range(begin, len(data)):
        *whole, rest = values(data[:at])
        assert [one.byte_to for one in whole] == [end for end in ends if end <= at], at
        assert isinstance(rest, Rejection)
        assert (rest.reason, rest.byte_to) == (Reason.BROKEN_OFF, at)
        assert not whole or (rest.byte_from or 0) >= ends[len(whole) - 1]


def test_an_export_cut_within_its_header_gives_no_message_and_no_other_error() -> None:
    data = export(message(1))
    for at in range(1, data.index(b"[") + 1):
        try:
            (rest,) = values(data[:at])
        except UnreadableInput:
            continue
        assert isinstance(rest, Rejection)
        assert (rest.reason, rest.byte_to) == (Reason.BROKEN_OFF, at)


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
@pytest.mark.parametrize("indent", [1, None])
def test_where_a_stream_is_cut_into_chunks_makes_no_difference(
    chunk: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'quotes " and \\ and {[ and \n' * 20
    data = export(*(message(number, text=text) for number in range(1, 9)), indent=indent)
    expected = records(data)
    monkeypatch.setattr("extract.formats.desktop_json_scan.CHUNK_BYTES", chunk)
    monkeypatch.setattr(desktop_json_layout, "CHUNK_BYTES", chunk)
    monkeypatch.setattr(desktop_json_layout, "_NAME_BYTES", 64)
    monkeypatch.setattr(telegram_desktop_json, "HEAD_BYTES", 16)
    assert records(data) == expected
    assert len(list(FORMAT.split(io.BytesIO(data), HINTS))) > 1


@pytest.mark.parametrize("indent", [1, None])
def test_one_broken_message_is_rejected_and_the_others_stand(indent: int | None) -> None:
    good = export(message(1), message(2), message(3), indent=indent)
    for broken in (b"Post 2", b'"Post 2', b'Post" 2"', b'{"Post 2"', b'"Post 2"]', b'"Post \x00"'):
        data = good.replace(b'"Post 2"', broken)
        found = values(data)
        texts = [one.text for one in found if isinstance(one, Record)]
        assert texts == ["Post 1", "Post 3"], broken
        assert any(isinstance(one, Rejection) and one.excerpt.find('"id"') >= 0 for one in found)


def test_a_bracket_too_many_costs_no_message() -> None:
    found = values(export(message(1), message(2), message(3), indent=None).replace(b'"Post 2"', b'"Post 2"}'))
    assert [one.text if isinstance(one, Record) else one.reason for one in found] == [
        *("Post 1", "Post 2"),
        Reason.NOT_THIS_FORMAT,
        "Post 3",
    ]


def test_a_message_that_has_lost_the_lines_around_it_takes_no_other_along() -> None:
    lines = export(message(1), message(2), message(3), message(4)).replace(
        b'"Post 2"\n  },\n  {', b'"Post 2"\n  #\n  {'
    )
    found = values(lines)
    assert [one.text for one in found if isinstance(one, Record)] == ["Post 1", "Post 3", "Post 4"]
    assert [one.reason for one in found if isinstance(one, Rejection)] == [Reason.NOT_THIS_FORMAT]


def test_bytes_that_are_no_utf_8_cost_one_message() -> None:
    data = export(message(1), message(2)).replace(b"Post 2", b"\xff\xfe")
    first, second = values(data)
    assert isinstance(first, Record)
    assert isinstance(second, Rejection)
    assert second.reason is Reason.UNDECODABLE


def test_control_characters_in_desktops_own_escape_are_read_and_shown() -> None:
    data = export(message(1, text="a!b")).replace(b"a!b", rb"a\x0Bb \\x0B c\\\x1f")
    (found,) = records(data)
    assert found.text == "a\u240bb \\x0B c\\\u241f"
    assert [(one.code, one.detail) for one in found.notices] == [("odd_characters", "2"), ("control_escape", "2")]


def test_halves_of_surrogate_pairs_are_replaced_and_counted_and_whole_ones_are_kept() -> None:
    data = export(message(1, text="a!b")).replace(b"a!b", rb"\ud83d x \ud83c\uddf7 \\ud83d \ude00")
    (found,) = records(data)
    assert found.text == "\ufffd x \N{REGIONAL INDICATOR SYMBOL LETTER R} \\ud83d \ufffd"
    assert [(one.code, one.detail) for one in found.notices] == [("odd_characters", "2")]


def test_unquoted_ids_of_custom_emoji_are_read() -> None:
    emoji = {"type": "custom_emoji", "text": "x", "document_id": "@@"}
    data = export(message(1, text=[emoji, emoji])).replace(b'"@@"', b"stickers/AnimatedSticker (1).tgs")
    (found,) = records(data)
    assert found.text == "xx"
    assert codes(found) == ["bare_document_id"]


@pytest.mark.parametrize("number", [CHANNEL, 8589934592 + CHANNEL, -1000000000000 - CHANNEL, f"channel{CHANNEL}"])
def test_all_ids_of_a_channel_make_one_key(number: object) -> None:
    assert records(export(message(7), id=number))[0].key == f"telegram:{CHANNEL}:7"


def test_a_chat_without_an_id_needs_a_channel_that_is_named() -> None:
    data = export(message(7), id=None)
    with pytest.raises(UnknownChannel):
        values(data)
    assert records(data, Hints("test", channel_id=5))[0].key == "telegram:5:7"


@pytest.mark.parametrize(
    "kind", ["personal_chat", "private_group", "private_channel", "saved_messages", "public_supergroup"]
)
def test_a_chat_that_is_no_public_channel_is_read_only_where_it_is_named(kind: str) -> None:
    data = export(message(7), type=kind)
    for hints in (HINTS, Hints("test", channel_id=5), Hints("test", channel="other")):
        with pytest.raises(UnreadableInput, match=kind) as error:
            values(data, hints)
        assert "--channel" in error.value.remedy
    assert records(data, Hints("test", channel_id=CHANNEL))
    assert records(data, Hints("test", channel="ministry"))


def test_an_account_export_and_a_list_of_messages_are_refused_with_a_sentence() -> None:
    account = json.dumps({"about": "…", "chats": {"list": [chat(message(1))]}}).encode()
    with pytest.raises(UnreadableInput, match="whole account"):
        values(account)
    for data in (b"[]", b"{}", b'{"a": 1}', b"null", b"some text", json.dumps([message(1)]).encode()):
        with pytest.raises(UnreadableInput):
            values(data)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused_and_named(codec: str) -> None:
    with pytest.raises(UndecodableInput, match="UTF-8"):
        values(export(message(1)).decode().encode(codec))


def test_a_declared_encoding_other_than_utf_8_is_refused() -> None:
    with pytest.raises(UndecodableInput, match="cp1251"):
        values(export(message(1)), Hints("test", encoding="windows-1251"))


def test_seconds_give_the_instant_whatever_the_local_time_says() -> None:
    found = record(date="1999-01-01T00:00:00", date_unixtime="1721988000")
    assert (found.published_at, found.published_basis) == (
        datetime(2024, 7, 26, 10, tzinfo=UTC),
        PublishedBasis.UNIX_TIME,
    )


def test_a_local_time_is_an_instant_only_in_a_zone_that_somebody_named() -> None:
    bare = record(date_unixtime=None)
    assert (bare.published_at, bare.published_basis) == (None, None)
    assert bare.published_text == "2024-07-26T13:00:00"
    assert bare.published_within == (date(2024, 7, 25), date(2024, 7, 27))
    assert codes(bare) == ["no_time_zone"]
    named = record(Hints("test", time_zone="Asia/Tokyo", is_zone_given=True), date_unixtime=None)
    assert named.published_at == datetime(2024, 7, 26, 4, tzinfo=UTC)
    assert (named.published_basis, codes(named)) == (PublishedBasis.ASSUMED_ZONE, [])


def test_a_local_time_that_came_twice_is_no_instant() -> None:
    hints = Hints("test", time_zone="Europe/Berlin", is_zone_given=True)
    found = record(hints, date="2024-10-27T02:30:00", date_unixtime=None)
    assert (found.published_at, codes(found)) == (None, ["unclear_local_time"])


@pytest.mark.parametrize("value", ["1970-01-01T03:00:00", "1969-12-31T19:00:00"])
def test_an_edit_at_the_epoch_is_none(value: str) -> None:
    found = record(edited=value)
    assert found.post is not None
    assert (found.post.is_edited, found.post.edited_at) == (False, None)


def test_an_edit_without_seconds_is_one_whose_time_needs_a_zone() -> None:
    fields = {"edited": "2024-07-26T14:00:00"}
    posts = [record(hints, **fields).post for hints in (HINTS, Hints("test", is_zone_given=True))]
    assert [(post.is_edited, post.edited_at) for post in posts if post] == [
        (True, None),
        (True, datetime(2024, 7, 26, 11, tzinfo=UTC)),
    ]


def test_bytes_of_files_that_did_not_come_along_are_not_held_whatever_the_words() -> None:
    for words in (
        "(File not included. Change data exporting settings to download.)",
        "(Photo exceeds maximum size. Change data exporting settings to download.)",
        "name (1).jpg (File unavailable, please try again later)",
    ):
        (media,) = record(photo=words).media or ()
        assert (media.kind, media.is_held, media.address) == (MediaKind.PHOTO, False, None)
    (media,) = record(file="files/report (1).pdf").media or ()
    assert (media.is_held, media.address) == (True, "files/report (1).pdf")


@pytest.mark.parametrize("path", ["../a.jpg", "/etc/passwd", "C:\\a.jpg", "a/../../b", "a\\..\\b", "\\\\host\\a", ".."])
def test_a_path_that_leads_out_of_the_export_is_kept_and_noted(path: str) -> None:
    found = record(photo=path)
    assert [(one.address, one.is_held) for one in found.media or ()] == [(path, None)]
    assert codes(found) == ["path_leads_out"]


def test_nobody_who_reacted_and_no_telephone_number_is_in_what_is_read() -> None:
    recent = [{"from": "Somebody", "from_id": "user1", "date": "2024-07-26T13:00:00"}]
    found = record(
        reactions=[{"type": "emoji", "count": 2, "emoji": "👍", "recent": recent}],
        contact_information={"first_name": "Press", "last_name": "", "phone_number": "+7 123"},
    )
    assert found.counts is not None
    assert found.counts.reactions == (("👍", 2),)
    assert "Somebody" not in repr(found)
    assert "+7" not in repr(found)


def test_links_are_those_that_lead_somewhere() -> None:
    text = [
        {"type": "hashtag", "text": "#a"},
        {"type": "mention", "text": "@b"},
        {"type": "bot_command", "text": "/c"},
        {"type": "link", "text": "mid.ru"},
        {"type": "text_link", "text": "here", "href": "https://example.org"},
        {"type": "email", "text": "a@b.c"},
        {"type": "phone", "text": "+1"},
    ]
    assert record(text=text).links == (
        Link("mid.ru", "mid.ru"),
        Link("here", "https://example.org"),
        Link("a@b.c", "mailto:a@b.c"),
    )
    assert record(text="mid.ru", text_entities=text).links == ()


@pytest.mark.parametrize("text", ["", [], None])
def test_a_message_without_text_and_anything_else_is_noted(text: object) -> None:
    assert codes(record(text=text)) == ["nothing_shown"]
    assert codes(record(text=text, photo="photos/a.jpg")) == []


def test_the_same_id_twice_is_read_twice() -> None:
    assert [one.text for one in records(export(message(1), message(1, text="Later")))] == ["Post 1", "Later"]


def test_a_message_without_an_id_is_rejected() -> None:
    for number in (None, "x", True, 1.5, 1 << 70):
        (found,) = values(export(message(id=number)))
        assert isinstance(found, Rejection)
        assert found.reason is Reason.MISSING_ID


def test_a_key_that_no_version_writes_is_noted() -> None:
    assert [(one.code, one.detail) for one in record(new_key=1).notices] == [("unknown_keys", "new_key")]


@pytest.mark.parametrize("indent", [1, None])
def test_a_message_beyond_the_limit_is_rejected_and_the_next_one_is_read(
    indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (desktop_json_layout, telegram_desktop_json):
        monkeypatch.setattr(module, "MESSAGE_BYTES", 10_000)
    monkeypatch.setattr(desktop_json_layout, "CHUNK_BYTES", 1000)
    monkeypatch.setattr("extract.formats.desktop_json_scan.CHUNK_BYTES", 1000)
    data = export(message(1), message(2, text="x" * 30_000), message(3), indent=indent)
    found = values(data)
    assert [one.text for one in found if isinstance(one, Record)] == ["Post 1", "Post 3"]
    assert [one.reason for one in found if isinstance(one, Rejection)] == [Reason.TOO_LARGE]


class Endless(io.RawIOBase):
    """A chat in one line, made as it is read."""

    def __init__(self, count: int) -> None:
        """Begin with the header."""
        self._left, self._data = count, export(indent=None).removesuffix(b"]}")

    def read(self, size: int = -1) -> bytes:
        while len(self._data) < size and self._left:
            self._left -= 1
            self._data += json.dumps(message(self._left + 1, text="x" * 60_000)).encode()
            self._data += b"," if self._left else b"]}"
        piece, self._data = self._data[:size], self._data[size:]
        return piece


def test_a_large_file_of_one_line_is_split_in_bounded_memory() -> None:
    tracemalloc.start()
    try:
        sizes = [len(stretch.data) for stretch in FORMAT.split(cast("BinaryIO", Endless(500)), HINTS)]
        assert (sum(sizes) > 30_000_000, tracemalloc.get_traced_memory()[1] < 12_000_000) == (True, True)
    finally:
        tracemalloc.stop()


def test_what_follows_a_chat_is_rejected_and_keys_below_its_messages_are_not() -> None:
    found = values(export(message(1)) + b" {}")
    assert [type(one) for one in found] == [Record, Rejection]
    assert records(export(message(1))[:-2] + b', "more": [{"a": "]}"}]}\n')


def test_deep_nesting_is_no_hang_and_no_other_error() -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = {"type": "bold", "text": [deep]}
    blocks: Any = {"type": "paragraph", "text": deep}
    for _ in range(70):
        blocks = {"type": "quote", "blocks": [blocks]}
    found = records(export(message(1, rich_message={"blocks": [blocks]}), message(2, text=[deep]), indent=None))
    assert codes(found[0])[0] == "no_repeat"
    too_deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    data = export(message(1, x="@")).replace(b'"@"', too_deep)
    assert [type(one) for one in values(data)] == [Rejection]


def test_only_a_chat_is_claimed() -> None:
    for name in GOLDEN.glob("*.json"):
        if ".expected." not in name.name:
            assert FORMAT.claims(name.read_bytes()[:65_536]), name
    assert FORMAT.claims(export(message(1)).decode().encode("utf-16"))
    assert FORMAT.claims(json.dumps(chat(message(1)), sort_keys=True).replace('"date"', '"date"').encode()) is False
    others: list[Any] = [
        {"_": "Message", "id": 1, "peer_id": {"_": "PeerChannel", "channel_id": 5}, "message": "x"},
        {"_type": "snscrape.modules.telegram.TelegramPost", "url": "https://t.me/s/a/1", "content": "x"},
        {"id": "5", "chat": {"id": -1005, "type": "ChatType.CHANNEL"}, "text": "x"},
        {"about": "…", "chats": {"list": [chat(message(1))]}},
        {"id": 5, "messages": [{"id": 1, "type": "message", "file": "a.mp4"}]},
        {"name": "x", "type": "package", "messages": []},
        [chat(message(1))],
    ]
    for other in others:
        assert not FORMAT.claims(json.dumps(other).encode()), other
        assert not FORMAT.claims(json.dumps(other, indent=1).encode()), other
    assert FORMAT.shows(b"") is Claim.COMPLETE


def test_a_header_below_the_messages_is_claimed_and_read_where_the_channel_is_named() -> None:
    whole = chat(message(1))
    data = json.dumps({"messages": whole.pop("messages")} | whole, indent=1).encode()
    assert "telegram_desktop_json" in claimants(data)
    with pytest.raises(UnreadableInput, match="type"):
        values(data)


SEEDS = [path.read_bytes() for path in sorted(GOLDEN.glob("*.json")) if ".expected." not in path.name]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 60))
        data[at : at + length] = draw(st.binary(max_size=20) | st.sampled_from([b'"', b"}", b"]", b"{", b"\\", b"\n"]))
    return bytes(data)


@given(mutated() | st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_in_values_or_an_error(data: bytes) -> None:
    FORMAT.claims(data)
    try:
        found = values(data)
    except ExtractError:
        return
    places = [(one.byte_from or 0, one.byte_to or 0) for one in found]
    assert all(0 <= start <= end <= len(data) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(notice.code in NOTICES for one in found if isinstance(one, Record) for notice in one.notices)
