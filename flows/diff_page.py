"""A comparison as a page that needs nothing else: no script, no other file, no network."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any

from flows.command.comparison import cause_of, public_at, seen, summary
from flows.command.output import readable, visible
from flows.comparison import FIELDS, Comparison
from flows.paragraphs import Fate, Paragraph
from flows.tables import counted
from flows.worddiff import Change, Piece

NEARBY = 2  # unchanged paragraphs that stay open beside a change; more of them are folded
_FATES = {Fate.SAME: "", Fate.EDITED: " changed", Fate.REMOVED: " removed", Fate.ADDED: " added"}
_TAGS = {Change.REMOVED: "del", Change.ADDED: "ins"}
_FACTS = {
    "asked_at": "public at", "certainty": "certainty", "ref": "ref", "version_key": "version", "cause": "what happened",
    "seen_from": "seen from", "seen_until": "seen until", "published_text": "date line", "document_number": "number",
    "published_at": "published", "source_key": "source", "url": "address", "locator": "found at",
    "captured_at": "captured", "captured_basis": "time told by", "captured_via": "captured via",
    "raw_sha256": "bytes SHA-256", "byte_from": "first byte", "byte_to": "byte after", "text_sha256": "text SHA-256",
    "form": "form", "extractor": "read by", "extractor_version": "version of that", "capture_key": "capture",
    "recorded_at": "recorded", "run_key": "run",
}  # fmt: skip
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
# What XML can't hold at all, and no page should; control characters are written as escapes before.
_NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


def page_of(comparison: Comparison) -> str:
    """Return the page, the same for the same comparison."""
    before, after = comparison.before, comparison.after
    keys = dict.fromkeys((before["document_key"], after["document_key"]))
    titled = next((row for row in (after, before) if row["title"]), after)
    return _template().substitute(
        title=escaped(titled["title"] or after["document_key"]),
        lang=_lang(titled),
        key=escaped(" / ".join(keys)),
        addresses="".join(f" · {_fact(url)}" for url in dict.fromkeys((before["url"], after["url"])) if url),
        summary=escaped(summary(comparison)),
        ref_before=escaped(before["ref"]),
        ref_after=escaped(after["ref"]),
        seen_before=escaped(_told(before)),
        seen_after=escaped(_told(after)),
        rows="\n".join(_rows(comparison)),
        facts="\n".join(_facts(before, after)),
    )


def _told(row: dict[str, Any]) -> str:
    return "; ".join([*([public_at(row)] if row["asked_at"] is not None else []), cause_of(row), seen(row)])


@cache
def _template() -> Template:
    return Template(files("flows").joinpath("diff_page.html").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    r"""Return text that XML can hold and in which nothing acts: what would is written as `\x07` or `\u202e`."""
    return _NO_CHARACTERS.sub(lambda match: f"\\u{ord(match.group()):04x}", visible(text))


def escaped(text: str) -> str:
    """Return plain text for HTML, in which nothing is markup."""
    return html.escape(plain(text))


def pieces_html(pieces: Iterable[Piece]) -> str:
    """Return pieces as HTML, what was removed struck out and what was added underlined."""
    return "".join(_piece_html(piece) for piece in pieces)


def _piece_html(piece: Piece) -> str:
    tag = _TAGS.get(piece.change)
    text = escaped(piece.text)
    mark = "" if piece.text else ' class="empty"'
    return f"<{tag}{mark}>{text}</{tag}>" if tag else text


def _rows(comparison: Comparison) -> Iterator[str]:
    languages = _lang(comparison.before), _lang(comparison.after)
    for field in comparison.fields:
        yield _row(FIELDS[field.name], "edited", _cell(field.pieces, Change.ADDED), _cell(field.pieces, Change.REMOVED))
    for is_same, group in groupby(comparison.paragraphs, lambda paragraph: paragraph.fate is Fate.SAME):
        paragraphs = list(group)
        rows = [_paragraph_row(paragraph, languages) for paragraph in paragraphs]
        head = 0 if paragraphs[0] is comparison.paragraphs[0] else NEARBY
        tail = len(rows) - (0 if paragraphs[-1] is comparison.paragraphs[-1] else NEARBY)
        hidden = sum(not paragraph.is_empty for paragraph in paragraphs[head:tail])
        if not is_same or len(rows) <= 2 * NEARBY + 1 or hidden <= 1:
            yield from rows
            continue
        yield from rows[:head]
        yield _folded(rows[head:tail], hidden)
        yield from rows[tail:]


def _lang(row: dict[str, Any]) -> str:
    return f' lang="{escaped(row["lang"])}"' if row["lang"] else ""


def _paragraph_row(paragraph: Paragraph, languages: tuple[str, str]) -> str:
    numbers = dict.fromkeys((paragraph.before_number, paragraph.after_number))
    name = " → ".join(f"{number}" for number in numbers if number is not None)
    is_blank = paragraph.is_empty and paragraph.fate is Fate.SAME
    cells = (
        _void() if paragraph.before_number is None else _cell(paragraph.pieces, Change.ADDED, languages[0]),
        _void() if paragraph.after_number is None else _cell(paragraph.pieces, Change.REMOVED, languages[1]),
    )
    return _row(f"¶ {name}{_FATES[paragraph.fate]}", f"{paragraph.fate}{' blank' if is_blank else ''}", *cells)


def _row(name: str, kind: str, *cells: str) -> str:
    return f'<tr class="{kind}"><th scope="row">{escaped(name)}</th>{"".join(cells)}</tr>'


def _cell(pieces: Sequence[Piece], left_out: Change, language: str = "") -> str:
    shown = pieces_html(piece for piece in pieces if piece.change is not left_out)
    return f'<td class="text" dir="auto"{language}>{shown}</td>'


def _void() -> str:
    return '<td class="void" aria-label="not there"></td>'


def _folded(rows: Sequence[str], count: int) -> str:
    columns = '<colgroup><col class="mark"><col><col></colgroup>'
    joined = "\n".join(rows)
    return (
        f'<tr><td class="folds" colspan="3"><details><summary>{counted(count, "paragraph")} unchanged</summary>'
        f"<table>{columns}<tbody>\n{joined}\n</tbody></table></details></td></tr>"
    )


def _facts(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name, label in _FACTS.items():
        if before[name] is not None or after[name] is not None:
            values = (cause_of(row) if name == "cause" else row[name] for row in (before, after))
            yield _row(label, "fact", *(f'<td dir="auto">{_fact(value)}</td>' for value in values))


def _fact(value: Any) -> str:
    text = escaped(readable(value)) or "not known"
    is_address = isinstance(value, str) and _ADDRESS.fullmatch(value)
    return f'<a href="{text}" rel="noreferrer">{text}</a>' if is_address else text
