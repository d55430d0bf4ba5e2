r"""Changes as an Atom feed (RFC 4287), the same bytes for the same changes.

An entry's id is a tag URI (RFC 4151) made of the key of its version, so that it is the same in every run and in every
copy of the archive. Characters that XML can't hold, and those that would act on a page, are written as escapes such as
`\x07`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from flows.citation import URL_KEPT
from flows.command.history import KEPT_WORDS
from flows.command.output import readable
from flows.diff_page import escaped, pieces_html, plain
from flows.paragraphs import By, Fate, compared_paragraphs
from flows.tables import counted
from flows.worddiff import Change, Piece, elided, word_diff

ATOM = "http://www.w3.org/2005/Atom"
# A name that nobody can own (RFC 2606): what the ids name is the documents and versions, whoever keeps the archive.
TAG = "tag:mfa-archive.invalid,2026:"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SAFE = "/:@!$'()*,;=-._~"  # what RFC 3986 lets stand in a path


def feed_of(changes: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any], known_at: datetime | None) -> bytes:
    """Return the feed of changes, the latest first, that were asked for by `wanted`; `known_at` dates an empty one."""
    feed = ET.Element("feed", xmlns=ATOM)
    asked = urlencode(sorted(wanted.items()), doseq=True)
    _add(feed, "id", f"{TAG}changes{'?' if asked else ''}{asked}")
    _add(feed, "title", f"MFA archive: changes{_asked(wanted)}")
    _add(feed, "updated", _instant(max((change["recorded_at"] for change in changes), default=known_at or _NEVER)))
    _add(feed, "generator", "mfa-archive")
    _add(_add(feed, "author"), "name", "mfa-archive")
    for change in changes:
        _add_entry(feed, change)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'.encode()


def _asked(wanted: Mapping[str, Any]) -> str:
    values = (" or ".join(value) if isinstance(value, list) else str(value) for value in wanted.values())
    return "".join(f", {value}" for value in values)


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, {key: plain(value) for key, value in attributes.items()})
    element.text = None if text is None else plain(text)
    return element


def _add_entry(feed: ET.Element, change: Mapping[str, Any]) -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", entry_id(change))
    _add(entry, "title", f"{_cause(change)}: {' '.join((change['title'] or change['document_key']).split())}")
    _add(entry, "updated", _instant(change["recorded_at"]))
    _add(_add(entry, "author"), "name", change["source_key"])
    if change.get("url"):
        _add(entry, "link", rel="alternate", href=quote(change["url"], safe=URL_KEPT))
    for scheme in ("cause", "kind"):
        _add(entry, "category", term=change[scheme], scheme=f"{TAG}{scheme}", label=change[scheme].replace("_", " "))
    _add(entry, "summary", _summary(change))
    _add(entry, "content", "".join(_content(change)), type="html")


def entry_id(change: Mapping[str, Any]) -> str:
    """Return the id of a change: the version that it made or ended, or the refs of a text that was read otherwise."""
    key = change["version_key"]
    if change["cause"] == "removed":
        key = f"{change['previous_version_key']}/removed"
    elif key is None:
        key = f"{change['ref_before']}/{change['ref']}/{_instant(change['recorded_at'])}"
    return f"{TAG}{quote(key, safe=_SAFE)}"


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _cause(change: Mapping[str, Any]) -> str:
    return f"{change['cause'].replace('_', ' ')}{' silently' if change['is_silent'] else ''}"


def _summary(change: Mapping[str, Any]) -> str:
    after, before = readable(change["changed_after"]), readable(change["changed_before"])
    when = f"between {after} and {before}" if after and before else f"by {before}" if before else "of the same bytes"
    looks = f"; {counted(len(change['evidence']), 'look')} without it" if change["evidence"] else ""
    ref = change["ref"] or change["ref_before"]
    is_withheld = change["words_added"] is None
    words = "withheld" if is_withheld else f"+{change['words_added']:,} -{change['words_removed']:,} words"
    return f"{_cause(change)} {when}; {words}{looks}; {ref}"


def _content(change: Mapping[str, Any]) -> Iterator[str]:
    """Return the parts of an entry's HTML: what is known of it, then the words before and after, compared."""
    yield f"<p>{escaped(_summary(change))}</p>"
    refs = dict.fromkeys(ref for ref in (change["ref_before"], change["ref"]) if ref)
    yield f"<p><code>{escaped(' → '.join(refs))}</code></p>"
    if change["evidence"]:
        looks = (f"<li>{escaped(_look(look))}</li>" for look in change["evidence"])
        yield f"<p>Looks that should have shown it and did not:</p><ul>{''.join(looks)}</ul>"
    dates = change["published_text_before"], change["published_text_after"]
    if None not in dates and dates[0] != dates[1]:
        yield f"<p>Date line: {pieces_html(word_diff(*dates))}</p>"
    if change["cause"] == "edited" and change["text_before"] == change["text_after"]:
        yield f"<p>The text stands; <code>mfa-archive diff {escaped(change['ref'])}</code> shows what else differs.</p>"
    language = f' lang="{escaped(change["lang"])}"' if change["lang"] else ""
    yield f'<div dir="auto"{language}>{"".join(_words(change["text_before"], change["text_after"]))}</div>'


def _look(look: Mapping[str, Any]) -> str:
    when = readable(look["looked_at"]) or "at an unknown time"
    return f"{when}, {look['kind'].replace('_', ' ')}, {look['capture_key']}"


def _words(before: str | None, after: str | None) -> Iterator[str]:
    if before is None or after is None:
        change = Change.REMOVED if after is None else Change.SAME  # a new document is no change of another
        text = (before if after is None else after) or ""
        yield from (f"<p>{pieces_html([Piece(change, line)])}</p>" for line in text.split("\n"))
        return
    unchanged = 0
    for paragraph in compared_paragraphs(before, after, By.WORD):
        if paragraph.fate is Fate.SAME:
            unchanged += not paragraph.is_empty
            continue
        yield _left_out(unchanged)
        unchanged = 0
        yield f"<p>{pieces_html(elided(paragraph.pieces, KEPT_WORDS))}</p>"
    yield _left_out(unchanged)


def _left_out(count: int) -> str:
    return f"<p>… {counted(count, 'paragraph')} unchanged …</p>" if count else ""
