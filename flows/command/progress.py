"""How a run is seen while it goes on: a bar on a terminal, plain lines elsewhere; on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Column

from flows.command.output import on_one_line
from flows.command.root import code_version
from flows.run import Listener, Run, new_run
from flows.settings import Settings
from warehouse.archive import Writing


def now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def writing_of(settings: Settings) -> Writing:
    """Return what a writer needs to know."""
    return Writing(now(), code_version(), settings.lock_wait_s)


@contextmanager
def run_shown(command: str, settings: Settings, size_bytes: int | None) -> Iterator[Run]:
    """Begin a run that is shown while it goes on. `size_bytes` is that of all its inputs, None if not known."""
    show = _bar(size_bytes) if sys.stderr.isatty() else _lines()
    with show as listener:
        yield new_run(command, settings.layout, writing_of(settings), now, listener)


@contextmanager
def _lines() -> Iterator[Listener]:
    yield Listener(say=_line)


def _line(text: str) -> None:
    click.echo(on_one_line(text), err=True)


@contextmanager
def _bar(size_bytes: int | None) -> Iterator[Listener]:
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as progress:
        task = progress.add_task("", total=size_bytes)
        yield Listener(say=_describing(progress, task), advance=_advancing(progress, task))


def _describing(progress: Progress, task: int) -> Callable[[str], None]:
    def say(text: str) -> None:
        progress.update(task, description=on_one_line(text))  # type: ignore[arg-type] # rich's TaskID is an int

    return say


def _advancing(progress: Progress, task: int) -> Callable[[int], None]:
    def advance(size: int) -> None:
        progress.update(task, advance=size)  # type: ignore[arg-type] # likewise

    return advance
