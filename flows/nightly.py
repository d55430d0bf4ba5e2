"""The flow `snapshot`: the archive as Parquet, once a night, in a folder named by the day."""

from zoneinfo import ZoneInfo

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.execution import now, say, writing
from flows.settings import settings_from

TIMEOUT_S = 2 * 60 * 60
DAY_OF = ZoneInfo("Europe/Moscow")  # days are the publisher's


@flow(name="snapshot", timeout_seconds=TIMEOUT_S, persist_result=False)
def snapshot() -> State[None]:
    """Write the archive's public views as Parquet with a manifest to `data/snapshots/<day>`.

    A day that has its snapshot keeps it: a second run on the same day writes nothing.
    """
    from warehouse.snapshot import write_snapshot  # noqa: PLC0415 - imported where it is needed

    settings = settings_from()
    out = settings.home / "snapshots" / now().astimezone(DAY_OF).date().isoformat()
    if out.exists():
        return Completed(message=f"{out} is there already")
    written = write_snapshot(settings.layout, out, writing(settings))
    size = f"{written.size_bytes / 1e6:,.1f} MB"
    line = f"{written.view_count} views, {written.row_count:,} rows, {size} in {written.folder}"
    say(line)
    create_markdown_artifact(
        f"# Snapshot of {out.name}\n\n{line}\n\nChain head `{written.head}`. `manifest.json` has the files' hashes.\n",
        key="snapshot-report",
        description=line,
    )
    return Completed(message=line)
