"""What the archive means across forms: identity, names, absence, forwards, albums, events, instants.

All scenes stand in one archive, each in a channel or under numbers of its own. The first looks of all are one batch,
the second ones the next, and so on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import pytest

from flows.input_facts import Input, Told
from flows.inputs import Job
from tests.conftest import Desk
from tests.forms.desktop_html import desktop_html
from tests.forms.desktop_json import Exporter, desktop_json
from tests.forms.dumps import PYROGRAM_ZONE, pyrogram, telethon
from tests.forms.every import FORMS, ingest_in_batches
from tests.forms.made import OTHER_ID, POSTS, MadePost, bare, moved, runs, said, words_to
from tests.forms.preview import preview_page
from warehouse.staging import SourceFacts

FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Look:
    """One capture: when, if that is known, and what is told beside its bytes."""

    data: bytes
    at: datetime | None
    address: str | None = None
    facts: dict[str, object] = field(default_factory=dict)

    def job(self, folder: Path, name: str) -> Job:
        path = folder / name
        path.write_bytes(self.data)
        source = SourceFacts(name, captured_at=self.at, **self.facts)  # type: ignore[arg-type]
        one = Input(name, path, told=Told(address=self.address))
        return Job(source, (one,), time_basis="operator" if self.at else "registry")


Made = Callable[[int], list[Look]]  # of the number of the scene's channel
SCENES: dict[str, Made] = {}


def scene(name: str) -> Callable[[Made], Made]:
    def kept(made: Made) -> Made:
        SCENES[name] = made
        return made

    return kept


def channel(name: str) -> int:
    return 2_000_000_001 + list(SCENES).index(name)


def key(name: str, number: int) -> str:
    return f"telegram:{channel(name)}:{number}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, list[str]]:
    """All scenes, and what was wrong with them."""
    folder = tmp_path_factory.mktemp("scenes")
    desk = Desk(folder / "data")
    made = {name: made(channel(name)) for name, made in SCENES.items()}
    rounds = zip_longest(*([(f"{name}-{step}", look) for step, look in enumerate(some)] for name, some in made.items()))
    batches = [[one[1].job(folder, one[0]) for one in some if one is not None] for some in rounds]
    batches.append([form.job(folder / f"event {at}", moved([TITLED], at), day(1)) for at, form in enumerate(EVENTS)])
    return desk, ingest_in_batches(desk, *batches)


@pytest.fixture(scope="module")
def desk(archive: tuple[Desk, list[str]]) -> Desk:
    return archive[0]


def test_nothing_but_the_exports_that_break_off_goes_wrong(archive: tuple[Desk, list[str]]) -> None:
    assert {line.partition("-")[0] for line in archive[1]} == {"breaks off"}


def export(posts: Sequence[MadePost], channel_id: int, likes: int = 3) -> bytes:
    return desktop_json(posts, Exporter(channel_id=channel_id, likes=likes))


def page(posts: Sequence[MadePost], channel_id: int, username: str, views: str = "4.85K") -> bytes:
    return preview_page(runs(posts), views, username, channel_id)


def statuses(desk: Desk, name: str) -> dict[object, object]:
    return dict(desk.query("select message_id, status from posts where channel_id = ?", channel(name)))


# Identity and names.

SAME = [MadePost(1, said("Words that stand under one number in two channels."))]


@scene("same number")
def _same_number(channel_id: int) -> list[Look]:
    return [Look(export(SAME, channel_id), day(1)), Look(export(SAME, OTHER_ID), day(2))]


def test_the_same_number_in_two_channels_is_two_documents(desk: Desk) -> None:
    keys = [key("same number", 1), f"telegram:{OTHER_ID}:1"]
    found = desk.query("select document_key, version_count from documents where document_key in (?, ?)", *keys)
    assert sorted(found) == sorted((one, 1) for one in keys)
    ask = "select document_key, target_key from related where document_key in (?, ?) and relation = 'same_text'"
    assert [set(pair) for pair in desk.query(ask, *keys)] == [set(keys)]


def _renamed(old: str, new: str, *, is_old_first: bool) -> Made:
    def made(channel_id: int) -> list[Look]:
        posts = [
            MadePost(1, said("Words.")),
            MadePost(2, said(bare(f"https://t.me/{old.lower()}/1"), " ", bare(f"https://t.me/s/{new.upper()}/1"))),
        ]
        looks = [Look(page(posts, channel_id, old), day(1)), Look(page(posts, channel_id, new), day(2))]
        return looks if is_old_first else looks[::-1]

    return made


SCENES["renamed, in order"] = _renamed("First_Name", "Second_Name", is_old_first=True)
SCENES["renamed, late"] = _renamed("Third_Name", "Fourth_Name", is_old_first=False)


@pytest.mark.parametrize(("name", "username"), [("renamed, in order", "second_name"), ("renamed, late", "fourth_name")])
def test_a_channel_that_takes_another_username_stays_the_same_and_both_names_in_any_case_lead_to_it(
    name: str, username: str, desk: Desk
) -> None:
    ask = "select distinct channel, version_count, count(*) over () from posts where channel_id = ?"
    assert desk.query(ask, channel(name)) == [(username, 1, 2)]
    links = desk.query("select target_key, target_is_held from links where document_key = ?", key(name, 2))
    assert links == [(key(name, 1), True)] * 2


# Time.


def _old_export(*, is_known_first: bool) -> Made:
    def made(channel_id: int) -> list[Look]:
        before = MadePost(4, said("The words before the edit."))
        after = MadePost(4, said("Other words than before."), edited_at=before.at + timedelta(hours=1))
        # The old export tells of later posts than the new one, so its bytes alone would put it last.
        looks = [Look(export([after], channel_id), day(1)), Look(export([before, POSTS[44]], channel_id), None)]
        return looks if is_known_first else looks[::-1]

    return made


SCENES["old export, last"] = _old_export(is_known_first=True)
SCENES["old export, first"] = _old_export(is_known_first=False)


@pytest.mark.parametrize("name", ["old export, last", "old export, first"])
def test_an_old_export_of_unknown_time_never_brings_back_an_old_text_as_the_current_one(name: str, desk: Desk) -> None:
    ask = "select text, is_current from versions where document_key = ? order by version_number"
    assert desk.query(ask, key(name, 4)) == [
        ("The words before the edit.", False),
        ("Other words than before.", True),
    ]


SUMMER = next(post for post in POSTS if post.at.month == 7)


def _summer(*, is_html_first: bool) -> Made:
    def made(channel_id: int) -> list[Look]:
        html = Look(desktop_html([SUMMER])["messages.html"], day(2), facts={"channel_id": channel_id})
        looks = [html, Look(export([SUMMER], channel_id), day(1))]
        return looks if is_html_first else looks[::-1]

    return made


SCENES["summer, HTML first"] = _summer(is_html_first=True)
SCENES["summer, JSON first"] = _summer(is_html_first=False)


@pytest.mark.parametrize("name", ["summer, HTML first", "summer, JSON first"])
def test_the_hour_that_the_html_export_is_wrong_by_in_summer_gives_way_to_the_instant_of_the_json(
    name: str, desk: Desk
) -> None:
    ask = "select published_at, published_basis, version_count from documents where document_key = ?"
    assert desk.query(ask, key(name, SUMMER.number)) == [(SUMMER.at, "unix_time", 1)]
    assert desk.query("select sighting_count from versions where document_key = ?", key(name, SUMMER.number)) == [(2,)]


@scene("summer, HTML alone")
def _summer_alone(channel_id: int) -> list[Look]:
    return [Look(desktop_html([SUMMER])["messages.html"], day(2), facts={"channel_id": channel_id})]


def test_an_instant_by_the_label_of_the_html_export_says_so(desk: Desk) -> None:
    ask = "select published_at, published_basis from documents where document_key = ?"
    found = desk.query(ask, key("summer, HTML alone", SUMMER.number))
    assert found == [(SUMMER.at + timedelta(hours=1), "labelled_zone")]


# Absence.

FOUR = [MadePost(number, said(f"Post number {number} of the channel.")) for number in range(1, 5)]
LACKING = [post for post in FOUR if post.number != 2]
ALL_PRESENT = dict.fromkeys((1, 2, 3, 4), "present")


def _gone(*order: int) -> Made:
    def made(channel_id: int) -> list[Look]:
        looks = [
            Look(export(FOUR, channel_id), day(1)),
            Look(export(LACKING, channel_id, likes=5), day(5)),
            Look(export(LACKING, channel_id, likes=6), day(9)),
        ]
        return [looks[place] for place in order]

    return made


GONE = {f"gone {order}": _gone(*order) for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))}
SCENES.update(GONE)


@pytest.mark.parametrize("name", GONE)
def test_a_post_that_two_whole_exports_lack_is_gone_whichever_came_in_first_and_its_words_stay(
    name: str, desk: Desk
) -> None:
    assert statuses(desk, name) == ALL_PRESENT | {2: "gone"}
    assert desk.value("select text from documents where document_key = ?", key(name, 2)) == FOUR[1].text


@scene("lacking once")
def _lacking_once(channel_id: int) -> list[Look]:
    return [Look(export(FOUR, channel_id), day(1)), Look(export(LACKING, channel_id), day(5))]


def test_one_whole_export_without_a_post_leaves_open_whether_it_is_gone(desk: Desk) -> None:
    assert statuses(desk, "lacking once") == ALL_PRESENT | {2: "unknown"}


@scene("restored")
def _restored(channel_id: int) -> list[Look]:
    return [*_gone(0, 1, 2)(channel_id), Look(page(FOUR, channel_id, "Restored_Name"), day(12))]


def test_a_post_that_comes_back_with_the_same_words_is_restored(desk: Desk) -> None:
    assert statuses(desk, "restored") == ALL_PRESENT
    ask = "select cause, seen_from from versions where document_key = ? order by version_number"
    assert desk.query(ask, key("restored", 2)) == [("first_seen", day(1)), ("restored", day(12))]


@scene("breaks off")
def _breaks_off(channel_id: int) -> list[Look]:
    whole = [export(LACKING, channel_id, likes) for likes in (5, 6, 7)]
    cuts = [data[: data.rindex(b"}", 0, data.rindex(b"}"))] for data in whole]
    said_complete = {"coverage": "complete"}
    broken = [Look(cut, day(5 + at), facts=said_complete) for at, cut in enumerate(cuts)]
    return [Look(export(FOUR, channel_id), day(1)), *broken]


def test_an_export_that_breaks_off_shows_no_absence_whoever_calls_it_complete(desk: Desk) -> None:
    outcomes = "select outcome from captures where locator like 'breaks off-%' order by captured_at"
    assert desk.query(outcomes) == [("read",), ("partial",), ("partial",), ("partial",)]
    assert statuses(desk, "breaks off") == ALL_PRESENT


def _never_complete(write: Callable[[Sequence[MadePost], int, int], bytes], **facts: object) -> Made:
    def made(channel_id: int) -> list[Look]:
        poor = [Look(write(LACKING, views, channel_id), day(5 + views), facts=facts) for views in (1, 2, 3)]
        return [Look(export(FOUR, channel_id), day(1)), *poor]

    return made


NEVER_COMPLETE = {
    "pages": _never_complete(lambda posts, views, channel_id: page(posts, channel_id, "Paged_Name", f"{views}")),
    "dumps of Telethon": _never_complete(telethon),
    "dumps of Pyrogram": _never_complete(pyrogram, time_zone=PYROGRAM_ZONE),
}
SCENES.update(NEVER_COMPLETE)


@pytest.mark.parametrize("name", NEVER_COMPLETE)
def test_a_page_and_a_dump_of_a_program_show_no_absence(name: str, desk: Desk) -> None:
    assert statuses(desk, name) == ALL_PRESENT


# What posts say of each other and of pages.

FORWARD = next(post for post in POSTS if post.origin is not None)


@scene("forward")
def _forward(channel_id: int) -> list[Look]:
    assert FORWARD.origin is not None
    original = MadePost(FORWARD.origin.message_id, FORWARD.pieces)
    return [Look(telethon([FORWARD], 1, channel_id), day(1)), Look(export([original], OTHER_ID), day(2))]


def test_a_forward_is_a_document_of_its_own_that_names_its_origin(desk: Desk) -> None:
    assert FORWARD.origin is not None
    own, origin = key("forward", FORWARD.number), f"telegram:{OTHER_ID}:{FORWARD.origin.message_id}"
    ask = "select document_key, is_forward, origin_key from documents where document_key in (?, ?) order by 2"
    assert desk.query(ask, own, origin) == [(origin, False, None), (own, True, origin)]
    ask = "select target_key from related where document_key = ? and relation = 'forward_of'"
    assert desk.query(ask, own) == [(origin,)]
    assert desk.query("select origin_at from posts where document_key = ?", own) == [(FORWARD.origin.at,)]


def address(number: int, section: str = "foreign_policy/news") -> str:
    return f"https://mid.ru/en/{section}/{number}/"


def site_page(words: str) -> bytes:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Press release on talks - The Ministry of '
        'Foreign Affairs of the Russian Federation</title></head><body><div class="page-body">'
        '<div class="photo-content"><span class="photo-content__date">30 September 2024</span>'
        '<span class="photo-content__clock">17:18</span><h1 class="photo-content__title">Press release on talks</h1>'
        '<p class="article-line__note article-line__note_small">1893-30-09-2024</p><div class="text article-content">'
        f"<p>{words}</p><p>The second paragraph of the text.</p></div></div></div></body></html>"
    ).encode()


@scene("read in full")
def _read_in_full(channel_id: int) -> list[Look]:
    posts = [
        MadePost(number, said("The talks.\n\n", words_to("Read in full", address(1_900_000 + number))))
        for number in (1, 2)
    ]
    return [
        Look(export(posts, channel_id), day(1)),
        Look(site_page("The talks were held."), day(2), address(1_900_001)),
    ]


def test_read_in_full_names_the_page_whether_it_is_held_or_not(desk: Desk) -> None:
    ask = "select text, target_key, target_is_held from links where document_key = ?"
    assert [desk.query(ask, key("read in full", number)) for number in (1, 2)] == [
        [("Read in full", "mid:1900001:en", True)],
        [("Read in full", "mid:1900002:en", False)],
    ]


@scene("two sections")
def _two_sections(_: int) -> list[Look]:
    return [
        Look(site_page("The first words."), day(1), address(1_900_003)),
        Look(site_page("The first words.") + b"\n", day(2), address(1_900_003, "press_service/minister_speeches")),
        Look(site_page("Other words."), day(3), address(1_900_003)),
    ]


def test_a_page_of_the_site_in_two_sections_is_one_document(desk: Desk) -> None:
    ask = "select version_number, sighting_count from versions where document_key = 'mid:1900003:en' order by 1"
    assert desk.query(ask) == [(1, 2), (2, 1)]


ALBUM = [post for post in POSTS if post.album is not None]
AROUND = [post for post in POSTS if post.attached is not None]
_ALBUMS: dict[str, Callable[[int, str], Look]] = {
    "preview": lambda channel_id, name: Look(page(AROUND, channel_id, f"Album_{len(name)}"), day(1)),
    "telethon": lambda channel_id, _: Look(telethon(AROUND, 1, channel_id), day(2)),
    "pyrogram": lambda channel_id, _: Look(pyrogram(AROUND, 1, channel_id), day(3), facts={"time_zone": PYROGRAM_ZONE}),
}


def _albums() -> Iterator[tuple[str, Made]]:
    for forms in (("preview",), ("telethon",), ("pyrogram",), ("pyrogram", "telethon", "preview")):
        name = " ".join(forms)
        yield (
            f"album {name}",
            lambda channel_id, forms=forms, name=name: [_ALBUMS[form](channel_id, name) for form in forms],
        )


ALBUMS = dict(_albums())
SCENES.update(ALBUMS)


@pytest.mark.parametrize("name", ALBUMS)
def test_the_posts_of_an_album_are_one_set_in_every_form_that_knows_it(name: str, desk: Desk) -> None:
    first = {post.number: key(name, ALBUM[0].number) for post in ALBUM}
    ask = "select message_id, album_key, version_count from posts where channel_id = ? order by all"
    assert desk.query(ask, channel(name)) == [(post.number, first.get(post.number), 1) for post in AROUND]


EVENTS = [form for form in FORMS.values() if form.has_services]
TITLED = next(post for post in POSTS if post.new_title is not None)


@pytest.mark.parametrize("times", range(len(EVENTS)), ids=[form.name for form in EVENTS])
def test_the_new_title_of_a_channel_is_an_event_without_words_of_its_own(times: int, desk: Desk) -> None:
    [event] = moved([TITLED], times)
    ask = "select post_kind, service_action, service_detail, text, word_count, version_count from posts "
    found = desk.query(f"{ask} where document_key = ?", event.key)
    assert found == [("service", "edit_group_title", TITLED.new_title, "", 0, 1)]


# Weak keys.

DUMPED = MadePost(7, said("🎙 Words that come in a dump as well", "\n\n", "Their second paragraph."))


def _dumped(words: str, *, is_dump_first: bool) -> Made:
    post = replace(DUMPED, pieces=said(f"{DUMPED.text}\n\n{words}"))
    lines = [line for line in post.text.split("\n") if line]
    dump = "\n".join(["Forwarded from Ministry of Examples", *lines, *lines[1:]]).encode()

    def made(channel_id: int) -> list[Look]:
        looks = [Look(dump, day(1)), Look(export([post], channel_id), day(2))]
        return looks if is_dump_first else looks[::-1]

    return made


SCENES["dump first"] = _dumped("One.", is_dump_first=True)
SCENES["dump last"] = _dumped("Two.", is_dump_first=False)


@pytest.mark.parametrize("name", ["dump first", "dump last"])
def test_a_post_of_a_dump_stays_a_document_of_its_own_and_is_related_to_the_one_that_has_a_number(
    name: str, desk: Desk
) -> None:
    strong = key(name, DUMPED.number)
    [(text, is_strong)] = desk.query("select text, key_is_strong from documents where document_key = ?", strong)
    assert is_strong
    last = str(text).rpartition("\n")[2]
    weak = desk.query("select document_key from documents where not key_is_strong and text like '%' || ?", last)
    assert len(weak) == 1
    pairs = desk.query(
        "select document_key, target_key from related where relation = 'same_text' and ? in (document_key, target_key)",
        strong,
    )
    assert [set(pair) for pair in pairs] == [{strong, weak[0][0]}]
