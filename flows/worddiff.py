"""What changed between two texts, word by word.

Lines are compared first and words within changed lines only, so that a long page takes no longer than its changes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.sequences import stretches

# Lossless: every character belongs to one of the three.
_TOKEN = re.compile(r"\w+|\s|[^\w\s]")
_WORD = re.compile(r"\S+\s*")


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words with one fate. The same with the removed make the earlier text, with the added the later."""

    change: Change
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """Return the pieces of two texts, in order; where words are replaced the removed ones come first."""
    return list(_joined(_bridged(_joined(_compared(before, after)))))


def _compared(before: str, after: str) -> Iterator[Piece]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for part in stretches(old, new):
        removed = "".join(old[part.old_from : part.old_to])
        if part.is_equal:
            yield Piece(Change.SAME, removed)
        else:
            added = "".join(new[part.new_from : part.new_to])
            yield from _words_compared(_TOKEN.findall(removed), _TOKEN.findall(added))


def _words_compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for part in stretches(old, new):
        removed = "".join(old[part.old_from : part.old_to])
        if part.is_equal:
            yield Piece(Change.SAME, removed)
        else:
            yield Piece(Change.REMOVED, removed)
            yield Piece(Change.ADDED, "".join(new[part.new_from : part.new_to]))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours of one fate; between unchanged pieces all that was removed comes before all that was added."""
    held: dict[Change, str] = {}
    for piece in pieces:
        if piece.text and (piece.change is Change.SAME) != (Change.SAME in held) and held:
            yield from _in_order(held)
            held = {}
        if piece.text:
            held[piece.change] = held.get(piece.change, "") + piece.text
    yield from _in_order(held)


def _in_order(held: dict[Change, str]) -> Iterator[Piece]:
    return (Piece(change, held[change]) for change in Change if change in held)


def _bridged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Take blanks between two changes for changed: phrases read better than words one by one."""
    listed = list(pieces)
    for at, piece in enumerate(listed):
        is_between = 0 < at < len(listed) - 1
        if is_between and piece.change is Change.SAME and not piece.text.strip() and "\n" not in piece.text:
            yield Piece(Change.REMOVED, piece.text)
            yield Piece(Change.ADDED, piece.text)
        else:
            yield piece


def marked(piece: Piece) -> str:
    """Return a piece with [-…-] around what was removed and {+…+} around what was added."""
    if piece.change is Change.REMOVED:
        return f"[-{piece.text}-]"
    return f"{{+{piece.text}+}}" if piece.change is Change.ADDED else piece.text


def elided(pieces: Sequence[Piece], kept_words: int) -> list[Piece]:
    """Return the pieces with long unchanged stretches cut to the words next to a change, and a count for the rest."""
    last = len(pieces) - 1
    return [
        _shortened(piece, kept_words if at > 0 else 0, kept_words if at < last else 0)
        if piece.change is Change.SAME
        else piece
        for at, piece in enumerate(pieces)
    ]


def _shortened(piece: Piece, head_count: int, tail_count: int) -> Piece:
    words = _WORD.findall(piece.text)
    left_out = len(words) - head_count - tail_count
    if left_out <= head_count + tail_count:
        return piece
    blanks = piece.text[: len(piece.text) - len(piece.text.lstrip())]
    head, tail = "".join(words[:head_count]), "".join(words[len(words) - tail_count :])
    return Piece(piece.change, f"{blanks}{head}… ({left_out:,} words unchanged) … {tail}")
