"""Tables and records for people's eyes.

Nothing from the archive is taken for markup, and nothing in it acts on the terminal.
"""

import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flows.command.output import readable, visible

GAP = "  "
PIPED_WIDTH = 1_000_000  # a pipe has no width: one row is one line, and nothing is cut
RECORD_WIDTH = 200  # of a pipe; rows that are wider read better one value a line
LEAST_FLEXIBLE_WIDTH = 30  # a narrower column of prose stands on lines of its own
Values = Sequence[Sequence[Any]]


def terminal() -> Console | None:
    """Return the terminal that standard output is; None where it is a pipe or a file."""
    if not sys.stdout.isatty():
        return None
    return Console(highlight=False, markup=False, emoji=False)


def shown(renderable: RenderableType, console: Console | None) -> str:
    """Return what a terminal would show, or plain text without trailing blanks for a pipe."""
    target = console or Console(width=PIPED_WIDTH, file=io.StringIO(), no_color=True, force_terminal=False)
    with target.capture() as captured:
        target.print(renderable)
    text = captured.get()
    return text if console else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@dataclass(frozen=True, slots=True)
class _Cells:
    """A table as text, column by column."""

    names: tuple[str, ...]
    rows: list[list[str]]
    widths: list[int]  # of the widest line in each column
    is_number: list[bool]

    @property
    def width(self) -> int:
        """The width that nothing has to be wrapped for."""
        return sum(self.widths) + len(GAP) * (len(self.widths) - 1)

    def without(self, at: int) -> "_Cells":
        """Return the table without one column."""
        kept = [number for number in range(len(self.names)) if number != at]
        return _Cells(
            tuple(self.names[number] for number in kept),
            [[row[number] for number in kept] for row in self.rows],
            [self.widths[number] for number in kept],
            [self.is_number[number] for number in kept],
        )


def _cells(names: Sequence[str], values: Values) -> _Cells:
    rows = [[readable(value) for value in row] for row in values]
    heads = tuple(visible(name) for name in names)
    return _Cells(
        heads,
        rows,
        [max(map(_line_width, column)) for column in zip(heads, *rows, strict=True)],
        [bool(values) and all(_is_number(row[at]) for row in values) for at in range(len(heads))],
    )


def _line_width(text: str) -> int:
    return max(map(cell_len, text.split("\n"))) if "\n" in text else cell_len(text)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def table_text(names: Sequence[str], values: Values, console: Console | None = None, flexible: str = "") -> str:
    """Return rows as a table. On a narrow terminal only the column `flexible` wraps, or all where none is named.

    On a narrower one that column stands below the others, and where these don't fit either each value has its line.
    """
    cells = _cells(names, values)
    if console is None or cells.width <= console.width:
        return _plain(cells) if console is None else shown(_table(cells, flexible), console)
    at = cells.names.index(flexible) if flexible else -1
    firm = cells.without(at) if flexible else cells
    if not flexible or firm.width + len(GAP) + LEAST_FLEXIBLE_WIDTH <= console.width:
        return shown(_table(cells, flexible), console)
    if firm.width <= console.width and not any("\n" in cell for row in firm.rows for cell in row):
        return _interleaved(firm, [row[at] for row in cells.rows], console)
    return "\n".join(record_text(zip(names, row, strict=True), console) for row in values)


def _plain(cells: _Cells) -> str:
    """Return the table for a pipe; written by hand since rich takes a minute for 100,000 rows."""
    lines = [_plain_line(cells.names, cells), "─" * cells.width]
    for row in cells.rows:
        if any("\n" in cell for cell in row):
            parts = zip_longest(*(cell.split("\n") for cell in row), fillvalue="")
            lines.extend(_plain_line(part, cells) for part in parts)
        else:
            lines.append(_plain_line(row, cells))
    return "".join(f"{line}\n" for line in lines)


def _plain_line(row: Sequence[str], cells: _Cells) -> str:
    padded = [
        " " * (width - cell_len(cell)) + cell if is_number else cell + " " * (width - cell_len(cell))
        for cell, width, is_number in zip(row, cells.widths, cells.is_number, strict=True)
    ]
    return GAP.join(padded).rstrip()


def _table(cells: _Cells, flexible: str = "") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, header_style="bold")
    for name, is_number in zip(cells.names, cells.is_number, strict=True):
        is_firm = bool(flexible) and name != flexible
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=is_firm, overflow="fold")
    for row in cells.rows:
        table.add_row(*map(Text, row))
    return table


def _interleaved(firm: _Cells, prose: list[str], console: Console) -> str:
    """Return a table whose rows are a line each, with a piece of prose below each row."""
    lines = shown(_table(firm), console).splitlines(keepends=True)
    head, rows = lines[: -len(prose)], lines[-len(prose) :]
    below = (shown(Padding(Text(text), (0, 0, 0, 4)), console) if text else "" for text in prose)
    return "".join([*head, *(part for pair in zip(rows, below, strict=True) for part in pair)])


def result_text(names: Sequence[str], values: Values, console: Console | None) -> str:
    """Return rows as a table where they fit, else as records with one value a line."""
    if _cells(names, values).width <= (console.width if console else RECORD_WIDTH):
        return table_text(names, values, console)
    return "\n".join(record_text(zip(names, row, strict=True), console) for row in values)


def record_text(pairs: Iterable[tuple[str, Any]], console: Console | None) -> str:
    """Return names and values, one a line; what has no value is left out."""
    cells = [(visible(name), text) for name, value in pairs if (text := readable(value))]
    if console is None:
        width = max((cell_len(name) for name, _ in cells), default=0)
        lines = (
            f"{name if at == 0 else '':{width}}{GAP}{line}".rstrip()
            for name, text in cells
            for at, line in enumerate(text.split("\n"))
        )
        return "".join(f"{line}\n" for line in lines)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, text in cells:
        grid.add_row(Text(name), Text(text))
    return shown(grid, console)


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun, in the plural where it is one; the plural has an s where none is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
