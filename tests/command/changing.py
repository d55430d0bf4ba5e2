"""An archive in which posts were changed, taken down and brought back, and a page was edited.

Four exports of a channel and two looks at the page, each with its time.
"""

import json
from pathlib import Path
from typing import Any

from tests.command.conftest import PROJECT, asker

CHANNEL = 1101170442
KEY = f"telegram:{CHANNEL}"
PAGE = "mid:1900001:en"
ARABIC = "السفير يصل إلى القاهرة"
HOSTILE = 'Bell \x07, \u202eturned\u202c, \ufffe <script>alert(1)</script> & "quoted" ]]>'
DAYS = ("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01")
PLAIN = {
    1: "The first post, which nobody touched.",
    2: "A meeting with our partners will take place on July 25−26.\nSecond paragraph.\n#ASEAN",
    3: "A post that was taken down, <b>with</b> marks & signs.",
    4: f"{ARABIC} غدا.\n{HOSTILE}",
    5: "The last post, which keeps the stretch of numbers whole.",
}
_PAGE_EDITS = {
    "on the talks in Vientiane": "on the negotiations in Vientiane",
    "30 September 2024": "1 October 2024",
    "1893-30-09-2024": "1894-01-10-2024",
    "/1900002/": "/1900003/",
}


def posts_on(day: int) -> dict[int, str]:
    """Return the posts that the export of a day shows: 2 and 4 are edited, 3 is gone in two and back in the last."""
    posts = dict(PLAIN)
    if day >= 1:
        posts[2] = posts[2].replace("A meeting with our partners", "A frank meeting with our neighbours")
    if day >= 2:
        posts[4] = posts[4].replace("غدا", "اليوم").replace("Bell", "Bells")
    if day in (1, 2):
        del posts[3]
    return posts


def export(posts: dict[int, str]) -> dict[str, Any]:
    """Return an export of Telegram Desktop's."""
    messages = [
        {
            "id": number,
            "type": "message",
            "date": "2023-12-01T13:00:00",
            "date_unixtime": str(1701424800 + number),
            "from": "Example",
            "from_id": f"channel{CHANNEL}",
            "text": text,
            "text_entities": [{"type": "plain", "text": text}],
        }
        for number, text in posts.items()
    ]
    return {"name": "Example", "type": "public_channel", "id": CHANNEL, "messages": messages}


def changed_archive(folder: Path) -> Path:
    """Take in what was seen, each look with its time, and return the archive's home."""
    home = folder / "data"
    page = (PROJECT / "tests" / "golden" / "mid_page_html" / "ordinary_present_site.html").read_text(encoding="utf-8")
    for number, day in enumerate(DAYS):
        seen = {"channel/result.json": json.dumps(export(posts_on(number)), ensure_ascii=False)}
        if number < 2:
            seen["pages/page.html"] = page
        for name, text in seen.items():
            path = folder / day / name
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        at = f"{day}T12:00:00Z"
        result = asker(home)("ingest", str(folder / day), "--source", "watched", "--captured-at", at)
        assert result.exit_code == 0, result.output
        for old, new in _PAGE_EDITS.items():
            page = page.replace(old, new)
    return home
