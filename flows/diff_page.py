"""A comparison as a page that needs nothing else: no script, no other file, no network."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any

from flows.command.comparison import summary
from flows.command.output import readable, visible
from flows.comparison import FIELDS, Comparison
from flows.paragraphs import Fate, Paragraph
from flows.tables import counted
from flows.worddiff import Change, Piece

NEARBY = 2  # unchanged paragraphs that stay open beside a change; more of them are folded
_FATES = {Fate.SAME: "", Fate.EDITED: "changed", Fate.REMOVED: "removed", Fate.ADDED: "added"}
_TAGS = {Change.REMOVED: "del", Change.ADDED: "ins"}
_FACTS = {
    "asked_at": "public at", "certainty": "certainty", "ref": "ref", "version_key": "version", "cause": "why",
    "seen_from": "seen from", "seen_until": "seen until", "published_text": "date line", "document_number": "number",
    "published_at": "published", "source_key": "source", "url": "address", "locator": "found at",
    "captured_at": "captured", "captured_basis": "says who", "captured_via": "captured via",
    "raw_sha256": "bytes SHA-256", "byte_from": "first byte", "byte_to": "byte after", "text_sha256": "text SHA-256",
    "form": "form", "extractor": "read by", "extractor_version": "its version", "capture_key": "capture",
    "recorded_at": "recorded", "run_key": "run",
}  # fmt: skip
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
# What XML can't hold at all, and no page should; control characters are written as escapes before.
_NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


def page_of(comparison: Comparison) -> str:
    """Return the page, the same for the same comparison."""
    before, after = comparison.before, comparison.after
    keys = dict.fromkeys((before["document_key"], after["document_key"]))
    return _template().substitute(
        title=escaped(after["title"] or before["title"] or after["document_key"]),
        key=escaped(" / ".join(keys)),
        summary=escaped(summary(comparison)),
        ref_before=escaped(before["ref"]),
        ref_after=escaped(after["ref"]),
        rows="\n".join(_rows(comparison)),
        facts="\n".join(_facts(before, after)),
    )


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
    return f"<{tag}>{text}</{tag}>" if tag else text


def _rows(comparison: Comparison) -> Iterator[str]:
    languages = _lang(comparison.before), _lang(comparison.after)
    for field in comparison.fields:
        yield _row(FIELDS[field.name], _cell(field.pieces, Change.ADDED), _cell(field.pieces, Change.REMOVED))
    for is_same, group in groupby(comparison.paragraphs, lambda paragraph: paragraph.fate is Fate.SAME):
        paragraphs = list(group)
        rows = [_paragraph_row(paragraph, languages) for paragraph in paragraphs]
        if not is_same or len(rows) <= 2 * NEARBY + 1:
            yield from rows
            continue
        head = 0 if paragraphs[0] is comparison.paragraphs[0] else NEARBY
        tail = len(rows) - (0 if paragraphs[-1] is comparison.paragraphs[-1] else NEARBY)
        yield from rows[:head]
        yield _folded(rows[head:tail])
        yield from rows[tail:]


def _lang(row: dict[str, Any]) -> str:
    return f' lang="{escaped(row["lang"])}"' if row["lang"] else ""


def _paragraph_row(paragraph: Paragraph, languages: tuple[str, str]) -> str:
    number = paragraph.after_number or paragraph.before_number
    cells = (
        _void() if paragraph.before_number is None else _cell(paragraph.pieces, Change.ADDED, languages[0]),
        _void() if paragraph.after_number is None else _cell(paragraph.pieces, Change.REMOVED, languages[1]),
    )
    return _row(f"¶ {number} {_FATES[paragraph.fate]}".rstrip(), *cells)


def _row(name: str, *cells: str) -> str:
    return f'<tr><th scope="row">{escaped(name)}</th>{"".join(cells)}</tr>'


def _cell(pieces: Sequence[Piece], left_out: Change, language: str = "") -> str:
    shown = pieces_html(piece for piece in pieces if piece.change is not left_out)
    return f'<td class="text" dir="auto"{language}>{shown}</td>'


def _void() -> str:
    return '<td class="void" aria-label="not there"></td>'


def _folded(rows: Sequence[str]) -> str:
    columns = '<colgroup><col class="mark"><col><col></colgroup>'
    joined = "\n".join(rows)
    return (
        f'<tr><td class="folds" colspan="3"><details><summary>{counted(len(rows), "paragraph")} unchanged</summary>'
        f"<table>{columns}<tbody>\n{joined}\n</tbody></table></details></td></tr>"
    )


def _facts(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name, label in _FACTS.items():
        if before[name] is not None or after[name] is not None:
            yield _row(label, *(f'<td dir="auto">{_fact(row[name])}</td>' for row in (before, after)))


def _fact(value: Any) -> str:
    text = escaped(readable(value)) or "not known"
    is_address = isinstance(value, str) and _ADDRESS.fullmatch(value)
    return f'<a href="{text}" rel="noreferrer">{text}</a>' if is_address else text
