"""The SQL files of the package, by name."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath

_SQL = files("warehouse") / "sql"


def literal(path: Path) -> str:
    """Return a path as a pattern of DuckDB's that only it fits."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def quoted(path: Path | str) -> str:
    """Return a path as a string of SQL, where it can be no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


@cache
def statement(name: str) -> str:
    """Return the text of one statement file."""
    return (_SQL / "statements" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def in_folder(folder: str) -> tuple[tuple[str, str], ...]:
    """Return name and text of each SQL file of a folder, in the order of the names."""
    entries = sorted((entry for entry in (_SQL / folder).iterdir() if entry.name.endswith(".sql")), key=_name)
    return tuple((PurePath(entry.name).stem, entry.read_text(encoding="utf-8")) for entry in entries)


def _name(entry: object) -> str:
    return str(getattr(entry, "name", entry))
