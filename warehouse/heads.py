"""The log of heads, `heads.log` beside the archive: a line for each append, added once it is safe and never rewritten.

Whoever cuts the end off the archive, or makes its chain anew, has to alter this file as well, and every copy of it. A
line is the append's number, its instant and its head; `rebuilt` and an instant stand where a newer extractor gave the
archive another chain.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from warehouse.layout import Layout
from warehouse.raw_store import sync_folder
from warehouse.statements import statement

_REBUILT = "rebuilt"
_HEAD_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one append, as it is said somewhere."""

    append_number: int
    recorded_at: datetime  # aware, UTC
    head: str  # hexadecimal

    @property
    def line(self) -> str:
        """One line of the log, without its end."""
        return f"{self.append_number} {self.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {self.head}"


@dataclass(frozen=True, slots=True)
class NotedHeads:
    """What the log holds."""

    current: tuple[tuple[int, Head], ...]  # number of the line, and the head, since the last rebuilding
    replaced_count: int  # heads of chains that a rebuilding replaced
    unreadable: tuple[tuple[int, str], ...]  # number of the line, and the line


def chain_of(connection: duckdb.DuckDBPyConnection) -> list[Head]:
    """Return the heads of all appends, the first one first."""
    return [Head(*row) for row in connection.execute(statement("list_heads")).fetchall()]


def note_heads(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Add the heads that the log lacks. One that contradicts it is added too: the log forgets neither."""
    known = {head for _, head in noted_heads(layout).current}
    _add(layout, [head.line for head in chain_of(connection) if head not in known])


def note_rebuilt(layout: Layout, chain: Sequence[Head], now: datetime) -> None:
    """Note the chain of an archive that was made anew: where it is another one, below a line that says so."""
    known = {head for _, head in noted_heads(layout).current}
    is_same = known <= set(chain)
    first = [] if is_same else [f"{_REBUILT} {now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"]
    _add(layout, [*first, *(head.line for head in chain if not is_same or head not in known)])


def noted_heads(layout: Layout) -> NotedHeads:
    """Return what the log holds; nothing where there is none. The end of a line that a power cut tore is none."""
    current: list[tuple[int, Head]] = []
    unreadable: list[tuple[int, str]] = []
    replaced_count = 0
    for number, line in enumerate(_whole(layout).decode("ascii", "replace").splitlines(), 1):
        if line.split(" ")[0] == _REBUILT:
            replaced_count += len(current)
            current = []
        elif (head := head_of(line)) is not None:
            current.append((number, head))
        else:
            unreadable.append((number, line))
    return NotedHeads(tuple(current), replaced_count, tuple(unreadable))


def head_of(line: str) -> Head | None:
    """Return the head that a line of the log holds, None where it is no such line."""
    try:
        append_number, recorded_at, head = line.split(" ")
        found = Head(int(append_number), datetime.fromisoformat(recorded_at), head)
        is_sound = found.line == line and len(bytes.fromhex(head)) * 2 == _HEAD_DIGITS
    except ValueError:
        return None
    return found if is_sound else None


def _whole(layout: Layout) -> bytes:
    data = layout.heads.read_bytes() if layout.heads.exists() else b""
    return data[: data.rfind(b"\n") + 1]


def _add(layout: Layout, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    is_new = not layout.heads.exists()
    with layout.heads.open("ab") as file:
        file.truncate(len(_whole(layout)))
        file.write(text.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(layout.heads.parent)
