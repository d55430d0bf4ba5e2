"""The plain tables of a SQLite database, read from a copy in memory, with nothing of it executed.

Knows nothing of posts. A database may be made to harm its reader: by views and triggers that run functions, by virtual
tables, by trees that lead in a circle. So only the columns of plain tables are ever selected, an authorizer refuses
all else, and a limit on the work ends what has no end.
"""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from extract.errors import UnreadableInput

MOST_BYTES = 1 << 30
_STEPS = 1_000_000  # of SQLite's machine, between two looks at the limit
_MOST_LOOKS = 5_000  # about a minute of work; a row takes some 30 steps
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
# Of the header, by SQLite's own description of its file format.
_PAGE_BYTES = slice(16, 18)  # 1 stands for 65,536
_VERSIONS = slice(18, 20)  # 2 says that changes wait in another file ("WAL"), which memory has none of
_ROLLBACK_JOURNAL = b"\1\1"
_PAGE_COUNT = slice(28, 32)
_REMEDY = "copy it again while nothing writes to it, or write it anew with `sqlite3 old.db .recover`"


class Tables:
    """The tables of a database. `fault` says afterwards that reading them broke off, and why."""

    def __init__(self, data: bytes) -> None:
        """Open a copy of the bytes. Raises `UnreadableInput`."""
        self.fault: str | None = None
        self._looks = 0
        self._connection = sqlite3.connect(":memory:")
        try:
            self._connection.deserialize(_mended(data))
            self._connection.text_factory = bytes
            self._connection.execute("pragma trusted_schema = off")
            self._connection.execute("pragma query_only = on")
            self._connection.set_progress_handler(self._is_enough, _STEPS)
            self.columns = self._columns()
        except (sqlite3.Error, UnicodeError, AttributeError) as error:
            self._connection.close()
            raise UnreadableInput(
                f"a SQLite database that can't be read ({error})", "a whole and sound one", _REMEDY
            ) from error
        self._connection.set_authorizer(_authorized)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the copy go."""
        self._connection.close()

    def _is_enough(self) -> bool:
        self._looks += 1
        return self._looks > _MOST_LOOKS

    def _columns(self) -> dict[str, tuple[str, ...]]:
        """Return the columns of each plain table."""
        named = self._connection.execute(
            "select name from sqlite_master where type = 'table' and sql not like 'create virtual%' "
            "and name not like 'sqlite\\_%' escape '\\'"
        ).fetchall()
        return {
            table.decode(): tuple(
                name.decode()
                for (name,) in self._connection.execute("select name from pragma_table_info(?)", (table.decode(),))
            )
            for (table,) in named
        }

    def rows(self, table: str) -> Iterator[dict[str, object]]:
        """Yield the rows of a table by the names of its columns, until its end or the first fault."""
        names = self.columns[table]
        listed = ", ".join(map(_quoted, names))
        try:
            # Names can't be parameters.
            for row in self._connection.execute(f"select {listed} from {_quoted(table)}"):  # noqa: S608
                yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            self.fault = f"the table {table} breaks off ({error})"


def _mended(data: bytes) -> bytes:
    """Return a database that memory can hold, and of one that breaks off what is there."""
    page_bytes = int.from_bytes(data[_PAGE_BYTES])
    page_count = len(data) // (65_536 if page_bytes == 1 else max(page_bytes, 1))
    is_cut = page_count < int.from_bytes(data[_PAGE_COUNT])
    if not is_cut and data[_VERSIONS] == _ROLLBACK_JOURNAL:
        return data
    mended = bytearray(data)
    mended[_VERSIONS] = _ROLLBACK_JOURNAL
    if is_cut:
        mended[_PAGE_COUNT] = page_count.to_bytes(4)
    return bytes(mended)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _authorized(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
