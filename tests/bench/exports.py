"""A seeded generator of Telegram Desktop's exports of a channel as JSON, in the layout of its writer.

A post is made of its number alone, so that any stretch of a channel comes out the same in any export of it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import orjson

from tests.bench.generate import WORDS

CHANNEL_ID = 1_234_567_890
NAME = "Example Ministry 🎙"
_FIRST_AT = 1_480_000_000
_POST_EVERY_S = 240
_TAGS = ("#ASEAN", "#SCO", "#BRICS", "#EAEU", "#RussiaChina", "#UN", "#G20")
_EMOJI = ("👍", "❤", "🔥", "👏", "🤔", "🕊")
Piece = tuple[str, str, str | None]  # type, text and address of an entity
_FEED = 4096  # posts that are written at once
_SYLLABLES = ("ta", "ri", "non", "per", "lo", "sti", "ment", "con", "de", "ver", "al", "ity", "pro", "gra", "men", "us")


def _vocabulary() -> tuple[list[str], list[float]]:
    """Return words and how often each is drawn, as languages have them: texts of few words would compress too well."""
    drawn = random.Random(0)  # noqa: S311 - nothing here is secret
    made = {"".join(drawn.choices(_SYLLABLES, k=drawn.randrange(1, 5))): None for _ in range(8_000)}
    words = [*dict.fromkeys(WORDS), *made]
    return words, list(accumulate(1 / (rank + 3) for rank in range(len(words))))


_VOCABULARY, _OFTEN = _vocabulary()


@dataclass(frozen=True, slots=True)
class Export:
    """What an export shows of the channel."""

    count: int
    first: int = 1  # number of its first post
    name: str = NAME
    edited_share: float = 0.0  # of the posts one word more
    edit_seed: int = 1


def write_export(path: Path, export: Export) -> int:
    """Write an export, a few thousand posts at a time, and return its size in bytes."""
    drawn = random.Random()  # noqa: S311 - nothing here is secret
    with path.open("wb") as file:
        file.write(b'{\n "name": %s,\n "type": "public_channel",\n' % orjson.dumps(export.name))
        file.write(b' "id": %d,\n "messages": [\n  ' % CHANNEL_ID)
        last = export.first + export.count
        for begin in range(export.first, last, _FEED):
            posts = [_post(drawn, number, export) for number in range(begin, min(begin + _FEED, last))]
            file.write((b",\n  " if begin > export.first else b"") + b",\n  ".join(posts))
        file.write(b"\n ]\n}")
    return path.stat().st_size


def _post(drawn: random.Random, number: int, export: Export) -> bytes:
    drawn.seed(number)
    at = _FIRST_AT + number * _POST_EVERY_S
    fields: list[tuple[str, bytes]] = [
        ("id", b"%d" % number),
        ("type", b'"service"' if number % 250 == 0 else b'"message"'),
        ("date", _local(at)),
        ("date_unixtime", b'"%d"' % at),
    ]
    if number % 250 == 0:
        fields += [
            ("actor", orjson.dumps(NAME)),
            ("actor_id", b'"channel%d"' % CHANNEL_ID),
            ("action", b'"pin_message"'),
            ("message_id", b"%d" % (number - 1)),
            ("text", b'""'),
            ("text_entities", b"[]"),
        ]
        return _object(fields, b"   ")
    pieces = list(_pieces(drawn, number))
    is_old_edit = drawn.random() < 0.15
    is_edited = random.Random(number << 8 | export.edit_seed).random() < export.edited_share  # noqa: S311 - likewise
    if is_edited:
        pieces.insert(3, ("plain", "Amended. ", None))
    if is_edited or is_old_edit:
        edited = at + (90_000 if is_edited else 900)
        fields += [("edited", _local(edited)), ("edited_unixtime", b'"%d"' % edited)]
    fields += [("from", orjson.dumps(NAME)), ("from_id", b'"channel%d"' % CHANNEL_ID)]
    fields += _attached(drawn, number, at)
    fields += [("text", _text(pieces)), ("text_entities", _entities(pieces))]
    if number % 4:
        fields.append(("reactions", _reactions(drawn)))
    return _object(fields, b"   ")


def _pieces(drawn: random.Random, number: int) -> Iterator[Piece]:
    """Yield the pieces of a text: type, text and address; about 450 characters in all."""
    yield "plain", "🎙 ", None
    yield "bold", f"Foreign Minister Sergey Lavrov’s remarks at meeting {number} of the group", None
    yield "plain", "\n\n", None
    for _ in range(drawn.randrange(1, 4)):
        yield "plain", _words(drawn, drawn.randrange(14, 26)) + ".\n\n", None
    if drawn.random() < 0.3:
        yield "italic", "“" + _words(drawn, 8) + "”", None
    yield "text_link", "Read in full", f"https://mid.example/en/foreign_policy/news/{1_900_000 + number}/"
    yield "plain", " ", None
    yield "hashtag", drawn.choice(_TAGS), None


def _words(drawn: random.Random, count: int) -> str:
    return " ".join(drawn.choices(_VOCABULARY, cum_weights=_OFTEN, k=count))


def _attached(drawn: random.Random, number: int, at: int) -> list[tuple[str, bytes]]:
    chosen = drawn.random()
    if chosen < 0.4:
        day = datetime.fromtimestamp(at, UTC).strftime("%d-%m-%Y_%H-%M-%S")
        return [
            ("photo", b'"photos/photo_%d@%s.jpg"' % (number, day.encode())),
            ("photo_file_size", b"%d" % drawn.randrange(40_000, 300_000)),
            ("width", b"1280"),
            ("height", b"853"),
        ]
    if chosen < 0.5:
        return [
            ("file", b'"(File not included. Change data exporting settings to download.)"'),
            ("file_name", b'"briefing_%d.mp4"' % number),
            ("file_size", b"%d" % drawn.randrange(2_000_000, 90_000_000)),
            ("media_type", b'"video_file"'),
            ("mime_type", b'"video/mp4"'),
            ("duration_seconds", b"%d" % drawn.randrange(10, 900)),
            ("width", b"1920"),
            ("height", b"1080"),
        ]
    if chosen < 0.55:
        return [
            ("forwarded_from", b'"Another Channel"'),
            ("forwarded_from_id", b'"channel1300000000"'),
        ]
    return []


def _text(pieces: list[Piece]) -> bytes:
    """Return the pieces as the key `text` has them: plain ones are strings."""
    return _array([orjson.dumps(one[1]) if one[0] == "plain" else _entity(*one) for one in _joined(pieces)])


def _entities(pieces: list[Piece]) -> bytes:
    return _array([_entity(*one) for one in _joined(pieces)])


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces with plain ones next to each other in one."""
    plain = ""
    for kind, text, address in pieces:
        if kind == "plain":
            plain += text
            continue
        if plain:
            yield "plain", plain, None
            plain = ""
        yield kind, text, address
    if plain:
        yield "plain", plain, None


def _entity(kind: str, text: str, address: str | None) -> bytes:
    fields = [("type", b'"%s"' % kind.encode()), ("text", orjson.dumps(text))]
    if address is not None:
        fields.append(("href", orjson.dumps(address)))
    return _object(fields, b"     ")


def _reactions(drawn: random.Random) -> bytes:
    chosen = drawn.sample(_EMOJI, drawn.randrange(1, 4))
    return _array(
        [
            _object(
                [
                    ("type", b'"emoji"'),
                    ("count", b"%d" % drawn.randrange(1, 3000)),
                    ("emoji", orjson.dumps(emoji)),
                ],
                b"     ",
            )
            for emoji in chosen
        ]
    )


def _object(fields: list[tuple[str, bytes]], indent: bytes) -> bytes:
    lines = [b'%s"%s": %s' % (indent, name.encode(), value) for name, value in fields]
    return b"{\n" + b",\n".join(lines) + b"\n" + indent[1:] + b"}"


def _array(items: list[bytes]) -> bytes:
    return b"[\n    " + b",\n    ".join(items) + b"\n   ]"


def _local(at: int) -> bytes:
    """Return the time on the clock of the computer that made the export, three hours ahead of UTC."""
    return b'"%s"' % datetime.fromtimestamp(at + 10_800, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
