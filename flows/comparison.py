"""Two states of what was published, compared: the words, and what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.errors import InputRefused
from flows.paragraphs import By, Fate, Paragraph, compared_paragraphs, words_changed
from flows.worddiff import Change, Piece, word_diff

# What is compared beside the text, and what people call it.
FIELDS = {
    "page_title": "title",
    "published_text": "date line",
    "document_number": "document number",
    "forwarded_from": "forwarded from",
    "service_action": "event",
    "poll": "poll",
    "links": "links",
    "media": "media",
}
_CONTENT = {*FIELDS, "text", "carries_paragraphs"} - {"published_text", "document_number"}  # these are facts too
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """Something beside the text that both forms carry and that differs."""

    name: str
    before: str
    after: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions."""

    before: dict[str, Any]  # facts of the earlier version: names, times, where its bytes are
    after: dict[str, Any]
    fields: tuple[Field, ...]
    paragraphs: tuple[Paragraph, ...]
    words_added: int
    words_removed: int
    is_running_text: bool  # one of the forms has lost its paragraphs, so that line breaks are no differences

    @property
    def is_one_document(self) -> bool:
        """Whether both are versions of one document."""
        return bool(self.before["document_key"] == self.after["document_key"])

    @property
    def has_differences(self) -> bool:
        """Whether anything that is compared differs."""
        return bool(self.fields) or any(paragraph.fate is not Fate.SAME for paragraph in self.paragraphs)

    def counts(self, fate: Fate) -> tuple[int, int]:
        """Return how many paragraphs and how many empty lines had this fate."""
        empty = [paragraph.is_empty for paragraph in self.paragraphs if paragraph.fate is fate]
        return len(empty) - sum(empty), sum(empty)


def compare(before: Row, after: Row, by: By) -> Comparison:
    """Return what differs between two rows of `reading/compared_version`.

    Raises `InputRefused` where the words of one were withheld.
    """
    for row in (before, after):
        if row["is_withheld"]:
            raise InputRefused(
                f"{row['ref']}: its words were withheld; expected two versions with words; the view notices and "
                "mfa-archive withhold --list say who withheld them and why"
            )
    is_running_text = before["carries_paragraphs"] != after["carries_paragraphs"]
    old, new = (_running(row["text"]) if is_running_text else str(row["text"]) for row in (before, after))
    added, removed = words_changed(old, new)
    return Comparison(
        before={name: value for name, value in before.items() if name not in _CONTENT},
        after={name: value for name, value in after.items() if name not in _CONTENT},
        fields=tuple(_fields(before, after, by)),
        paragraphs=tuple(compared_paragraphs(old, new, by)),
        words_added=added,
        words_removed=removed,
        is_running_text=is_running_text,
    )


def _running(text: str) -> str:
    return " ".join(text.split())


def _fields(before: Row, after: Row, by: By) -> list[Field]:
    """Return what differs of that which both carry: what a form lacks was not removed."""
    found = []
    for name in FIELDS:
        if before[name] is None or after[name] is None or before[name] == after[name]:
            continue
        old, new = _as_text(before[name]), _as_text(after[name])
        pieces = (Piece(Change.REMOVED, old), Piece(Change.ADDED, new)) if by is By.PARAGRAPH else word_diff(old, new)
        found.append(Field(name, old, new, tuple(pieces)))
    return found


def _as_text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
