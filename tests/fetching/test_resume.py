"""A crawl that is killed at any request goes on where it was, and ends with what an uncut one has."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.rebuild import rebuild
from tests.conftest import Desk
from tests.fetching.crawling import crawled_in_pieces, place_of, steps_of, world_of_both
from tests.flows.killing import faults
from tests.standin.server import Standin

KILLS = 6
STATE = (
    "select document_key, title, text, status, version_count, ref from documents order by document_key",
    "select document_key, version_number, ref, text, cause from versions order by all",
    "select distinct address, http_status, verdict, raw_sha256 from captures order by all",
    "select ref, document_key from store.ref order by all",
)
HEADS = "select append_number, lower(hex(head)) from store.append order by append_number"


def state(desk: Desk) -> list[object]:
    return [desk.query(question) for question in STATE]


@pytest.fixture(scope="module")
def uncut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Counter[str]]]:
    """An archive after one crawl, and how often each address was asked."""
    world = world_of_both()
    with Standin(world.handler) as standin:
        desk = place_of(tmp_path_factory.mktemp("uncut") / "data", standin, 0).crawl()
        yield desk, world.asked


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_recorded_is_not_asked_again_and_the_archive_is_that_of_an_uncut_crawl(
    seed: int, tmp_path: Path, uncut: tuple[Desk, Counter[str]]
) -> None:
    whole, once = uncut
    world = world_of_both()
    with Standin(world.handler) as standin:
        steps = steps_of(seed, KILLS)
        desk, in_flight = crawled_in_pieces(tmp_path / "data", world, standin, steps)
    assert in_flight.total() >= KILLS - 1, steps
    assert world.asked - once <= in_flight, steps
    assert set(world.asked) == set(once)
    assert state(desk) == state(whole)
    assert faults(desk) == []
    assert rebuild(desk.run("rebuild")).is_good
    assert state(desk) == state(whole)


def test_a_rebuild_from_the_raw_store_gives_the_heads_that_fetching_gave(uncut: tuple[Desk, Counter[str]]) -> None:
    desk, _ = uncut
    heads, held = desk.query(HEADS), state(desk)
    assert len(heads) == 2
    assert rebuild(desk.run("rebuild")).is_good
    assert (desk.query(HEADS), state(desk)) == (heads, held)
