"""What was read of the inputs of a batch, before it is appended: Parquet parts, which small inputs share.

Three files for each small input would take as long to write as the input takes to be read, and as long again to append.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

HELD_BYTES = 16_000_000  # of small inputs, before they are written


class ReadTables(NamedTuple):
    """What was read of one input, or of a stretch of it, by the tables that it is staged in."""

    content: pa.Table
    description: pa.Table
    reading: pa.Table

    def write(self, folder: Path, name: str) -> None:
        """Write it as parts of a batch."""
        for table, rows in zip(self._fields, self, strict=True):
            write_part(part_path(folder, table, name), rows)

    def without(self, start: tuple[int, ...], count: tuple[int, ...]) -> "ReadTables":
        """Return it without so many rows of each table from there on."""
        rest = (
            pa.concat_tables([rows.slice(0, at), rows.slice(at + length)])
            for rows, at, length in zip(self, start, count, strict=True)
        )
        return ReadTables(*rest)


@dataclass(slots=True)
class StagedReads:
    """What was read of small inputs, in the order in which they came."""

    folder: Path
    _held: dict[str, ReadTables] = field(default_factory=dict)  # by the input's name; not written yet
    _held_bytes: int = 0
    _shared: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)  # row counts, by part and input

    def add(self, name: str, tables: ReadTables) -> None:
        """Take in what was read of one input."""
        if self._held_bytes >= HELD_BYTES:
            self.write()
        self._held[name] = tables
        self._held_bytes += sum(rows.nbytes for rows in tables)

    def write(self) -> None:
        """Write what isn't written yet, before what is read after it: the parts are appended by their names."""
        if not self._held:
            return
        shared = f"{next(iter(self._held))}s"  # stands where its first input would, and is no input's name
        _joined(self._held.values()).write(self.folder, shared)
        self._shared[shared] = {name: tuple(rows.num_rows for rows in tables) for name, tables in self._held.items()}
        self._held.clear()
        self._held_bytes = 0

    def drop(self, name: str) -> None:
        """Forget what was read of one input."""
        self._held.pop(name, None)
        for shared, counts in self._shared.items():
            if name in counts:
                earlier = list(counts.values())[: list(counts).index(name)]
                start = tuple(map(sum, zip(*earlier, strict=True))) or (0,) * len(counts[name])
                _read(self.folder, shared).without(start, counts.pop(name)).write(self.folder, shared)


def _joined(some: Iterable[ReadTables]) -> ReadTables:
    return ReadTables(*(pa.concat_tables(rows) for rows in zip(*some, strict=True)))


def _read(folder: Path, name: str) -> ReadTables:
    return ReadTables(*(pq.read_table(part_path(folder, table, name)) for table in ReadTables._fields))


def part_path(folder: Path, table: str, name: str) -> Path:
    """Return the place of one Parquet part of a table."""
    return folder / f"{table}-{name}.parquet"


def write_part(path: Path, table: pa.Table) -> None:
    """Write one Parquet part. It is synced when the batch is sealed."""
    pq.write_table(table, path, compression="lz4", use_dictionary=False, write_statistics=False, store_schema=False)
