"""The flow `ingest`: every source of the registry, or some of them, into the archive.

`python -m flows.ingest` runs it with a server of its own; a deployment runs `flows.ingest.ingest`. What happens is in
`flows.pipeline`; `flows.steps` makes tasks of it, so that a source that fails lets the others go on.
"""

import sys

if __name__ == "__main__":
    # Prefect takes its settings from the environment as it is imported, so they are set before that.
    from flows.embedded import main

    sys.exit(main(sys.argv[1:]))

from prefect import flow
from prefect.client.schemas.objects import State

from flows.execution import begun
from flows.fetching.entrances import of_files
from flows.inputs import registered_job
from flows.registry import read_registry
from flows.reports import RunReport
from flows.settings import settings_from
from flows.steps import execute, final_state

TIMEOUT_S = 6 * 60 * 60


@flow(name="ingest", timeout_seconds=TIMEOUT_S, persist_result=False)
def ingest(sources: list[str] | None = None) -> State[RunReport]:
    """Take the registry's sources into the archive: what is new is appended, what is known stays as it is.

    Args:
        sources: Keys of the registry's sources to take in, such as channel_dump_sco. None takes in all of them.
    """
    settings = settings_from()
    chosen = of_files(read_registry(settings.sources), tuple(sources or ()))
    report, _ = execute(begun("ingest", settings), [registered_job(one, settings.sources) for one in chosen])
    return final_state(report)
