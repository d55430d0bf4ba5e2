"""Account exports: only the wanted chats are touched."""

import io
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import accounts
from extract.accounts import ChatSlice, chats_in, is_account_export, is_account_stream
from extract.formats.telegram_desktop_json import FORMAT
from extract.model import Hints, Record

PRIVATE = "nobody's business"
INDENTS = [1, 2, "\t", None]


def chat(kind: str, number: int, text: str, name: str | None = "Name") -> dict[str, Any]:
    messages = [
        {"id": one, "type": "message", "date_unixtime": "1721988000", "text": [text, {"type": "bold", "text": '{"]\n'}]}
        for one in (1, 2)
    ]
    return {"name": name, "type": kind, "id": number, "messages": messages}


def account(*chats: dict[str, Any], left: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "about": 'Here is the data you requested. "chats": {',
        "personal_information": {"user_id": 1, "first_name": PRIVATE},
        "contacts": {"about": "…", "list": [{"user_id": 2, "first_name": PRIVATE}]},
        "chats": {"about": "This page lists all chats", "list": list(chats)},
        "left_chats": {"about": "…", "list": list(left)},
    }


EXAMPLE = account(
    chat("personal_chat", 5, PRIVATE),
    chat("public_channel", 1101170442, "open"),
    chat("private_group", 6, PRIVATE, None),
    chat("private_channel", 7, PRIVATE),
    left=(chat("saved_messages", 8, PRIVATE), chat("public_channel", 9, "left")),
)


def written(value: object, indent: int | str | None = 1) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def slices(data: bytes) -> list[ChatSlice]:
    return list(chats_in(io.BytesIO(data)))


def wanted(data: bytes) -> list[bytes]:
    return [data[one.byte_from : one.byte_to] for one in slices(data) if one.type == "public_channel"]


@pytest.mark.parametrize("indent", INDENTS)
def test_each_chat_has_its_place_those_that_were_left_too(indent: int | str | None) -> None:
    data = written(EXAMPLE, indent)
    found = slices(data)
    assert [(one.type, one.channel_id) for one in found] == [
        ("personal_chat", None),
        ("public_channel", 1101170442),
        ("private_group", None),
        ("private_channel", 7),
        ("saved_messages", None),
        ("public_channel", 9),
    ]
    assert all(one.is_whole for one in found)
    every = [*EXAMPLE["chats"]["list"], *EXAMPLE["left_chats"]["list"]]
    assert [json.loads(data[one.byte_from : one.byte_to]) for one in found] == every


@pytest.mark.parametrize("indent", INDENTS)
def test_a_slice_is_an_export_of_one_chat(indent: int | str | None) -> None:
    for data in wanted(written(EXAMPLE, indent)):
        assert FORMAT.claims(data[:65_536])
        read = [value for part in FORMAT.split(io.BytesIO(data), Hints("x")) for value in FORMAT.read(part, Hints("x"))]
        assert [isinstance(value, Record) for value in read] == [True, True]


@pytest.mark.parametrize("indent", INDENTS)
def test_no_byte_of_a_private_chat_lies_in_a_wanted_slice_wherever_the_export_is_cut(indent: int | str | None) -> None:
    data = written(EXAMPLE, indent)
    for at in range(0, len(data), 3):
        for piece in wanted(data[:at]):
            assert PRIVATE.encode() not in piece


@pytest.mark.parametrize("indent", INDENTS)
def test_a_cut_export_gives_the_chats_that_begin_and_the_last_one_is_not_whole(indent: int | str | None) -> None:
    data = written(EXAMPLE, indent)
    begins = [(one.byte_from, one.byte_to) for one in slices(data)]
    for at in range(0, len(data), 5):
        found = slices(data[:at])
        assert [one.byte_from for one in found] == [start for start, _ in begins if start < at]
        assert [one.is_whole for one in found] == [end <= at for start, end in begins if start < at]
        assert all(one.byte_to == at for one in found if not one.is_whole)


def test_a_damaged_chat_takes_nothing_of_the_next_one_along() -> None:
    data = written(EXAMPLE).replace(b'"open"', b'"open')
    assert [PRIVATE.encode() in piece for piece in wanted(data)] == [False, False]
    lost = written(EXAMPLE).replace(b"    ]\n   },\n", b"", 2)
    assert all(PRIVATE.encode() not in piece for piece in wanted(lost))


@pytest.mark.parametrize("chunk", [1, 13, 300])
def test_where_a_stream_is_cut_into_chunks_makes_no_difference(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (written(EXAMPLE), written(EXAMPLE, None)):
        monkeypatch.undo()
        expected = slices(data)
        monkeypatch.setattr("extract.formats.desktop_json_scan.CHUNK_BYTES", chunk)
        monkeypatch.setattr(accounts, "HEAD_BYTES", 150)
        assert slices(data) == expected


@pytest.mark.parametrize("indent", INDENTS)
def test_an_account_is_told_from_a_chat_by_its_keys(indent: int | str | None) -> None:
    assert is_account_export(written(EXAMPLE, indent))
    assert is_account_export(b"\xef\xbb\xbf" + written({"about": "x", "left_chats": {}}, indent))
    for other in (chat("public_channel", 1, "x"), [EXAMPLE], {}, {"a": EXAMPLE}, {"about": "x", "messages": []}, "x"):
        assert not is_account_export(written(other, indent))
        assert slices(written(other, indent)) == []


def test_a_head_that_does_not_tell_is_read_on() -> None:
    data = written({"about": "x" * 100_000, "unheard_of": ["y" * 100_000], "chats": {"list": []}})
    assert not is_account_export(data[:65_536])
    assert is_account_stream(io.BytesIO(data))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_any_bytes_end_in_slices(data: st.DataObject) -> None:
    changed = bytearray(written(EXAMPLE, data.draw(st.sampled_from(INDENTS))))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(changed)))
        changed[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    is_account_export(bytes(changed))
    found = slices(bytes(changed))
    assert all(0 <= one.byte_from <= one.byte_to <= len(changed) for one in found)
    assert all(before.byte_to <= after.byte_from for before, after in pairwise(found))
