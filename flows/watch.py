"""The flow `fetch_watch`: fails where a host or a source has given nothing good for days, and says which.

One refusal is told by the run that met it. What lasts is told here, once a day, so that a notification on failed runs
of this flow is about what a person has to look into.
"""

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import plain
from flows.execution import now
from flows.fetching.entrances import every
from flows.fetching.outlook import TROUBLED_AFTER, outlook, troubles
from flows.registry import read_registry
from flows.settings import settings_from
from flows.steps import MESSAGE_LENGTH
from warehouse.archive import opened_for_reading

TIMEOUT_S = 15 * 60


@flow(name="fetch_watch", timeout_seconds=TIMEOUT_S, persist_result=False)
def fetch_watch() -> State[None]:
    """Fail where a host has refused us, or a source has led to nothing, for days."""
    settings = settings_from()
    if not settings.layout.published.exists():
        return Completed(message="there is no archive yet; nothing was asked")
    entrances = every(read_registry(settings.sources))
    with opened_for_reading(settings.layout) as connection:
        found = troubles(connection, now(), [one.source.source_key for one in entrances])
        ahead = outlook(connection, settings.layout.raw, settings.fetching, entrances, now()).hosts if found else ()
    lines = [trouble.line for trouble in found]
    if not lines:
        return Completed(message=f"nothing has been in trouble for {TROUBLED_AFTER.days} days")
    text = "".join(f"- {plain(line)}\n" for line in (*lines, *(one.line for one in ahead)))
    create_markdown_artifact(f"# What needs a person\n\n{text}", key="fetch-watch-report", description=lines[0])
    return Failed(message="; ".join(lines)[:MESSAGE_LENGTH])
