"""Rules of the format `channel_dump`."""

import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import ExtractError, UndecodableInput, UnreadableInput
from extract.formats.channel_dump import CHUNK_BYTES, FORMAT, NOTICES, STRETCH_BYTES, stretches
from extract.model import EventBasis, Hints, Kind, Passage, Reason, Record, Rejection, Role, Stretch
from extract.order import BASES, EventColumns, settle

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds" / "documents"
ROWS = [json.loads(line) for line in (ROOT / "tests/golden/seed_posts.jsonl").read_text(encoding="utf-8").splitlines()]
HINTS = Hints("test", language="en")
HEADER = "Forwarded from Russian MFA 🇷🇺"
POST = "We met today in Moscow.\nWe spoke of trade.\nWe spoke of roads."
MEDIA = "This media is not supported in your browser\nVIEW IN TELEGRAM"
LINE = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda line: not line.startswith("Forwarded from") and "VIEW IN" not in line
)
TEXTS = st.lists(st.lists(LINE, min_size=1, max_size=6).map("\n".join), min_size=1, max_size=5)


def dumped(text: str, header: str | None = HEADER) -> str:
    """Return a post as the form has it."""
    first, *rest = text.split("\n")
    return "\n".join([*([] if header is None else [header]), first, *rest, *rest])


def cut(
    data: bytes, *, encoding: str | None = None, chunk: int = CHUNK_BYTES, most: int = STRETCH_BYTES
) -> list[Stretch]:
    """Return the stretches of an input."""
    return list(stretches(io.BytesIO(data), encoding, chunk, most))


def values(data: str | bytes, hints: Hints = HINTS) -> list[Record | Rejection]:
    """Return all that is read in an input."""
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return [value for stretch in FORMAT.split(stream, hints) for value in FORMAT.read(stretch, hints)]


def records(data: str | bytes, hints: Hints = HINTS) -> list[Record]:
    """Return the records of an input that has no rejections."""
    return [value for value in values(data, hints) if isinstance(value, Record) or pytest.fail(value.found)]


def codes(record: Record) -> list[str]:
    """Return what was noticed about a record."""
    return [notice.code for notice in record.notices]


@given(TEXTS)
def test_any_posts_come_back_as_they_were(texts: list[str]) -> None:
    read = records("\n".join(dumped(text) for text in texts))
    assert [record.text for record in read] == texts
    assert {record.forwarded_from for record in read} == {"Russian MFA 🇷🇺"}
    assert all(not record.notices and len(record.passages) == len(record.text.split("\n")) for record in read)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]), st.booleans(), st.booleans())
def test_marks_line_breaks_and_a_final_one_make_no_difference(
    texts: list[str],
    codec: str,
    is_crlf: bool,
    is_ended: bool,
) -> None:
    dump = "\n".join(dumped(text) for text in texts) + "\n" * is_ended
    data = (dump.replace("\n", "\r\n") if is_crlf else dump).encode(codec)
    assert [record.text for record in records(data)] == texts


@given(TEXTS, st.integers(1, 60), st.integers(30, 200))
def test_stretches_are_the_input_whatever_the_chunks(texts: list[str], chunk: int, most: int) -> None:
    data = "\n".join(dumped(text) for text in texts).encode()
    found = cut(data, chunk=chunk, most=most)
    assert b"".join(stretch.data for stretch in found) == data
    assert [s.byte_to for s in found[:-1]] == [s.byte_from for s in found[1:]]
    assert all(s.byte_to - s.byte_from == len(s.data) for s in found)
    assert found == cut(data, chunk=1 << 20, most=most)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda data: f"{HEADER}\n".encode() * 2 + data))
@settings(max_examples=300)
def test_any_bytes_end_in_records_rejections_or_an_error(data: bytes) -> None:
    try:
        read = values(data)
    except ExtractError:
        return
    assert all(0 <= (value.byte_from or 0) < (value.byte_to or 0) <= len(data) for value in read)
    assert all(notice.code in NOTICES for value in read if isinstance(value, Record) for notice in value.notices)


@given(TEXTS, st.integers(0))
def test_a_dump_that_is_cut_anywhere_loses_only_its_last_post(texts: list[str], at: int) -> None:
    data = "\n".join(dumped(text) for text in texts).encode()
    kept = data[: len(HEADER.encode()) + 2 + at % len(data)]
    whole = [FORMAT.read(stretch, HINTS) for stretch in cut(kept)[:-1]]
    assert [[value.text for value in read if isinstance(value, Record)] for read in whole] == [
        [text] for text in texts[: len(whole)]
    ]


def test_bytes_of_a_record_lead_back_to_its_header() -> None:
    data = "\n".join(dumped(POST) for _ in range(3)).encode()
    for record in records(data):
        assert data[record.byte_from : record.byte_to].decode().rstrip("\n") == dumped(POST)


def test_a_header_alone_is_a_post_without_text() -> None:
    empty, post = records(f"{HEADER}\n{dumped(POST)}")
    assert (empty.text, empty.title, empty.lang, empty.passages) == ("", None, None, ())
    assert codes(empty) == ["no_text"]
    assert post.text == POST


def test_a_placeholder_of_media_is_no_text() -> None:
    (record,) = records(f"{HEADER}\n{MEDIA}\n{POST}\n" + "\n".join(POST.split("\n")[1:]))
    assert record.has_media_placeholder
    assert record.text == POST
    assert record.furniture == tuple(MEDIA.split("\n"))
    assert codes(record) == []


def test_a_placeholder_without_text_is_a_post_without_text() -> None:
    record, _ = records(f"{HEADER}\n{MEDIA}\n{dumped(POST)}")
    assert (record.text, record.has_media_placeholder, codes(record)) == ("", True, ["no_text"])


def test_a_no_break_space_in_a_header_is_a_space() -> None:
    first, second = records("\n".join(dumped(POST, "Forwarded from\u00a0МИД России") for _ in range(2)))
    assert first.forwarded_from == second.forwarded_from == "МИД России"


def test_a_line_that_only_looks_like_a_header_is_text() -> None:
    (record,) = records(dumped("We met.\nForwarded from: an agency\nForwarded fromage"))
    assert record.text.count("\n") == 2


def test_posts_without_a_header_are_records_of_their_own() -> None:
    own = "A post\nof our own"
    data = f"{dumped(own, None)}\n{dumped(POST)}\n{MEDIA}\n{dumped(own, None)}".encode()
    first, forwarded, last = records(data)
    assert (first.forwarded_from, forwarded.forwarded_from, last.forwarded_from) == (None, "Russian MFA 🇷🇺", None)
    assert codes(first) == codes(last) == ["post_without_header"]
    assert codes(forwarded) == []
    assert last.has_media_placeholder
    assert data[last.byte_from : last.byte_to].decode() == f"{MEDIA}\n{dumped(own, None)}"
    assert forwarded.byte_to == last.byte_from


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_bytes_of_posts_without_a_header_are_exact_in_any_encoding(codec: str) -> None:
    data = "\r\n".join([*dumped(POST).split("\n"), *dumped("Ещё\nодин", None).split("\n"), HEADER]).encode(codec)
    _, own, _ = records(data)
    wide = "utf-16-le" if codec == "utf-16" else "utf-8"
    assert data[own.byte_from : own.byte_to].decode(wide) == "Ещё\r\nодин\r\nодин\r\n"


def test_lines_after_the_repeat_are_kept_as_furniture() -> None:
    record, _ = records(f"{dumped(POST)}\nexample.org\nA meeting\n{dumped(POST)}")
    assert (record.text, record.furniture, codes(record)) == (POST, ("example.org", "A meeting"), ["trailing_lines"])


def test_empty_lines_between_posts_are_not_text() -> None:
    first, second = records(f"{dumped(POST)}\n\n\n{dumped(POST)}\n\n")
    assert first.text == second.text == POST
    assert codes(first) == codes(second) == []


def test_a_post_that_is_no_text_is_rejected_alone() -> None:
    before, wrong, after = values(
        f"{dumped(POST)}\n".encode() + f"{dumped(POST)}\n".encode().replace(b"met", b"m\xfft") + dumped(POST).encode()
    )
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(wrong, Rejection)
    assert wrong.reason is Reason.UNDECODABLE
    assert wrong.found == "bytes that are no utf-8 at byte 40 of the post (ff 74 20 …)"
    assert (wrong.byte_from, wrong.byte_to) == (before.byte_to, after.byte_from)
    assert wrong.excerpt.startswith(HEADER)


def test_a_post_with_a_nul_character_is_rejected_alone() -> None:
    (before, wrong) = values(f"{dumped(POST)}\n{HEADER}\na\0b")
    assert isinstance(before, Record)
    assert isinstance(wrong, Rejection)
    assert wrong.reason is Reason.UNDECODABLE


def test_an_input_that_ends_within_a_character_gives_what_is_whole() -> None:
    before, broken = values(f"{dumped(POST)}\n{HEADER}\nМир".encode()[:-1])
    assert isinstance(before, Record)
    assert isinstance(broken, Rejection)
    assert broken.reason is Reason.BROKEN_OFF


def test_a_declared_encoding_is_read() -> None:
    data = "\n".join(dumped("Мир\nТруд\nМай", "Forwarded from МИД") for _ in range(3)).encode("windows-1251")
    assert {r.text for r in records(data, Hints("test", encoding="windows-1251"))} == {"Мир\nТруд\nМай"}


def test_an_encoding_that_nobody_declared_is_not_guessed() -> None:
    data = "\n".join(dumped("Мир\nТруд", "Forwarded from МИД") for _ in range(3)).encode("windows-1251")
    with pytest.raises(UndecodableInput):
        values(data)


def test_a_mark_that_contradicts_the_declaration_is_an_error() -> None:
    with pytest.raises(UndecodableInput, match="byte order mark of utf-8"):
        values(dumped(POST).encode("utf-8-sig"), Hints("test", encoding="windows-1251"))


def test_text_without_headers_and_repeats_is_no_dump() -> None:
    with pytest.raises(UnreadableInput, match="Forwarded from"):
        values("A page\n\nwith some text\n")


def test_own_posts_alone_are_a_dump() -> None:
    assert [r.text for r in records("\n".join(dumped(POST + str(i), None) for i in range(3)))] == [
        POST + str(i) for i in range(3)
    ]


def test_a_long_run_of_own_posts_is_cut_between_posts() -> None:
    texts = [f"Post {i}\n" + "\n".join(f"Line {i} {j}" for j in range(40)) for i in range(200)]
    data = "\n".join(dumped(text, None) for text in texts).encode()
    found = cut(data, chunk=1 << 12, most=140_000)
    assert len(found) > 1
    assert [r.text for s in found for r in FORMAT.read(s, HINTS) if isinstance(r, Record)] == texts


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_only_dumps_are_claimed(path: Path) -> None:
    assert FORMAT.claims(path.read_bytes()[:65_536]) is (path.name in {row["file"] for row in ROWS})


@pytest.mark.parametrize(
    ("head", "is_claimed"),
    [
        (f"{HEADER}\n{HEADER}", True),
        (HEADER, True),
        (dumped(POST), True),
        (f"{dumped(POST)}\nexample.org", True),
        (f"A post\nof ours\nof ours\n{dumped(POST)}", True),
        ("A page\nForwarded from a reader\nWe met.\nWe spoke.", False),
        ("A page\nForwarded from a reader", False),
        ("We met.\nWe spoke.", False),
        ("", False),
    ],
)
def test_a_dump_has_a_header_and_what_belongs_to_it(head: str, is_claimed: bool) -> None:
    assert FORMAT.claims(head.encode()) is is_claimed


def test_a_question_its_answer_and_what_follows_are_told_apart() -> None:
    text = "Interview\n❓ Question: Why?\n💬 Sergey Lavrov: So.\nAnd so.\n<...>\n❓ And?\n💬 Thus.\nRead in full"
    (record,) = records(dumped(text))
    answer = Passage(Role.ANSWER, "Sergey Lavrov", "Sergey Lavrov")
    assert record.passages == (
        Passage(Role.HEADING),
        Passage(Role.QUESTION),
        answer,
        answer,
        Passage(Role.OMISSION),
        Passage(Role.QUESTION),
        Passage(Role.ANSWER),
        Passage(Role.BODY),
    )
    assert record.speakers == ("Sergey Lavrov",)


def test_where_a_quotation_ends_is_not_guessed() -> None:
    (record,) = records(dumped("Remarks\n💬 Sergey Lavrov: We met.\nKey points:"))
    assert record.passages == (
        Passage(Role.HEADING),
        Passage(Role.QUOTE, "Sergey Lavrov", "Sergey Lavrov"),
        Passage(Role.BODY),
    )


def test_a_headline_has_letters_outside_its_hashtags() -> None:
    (record,) = records(dumped("#RussiaChina\n🤝 On trade\nMore"))
    assert record.title == "🤝 On trade"


def test_the_registered_language_holds_only_where_the_letters_agree() -> None:
    english, russian = records(f"{dumped(POST)}\n{dumped('Министр выступил с речью.')}")
    assert english.lang == "en"
    assert russian.lang != "en"


def test_a_title_without_a_rule_is_of_no_kind() -> None:
    (record,) = records(dumped(POST))
    assert (record.kind, record.kind_basis) == (Kind.OTHER, "none")


def _seed_rows(file: str) -> tuple[bytes, list[Record], Sequence[dict[str, object]]]:
    data = (SEEDS / file).read_bytes()
    return data, records(data), [row for row in ROWS if row["file"] == file]


@pytest.mark.parametrize("file", sorted({row["file"] for row in ROWS}))
def test_a_seed_holds_the_posts_that_were_counted_by_eye(file: str) -> None:
    data, read, rows = _seed_rows(file)
    assert [data[: record.byte_from].count(b"\n") + 1 for record in read] == [row["line_in_file"] for row in rows]
    omissions = [sum(passage.role is Role.OMISSION for passage in record.passages) for record in read]
    assert omissions == [row["omission_line_count"] for row in rows]
    assert [codes(record) for record in read] == [[] if record.text else ["no_text"] for record in read]


@pytest.mark.parametrize("file", sorted({row["file"] for row in ROWS}))
def test_the_order_of_a_seed_gives_the_years_that_its_posts_lack(file: str) -> None:
    _, read, rows = _seed_rows(file)
    events = [record.event for record in read]
    columns = EventColumns(
        [0 if event.date_from is None else event.date_from.toordinal() for event in events],
        [0 if event.date_to is None else event.date_to.toordinal() for event in events],
        [int("".join(f"{part:02}" for part in event.month_days or (0,))) for event in events],
        [int(event.is_ahead) for event in events],
    )
    settled = settle(columns)
    expected = [
        (row["event_from"], row["event_to"], row["event_basis"] and EventBasis(str(row["event_basis"]))) for row in rows
    ]
    days = [
        tuple(date.fromordinal(day).isoformat() if day else None for day in pair)
        for pair in zip(settled.date_from, settled.date_to, strict=True)
    ]
    assert [(*pair, BASES[basis]) for pair, basis in zip(days, settled.basis, strict=True)] == expected


@pytest.mark.parametrize("above", ["\n", "\r\n", "\n\n", "\ufeff\n"])
def test_blank_lines_above_the_first_header_are_nothing(above: str) -> None:
    """They once ended the reading of the whole input."""
    data = (above + "Forwarded from A\nHello\nworld wide\nworld wide\n").encode()
    values = [value for stretch in FORMAT.split(io.BytesIO(data), HINTS) for value in FORMAT.read(stretch, HINTS)]
    assert [value.text for value in values if isinstance(value, Record)] == ["Hello\nworld wide"]
