"""Running the flow `ingest` with a server that is started for it and ends with it: what `make ingest` does.

A person sees progress on the error stream and the report on the output. What the server writes goes to a file in the
data folder.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from flows.command.output import on_one_line
from flows.errors import FlowError
from flows.fetching.entrances import of_files
from flows.prefect_env import SERVER_LOG, has_server, prefect_folder, to_set
from flows.registry import read_registry
from flows.settings import Settings, settings_from
from warehouse.errors import WarehouseError
from warehouse.lock import locked

if TYPE_CHECKING:
    from flows.reports import RunReport

START_WAIT_S = 180.0  # for another run whose server makes its tables at this moment
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class ServerFailed(FlowError):
    """Prefect's server did not start."""


def main(arguments: list[str]) -> int:
    """Run the flow and return the exit status: 0, or 1 where something was rejected or failed."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _end)
    try:
        return _run(options.source, is_debug=options.debug)
    except KeyboardInterrupt:
        sys.stderr.write("mfa-archive: interrupted; what was staged is kept, and the next run takes it up\n")
        return INTERRUPTED
    except (FlowError, WarehouseError, OSError) as error:
        if options.debug:
            raise
        found = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        sys.stderr.write(f"mfa-archive: {on_one_line(found)}\n")
        return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m flows.ingest", description=__doc__)
    parser.add_argument("source", nargs="*", help="keys of the registry's sources; all of them if none is given")
    parser.add_argument("--debug", action="store_true", help="show Prefect's own lines, and tracebacks")
    return parser.parse_args(arguments)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End in the ordinary way, so that the server is stopped too."""
    sys.exit(TERMINATED)


def _run(keys: list[str], *, is_debug: bool) -> int:
    settings = settings_from()
    of_files(read_registry(settings.sources), tuple(keys))  # what is wrong here need not wait for a server
    os.environ.update(to_set(settings.home, os.environ, is_debug=is_debug))
    _listen()
    if not has_server(os.environ):
        _start_server(settings)
    report = _report(keys)
    _show(report, settings)
    return 0 if report.is_good else 1


def _listen() -> None:
    """Let progress go to the error stream."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    progress = logging.getLogger("flows.progress")
    progress.setLevel(logging.INFO)
    progress.addHandler(handler)
    progress.propagate = False


def _start_server(settings: Settings) -> None:
    """Start Prefect's server with its output in a file. It ends with this process.

    One at a time: two that find no tables would both make them.
    """
    folder = prefect_folder(settings.home, os.environ)
    is_first = not (folder / "prefect.db").exists()
    sys.stderr.write(f"starting Prefect's server{', which takes a little longer the first time' * is_first}\n")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "start.lock", START_WAIT_S), _output_in(folder / SERVER_LOG):
        from prefect.server.api.server import SubprocessASGIServer  # noqa: PLC0415 - after its settings

        try:
            SubprocessASGIServer().start()
        except RuntimeError as error:
            raise ServerFailed(
                f"{folder / SERVER_LOG}: Prefect's server did not start ({str(error).splitlines()[0]}); expected it to "
                "answer; mfa-archive ingest does the same without it"
            ) from error


@contextmanager
def _output_in(path: Path) -> Iterator[None]:
    """Let what this process and those that it starts write go to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    with path.open("wb") as file:
        for stream, _ in kept:
            os.dup2(file.fileno(), stream)
    try:
        yield
    finally:
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)


def _report(keys: list[str]) -> "RunReport":
    from flows.ingest import ingest  # noqa: PLC0415 - after Prefect's settings
    from flows.reports import RunReport  # noqa: PLC0415

    state = ingest(sources=keys or None, return_state=True)
    found = state.result(raise_on_failure=False)
    if isinstance(found, RunReport):
        return found
    if isinstance(found, Exception):
        raise found
    raise ServerFailed(f"the run ended as {state.name}: {state.message}; expected a report; see Prefect's log")


def _show(report: "RunReport", settings: Settings) -> None:
    from flows.command.ingest import tell  # noqa: PLC0415 - slow to import, and needed last

    tell(settings, report)
