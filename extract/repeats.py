"""The texts in a body that says them twice.

Some extractors of web text give each line that follows a line break twice, so that a post X of n lines arrives as
X + X[1:] (seen with trafilatura 1.11 to 2.2). Here the text is taken out once. Lines are compared as wholes and as they
stand, never one by one against those seen before: `<...>` or a refrain may stand twice in a post and is no repeat.

What can't be known: a post of one line leaves no repeat, so that without a header it can't be told from its
neighbours; and of two ways to read a repeat the longest is taken, which is right for all posts that were seen.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from extract.model import Notice

# Telegram takes 4096 characters a post, so that more lines than this are never one post.
POST_LINES = 2048
NEAR_LINES = 400  # a longer body is not searched for a repeat that differs
# Shares of the letters of both copies. Two readings of one text keep nearly all lines alike; the unlike halves of one
# text share a mark or a refrain at the most.
_ALIKE_SHARE = 0.6
_ALIKE_ENDS = 0.6
_BROKEN_REPEAT_LENGTH = 20  # a shorter last line may be a hashtag that stands twice
_EXCERPT = 80
_NEAR_LINES = 8
_VOTED_LENGTHS = 3
_PLACES_OF_A_LINE = 4


@dataclass(frozen=True, slots=True)
class Repeated:
    """One text taken out of a body."""

    line_from: int  # of the body, from 0
    lines: Sequence[str]  # the text, once
    furniture: tuple[str, ...] = ()  # what the body has around it, as it stands
    notices: tuple[Notice, ...] = ()


_Places = Mapping[str, Sequence[int]]


def is_whole_repeat(lines: Sequence[str] | Sequence[bytes]) -> bool:
    """Tell whether the body is X + X[1:] and nothing else; true for one line."""
    count = len(lines)
    middle = (count + 1) // 2
    return count % 2 == 1 and lines[1:middle] == lines[middle:]


def texts_in(lines: Sequence[str], *, has_header: bool) -> list[Repeated]:
    """Return the texts of a body in their order; every line of it is in one of them, in its furniture, or a repeat.

    The first text belongs to the header if there is one; each other one has a repeat of its own to show for itself.
    """
    if not lines:
        return []
    if has_header and is_whole_repeat(lines):
        return [Repeated(0, lines[: (len(lines) + 1) // 2])]
    found = list(repeats_in(lines))
    if has_header and 2 * sum(2 * length - 1 for _, length in found) < len(lines):
        departure = _broken_off(lines) or _differing(lines)
        if departure is not None:
            return [departure]
    return list(_separated(lines, found, has_header=has_header))


def repeats_in(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where a repeated text of two lines or more begins, and how many lines it has, from the top."""
    places = _places(lines)
    wordless = frozenset(line for line in places if not _has_words((line,)))
    start = words_from = 0
    while start + 2 < len(lines):
        words_from = max(words_from, start + 1)
        while words_from < len(lines) and lines[words_from] in wordless:
            words_from += 1
        length = _longest_at(lines, places, start, words_from)
        if length:
            yield start, length
        start += 2 * length - 1 if length else 1


def _places(lines: Sequence[str]) -> _Places:
    places: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        places[line].append(index)
    return places


def _longest_at(lines: Sequence[str], places: _Places, start: int, words_from: int) -> int:
    """Return the largest n with L[1:n] == L[n:2n-1] counted from `start`, where it repeats words; 0 if there is none.

    Words stand no sooner than in the line `words_from`, so that a repeat reaches further than that.
    """
    last = min(start + POST_LINES, (len(lines) + start + 1) // 2)
    seconds = places[lines[start + 1]]
    candidates = reversed(seconds[bisect_right(seconds, words_from) : bisect_right(seconds, last)])
    return next((second - start for second in candidates if _is_repeat(lines, start + 1, second, words_from)), 0)


def _is_repeat(lines: Sequence[str], first: int, second: int, words_from: int) -> bool:
    """Tell whether the lines from `first` to `second` follow once more.

    Most that don't differ near an end, or in the first line with words: many wordless ones may be alike.
    """
    end = 2 * second - first
    near = min(first + _NEAR_LINES, second)
    return (
        lines[second - 1] == lines[end - 1]
        and lines[words_from] == lines[words_from + second - first]
        and lines[first:near] == lines[second : second + near - first]
        and lines[first:second] == lines[second:end]
    )


def _has_words(lines: Sequence[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line)


def _separated(lines: Sequence[str], found: list[tuple[int, int]], *, has_header: bool) -> Iterator[Repeated]:
    ends = [start for start, _ in found[1:]] + [len(lines)]
    first = found[0][0] if found else len(lines)
    if first > 0:
        yield _unrepeated(lines[:first], has_header=has_header)
    for (start, length), end in zip(found, ends, strict=False):
        notices = [] if has_header and start == 0 else [_without_header(lines[start])]
        trailing = tuple(lines[start + 2 * length - 1 : end])
        if trailing:
            notices.append(Notice("trailing_lines", f"{len(trailing)} after the repeat: {_excerpt(trailing[0])}"))
        yield Repeated(start, lines[start : start + length], trailing, tuple(notices))


def _unrepeated(lines: Sequence[str], *, has_header: bool) -> Repeated:
    notices = [] if has_header else [_without_header(lines[0])]
    if len(lines) > 1 or not has_header:
        notices.append(Notice("no_repeat", f"{len(lines)} lines, none of them repeated as a text is"))
    return Repeated(0, lines, (), tuple(notices))


def _without_header(line: str) -> Notice:
    return Notice("post_without_header", _excerpt(line))


def _excerpt(line: str) -> str:
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _broken_off(lines: Sequence[str]) -> Repeated | None:
    """Text whose repeat ends early with the body: whole lines, the last of which may be cut."""
    if len(lines) > 2 * POST_LINES:  # the time of the search goes with the square of them
        return None
    for middle in range(2, len(lines)):
        count = len(lines) - middle
        if count >= middle or not lines[1].startswith(lines[middle]):
            continue
        if lines[1:count] != lines[middle:-1] or not lines[count].startswith(lines[-1]):
            continue
        if sum(map(len, lines[middle:])) < _BROKEN_REPEAT_LENGTH:
            return None
        detail = f"{count} of {middle - 1} lines are repeated, the last is: {_excerpt(lines[-1])}"
        return Repeated(0, lines[:middle], (), (Notice("repeat_breaks_off", detail),))
    return None


def _differing(lines: Sequence[str]) -> Repeated | None:
    """First copy of a text whose repeat is nearly the same."""
    if not 3 <= len(lines) <= NEAR_LINES:
        return None
    share, middle = max((_alike_share(lines[1:middle], lines[middle:]), middle) for middle in _middles(lines))
    if share < _ALIKE_SHARE:
        return None
    differences = list(_differences(lines[1:middle], lines[middle:]))
    furniture = tuple(line for _, other in differences for line in other)
    first, other = differences[0]
    detail = f"{len(differences)} places differ; the first has {_joined(first)} and then {_joined(other)}"
    return Repeated(0, lines[:middle], furniture, (Notice("repeat_differs", detail),))


def _joined(lines: Sequence[str]) -> str:
    return repr(_excerpt("\n".join(lines))) if lines else "nothing"


def _middles(lines: Sequence[str]) -> list[int]:
    """Where the second copy may begin: in the middle, or as far off as most lines that stand twice."""
    votes: Counter[int] = Counter()
    for line, places in _places(lines).items():
        if len(places) <= _PLACES_OF_A_LINE and _has_words([line]):
            votes.update(b - a for a in places for b in places if 0 < a < b)
    voted = {distance + 1 for distance, _ in votes.most_common(_VOTED_LENGTHS)}
    middle = (len(lines) + 1) // 2
    return sorted(voted | {middle, len(lines) // 2})


def _alike_share(first: Sequence[str], second: Sequence[str]) -> float:
    """Share of the letters of both copies that stands in lines which are alike."""
    total = _weight(first) + _weight(second)
    unlike = sum(_weight(a) + _weight(b) for a, b in _differences(first, second) if not _are_alike(a, b))
    return 1 - unlike / total if total else 0.0


def _weight(lines: Sequence[str]) -> int:
    return sum(len(line) for line in lines if _has_words((line,)))


def _differences(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag != "equal":
            yield first[a_from:a_to], second[b_from:b_to]


def _are_alike(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether the lines are as many, and each pair alike from both ends but for a place in between."""
    return len(first) == len(second) and all(map(_is_alike, first, second))


def _is_alike(line: str, other: str) -> bool:
    head = _common_length(line, other)
    tail = _common_length(line[head:][::-1], other[head:][::-1])
    return head + tail >= _ALIKE_ENDS * max(len(line), len(other))


def _common_length(line: str, other: str) -> int:
    """Return how many characters both begin with."""
    unlike = (index for index, (a, b) in enumerate(zip(line, other, strict=False)) if a != b)
    return next(unlike, min(len(line), len(other)))
