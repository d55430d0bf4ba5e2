"""Which stretches two sequences have in common, in a time that does not explode with their length.

What both have once is an anchor (the idea of Bram Cohen's patience diff); between the anchors, where little is left,
`difflib` finds the rest. A stretch that is long, differs and has no anchor counts as replaced.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

EXACT_ITEMS = 4_000  # of both sides together: below this, and with few enough equal pairs, difflib takes milliseconds
EXACT_PAIRS = 40_000
_WIDTHS = (1, 6)  # of an anchor: an item that occurs once, else a run of items that does
_MOST_ROUNDS = 12  # an anchor can make others unique between itself and the next; texts need two or three rounds


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of both sequences, equal or not; one side may be empty where it is not."""

    is_equal: bool
    old_from: int
    old_to: int
    new_from: int
    new_to: int


def stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """Return equal and unequal stretches in turn; together they are both sequences whole."""
    old_at = new_at = 0
    for old_from, new_from, length in [*_joined(_blocks(old, new)), (len(old), len(new), 0)]:
        if old_at < old_from or new_at < new_from:
            yield Stretch(is_equal=False, old_from=old_at, old_to=old_from, new_from=new_at, new_to=new_from)
        old_at, new_at = old_from + length, new_from + length
        if length:
            yield Stretch(is_equal=True, old_from=old_from, old_to=old_at, new_from=new_from, new_to=new_at)


def _joined(blocks: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    held = (0, 0, 0)
    for old_at, new_at, length in sorted(blocks):
        if (old_at, new_at) == (held[0] + held[2], held[1] + held[2]):
            held = (held[0], held[1], held[2] + length)
            continue
        if held[2]:
            yield held
        held = (old_at, new_at, length)
    if held[2]:
        yield held


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return equal blocks as (place in old, place in new, length)."""
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(old), 0, len(new), 0)]
    while waiting:
        old_from, old_to, new_from, new_to, rounds = waiting.pop()
        head = _common(old, new, range(old_from, old_to), range(new_from, new_to))
        found.append((old_from, new_from, head))
        old_from, new_from = old_from + head, new_from + head
        tail = _common(old, new, range(old_from, old_to)[::-1], range(new_from, new_to)[::-1])
        old_to, new_to = old_to - tail, new_to - tail
        found.append((old_to, new_to, tail))
        left, right = old[old_from:old_to], new[new_from:new_to]
        if not left or not right:
            continue
        if _is_cheap(left, right):
            exact = SequenceMatcher(_is_blank, left, right, autojunk=False).get_matching_blocks()
            found.extend((old_from + block.a, new_from + block.b, block.size) for block in exact)
        elif rounds < _MOST_ROUNDS and (anchors := _anchors(left, right)):
            pairs = [(old_from + one, new_from + other) for one, other in anchors]
            ends = [*pairs[1:], (old_to, new_to)]
            starts = [(old_from, new_from), *pairs]
            waiting.extend(
                (start[0], end[0], start[1], end[1], rounds + 1)
                for start, end in zip(starts, [pairs[0], *ends], strict=True)
            )
    return [block for block in found if block[2]]


def _common(old: Sequence[str], new: Sequence[str], old_places: range, new_places: range) -> int:
    count = 0
    for one, other in zip(old_places, new_places, strict=False):
        if old[one] != new[other]:
            break
        count += 1
    return count


def _is_blank(item: str) -> bool:
    return not item.strip()


def _is_cheap(old: Sequence[str], new: Sequence[str]) -> bool:
    """Tell whether difflib is quick: its time grows with the pairs of equal items, apart from blank ones."""
    if len(old) + len(new) > EXACT_ITEMS:
        return False
    counts = Counter(new)
    return sum(count * counts[item] for item, count in Counter(old).items() if not _is_blank(item)) <= EXACT_PAIRS


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return places of what both have once, in rising order on both sides."""
    for width in _WIDTHS:
        places = _once(new, width)
        pairs = [(at, places[run]) for run, at in _once(old, width).items() if run in places]
        if pairs:
            return _rising(pairs)
    return []


def _once(items: Sequence[str], width: int) -> dict[Hashable, int]:
    runs: list[Hashable] = list(zip(*(items[at:] for at in range(width)), strict=False))
    counts = Counter(runs)
    return {run: at for at, run in enumerate(runs) if counts[run] == 1}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, rising on the left as given, that rises on the right."""
    ends: list[int] = []  # the lowest right end of a run of each length
    last: list[int] = []  # which pair that is
    before: list[int | None] = []
    for at, (_, right) in enumerate(pairs):
        length = bisect_left(ends, right)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1] = [right]
        last[length : length + 1] = [at]
    found: list[tuple[int, int]] = []
    at_or_none = last[-1] if last else None
    while at_or_none is not None:
        found.append(pairs[at_or_none])
        at_or_none = before[at_or_none]
    return found[::-1]
