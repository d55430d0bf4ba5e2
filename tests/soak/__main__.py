"""`make soak`: some hundred processes killed at random over all that is done to an archive, and what came of it."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.flows.killing import ACTS, CONTEXT
from tests.soak.growing import Counts, count_of, soaked

KILLS_OF_ONE = 25  # archive, so that it stays small
COLUMNS = ("done", "killed", "at a step", "ended first", "made good", "differing")


def table(counts: Counts) -> str:
    """Return a line for each act, and one for all."""
    rows = [["killed in", *COLUMNS]]
    rows += [[name, *(str(counts[name, column]) for column in COLUMNS)] for name in ACTS]
    rows += [["all", *(str(count_of(counts, column)) for column in COLUMNS)]]
    rows.insert(1, ["---", *("---:" for _ in COLUMNS)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def arguments() -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=10, help="begin no act after so long")
    parser.add_argument("--seed", type=int, default=None, help="of the order, the steps and the share of each moment")
    return parser.parse_args()


def main() -> int:
    """Kill, tell and return the exit status: 1 where anything differs."""
    asked = arguments()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    print(f"seed {seed}: {asked.kills} kills, within {asked.minutes:g} minutes", flush=True)
    began = time.time()
    until = began + 60 * asked.minutes
    folder = Path(tempfile.mkdtemp(prefix="mfa-soak-"))
    shares = [min(KILLS_OF_ONE, asked.kills - at) for at in range(0, asked.kills, KILLS_OF_ONE)]
    counts: Counts = Counter()
    differences: list[str] = []
    with ProcessPoolExecutor(os.cpu_count(), CONTEXT) as lanes:
        ends = [
            lanes.submit(soaked, seed + number, share, until, folder / str(number))
            for number, share in enumerate(shares)
        ]
        for end in as_completed(ends):
            one = end.result()
            counts += one.counts
            differences += one.differences
            print(*one.differences, sep="\n", end="\n" * bool(one.differences), file=sys.stderr, flush=True)
            print(
                f"archive {one.seed - seed + 1} of {len(shares)}: {count_of(one.counts, 'killed')} killed, "
                f"{len(one.differences)} differing; {count_of(counts, 'killed')} of {asked.kills} after "
                f"{time.time() - began:.0f} s",
                flush=True,
            )
    print(f"\n{table(counts)}\n")
    print(
        f"{count_of(counts, 'killed')} killed in {count_of(counts, 'done')} acts on {len(shares)} archives, "
        f"{len(differences)} differing, {time.time() - began:.0f} s, seed {seed}"
    )
    if differences:
        print(f"what differs is kept in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
