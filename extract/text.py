"""Folds: what is left of a text when the differences that do not count are taken away.

Forms of one document lose different things, so texts are compared at the coarsest fold first. A fold is frozen under
`FOLD_VERSION`: hashes of it are stored, and keys are made of it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from extract.values import value

FOLD_VERSION = 1
CLEANING_VERSION = 1  # goes up with each change to how white space and marks are cleaned, in any format

# Every ASCII character but letters and digits.
_ASCII_REST = bytes(c for c in range(128) if not chr(c).isalnum())
# What of ASCII is printable, and the line break.
_ASCII_PRINTABLE = bytes(c for c in range(128) if chr(c).isprintable() or chr(c) == "\n")
# What begins a symbol in UTF-8, and how many bytes follow: U+0080-U+00BF (C1 controls, NBSP, quotes), U+2000-U+2FFF
# (punctuation, arrows, symbols, dingbats), U+3000-U+303F (CJK punctuation) and U+1F000-U+1FFFF (emoji, flags).
_SYMBOLS = ((b"\xc2", 1), (b"\xe2", 2), (b"\xe3\x80", 1), (b"\xf0\x9f", 2))
# U+FE00-U+FE0F (variation selectors) and U+FEFF.
_RARE_SYMBOLS = re.compile(rb"\xef(?:\xb8[\x80-\x8f]|\xbb\xbf)")
_EMOJI_SELECTOR = "\ufe0f".encode()
_TAG = re.compile(r"#\w+")
_LETTERS = re.compile(r"[^\W_]+")  # the same as `str.isalnum`


@value(frozen=True, slots=True)
class Folds:
    """A text at every fold, as it is hashed, and the number of its words."""

    exact: bytes  # UTF-8
    letters: bytes  # letters and digits only, in NFC; case is kept
    spaced: bytes  # on one line with single spaces, in NFC, without variation selectors
    word_count: int  # runs of characters other than white space


def folds(text: str) -> Folds:
    """Return a text at every fold."""
    exact = text.encode()
    whole = unicodedata.normalize("NFC", text).encode() if _may_be_decomposed(exact) else exact
    letters = _without_symbols(whole.translate(None, _ASCII_REST))
    line = _in_single_spaces(whole)
    spaced = line.replace(_EMOJI_SELECTOR, b"") if b"\xef" in line else line
    return Folds(exact, letters, spaced, line.count(b" ") + 1 if line else 0)


def _without_symbols(encoded: bytes) -> bytes:
    """Return UTF-8 without symbols. Cutting at the bytes that begin them takes three quarters of a pattern’s time."""
    for lead, following in _SYMBOLS:
        if lead[0] in encoded:
            head, *tails = encoded.split(lead)
            encoded = head + b"".join([tail[following:] for tail in tails])
    return _RARE_SYMBOLS.sub(b"", encoded) if b"\xef" in encoded else encoded


def _in_single_spaces(encoded: bytes) -> bytes:
    """Return UTF-8 on one line with single spaces. Only where other white space than ASCII's may stand is it split."""
    odd = encoded.translate(None, _ASCII_PRINTABLE)  # few are left to look at, where most letters are Latin
    if not odd.decode().isprintable():
        return " ".join(encoded.decode().split()).encode()
    line = encoded.replace(b"\n\n", b" ").replace(b"\n", b" ")
    while b"  " in line:
        line = line.replace(b"  ", b" ")
    return line.strip(b" ")


def _may_be_decomposed(encoded: bytes) -> bool:
    """Say whether a mark of U+0300-U+036F stands there, with which Latin and Cyrillic letters are composed."""
    return b"\xcc" in encoded or b"\xcd" in encoded


def composed(text: str) -> str:
    """Return the text in NFC, as far as Latin and Cyrillic go."""
    return unicodedata.normalize("NFC", text) if _may_be_decomposed(text.encode()) else text


def first_lines(text: str, count: int) -> Iterator[str]:
    """Yield the first lines of a text, each only when it is asked for."""
    start = 0
    for _ in range(count):
        end = text.find("\n", start)
        if end < 0:
            yield text[start:]
            return
        yield text[start:end]
        start = end + 1


def head_letters(lines: Iterable[str], enough: int = 40) -> str:
    """Return the letters and digits of the first lines that hold `enough` of them, in lower case, tags left out."""
    head: list[str] = []
    count = 0
    for line in lines:
        untagged = _TAG.sub("", composed(line)) if "#" in line else composed(line)
        kept = "".join(_LETTERS.findall(untagged)).lower()
        head.append(kept)
        count += len(kept)
        if count >= enough:
            break
    return "\n".join(filter(None, head))
