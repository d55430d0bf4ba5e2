"""The deployments as `prefect.yaml` declares them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from flows import fetches
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
        ("fetch-feeds", "flows.fetches.fetch_pages", ["5 * * * *"], *_SHARED),
        ("fetch-listings", "flows.fetches.fetch_pages", ["50 0 * * *"], *_SHARED),
        ("fetch-channels", "flows.fetches.fetch_channel", ["20 */2 * * *"], *_SHARED),
        ("fetch-wayback", "flows.fetches.fetch_wayback", [], *_SHARED),
        ("fetch-watch", "flows.watch.fetch_watch", ["0 9 * * *"], *_SHARED),
        ("zombies", "flows.zombies.zombies", ["*/10 * * * *"], *_SHARED),
    ]


def test_what_asks_other_peoples_servers_is_off_until_a_person_turns_it_on() -> None:
    on = {one["name"]: [schedule["active"] for schedule in one["schedules"]] for one in DECLARED}
    assert {name: is_on for name, is_on in on.items() if name.startswith("fetch")} == {
        "fetch-feeds": [False],
        "fetch-listings": [False],
        "fetch-channels": [False],
        "fetch-wayback": [],
        "fetch-watch": [True],  # it asks nobody, and tells where the others were forgotten
    }
    assert all(all(is_on) for name, is_on in on.items() if not name.startswith("fetch"))


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one["name"])
def test_a_fetch_ends_by_itself_before_its_time_is_up_and_before_its_next_round(one: dict[str, Any]) -> None:
    hours = one["parameters"].get("hours")
    if not one["entrypoint"].startswith("flows.fetches"):
        assert hours is None
        return
    flow = load_flow_from_entrypoint(one["entrypoint"])
    waiting_s = fetches.RETRIES * fetches.RETRY_DELAY_S
    rest = timedelta(minutes=30)  # the longest pause, its request and the append
    assert timedelta(seconds=flow.timeout_seconds - waiting_s) >= timedelta(hours=hours or fetches.MOST_HOURS) + rest
    every = {"fetch-feeds": 1, "fetch-channels": 2, "fetch-listings": 24}
    assert (hours or 0) < every.get(one["name"], 1)


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
