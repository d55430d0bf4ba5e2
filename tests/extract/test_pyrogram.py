"""Rules of `extract.formats.pyrogram`; those of the splitter stand with `telethon`."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UnreadableInput
from extract.formats import claimants, pyrogram
from extract.model import Hints, Link, MediaKind, PostKind, PublishedBasis, Reason, Record, Rejection

GOLDEN = Path(__file__).parents[1] / "golden" / "pyrogram"
CASES = sorted(path for path in GOLDEN.glob("*") if "expected" not in path.name)
CHAT = {"_": "Chat", "id": -1001234567890, "type": "ChatType.CHANNEL", "title": "Channel", "username": "Some_Channel"}
HINTS = Hints("x")
Values = list[Record | Rejection]


def message(message_id: int = 1, **others: Any) -> dict[str, Any]:
    return {"_": "Message", "id": message_id, "chat": CHAT, "date": "2024-05-13 12:00:00", "text": "Words"} | others


def printed(*messages: Any) -> bytes:
    return "\n".join(json.dumps(one, indent=4, ensure_ascii=False) for one in messages).encode()


def values_of(data: bytes, hints: Hints = HINTS) -> Values:
    return [one for part in pyrogram.split(io.BytesIO(data), hints) for one in pyrogram.read(part, hints)]


def record_of(hints: Hints = HINTS, **others: Any) -> Record:
    (value,) = values_of(printed(message(**others)), hints)
    assert isinstance(value, Record)
    return value


def ids(values: Values) -> list[int]:
    return [value.post.message_id for value in values if isinstance(value, Record) and value.post]


def test_a_local_time_is_no_instant_unless_a_person_names_its_zone() -> None:
    record = record_of()
    assert (record.published_at, record.published_basis) == (None, None)
    assert record.published_text == "2024-05-13 12:00:00"
    assert record.published_within == (date(2024, 5, 12), date(2024, 5, 14))
    record = record_of(Hints("x", time_zone="Europe/Berlin", is_zone_given=True))
    assert record.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)
    assert record.published_basis is PublishedBasis.ASSUMED_ZONE


def test_a_time_that_clocks_showed_twice_is_no_instant() -> None:
    hints = Hints("x", time_zone="Europe/Berlin", is_zone_given=True)
    assert record_of(hints, date="2024-10-27 02:30:00").published_at is None


def test_seconds_since_1970_are_an_instant_in_any_zone() -> None:
    record = record_of(date=1715590800)
    assert record.published_at == datetime(2024, 5, 13, 9, tzinfo=UTC)
    assert record.published_basis is PublishedBasis.UNIX_TIME


def test_the_channel_s_number_loses_the_mark_of_the_bot_api() -> None:
    record = record_of()
    assert record.key == "telegram:1234567890:1"
    assert record.post is not None
    assert (record.post.username, record.post.channel_title) == ("some_channel", "Channel")


def test_places_in_a_caption_count_utf_16_units() -> None:
    entities = [
        {"type": "MessageEntityType.HASHTAG", "offset": 12, "length": 6},
        {"type": "text_link", "offset": 12, "length": 6, "url": "https://example.org"},
    ]
    record = record_of(text=None, caption="🎙 🇷🇺🇮🇳 #ASEAN", caption_entities=entities, photo={})
    assert record.links == (Link("#ASEAN", "https://example.org"),)
    assert record.media is not None
    assert [media.kind for media in record.media] == [MediaKind.PHOTO]


def test_an_edit_date_alone_does_not_say_that_a_mark_is_shown() -> None:
    """Reactions and buttons set it too."""
    for others, is_edited in [
        ({}, False),
        ({"edit_date": "2024-05-13 13:00:00"}, None),
        ({"edit_date": "2024-05-13 13:00:00", "edit_hidden": True}, False),
        ({"edit_date": "2024-05-13 13:00:00", "edit_hidden": False}, True),
    ]:
        post = record_of(**others).post
        assert post is not None
        assert post.is_edited is is_edited


@pytest.mark.parametrize("layout", ["old", "new"])
def test_a_forward_tells_its_origin_in_old_and_new_layouts(layout: str) -> None:
    chat = {"id": -1001101170442, "type": "ChatType.CHANNEL", "title": "Other", "username": "Other_One"}
    old = {"forward_from_chat": chat, "forward_from_message_id": 7, "forward_date": 1715500000}
    new = {"forward_origin": {"_": "MessageOriginChannel", "chat": chat, "message_id": 7, "date": 1715500000}}
    record = record_of(**(old if layout == "old" else new))
    assert record.forwarded_from == "Other"
    assert record.post is not None
    origin = record.post.origin
    assert origin is not None
    assert (origin.channel_id, origin.username, origin.message_id) == (1101170442, "other_one", 7)
    assert origin.published_at == datetime(2024, 5, 12, 7, 46, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "chat",
    [
        {"id": 777, "type": "ChatType.PRIVATE"},
        {"id": 777},
        {"id": -5, "type": "group"},
        {"id": -1005, "type": "ChatType.SUPERGROUP"},
        None,
    ],
)
def test_words_of_private_persons_are_nowhere(chat: object) -> None:
    values = values_of(printed(message(1, chat=chat, text="very private words"), message(2)))
    assert ids(values) == [2]
    assert isinstance(values[0], Rejection)
    assert values[0].reason is Reason.NOT_THIS_FORMAT
    assert "private words" not in repr(values)


def test_a_telephone_number_is_not_kept() -> None:
    assert "7999" not in repr(record_of(text=None, contact={"phone_number": "+7999", "first_name": "Press"}))


def test_a_message_that_shows_nothing_is_unsupported_and_its_words_not_known() -> None:
    record = record_of(text=None)
    assert record.post is not None
    assert record.post.kind is PostKind.UNSUPPORTED
    assert [notice.code for notice in record.notices] == ["words_not_shown", "unknown_zone"]


def test_a_cut_at_any_byte_gives_what_is_whole_and_says_that_it_breaks_off() -> None:
    data = printed(message(1), message(2, text='{["\\'), message(3))
    ends = [value.byte_to or 0 for value in values_of(data)]
    for cut in range(ends[0], len(data)):
        values = values_of(data[:cut])
        assert ids(values) == [1, 2, 3][: sum(end <= cut for end in ends)]
        broken = [value.reason for value in values if isinstance(value, Rejection)]
        assert broken == ([] if cut in ends or cut - 1 in ends else [Reason.BROKEN_OFF])


def test_a_message_that_is_broken_costs_no_other_although_messages_stand_within_messages() -> None:
    quoted = message(1, chat=None)
    data = printed(message(1), message(2, reply_to_message=quoted), message(3, pinned_message=quoted), message(4))
    assert ids(values_of(data)) == [1, 2, 3, 4]
    assert ids(values_of(data.replace(b'"id": 2', b'"id: 2'))) == [1, 3, 4]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("ordinary")], ids=lambda case: case.name
)
def test_a_dump_is_claimed_by_its_head_and_by_no_other_api_format(case: Path) -> None:
    head = case.read_bytes()[:65_536]
    assert pyrogram.claims(head)
    assert "telethon" not in claimants(head)


def test_json_of_another_form_ends_the_input() -> None:
    with pytest.raises(UnreadableInput):
        values_of(b'[{"id": 1}]')


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
@given(st.sampled_from(CASES), st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=6), st.booleans())
def test_any_damage_ends_in_values_or_an_error_of_ours(
    case: Path, at: int, length: int, put: bytes, is_zone_given: bool
) -> None:
    data = case.read_bytes()
    check_values_or_error(data[:at] + put + data[at + length :], Hints("x", is_zone_given=is_zone_given))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["chat", "date", "entities", "photo", "poll", "reactions", "reply_markup", "service", "forward_origin", "id"]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*KEYS, "text", "media", "media_group_id", "web_page"]), JUNK, max_size=4))
def test_any_value_in_any_field_ends_in_values_or_an_error_of_ours(others: dict[str, Any]) -> None:
    check_values_or_error(printed(message(1), message(2) | others), HINTS)
