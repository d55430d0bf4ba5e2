"""Bytes of which something was withheld, while they are read: what is left is read as ever, each gap is a rejection."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from extract.errors import WithheldInput
from extract.model import Reason, Rejection, Stretch
from warehouse.raw_store import blob_path
from warehouse.withheld import Withheld, withheld_of

_BETWEEN_BYTES = 16
_FOUND = "bytes that were taken out of the archive"
_EXPECTED = "the record that stood here"
_REMEDY = "mfa-archive withhold --list says who took it out and why"


@dataclass(frozen=True, slots=True)
class Gaps:
    """What of one blob is not to be read."""

    withheld: Withheld

    @property
    def format(self) -> str | None:
        """The one format that read the bytes as long as they were whole: blanks may hide what it is known by."""
        return self.withheld.formats[0] if len(self.withheld.formats) == 1 else None

    def trimmed(self, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
        """Yield the stretches without a gap at either end.

        A text dump parts records by what they begin with, and would give the blanks of a gap to the record before it.
        Where a stretch has a context, places may stand in that, and its format knows where its records end.
        """
        for stretch in stretches:
            start, end = stretch.byte_from, stretch.byte_to
            if not stretch.context:
                for gap_from, gap_to in sorted(self.withheld.ranges):
                    start = gap_to if gap_from <= start < gap_to else start
                for gap_from, gap_to in sorted(self.withheld.ranges, reverse=True):
                    end = gap_from if gap_from < end <= gap_to else end
            if start < end:
                data = stretch.data[start - stretch.byte_from : end - stretch.byte_from]
                yield replace(stretch, byte_from=start, byte_to=end, data=data)

    def rejections(self, found: list[Rejection]) -> list[Rejection]:
        """Return what was rejected elsewhere, and one rejection for each gap."""
        others = [one for one in found if not self._is_gap(one)]
        return others + [
            Rejection(start, end, Reason.WITHHELD, _FOUND, _EXPECTED, _REMEDY, "")
            for start, end in self.withheld.ranges
        ]

    def _is_gap(self, one: Rejection) -> bool:
        """Say whether nothing but a gap was rejected, with what parts it from its neighbours."""
        if one.byte_from is None:
            return False
        start, end = one.byte_from + _BETWEEN_BYTES, (one.byte_to or one.byte_from) - _BETWEEN_BYTES
        return any(gap_from <= start and end <= gap_to for gap_from, gap_to in self.withheld.ranges)


def gaps_of(raw: Path, raw_sha256: bytes) -> Gaps | None:
    """Return what of a blob is not to be read; None where all of it is.

    Raises `WithheldInput` where nothing of it is left.
    """
    withheld = withheld_of(raw, raw_sha256)
    if withheld is None:
        return None
    if withheld.is_whole:
        raise WithheldInput(f"{blob_path(raw, raw_sha256).name}: {_FOUND}", "the bytes of a capture", _REMEDY)
    return Gaps(withheld)
