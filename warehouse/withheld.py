"""What was taken out of a blob: a note beside the raw store, by which the bytes that are left can still be proved.

It stands at `withheld/<SHA-256>.json` below the raw folder. The hashes of the 64 KiB blocks from which something was
taken are kept, so that the root over all blocks still comes out. Knows nothing of what the bytes mean.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from warehouse.errors import ArchiveDamaged
from warehouse.merkle import BLOCK_BYTES

WHOLE = "all"  # in the place of stretches: the whole blob


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was taken out of one blob."""

    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes
    ranges: tuple[tuple[int, int], ...]  # exclusive; in their order, none in another
    is_whole: bool  # nothing is left
    leaves: dict[int, bytes]  # hashes of the blocks that the ranges touch, as they were, by place
    left_sha256: bytes | None  # of what is left, blanks and all; None: nothing is
    formats: tuple[str, ...]  # by which the bytes were read as long as they were whole

    def touches(self, byte_from: int, byte_to: int) -> bool:
        """Say whether something of a stretch was taken out."""
        return self.is_whole or any(start < byte_to and byte_from < end for start, end in self.ranges)


def withheld_path(raw: Path, raw_sha256: bytes) -> Path:
    """Return where it is noted what was taken out of a blob."""
    return raw / "withheld" / f"{raw_sha256.hex()}.json"


def withheld_of(raw: Path, raw_sha256: bytes) -> Withheld | None:
    """Return what was taken out of a blob; None where nothing was. Raises `ArchiveDamaged` for a note that is none."""
    path = withheld_path(raw, raw_sha256)
    try:
        row = orjson.loads(path.read_bytes())
        left = row["left_sha256"]
        return Withheld(
            bytes.fromhex(row["raw_sha256"]),
            int(row["size_bytes"]),
            bytes.fromhex(row["blocks_root"]),
            tuple((int(start), int(end)) for start, end in row["ranges"]),
            bool(row["is_whole"]),
            {int(place): bytes.fromhex(leaf) for place, leaf in row["leaves"].items()},
            bytes.fromhex(left) if left else None,
            tuple(row["formats"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveDamaged(
            f"{path}: can't be understood ({error}); expected what was taken out of the bytes of that name; "
            "copy the file back from a backup of the raw store"
        ) from error


def as_json(withheld: Withheld, why: Sequence[str]) -> bytes:
    """Return what is written down."""
    row = {
        "raw_sha256": withheld.raw_sha256.hex(),
        "size_bytes": withheld.size_bytes,
        "blocks_root": withheld.blocks_root.hex(),
        "ranges": withheld.ranges,
        "is_whole": withheld.is_whole,
        "leaves": {str(place): leaf.hex() for place, leaf in sorted(withheld.leaves.items())},
        "left_sha256": withheld.left_sha256.hex() if withheld.left_sha256 else None,
        "formats": withheld.formats,
        "why": why,
    }
    return orjson.dumps(row, option=orjson.OPT_INDENT_2)


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return stretches in their order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(one for one in ranges if one[0] < one[1]):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def ranges_of(texts: Collection[str], size_bytes: int) -> tuple[tuple[int, int], ...]:
    """Return the stretches that are written as `from-to`, or as `all`."""
    pairs = (text.split("-") for text in texts if text != WHOLE)
    found = [(int(start), int(end)) for start, end in pairs]
    return joined([*found, (0, size_bytes)] if WHOLE in texts else found)


def blocks_of(ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Return the places of the blocks that stretches touch."""
    for start, end in ranges:
        yield from range(start // BLOCK_BYTES, -(-end // BLOCK_BYTES))
