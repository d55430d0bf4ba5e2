"""Rules of the format `post_table`."""

import contextlib
import csv
import io
import itertools
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UnconfirmedColumns, UndecodableInput, UnknownChannel, UnreadableInput
from extract.formats.post_table import FORMAT, NOTICES
from extract.formats.table_cuts import ArrayElements, Cutter, DelimitedRows, Lines
from extract.formats.table_rows import ROW_BYTES, STRETCH_BYTES
from extract.formats.table_values import count, when
from extract.model import NOT_PROVEN_WHOLE, Hints, PostKind, PublishedBasis, Reason, Record, Rejection

COLUMNS = "id=id, text=text"
HINTS = Hints("test", channel_id=1101170442, columns=COLUMNS)
DATED = Hints("test", channel_id=1101170442, columns="id=id, text=text, date=date")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;\t'), max_size=40).map(str.strip)
ROWS = st.lists(st.tuples(st.integers(1, 10**6), TEXT), min_size=1, max_size=6)
ENDS = ["\n", "\r\n", "\r"]


class Pipe(io.RawIOBase):
    """Bytes that come a few at a time and are never there as a whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        data, self._left = self._left[:size], self._left[size:]
        return data


def values(data: str | bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    """Return all that is read in an input."""
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return [value for stretch in FORMAT.split(stream, hints) for value in FORMAT.read(stretch, hints)]


def record(data: str | bytes, hints: Hints = HINTS) -> Record:
    """Return the one record of an input."""
    (value,) = values(data, hints)
    assert isinstance(value, Record), value
    return value


def rejection(data: str | bytes, hints: Hints = HINTS) -> Rejection:
    """Return the one rejection of an input."""
    (value,) = values(data, hints)
    assert isinstance(value, Rejection), value
    return value


def table(rows: list[tuple[int, str]], delimiter: str = ",", end: str = "\n") -> str:
    """Return rows as a table."""
    out = io.StringIO()
    # Where rows end in a carriage return alone, Python's writer leaves line feeds in a field bare.
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("id", "text"), *rows])
    return out.getvalue()


@given(
    ROWS, st.sampled_from(",;\t"), st.sampled_from(ENDS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
)
@settings(max_examples=80)
def test_any_rows_come_back_as_they_were_and_their_places_cover_the_table(
    rows: list[tuple[int, str]], delimiter: str, end: str, codec: str
) -> None:
    data = table(rows, delimiter, end).encode(codec)
    read = values(data)
    assert [(one.post.message_id, one.text) for one in read if isinstance(one, Record) and one.post] == rows
    assert all(one.byte_to == other.byte_from for one, other in itertools.pairwise(read))
    assert read[-1].byte_to == len(data)


@given(ROWS, st.booleans(), st.sampled_from([None, 2]))
@settings(max_examples=40)
def test_json_of_one_object_a_line_and_of_an_array_are_read_alike(
    rows: list[tuple[int, str]], is_array: bool, indent: int | None
) -> None:
    objects = [{"id": number, "text": text} for number, text in rows]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    data = json.dumps(objects, indent=indent) if is_array else lines
    assert [(one.post.message_id, one.text) for one in values(data) if isinstance(one, Record) and one.post] == rows


@given(st.binary(max_size=60))
@settings(max_examples=60)
def test_any_bytes_end_in_values_or_in_an_error_of_extraction(data: bytes) -> None:
    for start in (b"", b"id,text\n", b'{"id": 1, "text": "a"}\n', b'[{"id": 1, "text": "a"},'):
        with contextlib.suppress(ExtractError):
            values(start + data)
        FORMAT.claims(start + data)


@given(ROWS, st.integers(0, 400), st.binary(min_size=1, max_size=3))
@settings(max_examples=50)
def test_a_table_with_torn_bytes_ends_in_values_or_in_an_error_of_extraction(
    rows: list[tuple[int, str]], at: int, torn: bytes
) -> None:
    for data in (table(rows).encode(), json.dumps([{"id": n, "text": t} for n, t in rows]).encode()):
        with contextlib.suppress(ExtractError):
            assert all(isinstance(one, Record | Rejection) for one in values(data[:at] + torn + data[at + 1 :]))


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=4))
@settings(max_examples=60)
def test_where_rows_end_does_not_depend_on_the_pieces_in_which_bytes_come(data: bytes, cuts: list[int]) -> None:
    def ends(cutter: Cutter, pieces: list[bytes]) -> list[int]:
        found, before = [], 0
        for piece in pieces:
            pos: int | None = 0
            while pos is not None and (pos := cutter.next_end(piece, pos)) is not None:
                found.append(before + pos)
            before += len(piece)
        return found

    data = data.translate(bytes(b',"\r\n{}[]\\a'[byte % 10] for byte in range(256)))
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(bounds)]
    for made in (lambda: DelimitedRows(b","), Lines, ArrayElements):
        assert ends(made(), pieces) == ends(made(), [data])


def test_a_table_whose_columns_nobody_has_named_is_not_taken_in_and_the_words_are_proposed() -> None:
    with pytest.raises(UnconfirmedColumns) as caught:
        values("messageId,body,posted_at\n1,a,2022\n", Hints("test", channel_id=1))
    assert "--columns 'id=messageId, text=body, date=posted_at'" in caught.value.remedy


def test_a_proposal_can_be_declared_as_it_stands() -> None:
    data = '"Message, id";x\n'.replace(";", ",") + "1,2\n"
    with pytest.raises(UnreadableInput):
        values(data, Hints("test", channel_id=1))
    data = '"post id","text, full"\n1,words\n'
    assert record(data, Hints("test", channel_id=1, columns='id=post id, "text=text, full"')).text == "words"


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ("id=id, text=body", "'body'"),
        ("id=id", "text"),
        ("id=id, text=text, colour=id", "'colour=id'"),
        ("id=id, text=text, id=text", "'id'"),
        ("", "id and text"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused_with_what_is_wrong(columns: str, named: str) -> None:
    with pytest.raises(UnreadableInput, match=named):
        values("id,text\n1,a\n", Hints("test", channel_id=1, columns=columns))


def test_a_table_without_a_text_is_refused_with_the_names_of_its_columns() -> None:
    with pytest.raises(UnreadableInput, match="id, views"):
        values("id,views\n1,2\n", Hints("test", channel_id=1))


@pytest.mark.parametrize(
    "cell", ["12", "12.0", "https://t.me/chan/12", "https://t.me/s/chan/12?single", "t.me/chan/12", "chan-12"]
)
def test_a_message_id_may_stand_in_an_address(cell: str) -> None:
    assert record(f"id,text\n{cell},a\n").key == "telegram:1101170442:12"


@pytest.mark.parametrize("cell", ["", "x", "0", "-5", "https://example.org/chan/12", "1e3", "9" * 30])
def test_a_row_without_a_message_id_is_rejected(cell: str) -> None:
    assert rejection(f"id,text\n{cell},a\n").reason is Reason.MISSING_ID


@pytest.mark.parametrize("cell", ["1101170442", "-1001101170442", "channel1101170442", "1101170442.0"])
def test_the_channel_of_a_row_is_read_in_each_of_its_forms(cell: str) -> None:
    hints = Hints("test", columns="id=id, text=text, channel_id=chat")
    assert record(f"id,text,chat\n1,a,{cell}\n", hints).key == "telegram:1101170442:1"


def test_an_address_with_the_number_of_the_channel_tells_it() -> None:
    read = record("id,text\nhttps://t.me/c/1101170442/3,a\n", Hints("test", columns=COLUMNS))
    assert read.key == "telegram:1101170442:3"


def test_a_username_alone_makes_no_key() -> None:
    with pytest.raises(UnknownChannel, match="@chan"):
        values("id,text\nhttps://t.me/chan/3,a\n", Hints("test", columns=COLUMNS))


def test_rows_of_another_channel_than_the_named_one_are_rejected() -> None:
    hints = Hints("test", channel="chan", channel_id=7, columns="id=id, text=text, channel=c")
    read, other = values("id,text,c\n1,a,@Chan\n2,b,other\n", hints)
    assert isinstance(read, Record)
    assert read.post is not None
    assert read.post.username == "chan"
    assert isinstance(other, Rejection)
    assert other.reason is Reason.UNKNOWN_CHANNEL


def test_rows_of_a_second_username_are_rejected_where_only_a_number_is_given() -> None:
    read, other = values("id,text\nhttps://t.me/chan/1,a\nhttps://t.me/other/1,b\n", HINTS)
    assert isinstance(read, Record)
    assert isinstance(other, Rejection)


@pytest.mark.parametrize(
    "cell",
    ["2023-05-01T10:00:00+03:00", "2023-05-01 07:00:00+00:00", "2023-05-01T07:00:00.000Z", "2023-05-01 07:00:00 UTC"],
)
def test_a_date_with_its_offset_is_an_instant(cell: str) -> None:
    read = record(f"id,text,date\n1,a,{cell}\n", DATED)
    assert read.published_at == datetime(2023, 5, 1, 7, tzinfo=UTC)
    assert read.published_basis is PublishedBasis.STATED_OFFSET


@pytest.mark.parametrize("cell", ["1682924400", "1682924400.0", "1682924400000"])
def test_a_number_is_unix_time_in_seconds_or_milliseconds(cell: str) -> None:
    read = record(f"id,text,date\n1,a,{cell}\n", DATED)
    assert read.published_at == datetime(2023, 5, 1, 7, tzinfo=UTC)
    assert read.published_basis is PublishedBasis.UNIX_TIME


def test_a_local_time_is_an_instant_only_where_a_person_has_named_the_zone() -> None:
    data = "id,text,date\n1,a,2023-05-01 10:00:00\n"
    read = record(data, DATED)
    assert read.published_at is None
    assert read.published_within == (date(2023, 4, 30), date(2023, 5, 2))
    assert [notice.detail for notice in read.notices] == ["2023-05-01 10:00:00"]
    named = record(data, Hints("t", channel_id=1, columns=DATED.columns, is_zone_given=True, time_zone="Europe/Moscow"))
    assert named.published_at == datetime(2023, 5, 1, 7, tzinfo=UTC)
    assert named.published_basis is PublishedBasis.ASSUMED_ZONE


@pytest.mark.parametrize(
    "cell", ["31.02.2023", "5/1/2023", "yesterday", "2023-13-01", "0001-01-01", "123456789012345678"]
)
def test_what_can_not_be_read_for_certain_is_no_date(cell: str) -> None:
    read = record(f"id,text,date\n1,a,{cell}\n", DATED)
    assert read.published_at is None
    assert read.published_within is None
    assert [notice.code for notice in read.notices] == ["unclear_date"]


@given(st.text(max_size=30) | st.floats() | st.integers())
@settings(max_examples=60)
def test_any_cell_may_stand_as_a_date_or_a_count(cell: object) -> None:
    shown = when(cell, HINTS)
    assert shown is None or shown.at is None or shown.at.tzinfo is UTC
    count(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5.37K", (5370, True)),
        ("1.1M", (1_100_000, True)),
        ("1,204", (1204, False)),
        ("7.0", (7, False)),
        ("x", (None, False)),
    ],
)
def test_counts_are_read_as_they_are_written(cell: str, expected: tuple[int | None, bool]) -> None:
    assert count(cell) == expected


@pytest.mark.parametrize("column", ["first_seen", "scrapedAt", "retrieved", "collected_at", "archived_at"])
def test_a_date_of_first_sight_is_kept_as_a_claim(column: str) -> None:
    read = record(f"id,text,{column}\n1,a,2023-05-01T10:00:00Z\n")
    assert [(notice.code, notice.detail) for notice in read.notices] == [("first_seen_claim", "2023-05-01T10:00:00Z")]


def test_words_that_tools_write_for_nothing_are_words_where_they_are_the_text() -> None:
    assert [one.text for one in values("id,text\n1,None\n2,nan\n3,NULL\n") if isinstance(one, Record)] == [
        "None",
        "nan",
        "NULL",
    ]


def test_a_service_row_has_no_text_and_keeps_the_words() -> None:
    read = record(
        "id,text,is_service\n1,Channel created,true\n",
        Hints("t", channel_id=1, columns=COLUMNS + ", service=is_service"),
    )
    assert read.text == ""
    assert read.post is not None
    assert read.post.kind is PostKind.SERVICE
    assert read.post.service is not None
    assert read.post.service.printed == "Channel created"


def test_tables_of_unknown_origin_prove_neither_paragraphs_nor_marks() -> None:
    read = record("id,text\n1,a\n")
    assert not read.carries_paragraphs
    assert not read.carries_punctuation
    assert read.links is None


def test_half_characters_of_json_are_replaced_and_counted() -> None:
    read = record('{"id": 1, "text": "a\\ud83d"}\n')
    assert read.text == "a\N{REPLACEMENT CHARACTER}"
    assert [notice.code for notice in read.notices] == ["odd_characters"]


def test_a_row_that_the_end_of_the_input_may_have_cut_off_is_marked() -> None:
    data = table([(1, "one"), (2, "two")])
    assert not any(notice for one in values(data) if isinstance(one, Record) for notice in one.notices)
    *_, last = values(data[:-2])
    assert isinstance(last, Record)
    assert [notice.code for notice in last.notices] == [NOT_PROVEN_WHOLE]


@pytest.mark.parametrize("kind", ["csv", "lines", "array"])
def test_a_table_cut_at_any_byte_gives_what_is_whole_and_at_most_one_rejection(kind: str) -> None:
    rows = [(1, "one, two"), (22, 'a "quoted" one\nline'), (333, "три")]
    objects = [{"id": number, "text": text} for number, text in rows]
    data = {
        "csv": table(rows),
        "lines": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects),
        "array": json.dumps(objects, ensure_ascii=False, indent=1),
    }[kind].encode()
    whole = [text for _, text in rows]
    for end in range(data.find(b"}" if kind != "csv" else b"\n") + 1, len(data)):
        read = values(data[:end])
        proven = [one.text for one in read if isinstance(one, Record) and not one.notices]
        assert proven == whole[: len(proven)]
        torn = [one for one in read if isinstance(one, Rejection)]
        assert len(torn) <= 1
        assert {one.reason for one in torn} <= {Reason.BROKEN_OFF}


def test_a_line_without_end_is_passed_over_without_being_held() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"id,text\n1,before\n2,"
        for _ in range(40):
            yield b"a" * (1 << 20)
        yield b"\n3,after\n"

    tracemalloc.start()
    read = [one for stretch in FORMAT.split(Pipe(pieces()), HINTS) for one in FORMAT.read(stretch, HINTS)]  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    before, long, after = read
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(long, Rejection)
    assert long.reason is Reason.TOO_LARGE
    assert (long.byte_from, long.byte_to) == (before.byte_to, after.byte_from)
    assert peak < 4 * ROW_BYTES


def test_a_long_table_is_cut_into_stretches_that_follow_one_another() -> None:
    data = table([(number, "words " * 100) for number in range(1, 5_001)]).encode()
    stretches = list(FORMAT.split(io.BytesIO(data), HINTS))
    assert len(stretches) > 2
    assert all(len(stretch.data) < 2 * STRETCH_BYTES for stretch in stretches)
    assert b"".join(stretch.data for stretch in stretches) == data[len(b"id,text\n") :]
    read = [one for stretch in stretches for one in FORMAT.read(stretch, HINTS)]
    assert [one.key for one in read if isinstance(one, Record)] == [f"telegram:1101170442:{n}" for n in range(1, 5_001)]


def test_a_long_array_is_cut_between_its_elements() -> None:
    data = json.dumps([{"id": number, "text": "words " * 100} for number in range(1, 4_001)]).encode()
    stretches = list(FORMAT.split(io.BytesIO(data), HINTS))
    assert len(stretches) > 2
    assert sum(isinstance(one, Record) for stretch in stretches for one in FORMAT.read(stretch, HINTS)) == 4_000


def test_a_quotation_that_never_closes_leaves_the_rows_above_it() -> None:
    *above, last = values('id,text\n1,a\n2,b\n3,"c\n4,d\n')
    assert len(above) == 2
    assert isinstance(last, Rejection)
    assert last.reason is Reason.BROKEN_OFF


def test_quotation_marks_in_the_middle_of_a_field_are_its_own() -> None:
    assert record('id,text\n1,a "b" c\n').text == 'a "b" c'


def test_a_line_that_tells_excel_the_delimiter_is_no_header() -> None:
    assert record("sep=;\nid;text\n1;a, b\n").text == "a, b"


@pytest.mark.parametrize("encoding", ["utf-7", "cp037", "iso2022_jp"])
def test_an_encoding_in_which_a_comma_may_be_another_letter_is_refused(encoding: str) -> None:
    with pytest.raises(UndecodableInput):
        values("id,text\n1,a\n", Hints("t", channel_id=1, columns=COLUMNS, encoding=encoding))


@pytest.mark.parametrize(
    ("head", "is_claimed"),
    [
        ("message_id,text,date\n1,a,b\n", True),
        ("post_url;message;date\nhttps://t.me/chan/1;a;b\n", True),
        ('{"id": 1, "text": "a"}\n', True),
        ('{"_": "Message", "id": 1, "message": "a"}\n', False),
        ('{"id": 1, "messages": []}', False),
        ("url,title,text\nhttps://mid.ru/en/foreign_policy/news/1607500/,a,b\n", False),
        ("name,age\nx,1\n", False),
        ("<html><body>id,text</body></html>", False),
        ("Forwarded from Russian MFA\nOne, two\n", False),
        ("", False),
    ],
)
def test_only_what_may_be_a_table_of_posts_is_claimed(head: str, is_claimed: bool) -> None:
    assert FORMAT.claims(head.encode()) is is_claimed


def test_every_notice_is_defined() -> None:
    data = "id,text,date,seen_at,gone,n\n1,a\x07,2023-05-01,2024,yes,x\n2,b,z,,,\n3,c,,,,"
    hints = Hints("t", channel_id=1, columns="id=id, text=text, date=date, deleted=gone, views=n")
    codes = {notice.code for one in values(data, hints) if isinstance(one, Record) for notice in one.notices}
    assert codes == set(NOTICES)
