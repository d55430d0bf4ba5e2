"""The deployments as `prefect.yaml` declares them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from tests.conftest import PROJECT

DECLARED: list[dict[str, Any]] = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def test_what_runs_when_and_how_often_at_once_is_this() -> None:
    assert [
        (
            one["name"],
            one["entrypoint"],
            [schedule["cron"] for schedule in one["schedules"]],
            one["concurrency_limit"],
            one["work_pool"],
        )
        for one in DECLARED
    ] == [
        ("seeds", "flows.ingest.ingest", [], *_SHARED),
        ("inbox", "flows.inbox.inbox", ["*/15 * * * *"], *_SHARED),
        ("nightly-snapshot", "flows.nightly.snapshot", ["30 3 * * *"], *_SHARED),
        ("zombies", "flows.zombies.zombies", ["*/10 * * * *"], *_SHARED),
    ]


_SHARED = ({"limit": 1, "collision_strategy": "CANCEL_NEW"}, {"name": "mfa-archive"})


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one["name"])
def test_each_deployment_can_be_loaded_has_a_timeout_and_says_what_it_is(one: dict[str, Any]) -> None:
    flow = load_flow_from_entrypoint(one["entrypoint"])
    assert flow.timeout_seconds
    assert flow.persist_result is False
    assert "mfa-archive" in one["tags"]
    assert len(one["description"]) > 40
    assert set(one["parameters"]) <= set(flow.parameters.properties)


def test_the_form_of_the_seeds_deployment_explains_its_parameter() -> None:
    flow = load_flow_from_entrypoint("flows.ingest.ingest")
    (name, field), *others = flow.parameters.properties.items()
    assert (name, others) == ("sources", [])
    assert "None takes in all of them" in field["description"]
    assert field["default"] is None


def test_no_machine_stands_in_the_file() -> None:
    text = (PROJECT / "prefect.yaml").read_text(encoding="utf-8")
    assert "://" not in text
    assert str(Path.home()) not in text
    assert str(PROJECT) not in text
