"""Made captures, from which a newcomer sees what the archive is for: an edit, a removal, a return.

The words are those of a seed; the channel, its numbers and times are made, and say so in its name, in the note of each
capture, in its source and in its files. Four exports of the whole channel, as Telegram Desktop would write them: only a
complete look can show that something is missing, and only the second one that it is gone.
"""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.errors import InputRefused

SOURCE = "demo-made-channel"
SEED_SOURCE = "channel_dump_asean"  # whose posts lend their words
NOTE = "MADE for mfa-archive demo from a seed document; no such channel exists, and nobody published this"
CHANNEL_ID = 4_000_000_000  # above those that Telegram has given out, and within 32 bits as old exports have them
CHANNEL = "DEMO: a made channel"
POST_COUNT = 5
EDITED, RETURNING, REMOVED = 2, 3, 4  # numbers of posts; the first and the last bound each look
EDIT = ("our special gratitude to", "our gratitude to")
_MARK = "MADE-BY-MFA-ARCHIVE-DEMO.txt"
_FIRST_POST = datetime(2024, 7, 26, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Look:
    """One made export: when it was, and what it shows."""

    name: str
    captured_at: datetime
    missing: frozenset[int]  # numbers of posts
    is_edited: bool
    tells: str


LOOKS = (
    Look("1", datetime(2024, 8, 1, 8, tzinfo=UTC), frozenset(), is_edited=False, tells="all five posts"),
    Look(
        "2", datetime(2024, 8, 5, 8, tzinfo=UTC), frozenset({RETURNING, REMOVED}), is_edited=True,
        tells="one post reads otherwise, two are missing: that proves nothing yet",
    ),
    Look(
        "3", datetime(2024, 8, 12, 8, tzinfo=UTC), frozenset({RETURNING, REMOVED}), is_edited=True,
        tells="the two are missing again: they are gone",
    ),
    Look(
        "4", datetime(2024, 8, 20, 8, tzinfo=UTC), frozenset({REMOVED}), is_edited=True,
        tells="one of them is back",
    ),
)  # fmt: skip


def key_of(number: int) -> str:
    """Return the key of a made post."""
    return f"telegram:{CHANNEL_ID}:{number}"


def emptied(folder: Path) -> None:
    """Make a folder for the demonstration, without what an earlier one left there.

    Raises `InputRefused` for a folder that holds anything else.
    """
    mark = folder / _MARK
    if folder.exists() and not mark.exists() and any(folder.iterdir()):
        raise InputRefused(
            f"{folder}: holds something else; expected an empty folder, or one that mfa-archive demo made; name another"
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    mark.write_text(f"{NOTE}.\nmfa-archive demo makes this folder anew each time.\n", encoding="utf-8")


def write_looks(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write a folder for each look, an export and a manifest that says what it is, and return the folders."""
    return [_write_look(folder / f"look-{look.name}", look, texts) for look in LOOKS]


def _write_look(folder: Path, look: Look, texts: Sequence[str]) -> Path:
    folder.mkdir(parents=True)
    messages = [_message(number, text, look) for number, text in enumerate(texts, 1) if number not in look.missing]
    export = {"name": CHANNEL, "type": "public_channel", "id": CHANNEL_ID, "messages": messages}
    written = json.dumps(export, ensure_ascii=False, indent=1)
    (folder / "made-result.json").write_text(written, encoding="utf-8")
    row = {"path": "made-result.json", "captured_at": look.captured_at.isoformat(), "note": NOTE}
    write_table(folder / "manifest.csv", [row])
    return folder


def _message(number: int, text: str, look: Look) -> Mapping[str, object]:
    at = _FIRST_POST + timedelta(hours=number)
    words = text.replace(*EDIT) if look.is_edited and number == EDITED else text
    return {
        "id": number,
        "type": "message",
        "date": f"{at:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": f"{int(at.timestamp())}",
        "from": CHANNEL,
        "from_id": f"channel{CHANNEL_ID}",
        "text": words,
        "text_entities": [{"type": "plain", "text": words}],
    }


def write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows of the same columns as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def arranged(texts: Sequence[str]) -> list[str]:
    """Return the words of the made posts, those that hold what is edited in their place. Raises `InputRefused`."""
    fitting = [text for text in texts if EDIT[0] in text]
    others = [text for text in texts if EDIT[0] not in text]
    if not fitting or len(others) < POST_COUNT - 1:
        raise InputRefused(
            f"the source {SEED_SOURCE!r}: found {len(texts)} posts, {len(fitting)} with {EDIT[0]!r}; expected the seed "
            "that comes with the project; unset MFA_ARCHIVE_SOURCES"
        )
    chosen = others[: POST_COUNT - 1]
    return [*chosen[: EDITED - 1], fitting[0], *chosen[EDITED - 1 :]]


def quoted(texts: Sequence[str]) -> list[dict[str, str]]:
    """Return two quotations of the edited post: one as it was first, one with another word."""
    line = next(line for line in texts[EDITED - 1].split("\n") if EDIT[0] in line)
    start = line.index(EDIT[0])
    sentence = line[max(line.rfind(". ", 0, start) + 1, 0) :].split(",")[0].strip()
    return [
        {"quote": f"“{sentence}”", "ref": key_of(EDITED)},
        {"quote": f"“{sentence.replace('special gratitude', 'eternal gratitude')}”", "ref": key_of(EDITED)},
    ]
