"""How much memory and processor time a process and those that it started have taken."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROCESSES = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process has taken since its program began."""

    peak_mb: float
    processor_s: float


def taken_by(pid: str = "self") -> Taken:
    """Return what a process has taken. `getrusage` would count what the process that started it had."""
    status = (_PROCESSES / pid / "status").read_text(encoding="ascii")
    fields = (_PROCESSES / pid / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return Taken(peak, (int(fields[11]) + int(fields[12])) / _TICKS_PER_S)


def taken_by_children() -> list[Taken]:
    """Return what each process has taken that this one has started and that still lives."""
    own = os.getpid()
    children = (_PROCESSES / str(own) / "task" / str(own) / "children").read_text(encoding="ascii").split()
    return [taken_by(pid) for pid in children]
