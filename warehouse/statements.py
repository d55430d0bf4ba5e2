"""The SQL files of the package, by name."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath

_SQL = files("warehouse") / "sql"


def literal(path: Path) -> str:
    """Return a path as a pattern of DuckDB's that only it fits."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


@cache
def statement(name: str) -> str:
    """Return the text of one statement file."""
    return (_SQL / "statements" / f"{name}.sql").read_text(encoding="utf-8")


def in_folder(folder: str) -> Iterator[tuple[str, str]]:
    """Return name and text of each SQL file of a folder, in the order of the names."""
    entries = sorted((entry for entry in (_SQL / folder).iterdir() if entry.name.endswith(".sql")), key=_name)
    for entry in entries:
        yield PurePath(entry.name).stem, entry.read_text(encoding="utf-8")


def _name(entry: object) -> str:
    return str(getattr(entry, "name", entry))
