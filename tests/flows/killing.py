"""Runs that are killed at a named step. Everything here runs in a process of its own, which is what gets killed."""

import importlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse.archive
from flows.inputs import handed_in_job
from flows.rebuild import rebuild
from tests.conftest import Clock, Desk
from warehouse.staging import SourceFacts

Step = tuple[str, str, int]  # module:attribute, before or after, at which call


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def ingest_killed(home: Path, clock: Clock, folder: Path, step: Step | None) -> None:
    """Ingest a folder; die at the step. All processes that this starts are of one session."""
    os.setsid()
    desk = Desk(home, clock, wait_s=30)
    _die_at(step)
    desk.ingest(handed_in_job(SourceFacts("pages"), [folder]))


def rebuild_killed(home: Path, clock: Clock, step: Step) -> None:
    """Rebuild the archive; die at the step."""
    desk = Desk(home, clock, wait_s=30)
    _die_at(step)
    rebuild(desk.run("rebuild"))


def _die_at(step: Step | None) -> None:
    if step is None:
        return
    name, when, number = step
    if name.startswith("sql:"):
        _die_at_statement(name.removeprefix("sql:"), when, number)
        return
    place, _, attribute = name.rpartition(".")
    module, _, owner = place.partition(":")
    target: Any = importlib.import_module(module)
    target = getattr(target, owner) if owner else target
    setattr(target, attribute, _deadly(getattr(target, attribute), when, number))


def _deadly(function: Callable[..., Any], when: str, number: int) -> Callable[..., Any]:
    calls = 0

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and when == "before":
            die()
        result = function(*arguments, **named)
        if calls == number:
            die()
        return result

    return called


def _die_at_statement(text: str, when: str, number: int) -> None:
    """Die before or after a statement is executed by which the archive's own transaction begins or ends."""
    connect = warehouse.archive._connect
    seen = 0

    class Connection:
        def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
            self.connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def execute(self, sql: str, *arguments: Any) -> Any:
            nonlocal seen
            seen += sql == text
            if sql == text and seen == number and when == "before":
                die()
            result = self.connection.execute(sql, *arguments)
            if sql == text and seen == number:
                die()
            return result

    patch = pytest.MonkeyPatch()
    patch.setattr(warehouse.archive, "_connect", lambda *arguments: Connection(connect(*arguments)))
