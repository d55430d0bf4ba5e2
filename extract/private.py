"""What private persons wrote may not be kept: inputs that hold such words are told before a byte of them is captured.

A dump or a database is kept byte for byte or not at all, so that one private chat in it speaks against the whole. Only
what the form itself shows counts: of an input that doesn't tell whose chat it is nothing is known.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from types import MappingProxyType
from typing import BinaryIO

from extract.errors import ExtractError, UnreadableInput
from extract.formats import formats, post_database, pyrogram, telegram_desktop_json, telethon
from extract.formats.api_json import pieces_of
from extract.formats.database_layouts import refuse_private_chats
from extract.formats.database_tables import MOST_BYTES
from extract.model import Hints

HEAD_BYTES = 1 << 16
_EXPECTED = "messages of channels only"
_REMEDY = "leave private chats and groups out of the dump: it can't be kept in part, and they may not be kept"


def refuse_private(stream: BinaryIO, names: Collection[str], hints: Hints) -> None:
    """Raise `ExtractError` for an input that shows private chats; `names` are the formats that it may be of.

    The stream is read from its beginning, as far as it takes; memory doesn't grow with it, but for a database.
    """
    for name, refuse in _REFUSALS.items():
        if name in names:
            stream.seek(0)
            refuse(stream, hints)


def _desktop_json(stream: BinaryIO, hints: Hints) -> None:
    telegram_desktop_json.refuse_private_chat(stream.read(2 * HEAD_BYTES), hints)


def _database(stream: BinaryIO, hints: Hints) -> None:
    refuse_private_chats(stream.read(MOST_BYTES + 1), hints)


def _dump(name: str, is_private: Callable[[bytes], bool]) -> Callable[[BinaryIO, Hints], None]:
    def refuse(stream: BinaryIO, hints: Hints) -> None:
        place = None
        with suppress(ExtractError):  # whoever reads it tells of that
            place = _first_private(name, is_private, stream, hints)
        if place is not None:
            raise UnreadableInput(f"a message of a private chat or a group (at byte {place:,})", _EXPECTED, _REMEDY)

    return refuse


def _first_private(name: str, is_private: Callable[[bytes], bool], stream: BinaryIO, hints: Hints) -> int | None:
    for stretch in formats()[name].split(stream, hints):
        for piece in pieces_of(stretch)[1]:
            if is_private(stretch.data[piece.byte_from - stretch.byte_from : piece.byte_to - stretch.byte_from]):
                return piece.byte_from
    return None


_REFUSALS = MappingProxyType(
    {
        post_database.FORMAT.name: _database,
        pyrogram.FORMAT.name: _dump(pyrogram.FORMAT.name, pyrogram.is_private),
        telegram_desktop_json.FORMAT.name: _desktop_json,
        telethon.FORMAT.name: _dump(telethon.FORMAT.name, telethon.is_private),
    }
)
