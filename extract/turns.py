"""What each line of a text is for, and who says it: the turns of a transcript, an interview or a post of excerpts.

Knows the words and no form. Whoever is not certain is nobody: words
that are put into the wrong mouth do more harm than words without a name.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.kinds import TITLE_CHARS, kind_of
from extract.labels import LABEL_CHARS, SPEECH, Label, Sort, label_of
from extract.model import Block, Kind, Medium, Passage, Role
from extract.people import known_names, speakers_in
from extract.symbols import has_letters, is_omission, is_pointer

QUERY = "\N{BLACK QUESTION MARK ORNAMENT}"
_PIN = "\N{ROUND PUSHPIN}"
_MARKS = frozenset((SPEECH, QUERY, "<"))

_NO_LINES = frozenset[int]()
_BODY = Passage(Role.BODY)
_HEADING = Passage(Role.HEADING)
_QUESTION = Passage(Role.QUESTION)
_OMISSION = Passage(Role.OMISSION)

_HEADING_SIGNS = re.compile(r"[^\w<(«\"“]*")
_ANSWERS_HEADING = re.compile(
    r"(?i)(?:(?:excerpts?|highlights) )?(?:from )?(?:the )?(?:answers|replies|responses) to (?:the )?"
    r"(?:media |journalists[’']? |press )?questions?(?: (?:from|by) (?:the )?(?:media|journalists|press))?"
    r"(?:\. key (?:talking )?points)?[.:]?"
    r"|(?:из )?ответ(?:ы|ов) на вопрос(?:ы)?(?: СМИ| журналистов| представителей СМИ)?[.:]?"
)
# The first "c" of "contents" is Cyrillic on the page 1906578.
CONTENTS = re.compile(r"(?i)(?:table of )?[cс]ontents:?|содержание:?|оглавление:?")
_HEADING_CHARS = 90
_HEADING_WORDS = ("uestion", "опрос", "UESTION", "ОПРОС", "ontents", "ONTENTS", "одержание", "главление")
_CONTENTS_WITHIN = 20  # lines from the top
_CONTENTS_LINES = 200
_NUMBERED = re.compile(r"\d{1,3}[.)]\s?")

_ANSWERING = frozenset({Kind.INTERVIEW, Kind.ANSWER})
_TOGETHER = re.compile(
    r"(?i)\bjoint\b|\bсовместн|\b(?:and|with|и)\b[^,]{0,60}\b(?:minister|president|secretary|министр)"
)


def turns(
    lines: Sequence[str], *, medium: Medium, title: str | None, blocks: Sequence[Block | None] = ()
) -> list[Passage]:
    """Return for each line what it is for and who says it; whoever speaks goes on until something else begins.

    A turn ends with the next label or mark, a heading, a pointer to the full text, a line of hashtags, or a name that
    may be a label. In a post a speech that answers no question is a quotation, of which only the first line is surely
    one, and whoever asks has no label. `blocks` are what the markup makes of the lines, if there is any.
    """
    labels = _labels_in(lines)
    headings = _headings_in(lines, blocks) if medium is Medium.PAGE else _NO_LINES
    talk = _Talk(medium is Medium.POST, title)
    passages: list[Passage] = []
    for at, line in enumerate(lines):
        if line[:1] in _MARKS or at in labels:
            passages.append(talk.begun(line, labels.get(at)))
        elif talk.current is _BODY and not 0 < len(line) <= _HEADING_CHARS and at not in headings:
            passages.append(_BODY)  # nearly all lines
        else:
            passages.append(talk.gone_on(line, is_heading=at in headings))
    if blocks:
        return [replace(passage, block=block) for passage, block in zip(passages, blocks, strict=True)]
    return passages


@dataclass(slots=True)
class _Talk:
    """Where a talk stands at a line: who has the word, and whether anybody has asked."""

    is_post: bool
    title: str | None
    current: Passage = _BODY
    is_asked: bool = False

    def begun(self, line: str, label: Label | None) -> Passage:
        """Return the passage of a line that begins with a mark or a label."""
        if line.startswith(QUERY) or (label is not None and label.sort is Sort.QUESTION):
            return self._asked(label, is_marked=line.startswith(QUERY))
        if line.startswith(SPEECH):
            return self._spoken(None if label is None or label.sort is Sort.UNSURE else label, is_marked=True)
        if label is None:
            return _OMISSION if is_omission(line) else self.gone_on(line, is_heading=False)
        if label.sort is Sort.UNSURE or label.sort is Sort.CHAIR:
            self.current = _BODY if label.sort is Sort.UNSURE else Passage(Role.BODY, label.printed)
            return self.current
        return self._spoken(label, is_marked=False)

    def gone_on(self, line: str, *, is_heading: bool) -> Passage:
        """Return the passage of a line without a mark or a label."""
        if is_heading or (len(line) <= _HEADING_CHARS and _is_heading(line)):
            self.current = _BODY
            self.is_asked = self.is_asked and self.is_post
            return _HEADING
        if self.current is not _BODY and _ends_a_turn(line):
            self.current = _BODY
        return self.current

    def _asked(self, label: Label | None, *, is_marked: bool) -> Passage:
        """Return a question. What follows a mark alone may be no more of it."""
        self.is_asked = True
        is_labelled = label is not None and label.sort is Sort.QUESTION
        if label is None or not is_labelled or (self.is_post and label.outlet is None):
            asked = _QUESTION
        elif self.is_post:
            asked = Passage(Role.QUESTION, outlet=label.outlet)
        else:
            asked = Passage(Role.QUESTION, label.printed, label.name, label.outlet)
        self.current = asked if is_labelled or not is_marked else _BODY
        return asked

    def _spoken(self, label: Label | None, *, is_marked: bool) -> Passage:
        if label is not None and label.sort is Sort.ANSWER:
            self.is_asked = True
        printed, name = (None, None) if label is None else (label.printed, label.name)
        if self.is_asked:
            if self.title is not None and (label is None or (label.sort is Sort.ANSWER and name is None)):
                name = answerer(self.title)
            self.current = Passage(Role.ANSWER, printed, name)
            return self.current
        if self.is_post or (is_marked and label is None):
            self.current = _BODY
            return Passage(Role.QUOTE, printed, name)
        self.current = Passage(Role.BODY, printed, name)
        return self.current


@lru_cache(maxsize=64)
def answerer(title: str) -> str | None:
    """Return who answers the questions of an interview, where its title names exactly one known person."""
    if kind_of(title) not in _ANSWERING or _TOGETHER.search(title[:TITLE_CHARS]):
        return None
    speakers = speakers_in(title)
    named = {name for name, _ in known_names(title[:TITLE_CHARS])}
    return speakers[0] if len(speakers) == 1 and named == set(speakers) else None


def _is_heading(line: str) -> bool:
    for word in _HEADING_WORDS:  # `any` takes three times as long
        if word in line:
            bare = line[_signs_end(line) :].strip()
            return _ANSWERS_HEADING.fullmatch(bare) is not None or CONTENTS.fullmatch(bare) is not None
    return False


def _signs_end(line: str) -> int:
    signs = _HEADING_SIGNS.match(line)
    return 0 if signs is None else signs.end()


def _ends_a_turn(line: str) -> bool:
    return line.startswith(_PIN) or is_pointer(line) or ("#" in line and not has_letters(line))


def _headings_in(lines: Sequence[str], blocks: Sequence[Block | None]) -> frozenset[int]:
    """Return which lines are headings by the markup, or because the page lists them in its table of contents."""
    marked = {at for at, block in enumerate(blocks) if block is Block.HEADING}
    start = next((at for at, line in enumerate(lines[:_CONTENTS_WITHIN]) if CONTENTS.fullmatch(line)), None)
    if start is None or start + 1 >= len(lines):
        return frozenset(marked)
    entries = [_bare(line) for line in lines[start + 1 : start + 1 + _CONTENTS_LINES]]
    size = next((at for at in range(1, len(entries)) if entries[at] == entries[0]), None)
    if size is None:
        return frozenset(marked)
    listed = frozenset(entries[:size])
    first = start + 1 + size
    return frozenset(marked | {at for at in range(first, len(lines)) if _bare(lines[at]) in listed})


def _bare(line: str) -> str:
    """Return a line without the number that a table of contents may give it."""
    number = _NUMBERED.match(line)
    return line if number is None else line[number.end() :]


def _labels_in(lines: Sequence[str]) -> dict[int, Label]:
    """Return the labels by the index of their line; those that stand alone where they should not are unsure."""
    found: dict[int, Label] = {}
    for at, line in enumerate(lines):
        if line.find(":", 1, LABEL_CHARS) > 0 and (label := label_of(line)) is not None:
            found[at] = label
    if found and any(label.needs_company for label in found.values()):
        return _settled(found, lines)
    return found


def _settled(found: dict[int, Label], lines: Sequence[str]) -> dict[int, Label]:
    counts = Counter(label.printed for label in found.values())
    settled: dict[int, Label] = {}
    before: Label | None = None
    for at, label in found.items():
        is_next = before is not None and before.sort is Sort.QUESTION
        is_sure = not label.needs_company or counts[label.printed] > 1 or (is_next and label.sort is not Sort.QUESTION)
        if label.printed == "A":
            is_sure = "Q" in counts
        before = settled[at] = label if is_sure or lines[at].startswith(QUERY) else _unsure(label)
    return settled


def _unsure(label: Label) -> Label:
    return Label(Sort.UNSURE, label.printed)
