"""Folds: what is left of a text when the differences that do not count are taken away.

Forms of one document lose different things, so texts are compared at the coarsest fold first. A fold is frozen under
`FOLD_VERSION`: hashes of it are stored, and keys are made of it.
"""

import re
import unicodedata
from dataclasses import dataclass

FOLD_VERSION = 1
CLEANING_VERSION = 1  # goes up with each change to how white space and marks are cleaned, in any format

# Every ASCII character but letters and digits.
_ASCII_REST = bytes(c for c in range(128) if not chr(c).isalnum())
# In UTF-8: U+0080-U+00BF (C1 controls, NBSP, quotes), U+2000-U+2FFF (punctuation, arrows, symbols, dingbats),
# U+3000-U+303F (CJK punctuation), U+FE00-U+FE0F (variation selectors), U+FEFF, and U+1F000-U+1FFFF (emoji, flags).
_SYMBOLS = re.compile(
    rb"\xc2[\x80-\xbf]|\xe2[\x80-\xbf][\x80-\xbf]|\xe3\x80[\x80-\xbf]|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xf0\x9f[\x80-\xbf][\x80-\xbf]"
)
_TAG = re.compile(r"#\w+")


@dataclass(frozen=True, slots=True)
class Folds:
    """A text at every fold, as it is hashed, and the number of its words."""

    exact: bytes  # UTF-8
    letters: bytes  # letters and digits only, in NFC; case is kept
    spaced: bytes  # on one line with single spaces, in NFC, without variation selectors
    word_count: int  # runs of characters other than white space


def folds(text: str) -> Folds:
    """Return a text at every fold."""
    exact = text.encode()
    whole, encoded = text, exact
    if _may_be_decomposed(exact):
        whole = unicodedata.normalize("NFC", text)
        encoded = whole.encode()
    letters = _SYMBOLS.sub(b"", encoded.translate(None, _ASCII_REST))
    line = whole.replace("\n", " ")
    # Nearly every text is in single spaces already; only then do spaces count words.
    if "  " in line or line[:1] == " " or line[-1:] == " " or not line.isprintable():
        line = " ".join(line.split())
    words = line.count(" ") + 1 if line else 0
    return Folds(exact, letters, line.replace("\ufe0f", "").encode(), words)


def _may_be_decomposed(encoded: bytes) -> bool:
    """Say whether a mark of U+0300-U+036F stands there, with which Latin and Cyrillic letters are composed."""
    return b"\xcc" in encoded or b"\xcd" in encoded


def composed(text: str) -> str:
    """Return the text in NFC, as far as Latin and Cyrillic go."""
    return unicodedata.normalize("NFC", text) if _may_be_decomposed(text.encode()) else text


def head_letters(lines: list[str], enough: int = 40) -> str:
    """Return the letters and digits of the first lines that hold `enough` of them, in lower case, tags left out."""
    head: list[str] = []
    count = 0
    for line in lines:
        untagged = _TAG.sub("", composed(line)) if "#" in line else composed(line)
        kept = "".join(filter(str.isalnum, untagged)).lower()
        head.append(kept)
        count += len(kept)
        if count >= enough:
            break
    return "\n".join(filter(None, head))
