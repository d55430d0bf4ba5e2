"""A seeded generator of channel dumps that read like the real ones."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADER = "Forwarded from Russian MFA 🇷🇺"
WORDS = (  # noqa: SIM905 - a list of words is read more easily as words
    "Russia the of and to in on cooperation security region Foreign Minister Sergey Lavrov’s ASEAN partners dialogue "
    "international efforts meeting economic development strategic partnership relations countries organisation members "
    "discussed issues agenda joint statement multilateral platforms interests stability support principles "
    "law trust mutual understanding initiatives framework architecture indivisible growing importance Global South"
).split()
_PLACES = ("Vientiane", "Moscow", "Kuala Lumpur", "New York", "Astana", "Minsk", "Nizhny Novgorod")
_OPENINGS = ("💬 ", "☝️ ", "🤝 ", "🇷🇺🇨🇳 ", "", "", "", "🌐 ")
_TAGS = ("ASEAN", "SCO", "BRICS", "EAEU", "RussiaChina", "UN", "G20")
POSTS_A_DAY = 8


def posts(count: int, seed: int = 1, edited_share: float = 0.0) -> Iterator[list[str]]:
    """Return the lines of each post, about 1.9 kB of text; a share of them has one word changed below the headline.

    The same seed gives the same posts, whichever share is edited.
    """
    drawn = random.Random(seed)  # noqa: S311 - nothing here is secret
    edits = random.Random(seed + 1)  # noqa: S311 - likewise
    day = date(2020, 1, 1)
    for number in range(count):
        if number % POSTS_A_DAY == POSTS_A_DAY - 1:
            day += timedelta(days=1)
        lines = _post(drawn, number, day)
        if edits.random() < edited_share:
            lines[2] = f"{lines[2]} Amended."
        yield lines


def _post(drawn: random.Random, number: int, day: date) -> list[str]:
    printed = f"{day:%B} {day.day}, {day.year}"
    place = drawn.choice(_PLACES)
    if number % 3:
        head = f"🎙 Foreign Minister Sergey Lavrov’s remarks at meeting {number} of the group ({place}, {printed})"
    else:
        head = f"🗓 On {day:%B} {day.day}, Foreign Minister Sergey Lavrov took part in meeting {number} in {place}."
    body = [
        drawn.choice(_OPENINGS) + " ".join(drawn.choices(WORDS, k=drawn.randrange(20, 42))) + "."
        for _ in range(drawn.randrange(5, 9))
    ]
    body[1] += f" #{drawn.choice(_TAGS)} and #{drawn.choice(_TAGS)} <...>"
    tail = ["Read in full"] if number % 2 else [f"#{drawn.choice(_TAGS)}"]
    return [head, *body, *tail]


def write_dump(path: Path, count: int, seed: int = 1, edited_share: float = 0.0) -> int:
    """Write a dump of so many posts, and return its size in bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, lines in enumerate(posts(count, seed, edited_share)):
            if number:
                file.write("\n")
            file.write("\n".join([HEADER, *lines, *lines[1:]]))
    return path.stat().st_size
