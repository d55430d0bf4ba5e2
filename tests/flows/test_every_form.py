"""The same posts in every form of Telegram are the same documents, and only an edit makes a version."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extract.formats import claimants, formats
from extract.model import Record
from extract.richer import links_fold, media_kinds
from flows.input_facts import Input, Told
from flows.inputs import Job
from flows.taking import hints_of
from tests.conftest import Desk
from tests.forms.desktop_html import desktop_html
from tests.forms.desktop_json import Exporter, desktop_json
from tests.forms.dumps import telethon
from tests.forms.every import FORMS, Form, ingest_in_batches
from tests.forms.made import POSTS, Attached, MadePost, Mark, moved, said, tag, words_to
from tests.forms.preview import preview_pages
from tests.forms.tables import four_cat

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
WITHOUT_NUMBER = [form for form in FORMS.values() if not form.has_number]
FACETS = ("text", "kind", "links", "media", "poll", "origin", "service", "reply_to")
# Forms whose records carry a facet: for dating an edit of it.
RICH = {"desktop_json", "desktop_json_2019", "desktop_html", "preview", "telethon", "pyrogram"}
CARRIERS = {
    "text": set(FORMS),
    "link": RICH,
    "poll": RICH | {"four_cat", "tg_archive"},
    "media": RICH | {"four_cat", "tracker", "telegram_export"},
}


def records(form: Form, posts: Sequence[MadePost]) -> dict[str, Record]:
    """Return what the form's format reads of posts that are written in it, by key."""
    reader, hints = formats()[form.format], hints_of(form.source(), Told())
    found: dict[str, Record] = {}
    for data in form.files(posts).values():
        for stretch in reader.split(io.BytesIO(data), hints):
            for value in reader.read(stretch, hints):
                assert isinstance(value, Record), value
                assert value.key is not None
                found[value.key] = value
    return found


def facets(record: Record) -> dict[str, object]:
    """Return what of a record tells versions apart, folded as the archive compares it."""
    post = record.post
    assert post is not None
    return {
        "text": record.text,
        "kind": post.kind,
        "links": None if record.links is None else links_fold(record.links),
        "media": media_kinds(record.media),
        "poll": record.poll,
        "origin": None if post.origin is None else post.origin.message_id,
        "service": None if post.service is None else (post.service.action, post.service.detail),
        "reply_to": post.reply_to,
    }


@pytest.fixture(scope="module")
def best() -> dict[str, dict[str, object]]:
    """The facets of each post in the form that has them all."""
    return {key: facets(record) for key, record in records(FORMS["telethon"], POSTS).items()}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_is_claimed_by_its_own_format_alone(form: Form) -> None:
    assert {tuple(claimants(data[:65_536])) for data in form.files(POSTS).values()} == {(form.format,)}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_gives_the_words_as_published(form: Form) -> None:
    assert {key: record.text for key, record in records(form, POSTS).items()} == {
        post.key: post.text for post in form.held(POSTS)
    }


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_agrees_with_the_others_on_every_facet_that_it_carries(
    form: Form, best: dict[str, dict[str, object]]
) -> None:
    for key, record in records(form, POSTS).items():
        carried = {name: value for name, value in facets(record).items() if value is not None}
        assert carried == {name: best[key][name] for name in carried}, key


def orders(count: int, how_many: int) -> list[list[int]]:
    """Return the order of 0 to count, its reverse, and some others, always the same."""
    first = list(range(count))
    found = [first, first[::-1]]
    shuffler = random.Random(20240726)  # noqa: S311
    while len(found) < how_many:
        found.append(shuffler.sample(first, count))
    return found


def captured_at(form: Form) -> datetime | None:
    """Return when a form's input was captured; of every third it is not known."""
    place = list(FORMS).index(form.name)
    return None if place % 3 == 1 else FIRST + timedelta(days=place)


def told(desk: Desk) -> list[tuple[object, ...]]:
    return desk.query("select document_key, text, published_at, version_count, status from documents order by all")


def expected(posts: Sequence[MadePost]) -> list[tuple[object, ...]]:
    return sorted((post.key, post.text, post.at, 1, "present") for post in posts)


ORDERS = orders(len(FORMS), 4)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """The documents of an archive that has the posts once for each order, under numbers of their own."""
    folder = tmp_path_factory.mktemp("orders")
    jobs = [
        [form.job(folder / str(times), moved(POSTS, times), captured_at(form)) for form in ordered]
        for times, ordered in enumerate([list(FORMS.values())[place] for place in order] for order in ORDERS)
    ]
    desk = Desk(folder / "data")
    batches = ([job for ordered in jobs for job in ordered[cut]] for cut in (slice(1), slice(1, -1), slice(-1, None)))
    assert ingest_in_batches(desk, *batches) == []
    return told(desk)


@pytest.mark.parametrize("times", range(len(ORDERS)))
def test_the_same_posts_in_every_form_are_the_same_documents_in_one_version_in_any_order(
    times: int, documents: list[tuple[object, ...]]
) -> None:
    wanted = expected(moved(POSTS, times))
    keys = {row[0] for row in wanted}
    assert [row for row in documents if row[0] in keys] == wanted


def test_posts_of_a_channel_whose_number_is_not_known_wait_and_are_taken_in_once_a_page_tells_it(
    desk: Desk, tmp_path: Path
) -> None:
    early = [form.job(tmp_path, POSTS, captured_at(form), is_number_known=False) for form in WITHOUT_NUMBER]
    assert not desk.ingest(*early).is_good
    assert desk.query("select distinct reason from rejections") == [("unknown_channel",)]
    assert told(desk) == []
    preview = FORMS["preview"]
    desk.ingest(preview.job(tmp_path, POSTS, captured_at(preview), is_number_known=False))
    desk.ingest()
    assert told(desk) == expected(POSTS)
    sighted = "select distinct source_key from store.sighting join captures using (capture_key) order by all"
    assert [name for (name,) in desk.query(sighted)] == sorted([*(form.name for form in WITHOUT_NUMBER), "preview"])


def test_once_the_number_is_known_forms_without_it_are_taken_in_at_once(desk: Desk, tmp_path: Path) -> None:
    jobs = [form.job(tmp_path, POSTS, is_number_known=False) for form in (FORMS["preview"], *WITHOUT_NUMBER)]
    desk.ingest(jobs[0])
    desk.ingest(*jobs[1:])
    desk.ingest()
    assert told(desk) == expected(POSTS)
    assert desk.query("select distinct outcome from captures") == [("read",)]


# Edits.

BEFORE = {
    "text": MadePost(2, said("🎙 The talks were held ", tag("#BRICS"), "\n\nWe agreed.")),
    "link": MadePost(20, said("Words. ", words_to("Read in full", "https://mid.ru/en/foreign_policy/news/1906578/"))),
    "poll": MadePost(15, poll=("Will you watch?", ("Yes", "No"))),
    "media": MadePost(13, said("A picture will stand here")),
}
AFTER = {
    "text": replace(BEFORE["text"], pieces=said("🎙 The talks were held ", tag("#BRICS"), "\n\nWe did not agree.")),
    "link": replace(
        BEFORE["link"],
        pieces=said("Words. ", words_to("Read in full", "https://mid.ru/en/foreign_policy/news/1906600/")),
    ),
    "poll": replace(BEFORE["poll"], poll=("Will you watch?", ("Yes", "Never"))),
    "media": replace(BEFORE["media"], attached=Attached.PHOTO),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One capture of the four posts."""

    form: str
    is_after: bool


RUNS = {
    "from rich to poor": (
        Look("telethon", False),
        Look("preview", False),
        Look("declared", True),
        Look("tracker", True),
        Look("desktop_html", True),
    ),
    "from poor to rich": (
        Look("declared", False),
        Look("desktop_json_2019", False),
        Look("tg_archive", True),
        Look("four_cat", True),
        Look("pyrogram", True),
    ),
}


CASES = [(run, order) for run in RUNS for order in orders(5, 4)]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """The versions of an archive that has the edits once for each case, under numbers of their own."""
    folder = tmp_path_factory.mktemp("edits")
    batches: list[list[Job]] = [[] for _ in range(5)]
    for times, (run, order) in enumerate(CASES):
        for batch, place in zip(batches, order, strict=True):
            look = RUNS[run][place]
            posts = moved((AFTER if look.is_after else BEFORE).values(), times)
            batch.append(FORMS[look.form].job(folder / f"{times}-{place}", posts, FIRST + timedelta(days=place)))
    desk = Desk(folder / "data")
    assert ingest_in_batches(desk, *batches) == []
    return desk.query("select document_key, version_number, cause, seen_from from versions order by all")


@pytest.mark.parametrize("times", range(len(CASES)))
def test_an_edit_makes_exactly_one_version_dated_by_the_first_capture_that_carries_what_changed(
    times: int, history: list[tuple[object, ...]]
) -> None:
    run, _ = CASES[times]
    wanted: list[tuple[object, ...]] = []
    for facet, post in zip(BEFORE, moved(BEFORE.values(), times), strict=True):
        wanted.append((post.key, 1, "first_seen", FIRST))
        wanted.append((post.key, 2, "edited", first_carrying(run, facet)))
    keys = {row[0] for row in wanted}
    assert [row for row in history if row[0] in keys] == sorted(wanted, key=str)


def first_carrying(run: str, facet: str) -> datetime:
    """Return when a capture first shows the edit of a facet."""
    carrying = (day for day, look in enumerate(RUNS[run]) if look.is_after and look.form in CARRIERS[facet])
    return FIRST + timedelta(days=next(carrying))


# What changes without anybody's editing.

ELSEWHERE = Exporter(
    zone="America/New_York", title="Another Title", has_files=True, emoji_path="(unavailable)", likes=99
)
NAMELESS = replace(ELSEWHERE, title=None, likes=0)
_VOLATILE: dict[str, Sequence[Callable[[Sequence[MadePost]], bytes]]] = {
    "json": (desktop_json, lambda posts: desktop_json(posts, ELSEWHERE), lambda posts: desktop_json(posts, NAMELESS)),
    "html": (
        lambda posts: desktop_html(posts)["messages.html"],
        lambda posts: desktop_html(posts, ELSEWHERE)["messages.html"],
    ),
    "preview": (lambda posts: preview_pages(posts)[0], lambda posts: preview_pages(posts, "1.1M")[0]),
    "telethon": (telethon, lambda posts: telethon(posts, 9_999_999)),
    "four_cat": (four_cat, lambda posts: four_cat(posts, 9_999_999)),
}


def test_views_reactions_files_titles_local_dates_and_zones_make_no_version(desk: Desk, tmp_path: Path) -> None:
    posts = POSTS[:20]
    assert any(piece.mark is Mark.CUSTOM_EMOJI for post in posts for piece in post.pieces)
    jobs = []
    for name, writers in _VOLATILE.items():
        for number, write in enumerate(writers):
            path = tmp_path / f"{name}{number}"
            path.write_bytes(write(posts))
            source = replace(FORMS["declared"].source(FIRST + timedelta(days=len(jobs))), source_key=name, columns=None)
            jobs.append(Job(source, (Input(path.name, path),), time_basis="operator"))
    assert ingest_in_batches(desk, jobs) == []
    assert desk.query("select max(version_count), count(*) from documents") == [(1, 20)]
    assert desk.query("select views from posts where message_id = 3") == [(9_999_999,)]
