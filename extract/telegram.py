"""What all forms of Telegram share: the ids of channels, places in texts, and the words for services."""

import re

from extract.errors import UnknownChannel
from extract.model import Hints

_SUPERGROUP = -1_000_000_000_000  # the Bot API's mark of a channel: -100 before the bare id
_OLD_CHANNEL = 8_589_934_592  # Telegram Desktop up to 2.7.1 added 2^33 to the id of a channel
_OLD_USER = 4_294_967_296
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_CHANNEL_REMEDY = (
    "name the channel with --channel (its number, or its username where the archive has seen it with its number), or "
    "in the columns `channel` and `channel_id` of the registry"
)


def bare_channel_id(value: object) -> int | None:
    """Return a channel's id without the marks that forms put before it; None for what is no channel's id.

    Known are 1234567890, "1234567890", "channel1234567890", -1001234567890, -1234567890 (the preview's `c`) and
    8589934592 + id (Telegram Desktop up to 2.7.1).
    """
    number = _number(value)
    if number is None or number == 0:
        return None
    if number < _SUPERGROUP:
        return _SUPERGROUP - number
    number = abs(number)
    if number > _OLD_CHANNEL and number - _OLD_CHANNEL < _OLD_USER:
        return number - _OLD_CHANNEL
    return number


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        digits = value.strip().removeprefix("channel")
        if re.fullmatch(r"-?[0-9]{1,18}", digits):
            return int(digits)
    return None


def username_of(value: str | None) -> str | None:
    """Return a username in lower case, without "@" or the address before it; None for what can't be one."""
    if value is None:
        return None
    name = value.strip().rstrip("/").rpartition("/")[2].removeprefix("@")
    return name.lower() if _USERNAME.fullmatch(name) else None


def channel_of(found: int | None, hints: Hints) -> int:
    """Return the channel's id that the form tells, else the one that a person or an alias gives.

    Raises `UnknownChannel` where nobody tells it.
    """
    channel_id = found if found is not None else hints.channel_id
    if channel_id is not None:
        return channel_id
    named = f"posts of @{hints.channel}, whose number is not known" if hints.channel else "posts of a channel not named"
    raise UnknownChannel(named, "the number of the channel, which makes the keys of its posts", _CHANNEL_REMEDY)


class Utf16Text:
    """A text that is cut at offsets in UTF-16 code units, as Telegram's API counts them."""

    def __init__(self, text: str) -> None:
        """Encode the text once, for all cuts; surrogates that stand alone are cut like any other unit."""
        self._is_plain = text.isascii()
        self._text = text
        self._units = b"" if self._is_plain else text.encode("utf-16-le", "surrogatepass")

    def cut(self, offset: int, length: int) -> str:
        """Return the characters of a stretch; what lies outside the text is left out."""
        start, end = max(offset, 0), max(offset + length, 0)
        if self._is_plain:
            return self._text[start:end]
        return self._units[2 * start : 2 * end].decode("utf-16-le", "replace")


def without_odd_characters(text: str) -> tuple[str, int]:
    """Return a text that every program can hold, and how many characters were replaced.

    Surrogates that stand alone become U+FFFD; NUL and other C0 controls but tab and line breaks become their pictures
    (U+2400 and up), so that they stay visible. Bidirectional marks are part of the text and stay.
    """
    if text.isascii() and text.isprintable():
        return text, 0
    count = len(_ODD.findall(text))
    return (_ODD.sub(_shown, text), count) if count else (text, 0)


_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code >= 0xD800:
        return "\N{REPLACEMENT CHARACTER}"
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else chr(0x2400 + code)
