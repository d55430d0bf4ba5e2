"""When a document counts as gone, and as restored: by looks that found nothing at its place, and by no others."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Desk
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin import faults
from tests.standin.faults import Fault
from tests.standin.papers import published
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NEWS = "foreign_policy/news"
REGISTRY = [row("news_en", f"https://mid.ru/en/{NEWS}/", "en")]
ENGLISH = (
    "The ministers met in the capital and spoke of the talks, of the road and the bridge, and of what is still open.",
    "They will go on with what has begun, and the next meeting will be in the spring, as both of them have agreed.",
)
AWAY = NOW + DAY
FATES = {
    "gone": published(1_900_901, NEWS, NOW - HOUR, "On what is taken down", *ENGLISH),
    "gone_410": replace(published(1_900_902, NEWS, NOW - HOUR, "On what is withdrawn", *ENGLISH), missing_status=410),
    "returned": published(1_900_903, NEWS, NOW - HOUR, "On what comes back", *ENGLISH),
    "missed_twice": published(1_900_904, NEWS, NOW - HOUR, "On what is missing for a day and a half", *ENGLISH),
    "failing": published(1_900_905, NEWS, NOW - HOUR, "On what a failing server lacks", *ENGLISH),
    "there": published(1_900_906, NEWS, NOW - HOUR, "On what stays", *ENGLISH),
}
UNTIL = {"gone": None, "gone_410": None, "returned": NOW + 4 * DAY, "missed_twice": NOW + 3 * DAY, "failing": None}
_STATUS = "select document_key, status from documents"


def statuses(desk: Desk) -> dict[str, object]:
    """Return the state of each document by its fate."""
    found = dict(desk.query(_STATUS))
    return {name: found[paper.key("en")] for name, paper in FATES.items()}


@pytest.fixture(scope="module")
def missed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fetcher, dict[int, dict[str, object]]]]:
    """An archive after looks once a day at pages that are taken down, and what it said of them each day."""
    papers = [replace(paper, away=((AWAY, UNTIL[name]),) if name in UNTIL else ()) for name, paper in FATES.items()]
    world = World(NOW, site_of(papers))
    broken = faults.between(NOW + 2 * DAY, NOW + 3 * DAY)
    is_failing = faults.at(FATES["failing"].path("en"))
    world.site.faults.append(
        Fault(lambda request, now: broken(request, now) and is_failing(request, now), faults.RESET)
    )
    told = {}
    with Standin(world.handler) as standin:
        fetcher = Fetcher(Desk(tmp_path_factory.mktemp("missed") / "data"), world, standin, REGISTRY)
        for day in range(6):
            world.now = NOW + day * timedelta(hours=24, minutes=10)
            fetcher.pages()
            told[day] = statuses(fetcher.desk)
        yield fetcher, told


def test_one_look_or_two_that_find_nothing_leave_a_document_unknown(
    missed: tuple[Fetcher, dict[int, dict[str, object]]],
) -> None:
    _, told = missed
    assert set(told[0].values()) == {"present"}
    for day in (1, 2):
        assert told[day] == dict.fromkeys(UNTIL, "unknown") | {"there": "present"}


def test_three_looks_over_two_days_that_find_nothing_show_that_it_is_gone(
    missed: tuple[Fetcher, dict[int, dict[str, object]]],
) -> None:
    fetcher, told = missed
    assert told[3] == {
        **dict.fromkeys(("gone", "gone_410", "returned"), "gone"),
        "missed_twice": "present",
        "failing": "unknown",
        "there": "present",
    }
    removed = (
        "select len(evidence) >= 3, text_before is not null from changes where cause = 'removed' and document_key = ?"
    )
    for name in ("gone", "gone_410"):
        assert fetcher.desk.query(removed, FATES[name].key("en")) == [(True, True)]


def test_a_look_that_fails_is_none_that_finds_nothing(missed: tuple[Fetcher, dict[int, dict[str, object]]]) -> None:
    fetcher, told = missed
    assert (told[3]["failing"], told[4]["failing"]) == ("unknown", "gone")
    looks = "select http_status from captures where looked_for = ? order by asked_at limit 6"
    found = [status for (status,) in fetcher.desk.query(looks, FATES["failing"].key("en"))]
    assert found == [200, 404, None, None, None, 404]


def test_what_is_back_after_it_was_gone_is_restored_with_the_same_words(
    missed: tuple[Fetcher, dict[int, dict[str, object]]],
) -> None:
    fetcher, told = missed
    assert (told[3]["returned"], told[5]["returned"]) == ("gone", "present")
    causes = "select cause from changes where document_key = ? order by recorded_at"
    assert fetcher.desk.query(causes, FATES["returned"].key("en")) == [("first_seen",), ("removed",), ("restored",)]
    texts = "select count(distinct text) from versions where document_key = ?"
    assert fetcher.desk.value(texts, FATES["returned"].key("en")) == 1


def test_what_was_missing_for_less_was_never_gone(missed: tuple[Fetcher, dict[int, dict[str, object]]]) -> None:
    fetcher, _ = missed
    causes = "select cause from changes where document_key = ?"
    assert fetcher.desk.query(causes, FATES["missed_twice"].key("en")) == [("first_seen",)]
