"""Rows of the table about exports against dlt, on the same posts in the same run."""

import shutil
import statistics
from pathlib import Path

from tests.bench.exports import Export, write_export
from tests.bench.ingests import EXPORTS, timed_ingest
from tests.bench.peer import Peer, peer
from tests.bench.table import ROUNDS, Line, at_least

POSTS = 20_000
WAYS = {"dlt as it comes": False, "dlt tuned": True}
# What is loaded one after another into the same archive, and by how much dlt should take longer.
LOADS = {
    "at first": ("first.json", 10),
    "the very same file again": ("first.json", 200),
    "a new export of the same posts": ("second.json", 20),
}


def dlt_lines(folder: Path, python: Path) -> list[Line]:
    """Compare ingests with dlt's versioned loads, turn by turn in one warmed process each."""
    write_export(folder / "first.json", Export(POSTS))
    write_export(folder / "second.json", Export(POSTS, name="Example Ministry, renamed"))
    write_export(folder / "warm.json", Export(1_000))
    timed_ingest(folder / "warm", EXPORTS, folder / "warm.json")
    own: dict[str, list[float]] = {load: [] for load in LOADS}
    others: dict[tuple[str, str], list[float]] = {(way, load): [] for way in WAYS for load in LOADS}
    with peer(python, "dlt_load.py", folder) as dlt:
        for is_tuned in WAYS.values():
            dlt.seconds(folder=folder / f"warm_{is_tuned}", export=folder / "warm.json", is_tuned=is_tuned)
        for number in range(ROUNDS):
            _ingests(folder / "home", folder, own)
            for way, is_tuned in WAYS.items():
                _loads(dlt, folder / f"loads_{is_tuned}_{number}", way, others)
    return [
        _line(load, way, statistics.median(own[load]), statistics.median(others[way, load])) for way, load in others
    ]


def _ingests(home: Path, folder: Path, seconds: dict[str, list[float]]) -> None:
    for load, (name, _) in LOADS.items():
        seconds[load].append(timed_ingest(home, EXPORTS, folder / name, "result.json").whole_s)
    shutil.rmtree(home)


def _loads(dlt: Peer, home: Path, way: str, seconds: dict[tuple[str, str], list[float]]) -> None:
    for load, (name, _) in LOADS.items():
        export = home.parent / name
        seconds[way, load].append(dlt.seconds(folder=home, export=export, is_tuned=WAYS[way]))
    shutil.rmtree(home)


def _line(load: str, way: str, own: float, other: float) -> Line:
    return at_least(
        f"export of {POSTS:,} posts, {load}: against {way}", other / own, LOADS[load][1], f"{own:.2f} s, {other:.1f} s"
    )
