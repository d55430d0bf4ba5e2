"""What changed between two texts, paragraph by paragraph, and by word within those that were edited."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.sequences import stretches
from flows.worddiff import Change, Piece, word_diff

# Two paragraphs are one that was edited where this share of their words is common to both.
LEAST_LIKENESS = 0.35
_WORD = re.compile(r"\w+")
_MOST_HOLDERS = 30  # a word that stands in more paragraphs than that tells nothing about which is which
_MOST_CANDIDATES = 3


class By(StrEnum):
    """How finely a paragraph that was edited is compared."""

    WORD = "word"
    PARAGRAPH = "paragraph"


class Fate(StrEnum):
    """What became of a paragraph."""

    SAME = "same"
    EDITED = "edited"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of either text, or of both. One that moved is removed at one place and added at another."""

    fate: Fate
    before_number: int | None  # from 1; None where the earlier text lacks it
    after_number: int | None  # likewise of the later
    pieces: tuple[Piece, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it is a line without a word, which only parts others."""
        return not any(piece.text.strip() for piece in self.pieces)


def compared_paragraphs(before: str, after: str, by: By) -> list[Paragraph]:
    """Return the paragraphs of two texts in order; those that are removed come before those added in their place."""
    old, new = _lines(before), _lines(after)
    found: list[Paragraph] = []
    for part in stretches(old, new):
        places = range(part.old_from, part.old_to), range(part.new_from, part.new_to)
        if part.is_equal:
            found.extend(
                Paragraph(Fate.SAME, one + 1, other + 1, (Piece(Change.SAME, old[one]),))
                for one, other in zip(*places, strict=True)
            )
        else:
            found.extend(_replaced(old, new, places, by))
    return found


def words_changed(before: str, after: str) -> tuple[int, int]:
    """Return how many words were added and removed, counted as the views count them: one that moved is neither."""
    old, new = Counter(before.split()), Counter(after.split())
    return (new - old).total(), (old - new).total()


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _replaced(old: Sequence[str], new: Sequence[str], places: tuple[range, range], by: By) -> Iterator[Paragraph]:
    olds, news = places
    old_at, new_at = olds.start, news.start
    for one, other in [*_pairs(old, new, olds, news), (olds.stop, news.stop)]:
        yield from (_only(Fate.REMOVED, at, old[at]) for at in range(old_at, one))
        yield from (_only(Fate.ADDED, at, new[at]) for at in range(new_at, other))
        if one < olds.stop:
            yield Paragraph(Fate.EDITED, one + 1, other + 1, _pieces(old[one], new[other], by))
        old_at, new_at = one + 1, other + 1


def _only(fate: Fate, at: int, text: str) -> Paragraph:
    if fate is Fate.REMOVED:
        return Paragraph(fate, at + 1, None, (Piece(Change.REMOVED, text),))
    return Paragraph(fate, None, at + 1, (Piece(Change.ADDED, text),))


def _pieces(before: str, after: str, by: By) -> tuple[Piece, ...]:
    if by is By.WORD:
        return tuple(word_diff(before, after))
    return Piece(Change.REMOVED, before), Piece(Change.ADDED, after)


def _pairs(old: Sequence[str], new: Sequence[str], olds: range, news: range) -> list[tuple[int, int]]:
    """Return the places of paragraphs that became each other, rising on both sides, as alike as can be in sum."""
    words_of_new = {at: _words(new[at]) for at in news}
    holders: dict[str, list[int]] = defaultdict(list)
    for at, words in words_of_new.items():
        for word in words:
            holders[word].append(at)
    likely: list[tuple[int, int, float]] = []
    for at in olds:
        words = _words(old[at])
        candidates = sorted(_candidates(words, holders), reverse=True)
        alike = ((other, _likeness(words, words_of_new[other])) for other in candidates)
        likely.extend((at, other, share) for other, share in alike if share >= LEAST_LIKENESS)
    return _best_rising(likely, news)


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _candidates(words: Iterable[str], holders: dict[str, list[int]]) -> list[int]:
    """Return the paragraphs that share most of the words that few share."""
    shared: Counter[int] = Counter()
    for word in words:
        places = holders.get(word, ())
        if len(places) <= _MOST_HOLDERS:
            shared.update(places)
    return [at for at, _ in shared.most_common(_MOST_CANDIDATES)]


def _likeness(words: Counter[str], others: Counter[str]) -> float:
    return 2 * (words & others).total() / (words.total() + others.total())


def _best_rising(likely: list[tuple[int, int, float]], news: range) -> list[tuple[int, int]]:
    """Return the pairs of the heaviest chain that rises on both sides. What is given rises on the left, falls within.

    A front of rising places and sums is kept: a longer way back is only worth it for a greater sum.
    """
    ends, sums, last = [news.start - 1], [0.0], [-1]
    before: list[int] = []
    for number, (_, other, share) in enumerate(likely):
        at = bisect_left(ends, other)
        total = sums[at - 1] + share
        before.append(last[at - 1])
        if at < len(ends) and ends[at] == other and sums[at] >= total:
            continue
        beaten = at
        while beaten < len(ends) and sums[beaten] <= total:
            beaten += 1
        ends[at:beaten], sums[at:beaten], last[at:beaten] = [other], [total], [number]
    chain: list[tuple[int, int]] = []
    number = last[-1]
    while number >= 0:
        chain.append(likely[number][:2])
        number = before[number]
    return chain[::-1]
