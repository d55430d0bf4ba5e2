"""A stand-in for the hosts that are asked, and an archive that fetches from it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import Desk
from tests.fetching.fetcher import Fetcher
from tests.standin.server import Standin
from tests.standin.world import World

NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def fetcher(desk: Desk) -> Iterator[Fetcher]:
    """An archive and a world without documents at a given hour."""
    world = World(NOW)
    with Standin(world.handler) as standin:
        yield Fetcher(desk, world, standin)
