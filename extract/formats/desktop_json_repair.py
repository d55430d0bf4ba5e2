r"""One message of Telegram Desktop's JSON as a value, though the bytes may not be JSON.

Three things are known to be wrong in exports and are mended with a notice: control characters written as `\x0B`, custom
emoji of the versions 4.1.0 and 4.1.1 whose `document_id` has no quotes, and halves of surrogate pairs.
"""

import re
from dataclasses import dataclass

import orjson

from extract.model import Notice
from extract.telegram import without_odd_characters
from extract.values import value

# What a parser lets pass and texts had better not hold. It begins with its one backslash, since a search for a fixed
# byte is many times as fast; DEL, which may stand as it is, is looked for by itself.
_ODD = re.compile(rb"\\(?:u00(?:[01]|7[fF])|[bfr])")
_DELETE = b"\x7f"
# A pair of surrogates, half of one, an escape that JSON doesn't know, any other; a backslash takes its next byte along.
_ESCAPE = re.compile(
    rb"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\x(?P<control>[01][0-9a-fA-F])"
    rb"|\\u(?P<code>00(?:[01][0-9a-fA-F]|7[fF]))"
    rb"|\\(?P<letter>[bfr])"
    rb"|(?P<delete>\x7f)"
    rb"|\\.",
    re.DOTALL,
)
_BARE = re.compile(rb'("document_id":[ ]?)(?!["{\[\-0-9]|null\b|true\b|false\b)([^\r\n"]*?)(,?[ ]*)(?=\r?\n)')
_LETTERS = {b"b": "\b", b"f": "\f", b"r": "\r"}


@value(frozen=True, slots=True)
class Message:
    """A message as JSON has it, and what was mended to read it."""

    fields: dict[str, object]
    notices: tuple[Notice, ...] = ()


def message_of(data: bytes) -> Message | str:
    """Return a message, or in words what is wrong with the bytes. No string of it holds what texts can't hold."""
    if _ODD.search(data) is None and _DELETE not in data:
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            pass
        else:
            return Message(value) if isinstance(value, dict) else "JSON that is no object"
    return _mended(data)


@dataclass(slots=True)
class _Mending:
    control_count: int = 0
    odd_count: int = 0

    def escape(self, match: re.Match[bytes]) -> bytes:
        """Return an escape that every parser knows, for a character that every text can hold."""
        kind = match.lastgroup
        if kind is None or kind == "pair":
            return match[0]
        if kind == "half":
            character = "\ud800"
        elif kind == "letter":
            character = _LETTERS[match["letter"]]
        else:
            character = "\x7f" if kind == "delete" else chr(int(match[kind], 16))
        self.control_count += kind == "control"
        shown, count = without_odd_characters(character)
        self.odd_count += count
        return orjson.dumps(shown)[1:-1]


def _mended(data: bytes) -> Message | str:
    mending = _Mending()
    mended, bare_count = _BARE.subn(_quoted, _ESCAPE.sub(mending.escape, data))
    try:
        value = orjson.loads(mended)
    except orjson.JSONDecodeError as error:
        return _told(data, error)
    if not isinstance(value, dict):
        return "JSON that is no object"
    counts = {
        "odd_characters": mending.odd_count,
        "control_escape": mending.control_count,
        "bare_document_id": bare_count,
    }
    return Message(value, tuple(Notice(code, str(count)) for code, count in counts.items() if count))


def _quoted(match: re.Match[bytes]) -> bytes:
    return match[1] + b'"' + match[2].replace(b"\\", b"\\\\") + b'"' + match[3]


def _told(data: bytes, error: orjson.JSONDecodeError) -> str:
    if b"\0" in data:
        return f"a NUL byte at byte {data.index(0)} of the message"
    try:
        data.decode()
    except UnicodeDecodeError as undecodable:
        return f"bytes that are no UTF-8 at byte {undecodable.start} of the message"
    return f"a message that is no JSON ({error})"
