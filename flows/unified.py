"""A comparison as a unified diff, which patch tools read.

Its files are the texts, named by their refs, each paragraph a line that ends with a line feed. What differs beside the
text stands before as comments, which patch tools pass over.
"""

from collections.abc import Iterator
from datetime import datetime

from flows.comparison import FIELDS, Comparison
from flows.paragraphs import Fate, Paragraph
from flows.worddiff import Change

CONTEXT = 3  # unchanged lines around each change


def unified_lines(comparison: Comparison) -> Iterator[str]:
    """Return the lines of the diff, without line feeds; none where nothing differs."""
    for field in comparison.fields:
        for mark, value in (("-", field.before), ("+", field.after)):
            for line in value.split("\n"):
                yield f"# {FIELDS[field.name]}: {mark} {line}"
    hunks = _hunks(comparison.paragraphs)
    if hunks:
        yield f"--- {_name(comparison.before['ref'], comparison.before['seen_from'])}"
        yield f"+++ {_name(comparison.after['ref'], comparison.after['seen_from'])}"
    for hunk in hunks:
        yield from _hunk_lines(comparison.paragraphs, hunk)


def _name(ref: str, seen_from: datetime | None) -> str:
    return f"{ref}\t{seen_from:%Y-%m-%d %H:%M:%S.%f +0000}" if seen_from else ref


def _hunks(paragraphs: tuple[Paragraph, ...]) -> list[range]:
    found: list[range] = []
    for at, paragraph in enumerate(paragraphs):
        if paragraph.fate is Fate.SAME:
            continue
        start, stop = max(at - CONTEXT, 0), min(at + CONTEXT + 1, len(paragraphs))
        if found and start <= found[-1].stop:
            start = found.pop().start
        found.append(range(start, stop))
    return found


def _hunk_lines(paragraphs: tuple[Paragraph, ...], hunk: range) -> Iterator[str]:
    earlier = paragraphs[: hunk.start]
    held = paragraphs[hunk.start : hunk.stop]
    places = [_place([p.before_number for p in part]) for part in (earlier, held)]
    others = [_place([p.after_number for p in part]) for part in (earlier, held)]
    yield f"@@ -{_span(*places)} +{_span(*others)} @@"
    removed: list[str] = []
    added: list[str] = []
    for paragraph in held:
        if paragraph.fate is Fate.SAME:
            yield from (*removed, *added)
            removed, added = [], []
            yield f" {paragraph.pieces[0].text}"
            continue
        if paragraph.before_number is not None:
            removed.append(f"-{_side(paragraph, Change.ADDED)}")
        if paragraph.after_number is not None:
            added.append(f"+{_side(paragraph, Change.REMOVED)}")
    yield from (*removed, *added)


def _place(numbers: list[int | None]) -> int:
    return sum(number is not None for number in numbers)


def _span(earlier: int, count: int) -> str:
    """Return where a hunk begins and how long it is; an empty one stands after the line that it names."""
    return f"{earlier + (count > 0)},{count}"


def _side(paragraph: Paragraph, left_out: Change) -> str:
    return "".join(piece.text for piece in paragraph.pieces if piece.change is not left_out)
