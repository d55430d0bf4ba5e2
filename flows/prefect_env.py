"""What must stand in the environment before Prefect is imported, for a run that brings its own server.

Prefect reads its settings, makes its folder and sets up its logging as it is imported. Does not import it.
"""

from collections.abc import Mapping
from pathlib import Path

SERVER_LOG = "server.log"

# Each is set only where the person has not set it.
_QUIET = {
    # The embedded server's telemetry writes beside the run and ends in "database is locked".
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # Progress is told by the run itself; Prefect's own lines would stand between.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL": "CRITICAL",
    # A server that ends with the run shows its logs to nobody, and one that ends first makes the client complain.
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    # Two seconds of start-up for block types that no flow here uses; a lasting server registers them itself.
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    # And so this server must not note that it has done so.
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    # The first start makes the server's tables: about ten seconds on two cores, more on a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_CLI_PROMPT": "false",
}
_VERBOSE = ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL")


def has_server(environment: Mapping[str, str]) -> bool:
    """Say whether the person has named a server, or a profile of Prefect that may name one."""
    return bool(environment.get("PREFECT_API_URL") or environment.get("PREFECT_PROFILE"))


def prefect_folder(home: Path, environment: Mapping[str, str]) -> Path:
    """Return where Prefect keeps its own data: in the data folder, unless the person has said otherwise."""
    return Path(environment.get("PREFECT_HOME") or home / "prefect").expanduser()


def to_set(home: Path, environment: Mapping[str, str], *, is_debug: bool) -> dict[str, str]:
    """Return the variables that must be added to the environment; what the person has set stays."""
    wanted = dict(_QUIET)
    if has_server(environment):
        wanted.pop("PREFECT_LOGGING_TO_API_ENABLED")
    else:
        wanted["PREFECT_HOME"] = str(prefect_folder(home, environment))
    if is_debug:
        for name in _VERBOSE:
            wanted.pop(name)
    return {name: value for name, value in wanted.items() if name not in environment}
