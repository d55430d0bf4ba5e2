"""One version as a citation: plain text for people, BibTeX for biber, CSL-JSON for Zotero and its like.

What is not known is said to be so: no date is guessed, and bounds are told as bounds. Days are the publisher's.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from flows.command.output import readable, visible

Cited = Mapping[str, Any]  # a row of the statement reading/cite
ARCHIVE = "MFA archive"
TITLE_LENGTH = 300  # of a post, whose title is a line of its text and may be a whole paragraph
_LANGUAGES = {  # babel's names, by which biblatex hyphenates
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "pt": "portuguese",
    "ru": "russian",
    "zh": "chinese",
}
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_LATEX_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
URL_KEPT = "!#$%&'()*+,/:;=?@[]~-._"  # of what a URL may hold: all that ends no field of BibTeX


def title_of(cited: Cited) -> str:
    """Return the title on one line, cut where it is very long."""
    title = " ".join((cited["title"] or "").split())
    if not title:
        return "(untitled)"
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1].rsplit(' ', 1)[0]} …"


def author_of(cited: Cited) -> str:
    """Return who published it, as far as anything tells."""
    if cited["publisher"]:
        return str(cited["publisher"])
    return f"{cited['forwarded_from']} (forwarded)" if cited["forwarded_from"] else "(publisher not known)"


def dated(cited: Cited) -> str:
    """Return the day of publication in words; "undated" and its bounds where only these are known."""
    if cited["published_date"]:
        return _day(cited["published_date"])
    after, before = cited["published_after"], cited["published_before"]
    bounds = [
        f"{words} {_day(day)}" for words, day in (("not before", after), ("not after", before)) if day is not None
    ]
    return f"undated ({', '.join(bounds)})" if bounds else "undated"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def facts(cited: Cited) -> list[tuple[str, str]]:
    """Return what stands behind a citation, by name: times and their basis, state, place and hashes."""
    named = [
        ("published", _published(cited)),
        ("address", cited["url"] or cited["captured_address"] or "not known"),
        ("captured", f"{captured(cited)}; {_basis(cited, 'captured_basis')}"),
        ("state", state(cited)),
        ("forwarded from", cited["forwarded_from"]),
        ("ref", cited["ref"]),
        ("SHA-256 of text", cited["text_sha256"]),
        ("SHA-256 of bytes", cited["raw_sha256"]),
        ("bytes", _place(cited)),
        ("archive head", f"{cited['head']} ({readable(cited['head_recorded_at'])})"),
    ]
    return [(name, value) for name, value in named if value]


def _place(cited: Cited) -> str:
    place = f"{cited['byte_from']}-{cited['byte_to']} of {cited['locator']}"
    return (
        f"withheld: no capture that shows this has them still; they were {place}"
        if cited["are_bytes_withheld"]
        else place
    )


def _published(cited: Cited) -> str:
    parts = [readable(cited["published_at"]) or dated(cited)]
    if cited["published_basis"]:
        parts.append(_basis(cited, "published_basis"))
    if cited["published_text"]:
        parts.append(f'printed as "{cited["published_text"]}"')
    if cited["source_edited_at"]:
        parts.append(f"marked as edited {readable(cited['source_edited_at'])}")
    return "; ".join(parts)


def captured(cited: Cited) -> str:
    """Return when the bytes were captured; where nobody knows, when they were recorded."""
    if cited["captured_at"] is None:
        return f"at a time that nobody knows; recorded {readable(cited['recorded_at'])}"
    return readable(cited["captured_at"])


def _basis(cited: Cited, name: str) -> str:
    definition = str(cited[f"{name}_means"]).rstrip(".")
    return f"{cited[name]}: {definition[:1].lower()}{definition[1:]}"


def state(cited: Cited) -> str:
    """Return which version of how many it is, and whether it is still there."""
    number = f"version {cited['version_number']} of {cited['version_count']}"
    if not cited["is_current"]:
        by = f" by {readable(cited['replaced_by'])}" if cited["replaced_by"] else ""
        return f"{number}; replaced{by}, now {cited['current_ref']}"
    if cited["status"] == "present":
        return f"{number}; current"
    looks = f"the first such look was at {readable(cited['absent_from'])}"
    return f"{number}; {_basis(cited, 'status')}; {looks}"


def plain(cited: Cited) -> str:
    """Return a citation to paste, on a line, and what stands behind it below; safe for a terminal."""
    address = cited["url"] or cited["captured_address"]
    parts = [f"{author_of(cited)}: “{title_of(cited)}”", dated(cited), *([address] if address else [])]
    line = f"{', '.join(parts)}. {ARCHIVE}, {cited['ref']}, captured {captured(cited)}."
    behind = facts(cited)
    width = max(len(name) for name, _ in behind)
    return visible("\n".join((line, *(f"  {name:{width}}  {_on_one_line(value)}" for name, value in behind))) + "\n")


def _on_one_line(value: object) -> str:
    return " ".join(str(value).split())


def bibtex(cited: Cited) -> str:
    """Return an entry for biblatex and biber, in UTF-8. Its key follows from the ref alone."""
    address = cited["url"] or cited["captured_address"]
    fields = {
        "author": f"{{{latex(author_of(cited))}}}",
        "title": f"{{{latex(title_of(cited))}}}",
        "date": f"{cited['published_date']}" if cited["published_date"] else None,
        "url": quote(address, safe=URL_KEPT) if address else None,
        "urldate": f"{_utc_day(cited['captured_at'])}" if cited["captured_at"] else None,
        "langid": _LANGUAGES.get(cited["lang"]),
        "number": latex(cited["document_number"]) if cited["document_number"] else None,
        "note": latex(_note(cited, "; ")),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@online{{{entry_key(cited['ref'])},\n{lines}}}\n"


def entry_key(ref: str) -> str:
    """Return a ref in the characters that every reader of BibTeX takes in a key."""
    return re.sub(r"[^A-Za-z0-9]+", "-", ref)


def latex(text: str) -> str:
    """Return a text on one line in which nothing is a command of LaTeX, and nothing acts on a terminal."""
    return _LATEX_SPECIAL.sub(lambda match: _LATEX[match.group()], visible(_on_one_line(text)))


def csl(cited: Cited) -> dict[str, Any]:
    """Return an item of CSL-JSON 1.0."""
    item = {
        "id": entry_key(cited["ref"]),
        "type": "post" if cited["medium"] == "post" else "webpage",
        "title": title_of(cited),
        "author": [{"literal": author_of(cited)}],
        "publisher": cited["publisher"],
        "container-title": cited["channel_title"] or (f"@{cited['username']}" if cited["username"] else None),
        "issued": _date_parts(cited["published_date"]),
        "accessed": _date_parts(_utc_day(cited["captured_at"])) if cited["captured_at"] else None,
        "URL": cited["url"] or cited["captured_address"],
        "language": cited["lang"],
        "number": cited["document_number"],
        "archive": ARCHIVE,
        "archive_location": cited["ref"],
        "note": _note(cited, "\n"),
    }
    return {name: value for name, value in item.items() if value}


def _note(cited: Cited, between: str) -> str:
    return between.join(f"{name}: {_on_one_line(value)}" for name, value in facts(cited) if name != "address")


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def _date_parts(day: date | None) -> dict[str, list[list[int]]] | None:
    return {"date-parts": [[day.year, day.month, day.day]]} if day else None
