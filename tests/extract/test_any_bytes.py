"""Any bytes whatsoever end in records, rejections or an `ExtractError`, in every format and with any hints.

Inputs are random bytes and golden cases that were damaged. The damage is made from seeds, so that a red one is red
again. `MFA_FUZZ_ROUNDS=1000 pytest tests/extract/test_any_bytes.py` (or `make fuzz`) looks longer than the suite does,
`MFA_FUZZ_SEED` elsewhere.
"""

import io
import os
import pickle
import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from extract.columns import tables_of
from extract.errors import ExtractError
from extract.formats import formats
from extract.model import Claim, Format, Hints, Record, Rejection

GOLDEN = Path(__file__).parents[1] / "golden"
ROUNDS = int(os.environ.get("MFA_FUZZ_ROUNDS", "60"))
SEED = int(os.environ.get("MFA_FUZZ_SEED", "0"))
LONGEST_S = 30  # for one input of at most a few MB; each takes well below a second
HEAD_BYTES = 65_536
NAMES = list(formats())
CASES = {
    name: [path.read_bytes() for path in sorted((GOLDEN / name).iterdir()) if not path.name.endswith(".expected.json")]
    for name in NAMES
}
HINTS = (
    Hints("any"),
    Hints("any", channel="mid_rus", channel_id=1101170442),
    Hints("any", language="ru", time_zone="Europe/Berlin", is_zone_given=True, channel="chan"),
    Hints("any", encoding="windows-1251", expects_language="en"),
    Hints("any", encoding="koi8-r", expects_language="ru"),
    Hints("any", encoding="utf-16", channel_id=5),
    Hints("any", address="https://mid.ru/ru/foreign_policy/news/1234567/", time_zone="America/New_York"),
    Hints("any", address="https://t.me/s/mid_rus?before=10"),
    Hints("any", address="https://t.me/mid_rus/10?embed=1", expects_channel_id=5),
    Hints("any", columns="id=id, text=text, date=date", channel_id=7),
    Hints("any", columns="url=address, title=title, text=text"),
    Hints("any", columns="table=Message, id=ID, text=Message, date=Date", channel_id=7, is_zone_given=True),
    Hints("any", columns="id=no such column, ,=,text"),
)
# What is odd in texts, in JSON, in markup, in tables and in databases.
PIECES = (
    *(
        rb"\x0B",
        rb"\x0b\u000b",
        rb"\ud800",
        rb"\udfff\ud800",
        b"\0",
        b"\0" * 400,
        b"\xed\xa0\x80",
        b"\xff\xfe",
        b"\xfe\xff",
    ),
    *("\u202e\u2066\u200f".encode(), "\ufeff".encode(), "\u2028\u2029\x85".encode(), "\U0010ffff".encode(), b"\x1b[2J"),
    *(b"9" * 400, b"-9223372036854775809", b"18446744073709551616", b"1e999999", b"-0", b"NaN", b"Infinity", b"0x1"),
    *(b"true", b"null", b'""', b"[]", b"{}", b"[[]]", b'{"":0}', b'"', b"\\", b"'", b",", b":", b"}", b"]", b"{", b"["),
    *(b"\r", b"\n", b"\r\n\r\n", b"\t", b"\x0b\x0c", b" " * 300, b";", b"=", b"<", b">", b"&", b"&#xD800;", b"&#0;"),
    *(
        b"&#99999999999;",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"</div>",
        b"<script>",
        b"<p",
        b"<table><tr><td>",
        b"<br>" * 50,
    ),
    *(b"0001-01-01T00:00:00", b"9999-12-31T23:59:59", b"2024-02-30T25:61:61", b"31.02.2024 24:00:00 UTC+99:99"),
    *(
        b"Forwarded from ",
        b'"messages": [',
        b'"type": "personal_chat"',
        b'"id": -1',
        b'"date_unixtime": "99999999999999"',
    ),
    *(b"\xd1", b"\xf0\x9f", b"\xc0\x80", "é".encode() * 3, "e\u0301\u0301\u0301".encode(), "🇷🇺🇷".encode()),
)
# What is large or deep; each is put into the middle of a case of each format.
DEEP = 100_000
HUGE = {
    "commas": b"," * 1_000_000,
    "lists": b"[" * DEEP,
    "objects": b'{"a":' * DEEP,
    "whole_lists": b"[" * DEEP + b"]" * DEEP,
    "elements": b"<div>" * DEEP,
    "bold": b"<b>" * DEEP + b"x" + b"</b>" * DEEP,
    "tables": b"<table><tr><td>" * 20_000,
    "quotes": b'"' * 500_001,
    "backslashes": b"\\" * 500_001,
    "digits": b"9" * 1_000_000,
    "line_breaks": b"\n" * 100_000,
    "spaces": b" " * 1_000_000 + b"x",
    "angles": b"<" * 500_000,
    "ampersands": b"&" * 500_000,
    "comments": b"<!--" * 200_000,
    "hashes": b"#" * 300_000,
    "words": "слово ".encode() * 100_000,
    "brackets": b"(" * 300_000,
    "nothing": b"\0" * 300_000,
    "attributes": b"<p" + b"".join(b" a%d" % number for number in range(DEEP)) + b">",
    "attributes_of_two_bytes": f"\ufeff<p{''.join(f' a{number}' for number in range(DEEP))}>".encode("utf-16-le"),
}


class Hangs(Exception):
    """Reading came to no end."""


@contextmanager
def ends_in(longest_s: float) -> Iterator[None]:
    """Raise `Hangs` in what takes longer."""

    def stop(_: int, __: FrameType | None) -> None:
        raise Hangs(f"after {longest_s} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, longest_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def checked(form: Format, data: bytes, hints: Hints) -> int:
    """Read an input as a run does, and return how many records came."""
    head = data[:HEAD_BYTES]
    assert isinstance(form.claims(head), bool)
    assert isinstance(form.shows(head), Claim)
    values: list[Record | Rejection] = []
    with ends_in(LONGEST_S):
        try:
            for stretch in form.split(io.BytesIO(data), hints):
                assert 0 <= stretch.byte_from <= stretch.byte_to <= len(data)
                values.extend(form.read(stretch, hints))
        except ExtractError as error:
            check_error(error)
        assert tables_of(values, hints.source_key).reading.num_rows == sum(isinstance(one, Record) for one in values)
    check_values(form, values, len(data))
    return sum(isinstance(one, Record) for one in values)


def check_error(error: ExtractError) -> None:
    """An error reaches the run from a process of its own, and is shown and kept as text."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- it was made here
    assert (type(again), str(again)) == (type(error), str(error))
    for text in (error.found, error.expected, error.remedy):
        assert text
        text.encode()


def check_values(form: Format, values: list[Record | Rejection], size: int) -> None:
    """Places lie in the input, records don't overlap, and all words can be written down."""
    behind = 0
    for value in values:
        if isinstance(value, Rejection):
            check_rejection(value, size)
            continue
        assert 0 <= value.byte_from < value.byte_to <= size
        assert form.name == "post_database" or value.byte_from >= behind
        behind = value.byte_to
        repr(value).encode()
        value.text.encode()
        assert "\0" not in value.text
        assert value.published_at is None or value.published_at.tzinfo is not None


def check_rejection(value: Rejection, size: int) -> None:
    """A rejection says where, what was found, what was expected and what to do."""
    assert (value.byte_from is None) == (value.byte_to is None)
    if value.byte_from is not None and value.byte_to is not None:
        assert 0 <= value.byte_from <= value.byte_to <= size
    assert len(value.excerpt) <= 200
    for text in (value.found, value.expected, value.remedy):
        assert text
    for text in (value.found, value.expected, value.remedy, value.excerpt):
        text.encode()


def chances(*names: str) -> random.Random:
    """Return what comes about by chance, the same each time."""
    return random.Random(" ".join((str(SEED), *names)))  # noqa: S311 -- nothing is kept secret with it


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _behead(data: bytes, chance: random.Random) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def _part(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 3, 20, 200, 2_000)))


def _drop(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 5)) + data[end:]


def _move(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    rest = data[:start] + data[end:]
    place = chance.randrange(len(rest) + 1)
    return rest[:place] + data[start:end] + rest[place:]


def _flip(data: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(data)
    for _ in range(chance.choice((1, 1, 4, 30))):
        if flipped:
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _insert(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(PIECES) + data[place:]


def _overwrite(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    return data[:start] + chance.choice(PIECES) + data[end:]


def _value(data: bytes, chance: random.Random) -> bytes:
    """Put something odd in the place of a number or of a quoted text, so that the form around it stays whole."""
    marks = [at for at, byte in enumerate(data[:20_000]) if byte in b':=",;>']
    if not marks:
        return data
    start = chance.choice(marks) + 1
    end = start
    while end < len(data) and data[end] not in b',;}]<\n"':
        end += 1
    return data[:start] + chance.choice(PIECES) + data[end:]


def _splice(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(CASES[chance.choice(NAMES)])
    return _cut(data, chance) + _behead(other, chance)


def _wrap(data: bytes, chance: random.Random) -> bytes:
    before, behind = chance.choice(
        ((b"[", b"]"), (b"\xef\xbb\xbf", b""), (b" \n", b"\n"), (b"{", b"}"), (b"\xff\xfe", b""))
    )
    return before + data + behind


def _recode(data: bytes, chance: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-16-be", "cp1251", "koi8-r")), "replace")


DAMAGE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_cut, _behead, _drop, _repeat, _move, _flip, _insert, _insert, _overwrite, _value, _value, _value, _splice),
    *(_wrap, _recode),
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return a case with up to four damages."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(DAMAGE)(data, chance)
    return data


@pytest.mark.parametrize("name", NAMES)
def test_random_bytes_end_in_values_or_an_error(name: str) -> None:
    chance = chances("random", name)
    form = formats()[name]
    heads = [b"", *(case[: chance.randrange(1, 80)] for case in CASES[name])]
    for _ in range(ROUNDS):
        data = chance.choice(heads) + chance.randbytes(chance.choice((0, 1, 3, 30, 300, 3_000)))
        checked(form, data, chance.choice(HINTS))


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_input_ends_in_values_or_an_error(name: str) -> None:
    chance = chances("damaged", name)
    form = formats()[name]
    record_count = 0
    for round_ in range(3 * ROUNDS):
        data = damaged(chance.choice(CASES[name]), chances(name, str(round_)))
        record_count += checked(form, data, chance.choice(HINTS))
    assert record_count  # else nothing that matters is reached


NUMBERS = (b"2147483648", b"9223372036854775807", b"9223372036854775808", b"-1", b"0", b"9" * 40, b"1.5e300")


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_any_size_ends_in_values_or_an_error(name: str) -> None:
    """A width of 640640640640640640 once stopped a run: it fits in JSON and not in its column."""
    chance = chances("numbers", name)
    form = formats()[name]
    for case in CASES[name]:
        places = [match.span() for match in re.finditer(rb"\d+", case[:100_000])]
        for start, end in chance.sample(places, min(len(places), max(ROUNDS // 5, 1))):
            number = chance.choice(NUMBERS)
            checked(form, case[:start] + number + case[end:], HINTS[1])
        every = re.sub(rb"\b\d{1,5}\b", lambda _: chance.choice(NUMBERS), case)
        checked(form, every, HINTS[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", NAMES)
def test_an_input_of_another_form_ends_in_values_or_an_error(name: str, other: str) -> None:
    """A person may name the wrong format."""
    for at, case in enumerate(CASES[other]):
        checked(formats()[name], case, HINTS[at % len(HINTS)])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", HUGE)
def test_what_is_large_or_deep_ends_in_values_or_an_error(name: str, piece: str) -> None:
    case = max((one for one in CASES[name] if len(one) < 200_000), key=len)
    place = len(case) // 2
    hints = HINTS[1]
    checked(formats()[name], case[:place] + HUGE[piece] + case[place:], hints)
    if name != "post_database":
        inside = case.find(b"text") if b"text" in case else place
        checked(formats()[name], case[: inside + 8] + HUGE[piece] + case[inside + 8 :], hints)
