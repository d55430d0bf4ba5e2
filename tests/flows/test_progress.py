"""Whoever waits is told what a run is at."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows.inputs import handed_in_job
from flows.pipeline import ingest
from flows.run import Listener
from tests.conftest import Desk
from warehouse import append
from warehouse.staging import SourceFacts


def test_a_long_append_tells_its_steps(desk: Desk, page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    job = handed_in_job(SourceFacts("pages"), [page("a.txt", "Words.")])
    said: list[str] = []
    run = replace(desk.run(), listener=Listener(said.append))
    monkeypatch.setattr(append, "SILENCE_S", 0.0)
    ingest(run, [job])
    begun = said.index("appending")
    steps = [line for line in said[begun + 1 :] if line.startswith("appending: ")]
    places = [steps.index(f"appending: {step}") for step in ("content", "reading", "checks", "writing to the disk")]
    assert places == sorted(places)
    assert places[-1] == len(steps) - 1
