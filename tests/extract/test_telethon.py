"""Rules of `extract.formats.telethon` and of the splitter of JSON that it shares."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UnknownChannel, UnreadableInput
from extract.formats import api_json, claimants, telethon
from extract.model import Hints, Link, MediaKind, PostKind, PublishedBasis, Reason, Record, Rejection

GOLDEN = Path(__file__).parents[1] / "golden" / "telethon"
HINTS = Hints("x", channel_id=1234567890)
CHANNEL = 1234567890
CASES = sorted(path for path in GOLDEN.glob("*") if "expected" not in path.name)
Values = list[Record | Rejection]


def message(message_id: int = 1, text: str = "Words", **others: Any) -> dict[str, Any]:
    return {
        "_": "Message",
        "id": message_id,
        "peer_id": {"_": "PeerChannel", "channel_id": CHANNEL},
        "date": "2024-05-13T09:00:00+00:00",
        "message": text,
        "post": True,
    } | others


def values_of(data: bytes, hints: Hints = HINTS) -> Values:
    return [one for part in telethon.split(io.BytesIO(data), hints) for one in telethon.read(part, hints)]


def lines(*messages: Any) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in messages)


def record_of(**others: Any) -> Record:
    (value,) = values_of(lines(message(**others)))
    assert isinstance(value, Record)
    return value


def records(values: Values) -> list[Record]:
    return [value for value in values if isinstance(value, Record)]


def rejections(values: Values) -> list[Rejection]:
    return [value for value in values if isinstance(value, Rejection)]


def ids(values: Values) -> list[int]:
    return [value.post.message_id for value in records(values) if value.post]


def in_every_layout(messages: list[Any]) -> Iterator[tuple[str, bytes]]:
    yield "lines", lines(*messages)
    yield "windows lines", lines(*messages).replace(b"\n", b"\r\n")
    yield "array", json.dumps(messages).encode()
    yield "array of lines", b"[\n" + b",\n".join(json.dumps(one).encode() for one in messages) + b"\n]\n"
    for indent in (0, 1, 4):
        yield f"array, indent {indent}", json.dumps(messages, indent=indent).encode()
        yield f"one after another, indent {indent}", "\n".join(json.dumps(m, indent=indent) for m in messages).encode()
        yield f"wrapped, indent {indent}", json.dumps({"id": 5, "messages": messages, "n": [1]}, indent=indent).encode()
    yield "marked", b"\xef\xbb\xbf" + json.dumps(messages, indent=1).encode()
    yield "without white space", json.dumps(messages, separators=(",", ":")).encode()


LAYOUTS = dict(in_every_layout([message(1), message(2, '{["\\]}', entities=[{"_": "X"}]), message(3, "Третье 🎙")]))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_messages_are_found_whatever_holds_them_and_lead_to_their_bytes(layout: str) -> None:
    data = LAYOUTS[layout]
    values = values_of(data)
    assert ids(values) == [1, 2, 3]
    assert not rejections(values)
    assert [json.loads(data[value.byte_from : value.byte_to])["id"] for value in values] == [1, 2, 3]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_input_cut_at_any_byte_gives_what_is_whole_and_says_that_it_breaks_off(layout: str) -> None:
    data = LAYOUTS[layout]
    ends = [value.byte_to for value in values_of(data)]
    for cut in range(ends[0], len(data.rstrip())):
        values = values_of(data[:cut])
        assert ids(values) == [1, 2, 3][: sum(end <= cut for end in ends)]
        is_between = cut in ends or not data[max(end for end in ends if end <= cut) : cut].strip(b" \r\n,")
        broken = [value.reason for value in rejections(values)]
        assert broken == [Reason.BROKEN_OFF] or (
            is_between and ("lines" in layout or "another" in layout) and not broken
        )


@pytest.mark.parametrize("layout", ["lines", "array of lines", "array, indent 1", "array", "wrapped, indent 4"])
def test_a_message_that_is_broken_costs_no_other(layout: str) -> None:
    data = LAYOUTS[layout].replace(b'"id": 2', b'"id: 2')
    values = values_of(data)
    assert ids(values) == [1, 3]
    assert {value.reason for value in rejections(values)} == {Reason.NOT_THIS_FORMAT}


def test_a_bracket_that_is_missing_costs_no_other_message() -> None:
    data = LAYOUTS["array, indent 1"].replace(b'"_": "X"\n   }', b'"_": "X"\n   ')
    assert ids(values_of(data)) == [1, 3]


def test_what_stands_between_messages_and_is_none_is_rejected() -> None:
    values = values_of(lines(message(1)) + b"INFO:root:done\n" + lines(message(2)))
    assert ids(values) == [1, 2]
    assert [value.reason for value in rejections(values)] == [Reason.NOT_THIS_FORMAT]


def test_records_and_rejections_never_overlap() -> None:
    for case in CASES:
        try:
            values = values_of(case.read_bytes())
        except ExtractError:
            continue
        places = [(value.byte_from or 0, value.byte_to or 0) for value in values]
        assert all(before[1] <= after[0] for before, after in pairwise(places)), case


def test_places_in_a_text_count_utf_16_units() -> None:
    text = "🎙 🇷🇺🇮🇳 see #ASEAN on mid.ru"
    units = text[: text.index("mid")].encode("utf-16-le")
    entities = [
        {"_": "MessageEntityHashtag", "offset": 16, "length": 6},
        {"_": "MessageEntityTextUrl", "offset": 16, "length": 6, "url": "https://example.org"},
        {"_": "MessageEntityUrl", "offset": len(units) // 2, "length": 6},
    ]
    record = record_of(text=text, entities=entities)
    assert record.links == (Link("#ASEAN", "https://example.org"), Link("mid.ru", "mid.ru"))
    assert record.hashtags == ("ASEAN",)


def test_places_outside_the_text_are_no_links() -> None:
    entities = [
        {"_": "MessageEntityUrl", "offset": offset, "length": length}
        for offset, length in [(-5, 3), (99, 3), (0, 0), (2, -1), (None, 3), (10**30, 1)]
    ]
    assert record_of(entities=entities).links == ()


def test_an_edit_that_shows_no_mark_keeps_its_time() -> None:
    post = record_of(edit_date="2024-05-14T09:00:00+00:00", edit_hide=True).post
    assert post is not None
    assert post.is_edited is False
    assert post.edited_at == datetime(2024, 5, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "basis"),
    [
        ("2024-05-13T09:00:00+00:00", PublishedBasis.STATED_OFFSET),
        ("2024-05-13T12:00:00+03:00", PublishedBasis.STATED_OFFSET),
        ("2024-05-13 09:00:00", PublishedBasis.STATED_OFFSET),
        (1715590800, PublishedBasis.UNIX_TIME),
        ("1715590800", PublishedBasis.UNIX_TIME),
    ],
)
def test_a_date_is_utc_unless_it_says_otherwise(date: object, basis: PublishedBasis) -> None:
    record = record_of(date=date)
    assert (record.published_at, record.published_basis) == (datetime(2024, 5, 13, 9, tzinfo=UTC), basis)


@pytest.mark.parametrize("date", [None, 0, -1, 10**20, 1e300, "soon", "2024-05-13", "0001-01-01T00:00:00", True, {}])
def test_a_date_that_tells_no_instant_is_not_guessed(date: object) -> None:
    record = record_of(date=date)
    assert record.published_at is None
    assert [notice.code for notice in record.notices] == ["no_date"]


def test_words_of_private_persons_are_nowhere() -> None:
    private = "very private words"
    person = {"_": "PeerUser", "user_id": 777}
    values = values_of(
        lines(
            message(1, private, peer_id=person),
            message(2, private, peer_id={"_": "PeerChat", "chat_id": 5}),
            message(3, private, from_id=person, post=None),
            message(4, private, peer_id=None, to_id={"user_id": 777}),
            message(5, private, _="Other"),
        )
        + lines(message(6, private))[:-20]
    )
    assert not records(values)
    assert len(values) == 6
    assert private not in repr(values)


def test_who_reacted_voted_or_is_on_a_card_with_a_number_is_not_kept() -> None:
    for name in ("ordinary.jsonl", "ordinary_media.jsonl"):
        read = repr(values_of((GOLDEN / name).read_bytes()))
        assert "777" not in read
        assert "79990000000" not in read


def test_a_tdl_export_without_peers_is_read_only_for_a_channel_that_was_asked_for() -> None:
    data = (GOLDEN / "ordinary_tdl.json").read_bytes()
    for hints in (Hints("x"), Hints("x", channel_id=5)):
        with pytest.raises(UnknownChannel):
            values_of(data, hints)
    assert ids(values_of(data)) == [80, 81]


def test_without_a_peer_the_channel_is_the_one_that_was_named() -> None:
    data = lines(message(peer_id=None))
    with pytest.raises(UnknownChannel):
        values_of(data, Hints("x"))
    assert [record.key for record in records(values_of(data))] == [f"telegram:{CHANNEL}:1"]


def test_half_a_pair_of_surrogates_and_nul_are_replaced_and_counted() -> None:
    data = lines(message()).replace(b"Words", rb"W\ud83d\u0000 \ud83c\udf99")
    (record,) = records(values_of(data))
    assert record.text == "W\N{REPLACEMENT CHARACTER}\N{SYMBOL FOR NULL} 🎙"
    assert [(notice.code, notice.detail) for notice in record.notices] == [("odd_characters", "2")]


@pytest.mark.parametrize("depth", [api_json.MOST_DEPTH - 1, api_json.MOST_DEPTH, 200_000])
def test_a_message_that_is_nested_too_deep_is_rejected_alone(depth: int) -> None:
    deep = lines(message(2))[:-2] + b', "rich_message": ' + b'{"text":' * depth + b"1" + b"}" * depth + b"}\n"
    values = values_of(lines(message(1)) + deep + lines(message(3)))
    assert ids(values) == ([1, 2, 3] if depth < api_json.MOST_DEPTH else [1, 3])
    assert {value.reason for value in rejections(values)} <= {Reason.TOO_LARGE}


def test_deep_values_are_walked_with_odd_characters_in_them() -> None:
    depth = api_json.MOST_DEPTH - 2
    deep = b'{"texts":[' * (depth // 2) + rb'"\u0000"' + b"]}" * (depth // 2)
    data = lines(message(2, ""))[:-2] + b', "rich_message": {"blocks": [{"text": ' + deep + b"}]}}\n"
    values = values_of(data)
    assert len(values) == 1


def test_a_message_that_is_too_large_is_rejected_alone() -> None:
    large = lines(message(2, "x" * (api_json.MOST_BYTES + api_json.CHUNK_BYTES)))
    data = lines(message(1)) + large + lines(message(3))
    values = values_of(data)
    assert ids(values) == [1, 3]
    (rejection,) = rejections(values)
    assert rejection.reason is Reason.TOO_LARGE
    assert data[rejection.byte_from : rejection.byte_to] == large[:-1]


def test_memory_does_not_grow_with_the_input() -> None:
    class Endless(io.RawIOBase):
        """A hundred thousand messages, made as they are read."""

        block = lines(*(message(n, "x" * 900) for n in range(1, 101))) * 10
        left = 100

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return self.block[: max(size, 0)] if self.left >= 0 else b""

    sizes = [len(part.data) for part in telethon.split(Endless(), HINTS)]  # type: ignore[arg-type]
    assert max(sizes) <= api_json.STRETCH_BYTES + api_json.CHUNK_BYTES
    assert len(sizes) > 50


@pytest.mark.parametrize(
    "data",
    [
        b'{"name":"x","type":"public_channel","id":1,"messages":[{"id":1,"type":"message","text":"y"}]}',
        b'{"_type": "snscrape.modules.telegram.TelegramPost", "url": "https://t.me/s/x/1", "content": "y"}\n',
        b'{"_chat": {"id": 1}, "_type": "Message", "id": 1, "peer_id": {"_type": "PeerChannel"}, "message": "y"}\n',
        b'{"id": 1, "date": "2024-05-13", "message": "peer_id and \\"_\\": \\"Message\\""}\n',
        b'{"update_id": 1, "channel_post": {"message_id": 1, "chat": {"id": -1001, "type": "channel"}}}\n',
        b'[{"_": "User", "peer_id": 1}]',
        b'"_": "Message", "peer_id":',
    ],
)
def test_what_other_programs_write_is_not_claimed(data: bytes) -> None:
    assert not telethon.claims(data)
    assert "pyrogram" not in claimants(data)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("ordinary")], ids=lambda case: case.name
)
def test_a_dump_is_claimed_by_its_head(case: Path) -> None:
    data = case.read_bytes()
    assert telethon.claims(data[:65_536])
    assert telethon.claims(b"\xef\xbb\xbf" + data[:65_536])


def test_json_of_another_form_ends_the_input() -> None:
    with pytest.raises(UnreadableInput):
        values_of(b'[{"id": 1}]')


def test_an_empty_message_is_no_document_and_a_service_has_no_text() -> None:
    service = message(2, "x", _="MessageService", action={"_": "MessageActionChatEditTitle", "title": "New"})
    empty, value = values_of(lines({"_": "MessageEmpty", "id": 1}, service))
    assert isinstance(empty, Rejection)
    assert empty.reason is Reason.NO_DOCUMENT
    assert isinstance(value, Record)
    assert value.post is not None
    assert (value.text, value.post.kind) == ("", PostKind.SERVICE)
    assert value.post.service is not None
    assert (value.post.service.action, value.post.service.detail) == ("edit_group_title", "New")


def test_a_link_preview_is_neither_text_nor_media() -> None:
    page = {"_": "WebPage", "site_name": "Site", "title": "Title", "description": "Words"}
    record = record_of(media={"_": "MessageMediaWebPage", "webpage": page})
    assert (record.text, record.media, record.furniture) == ("Words", (), ("Site", "Title"))


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ([], MediaKind.DOCUMENT),
        ([{"_": "DocumentAttributeVideo"}], MediaKind.VIDEO),
        ([{"_": "DocumentAttributeVideo", "round_message": True}], MediaKind.ROUND_VIDEO),
        ([{"_": "DocumentAttributeVideo"}, {"_": "DocumentAttributeAnimated"}], MediaKind.ANIMATION),
        ([{"_": "DocumentAttributeVideo"}, {"_": "DocumentAttributeSticker"}], MediaKind.STICKER),
        ([{"_": "DocumentAttributeAudio", "voice": True}], MediaKind.VOICE),
        ([{"_": "DocumentAttributeAudio"}], MediaKind.AUDIO),
    ],
)
def test_a_file_is_what_its_attributes_say(attributes: list[Any], kind: MediaKind) -> None:
    media = {"_": "MessageMediaDocument", "document": {"_": "Document", "attributes": attributes}}
    found = record_of(media=media).media
    assert found is not None
    assert [one.kind for one in found] == [kind]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(
    {"_", "id", "media", "entities", "action", "fwd_from", "reply_to", "reactions", "rich_message", *message()}
)


def check_values_or_error(data: bytes, hints: Hints) -> None:
    try:
        values = values_of(data, hints)
    except ExtractError:
        return
    for value in values:
        repr(value).encode()
        assert value.byte_from is not None
        assert value.byte_to is not None
        assert 0 <= value.byte_from <= value.byte_to <= len(data)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"[", b'{"_": "Message"', b'{"messages":[']))
def test_any_bytes_end_in_values_or_an_error_of_ours(data: bytes, before: bytes) -> None:
    check_values_or_error(before + data, HINTS)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CASES), st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=6))
def test_any_damage_ends_in_values_or_an_error_of_ours(case: Path, at: int, length: int, put: bytes) -> None:
    data = case.read_bytes()
    check_values_or_error(data[:at] + put + data[at + length :], Hints("x"))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4))
def test_any_value_in_any_field_ends_in_values_or_an_error_of_ours(others: dict[str, Any]) -> None:
    data = json.dumps(message(1)).encode() + b"\n" + json.dumps(message(2) | others).encode()
    check_values_or_error(data, HINTS)
