"""One execution as it begins: the clock, the version of the code and who listens enter here."""

import logging
from datetime import UTC, datetime
from importlib.metadata import version

from prefect import get_run_logger

from flows.run import Listener, Run, new_run
from flows.settings import Settings
from warehouse.archive import Writing

PROGRESS = logging.getLogger("flows.progress")  # heard only by a run that brings its own server


def now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


def say(line: str) -> None:
    """Tell one line of progress: to the log of the Prefect run, and to a terminal that listens."""
    get_run_logger().info(line)
    PROGRESS.info(line)


def writing(settings: Settings) -> Writing:
    """Return what a writer needs to know."""
    return Writing(now(), version("mfa-archive"), settings.lock_wait_s)


def begun(command: str, settings: Settings) -> Run:
    """Return a run that begins now."""
    return new_run(command, settings.layout, writing(settings), now, Listener(say=say))
