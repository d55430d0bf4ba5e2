"""While a container is opened the archive is free for others: what it unpacks to is not known before."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from flows.inputs import handed_in_job
from flows.pipeline import ingest
from flows.run import Listener, new_run
from tests.conftest import Desk
from warehouse.archive import Writing
from warehouse.errors import ArchiveBusy
from warehouse.lock import locked
from warehouse.staging import SourceFacts


def test_the_archive_is_kept_by_nobody_while_a_container_is_opened(
    desk: Desk, tmp_path: Path, page: Callable[..., Path]
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    page("given/a.txt", "First words.")
    with zipfile.ZipFile(folder / "b.zip", "w") as packed:
        packed.write(page("c.txt", "Other words."), "c.txt")
    free: dict[str, bool] = {}

    def say(line: str) -> None:
        try:
            with locked(desk.layout.lock, 0.0):
                free[line] = True
        except ArchiveBusy:
            free[line] = False

    run = new_run("ingest", desk.layout, Writing(desk.clock(), "test", 0.2), desk.clock, Listener(say))
    report = ingest(run, [handed_in_job(SourceFacts("hand"), [folder])])
    assert (report.is_good, report.sources[0].appended_count) == (True, 2)
    assert [is_free for line, is_free in free.items() if line.startswith("opening ")] == [True]
    assert not all(free.values())
