"""The history doesn't depend on the order in which captures come in, nor on how they are cut into batches.

Nor does it on the number of threads in which they are appended.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.inputs import Input, Job
from tests.conftest import THREADS, Desk, begun
from tests.forms.every import ingest_in_batches
from warehouse.staging import SourceFacts

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
HEADS = (
    "🎙 Sergey Lavrov’s opening remarks at the talks that are held in the first place",
    "🗓 On July 26, Sergey Lavrov took part in the meeting that is held in the second place",
)
BODIES = ("Some words.", "Some other words.", "Some words , torn.", "")

# One capture: which day (None: not known), and which body each of the two posts has (None: the post is not there).
bodies = st.one_of(st.none(), st.sampled_from(BODIES))
days = st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True)


@st.composite
def captures(draw: st.DrawFn) -> list[tuple[int | None, tuple[str | None, str | None]]]:
    found = [(day, (draw(bodies), draw(bodies))) for day in draw(days)]
    if draw(st.booleans()):
        found.append((None, (draw(bodies), draw(bodies))))
    return found


def job(folder: Path, number: int, day: int | None, posts: tuple[str | None, str | None]) -> Job:
    path = folder / f"{number}.txt"
    texts = [[head, *([body] if body else [])] for head, body in zip(HEADS, posts, strict=True) if body is not None]
    lines = [line for text in texts for line in ("Forwarded from A", *text, *text[1:])]
    path.write_text("\n".join(lines or ["Forwarded from A"]), encoding="utf-8")
    captured_at = None if day is None else FIRST + timedelta(days=day)
    source = SourceFacts("dump", format="channel_dump", language="en", captured_at=captured_at)
    return Job(source, (Input(f"{number}.txt", path),))


def history(desk: Desk) -> list[tuple[object, ...]]:
    return desk.query(
        """
        select document_key, version_number, version_key, ref, is_current, cause, is_silent, seen_from, seen_until,
            replaced_by, changed_after, text, sighting_count, capture_key, raw_sha256, locator, byte_from
        from versions order by document_key, version_number
        """
    )


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(found=captures(), data=st.data())
def test_the_same_captures_in_any_order_and_any_batches_give_the_same_history(
    empty_store: Path, found: list[tuple[int | None, tuple[str | None, str | None]]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        jobs = [job(Path(folder), number, *capture) for number, capture in enumerate(found)]
        at_once, one_by_one = (begun(Path(folder) / name, empty_store) for name in ("at_once", "one_by_one"))
        assert at_once.ingest(*jobs).is_good
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(THREADS, "2")
            assert ingest_in_batches(one_by_one, *([each] for each in data.draw(st.permutations(jobs)))) == []
        assert history(at_once) == history(one_by_one)


def test_a_form_that_has_lost_paragraphs_begins_no_version(desk: Desk, tmp_path: Path) -> None:
    """A second form of one document does not exist among the seeds' formats; the views' cases hold the others."""
    assert ingest_in_batches(desk, *([job(tmp_path, day, day, ("Some words.", None))] for day in (0, 1))) == []
    assert desk.query("select count(*), max(sighting_count) from versions") == [(1, 2)]
