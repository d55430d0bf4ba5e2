"""A program that is measured against, as a process of its own in the environment of the peers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PROGRAMS = Path(__file__).with_name("peers")
# It asks its maker's server otherwise.
_ENVIRONMENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A process that does a piece of work for each line and answers with its seconds, imports left out."""

    asked: IO[str]
    answers: IO[str]

    def seconds(self, **work: object) -> float:
        """Return how long a piece of work takes there."""
        self.asked.write(json.dumps(work, default=str) + "\n")
        self.asked.flush()
        answer = self.answers.readline()
        if not answer:
            sys.exit(f"what is measured against has ended at {work}")
        return float(json.loads(answer))


@contextmanager
def peer(python: Path, program: str, folder: Path) -> Iterator[Peer]:
    """Start a program of the peers; it ends with the block."""
    command = [str(python.absolute()), str(_PROGRAMS / program)]
    environment = os.environ | _ENVIRONMENT
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment
    ) as process:
        if process.stdin is not None and process.stdout is not None:
            yield Peer(process.stdin, process.stdout)
            process.stdin.close()
