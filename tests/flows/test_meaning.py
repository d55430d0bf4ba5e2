"""What the archive means across forms: identity, names, absence, forwards, albums, events, instants."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.input_facts import Input, Told
from flows.inputs import Job
from tests.forms.desktop_html import desktop_html
from tests.forms.desktop_json import USUAL, Exporter, desktop_json
from tests.forms.dumps import PYROGRAM_ZONE, pyrogram, telethon
from tests.forms.every import FORMS, Form, StoreDesk
from tests.forms.made import (
    CHANNEL_ID,
    OTHER_ID,
    POSTS,
    USERNAME,
    Attached,
    MadePost,
    bare,
    said,
    words_to,
)
from tests.forms.preview import preview_page, preview_pages
from warehouse.staging import SourceFacts

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
FOUR = [MadePost(number, said(f"Post number {number} of the channel.")) for number in range(1, 5)]
Handing = Callable[..., Job]


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(tmp_path / "data")


@pytest.fixture
def given(tmp_path: Path) -> Handing:
    """Write bytes, and return the job that takes them in: the facts of the source, and what is told of the look."""

    def write(name: str, data: bytes, at: datetime | None = None, told: Told | None = None, **facts: object) -> Job:
        path = tmp_path / name
        path.write_bytes(data)
        source = SourceFacts(name, captured_at=at, **facts)  # type: ignore[arg-type]
        return Job(source, (Input(name, path, told=told or Told()),), time_basis="operator" if at else "registry")

    return write


def statuses(desk: StoreDesk) -> dict[object, object]:
    return dict(desk.query("select message_id, status from posts"))


# Identity and names.


def test_the_same_number_in_two_channels_is_two_documents(desk: StoreDesk, given: Handing) -> None:
    other = replace(USUAL, channel_id=OTHER_ID)
    assert desk.take([given("a", desktop_json(FOUR), day(1)), given("b", desktop_json(FOUR, other), day(2))]) == []
    assert desk.query("select count(*), count(distinct channel_id) from posts") == [(8, 2)]
    assert desk.query("select max(version_count) from documents") == [(1,)]
    assert desk.value("select count(*) from related where relation = 'same_text'") == 4


@pytest.mark.parametrize("is_old_first", [True, False])
def test_a_channel_that_takes_another_username_stays_the_same_and_both_names_lead_to_it(
    is_old_first: bool, desk: StoreDesk, given: Handing
) -> None:
    pointing = [
        MadePost(1, said("Words.")),
        MadePost(2, said(bare("https://t.me/example_MINISTRY/1"), " ", bare("https://t.me/s/New_Name/1"))),
    ]
    looks = [
        given("old", preview_page([[post] for post in pointing], username=USERNAME), day(1)),
        given("new", preview_page([[post] for post in pointing], username="NEW_name"), day(2)),
    ]
    assert desk.take(*([look] for look in (looks if is_old_first else looks[::-1]))) == []
    assert desk.query("select count(*), max(version_count) from documents") == [(2, 1)]
    assert desk.query("select distinct channel from posts") == [("new_name",)]
    assert desk.query("select target_key, target_is_held from links order by number") == [(pointing[0].key, True)] * 2


# Time.


@pytest.mark.parametrize("is_known_first", [True, False])
def test_an_old_export_of_unknown_time_never_brings_back_an_old_text_as_the_current_one(
    is_known_first: bool, desk: StoreDesk, given: Handing
) -> None:
    edited = [*FOUR[:3], MadePost(4, said("Other words."), edited_at=FOUR[3].at + timedelta(hours=1))]
    looks = [given("known", desktop_json(edited), day(1)), given("old", desktop_json([*FOUR, POSTS[44]]))]
    assert desk.take(*([look] for look in (looks if is_known_first else looks[::-1]))) == []
    assert desk.query("select text, is_current from versions where document_key = ? order by 2", FOUR[3].key) == [
        (FOUR[3].text, False),
        ("Other words.", True),
    ]


@pytest.mark.parametrize("is_html_first", [True, False])
def test_the_hour_that_the_html_export_is_wrong_by_in_summer_gives_way_to_the_instant_of_the_json(
    is_html_first: bool, desk: StoreDesk, given: Handing
) -> None:
    post = next(post for post in POSTS if post.at.month == 7)
    html = given("html", desktop_html([post])["messages.html"], day(2), channel_id=CHANNEL_ID)
    json = given("json", desktop_json([post]), day(1))
    ask = "select published_at, published_basis, version_count from documents"
    assert desk.take([html] if is_html_first else [json]) == []
    alone = (post.at + timedelta(hours=1), "labelled_zone", 1) if is_html_first else (post.at, "unix_time", 1)
    assert desk.query(ask) == [alone]
    assert desk.take([json] if is_html_first else [html]) == []
    assert desk.query(ask) == [(post.at, "unix_time", 1)]


# Absence.


def without(number: int) -> list[MadePost]:
    return [post for post in FOUR if post.number != number]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_post_that_two_whole_exports_lack_is_gone_whichever_came_in_first(
    order: Sequence[int], desk: StoreDesk, given: Handing
) -> None:
    looks = [
        given("first", desktop_json(FOUR), day(1)),
        given("second", desktop_json(without(2), Exporter(likes=5)), day(5)),
        given("third", desktop_json(without(2), Exporter(likes=6)), day(9)),
    ]
    assert desk.take(*([looks[place]] for place in order)) == []
    assert statuses(desk) == {1: "present", 2: "gone", 3: "present", 4: "present"}
    assert desk.value("select text from documents where document_key = ?", FOUR[1].key) == FOUR[1].text


def test_one_whole_export_without_a_post_leaves_open_whether_it_is_gone(desk: StoreDesk, given: Handing) -> None:
    looks = [given("first", desktop_json(FOUR), day(1)), given("second", desktop_json(without(3)), day(5))]
    assert desk.take(looks) == []
    assert statuses(desk) == {1: "present", 2: "present", 3: "unknown", 4: "present"}


def test_a_post_that_comes_back_with_the_same_words_is_restored(desk: StoreDesk, given: Handing) -> None:
    looks = [
        given("first", desktop_json(FOUR), day(1)),
        given("second", desktop_json(without(2), Exporter(likes=5)), day(5)),
        given("third", desktop_json(without(2), Exporter(likes=6)), day(9)),
        given("fourth", preview_page([[post] for post in FOUR]), day(12)),
    ]
    assert desk.take(looks) == []
    assert statuses(desk) == dict.fromkeys((1, 2, 3, 4), "present")
    assert desk.query("select cause, seen_from from versions where document_key = ? order by 2", FOUR[1].key) == [
        ("first_seen", day(1)),
        ("restored", day(12)),
    ]


def test_an_export_that_breaks_off_shows_no_absence(desk: StoreDesk, given: Handing) -> None:
    cuts = [desktop_json(without(2), Exporter(likes=likes)).rpartition(b"}")[0] for likes in (5, 6, 7)]
    cuts = [data.rpartition(b"}")[0] for data in cuts]
    looks = [given(f"cut{number}", data, day(5 + number)) for number, data in enumerate(cuts)]
    assert len(desk.take([given("first", desktop_json(FOUR), day(1))], looks)) == len(cuts)
    assert desk.query("select distinct outcome from captures where locator like 'cut%'") == [("partial",)]
    assert statuses(desk) == dict.fromkeys((1, 2, 3, 4), "present")


@pytest.mark.parametrize(
    ("name", "facts"),
    [("preview", {}), ("telethon", {}), ("pyrogram", {"time_zone": PYROGRAM_ZONE})],
)
def test_a_page_and_a_dump_of_a_program_show_no_absence(
    name: str, facts: dict[str, str], desk: StoreDesk, given: Handing
) -> None:
    pages = {
        "preview": lambda posts, views: preview_page([[post] for post in posts], f"{views}"),
        "telethon": telethon,
        "pyrogram": pyrogram,
    }
    looks = [given(f"{views}", pages[name](without(2), views), day(5 + views), **facts) for views in (1, 2, 3)]
    assert desk.take([given("first", desktop_json(FOUR), day(1)), *looks]) == []
    assert statuses(desk) == dict.fromkeys((1, 2, 3, 4), "present")


# What posts say of each other and of pages.


def test_a_forward_is_a_document_of_its_own_that_names_its_origin(desk: StoreDesk, given: Handing) -> None:
    forward = next(post for post in POSTS if post.origin is not None)
    assert forward.origin is not None
    original = MadePost(forward.origin.message_id, forward.pieces)
    other = replace(USUAL, channel_id=OTHER_ID)
    looks = [given("ours", telethon([forward]), day(1)), given("theirs", desktop_json([original], other), day(2))]
    assert desk.take(looks) == []
    origin_key = f"telegram:{OTHER_ID}:{forward.origin.message_id}"
    assert desk.query("select document_key, is_forward, origin_key from documents order by 2") == [
        (origin_key, False, None),
        (forward.key, True, origin_key),
    ]
    assert (forward.key, origin_key, "forward_of") in desk.query(
        "select document_key, target_key, relation from related"
    )
    assert desk.query("select origin_at from posts where is_forward") == [(forward.origin.at,)]


def test_read_in_full_names_the_page_and_finds_it_once_it_is_held(desk: StoreDesk, given: Handing) -> None:
    number = 1_906_578
    address = f"https://mid.ru/en/foreign_policy/news/{number}/"
    post = MadePost(2, said("The talks.\n\n", words_to("Read in full", address)))
    ask = "select text, address, target_key, target_is_held from links"
    assert desk.take([given("post", desktop_json([post]), day(1))]) == []
    assert desk.query(ask) == [("Read in full", address, f"mid:{number}:en", False)]
    assert desk.take([given("page", site_page(), day(2), Told(address=address))]) == []
    assert desk.query(ask) == [("Read in full", address, f"mid:{number}:en", True)]
    assert desk.value("select count(*) from documents") == 2


def site_page(words: str = "The first paragraph of the text.") -> bytes:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Press release on talks - The Ministry of '
        'Foreign Affairs of the Russian Federation</title></head><body><div class="page-body">'
        '<div class="photo-content">'
        '<span class="photo-content__date">30 September 2024</span><span class="photo-content__clock">17:18</span>'
        '<h1 class="photo-content__title">Press release on talks</h1><p class="article-line__note '
        'article-line__note_small">1893-30-09-2024</p><div class="text article-content">'
        f"<p>{words}</p><p>The second paragraph of the text.</p></div></div></div></body></html>"
    ).encode()


def test_a_page_of_the_site_in_two_sections_is_one_document(desk: StoreDesk, given: Handing) -> None:
    sections = ("foreign_policy/news", "press_service/minister_speeches")
    looks = [
        given(f"page{number}", site_page(), day(number), Told(address=f"https://mid.ru/en/{section}/1906578/"))
        for number, section in enumerate(sections)
    ]
    looks.append(given("page2", site_page("Other words."), day(2), looks[0].inputs[0].told))
    assert desk.take(looks) == []
    assert desk.query("select document_key, version_count from documents") == [("mid:1906578:en", 2)]
    assert desk.query("select text, sighting_count from versions order by version_number")[0][1] == 2


ALBUM = [post for post in POSTS if post.album is not None]


@pytest.mark.parametrize("names", [("preview",), ("telethon",), ("pyrogram",), ("preview", "telethon", "pyrogram")])
def test_the_posts_of_an_album_are_one_set_in_every_form_that_knows_it(
    names: tuple[str, ...], desk: StoreDesk, tmp_path: Path
) -> None:
    jobs = [FORMS[name].job(tmp_path, POSTS[8:14], day(number)) for number, name in enumerate(names)]
    assert desk.take(jobs) == []
    keys = {post.key: ALBUM[0].key for post in ALBUM}
    found = desk.query("select document_key, album_key, version_count from posts where media_count > 0 order by all")
    assert found == sorted((post.key, keys.get(post.key), 1) for post in POSTS[8:14] if post.attached is not None)
    assert {post.attached for post in ALBUM} == {Attached.PHOTO}


@pytest.mark.parametrize("form", [form for form in FORMS.values() if form.has_services], ids=lambda form: form.name)
def test_the_new_title_of_a_channel_is_an_event_without_words_of_its_own(
    form: Form, desk: StoreDesk, tmp_path: Path
) -> None:
    assert desk.take([form.job(tmp_path, POSTS[14:17], day(1))]) == []
    assert desk.query(
        "select message_id, post_kind, service_action, service_detail, text, word_count from posts "
        "where post_kind <> 'message'"
    ) == [(16, "service", "edit_group_title", "Ministry of Examples", "", 0)]


# Weak keys.


@pytest.mark.parametrize("is_dump_first", [True, False])
def test_a_post_of_a_dump_stays_a_document_of_its_own_and_is_related_to_the_one_that_has_a_number(
    is_dump_first: bool, desk: StoreDesk, given: Handing
) -> None:
    post = POSTS[1]
    lines = [line for line in post.text.split("\n") if line]
    dump = "\n".join(["Forwarded from Ministry of Examples", *lines, *lines[1:]]).encode()
    looks = [given("dump", dump, day(1)), given("export", desktop_json([post]), day(2))]
    assert desk.take(*([look] for look in (looks if is_dump_first else looks[::-1]))) == []
    rows = desk.query("select document_key, key_is_strong, version_count from documents order by 2")
    assert [row[1:] for row in rows] == [(False, 1), (True, 1)]
    assert not re.match("telegram:", str(rows[0][0]))
    pairs = desk.query("select document_key, target_key from related where relation = 'same_text'")
    assert [set(pair) for pair in pairs] == [{rows[0][0], post.key}]


def test_pages_of_the_preview_make_up_one_channel(desk: StoreDesk, given: Handing) -> None:
    pages = preview_pages(POSTS)
    assert len(pages) == 3
    assert desk.take([given(f"{number}", page, day(1)) for number, page in enumerate(pages)]) == []
    assert desk.query("select count(*), count(distinct channel_id) from posts") == [(len(POSTS), 1)]
