"""The text of pages by other programs; it needs nothing of the project.

Each line of standard input names a program and a folder of pages; the answer is the seconds that all of them take.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bs4 import BeautifulSoup
from trafilatura import extract


def soup_text(page: bytes) -> str:
    """Return all text of a page."""
    return BeautifulSoup(page, "lxml").get_text("\n")


PROGRAMS: dict[str, Callable[[bytes], str | None]] = {
    "trafilatura": extract,
    "trafilatura, fast": partial(extract, fast=True),
    "BeautifulSoup": soup_text,
}


def main() -> None:
    """Take the pages of a folder for each line."""
    for line in sys.stdin:
        asked = json.loads(line)
        pages = [path.read_bytes() for path in sorted(Path(asked["folder"]).iterdir())]
        program = PROGRAMS[asked["program"]]
        began = time.perf_counter()
        texts = [program(page) for page in pages]
        seconds = time.perf_counter() - began
        if not all(texts):
            sys.exit(f"{asked['program']} found no text")
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
