"""Posts that waited for the number of their channel, taken in once something tells it.

A form without that number and without a known username has no keys for its posts: the input is kept and rejected. As
soon as another input pairs its channel's username with the number, its bytes are read again from the raw store.
"""

from dataclasses import replace

from flows.errors import ReadingStopped
from flows.intake import read_capture
from flows.run import Run
from warehouse.errors import ArchiveBusy
from warehouse.known import waiting_captures
from warehouse.staging import CaptureFacts, SourceFacts


def take_in_waiting(run: Run) -> None:
    """Stage inputs whose channel is known by now."""
    try:
        with run.archive() as connection:
            waiting = waiting_captures(connection)
    except ArchiveBusy as error:
        run.note_busy(error)
        return
    for capture, source in waiting:
        _take_in(run, capture, source)


def _take_in(run: Run, capture: CaptureFacts, source: SourceFacts) -> None:
    run.listener.say(f"{source.source_key}: reading {capture.locator}, whose channel is known by now")
    batch = run.open_batch()
    noted = replace(capture, recorded_order=len(batch.captures()))
    batch.note(source, noted)
    try:
        read_capture(run, batch, noted, source)
    except ReadingStopped as error:
        run.report_of(source.source_key).is_failed = True
        run.report_of(source.source_key).problems.append(f"{capture.locator}: {error}")
