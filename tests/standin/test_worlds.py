"""What the stand-in answers is read by the project's own formats as the text that was put in."""

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import brotli
import pytest
import zstandard
from selectolax.lexbor import LexborHTMLParser

from extract.errors import ChallengePage, ExtractError, NoDocument
from extract.formats import mid_page_html, telegram_preview
from extract.model import Hints, Record
from tests.forms.made import Attached
from tests.standin import faults, month
from tests.standin.channel import Channel, Telegram, sent, too_fast
from tests.standin.faults import Fault
from tests.standin.http import Request, Response
from tests.standin.month import What, thirty_days
from tests.standin.papers import Layout, Paper, published
from tests.standin.site import site_of
from tests.standin.wayback import Wayback
from tests.standin.world import World

AT = datetime(2024, 3, 1, 14, 18, tzinfo=UTC)
NOW = AT + timedelta(days=10)
DAY = timedelta(days=1)
ENGLISH = ("The ministers met in the capital & spoke of <trade>.", "They will go on with the talks that have begun.")
RUSSIAN = ("Министры встретились в столице.", "Переговоры будут продолжены.")
PAPER = published(1_900_001, "foreign_policy/news", AT, "On the talks", *ENGLISH).saying(
    "ru", AT, "О переговорах", *RUSSIAN
)


def ask(world: World, url: str, **headers: str) -> Response:
    """Return what a world answers to an address; names of headers bear underscores."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.handler(Request(parts.netloc, target, named))


def world_of(*papers: Paper, now: datetime = NOW) -> World:
    return World(now, site_of(papers))


def page(response: Response, address: str) -> Record:
    """Return the document that is read in an answer."""
    assert response.status == 200
    hints = Hints("test", address=address)
    (stretch,) = mid_page_html.FORMAT.split(io.BytesIO(response.body), hints)
    (value,) = mid_page_html.FORMAT.read(stretch, hints)
    assert isinstance(value, Record)
    return value


def posts(response: Response) -> list[Record]:
    """Return the posts that are read in an answer."""
    assert response.status == 200
    hints = Hints("test")
    stretches = telegram_preview.FORMAT.split(io.BytesIO(response.body), hints)
    found = [value for stretch in stretches for value in telegram_preview.FORMAT.read(stretch, hints)]
    assert all(isinstance(value, Record) for value in found)
    return found  # type: ignore[return-value]


def numbers(response: Response) -> list[int]:
    return sorted(found.post.message_id for found in posts(response) if found.post is not None)


def links(response: Response) -> list[str]:
    """Return the paths of the documents that a listing names."""
    found = LexborHTMLParser(response.body.decode()).css("a.announce__link")
    return [node.attributes["href"] or "" for node in found]


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_page_of_each_layout_is_read_to_the_words_put_in(layout: Layout, lang: str) -> None:
    paper = replace(PAPER, layout=layout, document_number="7-01-03-2024")
    address = paper.address(lang)
    found = page(ask(world_of(paper), address), address)
    assert (found.key, found.lang, found.title) == (paper.key(lang), lang, paper.versions[lang][0].title)
    assert found.text == "\n".join(paper.versions[lang][0].paragraphs)
    if layout is not Layout.ANNOUNCEMENT:  # it prints no date
        assert found.published_at == AT
    if layout is not Layout.COUNTRY:
        assert found.document_number == "7-01-03-2024"


def test_the_query_names_the_language_over_the_path_and_a_missing_translation_is_russian_or_not_found() -> None:
    world = world_of(PAPER, replace(PAPER, number=1_900_002, stands_in=None))
    start = "https://mid.ru/es/foreign_policy/news/"
    assert page(ask(world, f"{start}1900001/?lang=en"), f"{start}1900001/?lang=en").title == "On the talks"
    assert page(ask(world, f"{start}1900001/"), f"{start}1900001/").title == "О переговорах"
    assert ask(world, f"{start}1900002/").status == 404


def test_a_document_stands_in_its_sections_and_nowhere_else() -> None:
    world = world_of(replace(PAPER, also_in=("maps/gb",)))
    assert ask(world, "https://mid.ru/ru/maps/gb/1900001").status == 200
    assert ask(world, "https://mid.ru/ru/maps/us/1900001/").status == 404
    moved = ask(world, "https://www.mid.ru/ru/maps/gb/1900001/")
    assert (moved.status, moved.headers["Location"]) == (301, "https://mid.ru/ru/maps/gb/1900001/")


def test_an_edit_a_removal_and_a_return_show_from_their_instants_on() -> None:
    edited = PAPER.saying("en", AT + DAY, "On the talks", "Other words of the ministers.")
    away = ((AT + 2 * DAY, AT + 3 * DAY),)
    world = world_of(replace(edited, away=away, missing_status=410, moved_at=AT + 4 * DAY), now=AT - DAY)
    address = PAPER.address("en")
    seen = []
    for days in (-1, 0.5, 1.5, 2.5, 3.5, 4.5):
        world.now = AT + days * DAY
        answer = ask(world, address)
        seen.append(page(answer, address).text if answer.status == 200 else answer.status)
    assert seen == [404, "\n".join(ENGLISH), "Other words of the ministers.", 410, "Other words of the ministers.", 302]
    assert ask(world, address).headers["Location"] == "https://mid.ru/en/foreign_policy/news/"


def test_a_conditional_request_is_answered_304_until_the_page_changes() -> None:
    world = world_of(PAPER.saying("en", NOW + DAY, "On the talks", "Other words."))
    first = ask(world, PAPER.address("en"), accept_encoding="gzip")
    assert first.headers["ETag"].startswith("W/")
    assert first.headers["Last-Modified"] == "Fri, 01 Mar 2024 14:18:00 GMT"
    again = ask(world, PAPER.address("en"), if_none_match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert ask(world, PAPER.address("en"), if_modified_since=first.headers["Last-Modified"]).status == 304
    world.now += 2 * DAY
    assert ask(world, PAPER.address("en"), if_none_match=first.headers["ETag"]).status == 200
    assert ask(world, PAPER.address("en"), if_modified_since=first.headers["Last-Modified"]).status == 200


def test_a_restless_page_changes_its_bytes_and_not_its_words() -> None:
    later = published(1_900_009, "foreign_policy/news", NOW + DAY, "On other talks", *ENGLISH)
    world = world_of(replace(PAPER, is_restless=True), later)
    first = ask(world, PAPER.address("en"))
    world.now += 2 * DAY
    second = ask(world, PAPER.address("en"), if_none_match=first.headers["ETag"])
    assert first.body != second.body
    assert page(first, PAPER.address("en")).text == page(second, PAPER.address("en")).text


def test_bodies_come_in_the_codings_that_the_client_accepts() -> None:
    world = world_of(PAPER)
    plain = ask(world, PAPER.address("en")).body
    decoders = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}
    for coding, decoded in decoders.items():
        answer = ask(world, PAPER.address("en"), accept_encoding=f"{coding}, identity;q=0.5")
        assert (answer.headers["Content-Encoding"], decoded(answer.body)) == (coding, plain)
    assert ask(world, PAPER.address("en"), accept_encoding="gzip;q=0").body == plain


def many(count: int) -> list[Paper]:
    return [
        published(1_900_000 + place, "foreign_policy/news", AT + place * DAY / 4, f"Title {place}", *ENGLISH)
        for place in range(count)
    ]


def test_a_listing_has_twenty_documents_a_page_the_newest_first_and_none_past_the_end() -> None:
    world = world_of(*many(45), now=AT + 30 * DAY)
    start = "https://mid.ru/en/foreign_policy/news/"
    pages = [links(ask(world, f"{start}?PAGEN_1={number}")) for number in (1, 2, 3, 4)]
    assert list(map(len, pages)) == [20, 20, 5, 0]
    assert links(ask(world, start)) == pages[0]
    assert pages[0][0] == "/en/foreign_policy/news/1900044/"
    assert ask(world, "https://mid.ru/ru/foreign_policy/news/").status == 404  # none of them is in Russian
    day = links(ask(world, f"{start}?activeFrom=03.03.2024&activeTo=03.03.2024"))
    assert day == [f"/en/foreign_policy/news/{number}/" for number in (1900009, 1900008, 1900007, 1900006)]


@pytest.mark.parametrize(("name", "mark"), [("rss.php", "<item>"), ("rss", "<entry>"), ("rss/", "<entry>")])
def test_a_feed_names_the_ten_newest_documents(name: str, mark: str) -> None:
    answer = ask(world_of(*many(45), now=AT + 5 * DAY), f"https://mid.ru/en/{name}")
    assert answer.body.decode().count(mark) == 10
    assert b"https://mid.ru/en/foreign_policy/news/1900020/" in answer.body
    assert b"1900021" not in answer.body


def test_robots_txt_of_the_site_forbids_paging_and_that_of_telegram_is_missing() -> None:
    world = world_of()
    assert ask(world, "https://mid.ru/robots.txt").body.decode().splitlines()[1] == "Disallow: /*?PAGEN"
    assert ask(world, "https://t.me/robots.txt").status == 404
    assert ask(world, "https://web.archive.org/robots.txt").status == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.CHALLENGE, ChallengePage),
        (faults.ERROR_PAGE, NoDocument),
        (faults.LOGIN_WALL, NoDocument),
        (faults.EMPTY_LISTING, NoDocument),
    ],
)
def test_a_fault_answers_in_place_of_the_page(fault: Response, error: type[ExtractError]) -> None:
    world = world_of(PAPER)
    world.site.faults.append(Fault(faults.between(NOW, NOW + DAY), fault))
    with pytest.raises(error):
        page(ask(world, PAPER.address("en")), PAPER.address("en"))
    world.now += DAY
    assert page(ask(world, PAPER.address("en")), PAPER.address("en")).title == "On the talks"


def test_a_spoiled_answer_is_made_of_the_right_one() -> None:
    world = world_of(PAPER)
    address = PAPER.address("ru")
    whole = ask(world, address)
    for spoil in (faults.cut, faults.declared_windows_1251, faults.in_windows_1251, faults.broken("drip")):
        world.faults = [Fault(faults.at("/ru/foreign_policy/news/1900001/"), spoil)]
        answer = ask(world, address)
        assert answer != whole
        assert ask(world, PAPER.address("en")).fault is None
    world.faults = [Fault(faults.always, faults.declared_windows_1251)]
    assert page(ask(world, address), address).text == "\n".join(RUSSIAN)  # the format sees through it


def test_a_gzip_bomb_decodes_to_a_thousand_times_its_size() -> None:
    bomb = faults.gzip_bomb(8)
    assert gzip.decompress(bomb.body) == b" " * (8 << 20)
    assert len(bomb.body) < (8 << 20) / 900


CHANNEL = Channel(
    "Example_MFA",
    1_500_000_001,
    "Ministry & Co",
    [
        *(sent(number, AT + timedelta(hours=number), f"Post {number}\n\nof the channel") for number in range(1, 31)),
        *(sent(number, AT + 2 * DAY, "A caption" if number == 40 else "", album=40, attached=Attached.PHOTO)
          for number in (40, 41, 42)),
        sent(50, AT + 3 * DAY, "First words", edits=((AT + 4 * DAY, "Other <words>"),)),
        sent(51, AT + 3 * DAY, "Gone for a day", away=((AT + 4 * DAY, AT + 5 * DAY),)),
    ],
)  # fmt: skip


def preview_world() -> World:
    return World(NOW, telegram=Telegram([CHANNEL]))


def test_a_channel_is_paged_back_to_its_first_post_over_gaps_and_albums() -> None:
    world, address, seen = preview_world(), "https://t.me/s/example_mfa", []
    while True:
        answer = ask(world, address)
        seen.append(numbers(answer))
        prev = LexborHTMLParser(answer.body.decode()).css_first('link[rel="prev"]')
        if prev is None:
            break
        address = f"https://t.me{prev.attributes['href']}"
    assert seen == [[*range(16, 31), 40, 41, 42, 50, 51], list(range(1, 16))]
    assert numbers(ask(world, "https://t.me/s/example_mfa?after=42")) == [50, 51]


def test_posts_are_read_with_the_words_that_they_have_at_the_time() -> None:
    world = preview_world()
    for days, words in ((3.5, "First words"), (4.5, "Other <words>")):
        world.now = AT + days * DAY
        (found,) = [one for one in posts(ask(world, "https://t.me/s/Example_MFA")) if one.key.endswith(":50")]
        assert found.text == words
        assert found.key == "telegram:1500000001:50"
        assert found.post is not None
        assert found.post.is_edited == (days == 4.5)
        assert found.post.channel_title == "Ministry & Co"
        assert (51 in numbers(ask(world, "https://t.me/s/Example_MFA"))) == (days == 3.5)


def test_one_post_is_embedded_or_not_found() -> None:
    world = preview_world()
    (found,) = posts(ask(world, "https://t.me/Example_MFA/7?embed=1&mode=tme"))
    assert (found.text, found.published_at) == ("Post 7\n\nof the channel", AT + timedelta(hours=7))
    assert numbers(ask(world, "https://t.me/Example_MFA/41?embed=1&mode=tme")) == [40, 41, 42]
    assert numbers(ask(world, "https://t.me/Example_MFA/41?embed=1&mode=tme&single")) == [41]
    assert b"Post not found" in ask(world, "https://t.me/Example_MFA/35?embed=1&mode=tme").body


def test_a_search_shows_what_matches_and_pages_without_posts_and_channels_say_so() -> None:
    world = preview_world()
    assert numbers(ask(world, "https://t.me/s/Example_MFA?q=caption")) == [40, 41, 42]
    assert b"tme_no_messages_found" in ask(world, "https://t.me/s/Example_MFA?before=1").body
    missing = ask(world, "https://t.me/s/no_such_channel")
    assert (missing.status, missing.headers["Location"]) == (302, "https://t.me/no_such_channel")
    assert b"Telegram: Contact @no_such_channel" in ask(world, "https://t.me/no_such_channel").body
    world.telegram.faults.append(Fault(faults.always, too_fast(CHANNEL)))
    with pytest.raises(NoDocument):
        posts(ask(world, "https://t.me/s/Example_MFA"))


CDX = "https://web.archive.org/cdx/search/cdx?output=json&url="


def wayback_world() -> World:
    """Return an archive that took a page as it was, otherwise, and as it was again."""
    world = World(NOW, wayback=Wayback())
    site = site_of(
        [PAPER.saying("en", AT + DAY, "Other", *ENGLISH).saying("en", AT + 2 * DAY, "On the talks", *ENGLISH)]
    )
    for days in (0, 1, 2, 3):
        at = AT + days * DAY
        answer = site.answer(Request("mid.ru", "/en/foreign_policy/news/1900001/"), at)
        world.wayback.take("https://www.mid.ru:443/en/foreign_policy/news/1900001/", answer, at)
    world.wayback.take("http://mid.ru/en/foreign_policy/news_other/", faults.FORBIDDEN, AT)
    return world


def rows(world: World, query: str) -> list[list[str]]:
    return json.loads(ask(world, CDX + query).body)


def test_the_index_honours_its_parameters() -> None:
    world = wayback_world()
    page_url = "mid.ru/en/foreign_policy/news/1900001"
    head, *found = rows(world, f"{page_url}&fl=timestamp,statuscode,mimetype")
    assert head == ["timestamp", "statuscode", "mimetype"]
    assert found == [
        ["20240301141800", "200", "text/html"],
        ["20240302141800", "200", "text/html"],
        ["20240303141800", "-", "warc/revisit"],
        ["20240304141800", "-", "warc/revisit"],
    ]
    assert len(rows(world, f"{page_url}&collapse=digest")) == 4
    assert len(rows(world, f"{page_url}&filter=statuscode:200")) == 3
    assert len(rows(world, f"{page_url}&from=20240302&to=202403")) == 4
    assert len(rows(world, "https://mid.ru/en/foreign_policy/news/&matchType=prefix")) == 5
    assert len(rows(world, "mid.ru/en/foreign_policy/news&matchType=prefix&filter=!statuscode:403")) == 5
    assert rows(world, "mid.ru/nothing") == []
    world.now = AT - DAY
    assert rows(world, page_url) == []


def test_the_index_goes_on_after_its_resume_key_as_it_stands() -> None:
    world, seen, key = wayback_world(), [], ""
    while True:
        _, *found = rows(world, f"mid.ru/en/*&fl=timestamp&limit=2&showResumeKey=true{key}")
        seen += [row[0] for row in found if len(row) == 1 and row[0].isdecimal()]
        if [] not in found:
            break
        key = f"&resumeKey={found[-1][0]}"
    assert len(seen) == len(set(seen)) + 1 == 5  # two addresses were taken at one instant


def test_a_copy_is_raw_and_another_stamp_leads_to_the_nearest() -> None:
    world = wayback_world()
    start = "https://web.archive.org/web"
    answer = ask(world, f"{start}/20240302141800id_/https://mid.ru/en/foreign_policy/news/1900001/")
    assert answer.headers["Memento-Datetime"] == "Sat, 02 Mar 2024 14:18:00 GMT"
    assert "x-archive-orig-etag" in answer.headers
    assert page(answer, PAPER.address("en")).title == "Other"
    near = ask(world, f"{start}/20240302id_/https://mid.ru/en/foreign_policy/news/1900001/")
    location = f"{start}/20240301141800id_/https://www.mid.ru:443/en/foreign_policy/news/1900001/"
    assert (near.status, near.headers["Location"]) == (302, location)
    assert ask(world, f"{start}/2024id_/https://mid.ru/nothing").status == 404
    assert ask(world, f"{start}/20240302141800/https://mid.ru/en/foreign_policy/news/1900001").body != answer.body


def test_a_world_counts_what_it_is_asked() -> None:
    world = world_of(PAPER)
    for _ in range(2):
        ask(world, PAPER.address("en"))
    ask(world, "https://t.me/robots.txt")
    assert ask(world, "https://elsewhere.example/").status == 421
    assert world.asked[PAPER.address("en")] == 2
    assert world.asked_of == {"mid.ru": 2, "t.me": 1, "elsewhere.example": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_month_has_what_it_promises_and_a_seed_gives_it_again(seed: int) -> None:
    found, again = thirty_days(seed), thirty_days(seed)
    assert (found.happened, found.given) == (again.happened, again.given)
    assert found.world.site.papers == again.world.site.papers
    assert len(found.given) + len(found.of(What.PUBLISHED)) == len(found.world.site.papers) == month.PAGES
    assert len({one.key for one in found.of(What.EDITED)}) == month.EDITED
    assert (len(found.of(What.VANISHED)), len(found.of(What.RETURNED))) == (10, 3)
    assert len({one.key for one in found.of(What.EDITED) + found.of(What.VANISHED)}) == month.EDITED + 10
    for address in found.given[::20]:
        shown = page(ask(found.world, address), address)
        (paper,) = [paper for paper in found.world.site.papers if str(paper.number) in address]
        assert (shown.key, shown.text) == (
            paper.key(shown.lang or ""),
            "\n".join(next(iter(paper.versions.values()))[0].paragraphs),
        )


def test_a_month_s_new_pages_are_found_in_the_first_pages_of_its_listings_once_a_day() -> None:
    found = thirty_days()
    known = set(found.given)
    for day in range(month.DAYS):
        found.world.now = found.begins_at + timedelta(days=day, hours=12)
        for address in found.listings:
            known |= {f"https://mid.ru{path}" for path in links(ask(found.world, address))}
    found.world.now = found.challenged[0] + timedelta(hours=12)
    assert all(ask(found.world, address) == faults.CHALLENGE for address in (*found.listings, *found.feeds))
    assert known == {paper.address(lang) for paper in found.world.site.papers for lang in paper.versions}


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_reader_who_comes_once_a_day_sees_all_that_happens(seed: int, hour: int) -> None:
    found = thirty_days(seed)
    days = [found.begins_at + timedelta(days=day, hours=hour) for day in range(month.DAYS)]
    shut = {one + day * DAY for one in found.challenged for day in (0, 1)}
    visits = [at for at in days if at.replace(hour=0) not in shut]
    happened = sorted(event for paper in found.world.site.papers for event in seen_of(paper, visits))
    flickers = [event for event in happened if event[0] in found.flickers]
    assert all(what != "gone" for _, what, _ in flickers)
    expected = sorted(
        (one.key, "gone" if one.what is What.VANISHED else "said", "\n".join((one.title or "", *one.paragraphs)))
        for one in found.happened
    )
    first = {(paper.key(lang), paper.versions[lang][0]) for paper in found.world.site.papers for lang in paper.versions
             if paper.published_at < found.begins_at}  # fmt: skip
    expected += [(key, "said", "\n".join((said.title, *said.paragraphs))) for key, said in first]
    assert happened == sorted(expected)


def seen_of(paper: Paper, visits: list[datetime]) -> Iterator[tuple[str, str, str]]:
    """Yield what a reader notes of a page who keeps the intervals of the schedule."""
    (lang,) = paper.versions
    due, since, failed = visits[0], paper.published_at, []
    last: str | None = None
    for at in visits:
        if at < due or at < paper.published_at:
            continue
        if paper.is_there(at):
            said = paper.said(lang, at)
            assert said is not None
            words = "\n".join((said.title, *said.paragraphs))
            if words != last or len(failed) >= 3:
                since = at if last is not None else since
                yield paper.key(lang), "said", words
            last, failed = words, []
            due = at + min(max((at - since) / 2, timedelta(hours=6)), 30 * DAY)
            continue
        failed.append(at)
        due = at + DAY
        if len(failed) == 3:
            yield paper.key(lang), "gone", ""
        if len(failed) >= 3:
            due = at + max((at - failed[0]) / 2, DAY)
