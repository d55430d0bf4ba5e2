"""From listings, feeds and given addresses to documents: each page is asked for once, and again only when it is due."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.fetching.pages import Days
from tests.conftest import Desk
from tests.fetching.asking import Done, done
from tests.fetching.conftest import NOW
from tests.fetching.fetcher import Fetcher, row
from tests.standin.faults import Fault, at
from tests.standin.http import Response
from tests.standin.papers import Layout, Paper
from tests.standin.server import Standin
from tests.standin.site import site_of
from tests.standin.world import World

NEWS = "foreign_policy/news"
OPEN = "User-agent: *\nDisallow:\n"
DAY = timedelta(days=1)
BEFORE = NOW - 40 * DAY
WORDS = {
    "en": ("The ministers met in the capital and spoke of the talks.", "They will go on with what has begun."),
    "ru": ("Министры встретились в столице и говорили о переговорах.", "Начатое будет продолжено в срок."),
    "de": ("Die Minister trafen sich in der Hauptstadt zu einem Gespräch.", "Sie werden die Arbeit fortsetzen."),
    "fr": ("Les ministres se sont rencontrés dans la capitale du pays.", "Ils poursuivront le travail commencé."),
    "es": ("Los ministros se reunieron en la capital para hablar.", "Continuarán el trabajo que han empezado."),
    "pt": ("Os ministros reuniram-se na capital para conversar.", "Eles continuarão o trabalho que começaram."),
}


def paper_of(number: int, *langs: str, when: datetime = BEFORE, **others: object) -> Paper:
    """Return a document in some languages, in each with words of its own."""
    paper = Paper(number, NEWS, when, {}, **others)  # type: ignore[arg-type]
    for lang in langs or ("en",):
        first, second = WORDS[lang]
        paper = paper.saying(lang, when, f"{number} {first[:24]}", f"{first} {number}", second)
    return paper


ARTICLE = paper_of(1_900_001, *WORDS)
ANNOUNCEMENT = paper_of(1_900_002, "en", "ru", layout=Layout.ANNOUNCEMENT)
COUNTRY = paper_of(1_900_003, "en", "ru", layout=Layout.COUNTRY)
RESTLESS = paper_of(1_900_004, is_restless=True)
EDITED = paper_of(1_900_005).saying("en", NOW + DAY, "On the talks", "Other words of the ministers, who met again.")
MOVED = paper_of(1_900_006, moved_at=NOW + DAY)
ELSEWHERE = replace(paper_of(1_900_007), section="maps/gb")  # on no listing that is looked at, but in the feed
OLD = paper_of(900_001, "en", layout=Layout.OLD_PORTAL)
OLD_ANNOUNCEMENT = paper_of(900_002, "ru", layout=Layout.OLD_ANNOUNCEMENT)
LISTED = (ARTICLE, ANNOUNCEMENT, COUNTRY, RESTLESS, EDITED, MOVED)
OF_2011 = tuple(paper_of(1_607_500 + day, when=datetime(2011, 9, 20 + day, 9, tzinfo=UTC)) for day in range(4))
NEW = paper_of(1_900_008, when=NOW + DAY)
REGISTRY = [
    row("news_en", f"https://mid.ru/en/{NEWS}/", "en"),
    row("news_ru", f"https://www.mid.ru/ru/{NEWS}/", "ru"),
    row("feed_en", "https://mid.ru/en/rss.php", "en"),
    row("feed_de", "https://mid.ru/de/rss", "de"),
    row("feed_fr", "https://mid.ru/fr/rss/", "fr"),
]


@dataclass
class Story:
    """What was fetched from one site, time after time."""

    fetcher: Fetcher
    done: dict[str, Done] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def tell(self, name: str, done: Done) -> None:
        self.done[name] = done
        self.counts[name] = self.fetcher.desk.counts()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """An archive that looked at a site, at once again, and on the next days."""
    world = World(NOW, site_of((*LISTED, ELSEWHERE, OLD, OLD_ANNOUNCEMENT, NEW)))
    with Standin(world.handler) as standin:
        story = Story(Fetcher(Desk(tmp_path_factory.mktemp("pages") / "data"), world, standin, REGISTRY))
        fetcher = story.fetcher
        story.tell("first", done(fetcher, fetcher.pages))
        world.now += timedelta(minutes=1)
        story.tell("at once", done(fetcher, fetcher.pages))
        world.now = NOW + 31 * DAY
        story.tell("a month later", done(fetcher, fetcher.pages))
        fetcher.registry = [REGISTRY[2]]
        world.now = NOW + 70 * DAY
        story.tell("by another source", done(fetcher, fetcher.pages))
        yield story


def test_each_document_of_listings_and_feeds_is_read_in_its_language_to_the_words_published(story: Story) -> None:
    rows = story.fetcher.desk.query("select document_key, lang, title, text from documents where version_count = 1")
    found = {key: (lang, title, text) for key, lang, title, text in rows}
    languages = {"en": (*LISTED, ELSEWHERE, NEW), "ru": (ARTICLE, ANNOUNCEMENT, COUNTRY), "de": (ARTICLE,)}
    languages["fr"] = languages["de"]
    published = {
        paper.key(lang): (lang, paper.versions[lang][0].title, "\n".join(paper.versions[lang][0].paragraphs))
        for lang, papers in languages.items()
        for paper in papers
        if paper is not EDITED
    }
    assert found == published


def test_a_page_that_listings_and_feeds_name_is_asked_for_once(story: Story) -> None:
    counts = Counter(story.done["first"].addresses)
    assert counts[EDITED.address("en")] == 1
    assert {count for address, count in counts.items() if "www." not in address} == {1}
    feeds = ["https://mid.ru/en/rss.php", "https://mid.ru/de/rss", "https://mid.ru/fr/rss/"]
    assert set(feeds) <= set(counts)


def test_the_address_that_leads_to_another_is_asked_and_kept_as_it_was_found(story: Story) -> None:
    moved = "select address, http_status, verdict from captures where address like 'https://www.%' order by captured_at"
    listing = f"https://www.mid.ru/ru/{NEWS}/"
    assert (listing, 301, "moved") in story.fetcher.desk.query(moved)
    assert story.done["first"].addresses.count(f"https://mid.ru/ru/{NEWS}/") == 1


def test_a_look_at_once_asks_nothing_and_appends_nothing(story: Story) -> None:
    assert story.done["at once"].asked == ()
    assert story.done["at once"].report.is_good
    first, second = story.counts["first"], story.counts["at once"]
    assert {name for name in first if first[name] != second[name]} <= {"run", "run_end"}


def test_nothing_is_told_as_wrong_of_a_site_that_answers_well(story: Story) -> None:
    assert story.done["first"].told == ""
    assert story.done["first"].report.is_good


def test_a_page_that_says_it_is_unchanged_is_one_capture_and_no_reading(story: Story) -> None:
    rows = story.fetcher.desk.query(
        "select address, verdict, raw_sha256 from captures where http_status = 304 and purpose = 'page'"
    )
    assert {address for address, *_ in rows} >= {ARTICLE.address(lang) for lang in ("en", "ru", "de", "fr")}
    assert {verdict for _, verdict, _ in rows} == {"unchanged"}
    first = "select distinct raw_sha256 from captures where http_status = 200 and address = ?"
    for address, _, sha256 in rows:
        assert story.fetcher.desk.query(first, address) == [(sha256,)]
    seen = "select last_seen_at > ? from documents where document_key = ?"
    assert story.fetcher.desk.query(seen, NOW + 30 * DAY, ARTICLE.key("en")) == [(True,)]


def test_bytes_that_change_around_the_same_words_make_no_version(story: Story) -> None:
    looks = "select count(distinct raw_sha256) from captures where address = ? and verdict = 'fetched'"
    assert story.fetcher.desk.value(looks, RESTLESS.address("en")) == 2
    versions = "select version_count from documents where document_key = ?"
    assert story.fetcher.desk.value(versions, RESTLESS.key("en")) == 1


def test_an_edit_in_place_makes_a_version_with_its_own_words(story: Story) -> None:
    question = "select title, text from versions where document_key = ? order by version_number"
    said = [(version.title, "\n".join(version.paragraphs)) for version in EDITED.versions["en"]]
    assert story.fetcher.desk.query(question, EDITED.key("en")) == said
    changes = "select document_key from changes where cause = 'edited'"
    assert story.fetcher.desk.query(changes) == [(EDITED.key("en"),)]


def test_a_page_whose_address_leads_to_the_listing_is_no_failed_look(story: Story) -> None:
    status = "select status, version_count, last_seen_at < ? from documents where document_key = ?"
    assert story.fetcher.desk.query(status, NOW + DAY, MOVED.key("en")) == [("present", 1, True)]
    looks = "select http_status, verdict, looked_for from captures where address = ? order by captured_at"
    assert story.fetcher.desk.query(looks, MOVED.address("en"))[-1] == (302, "moved", MOVED.key("en"))
    assert story.fetcher.desk.value("select count(*) from captures where verdict = 'missing'") == 0


def test_a_page_that_is_looked_at_for_another_source_is_asked_for_whole_and_seen(story: Story) -> None:
    (look,) = [one for one in story.done["by another source"].asked if one.request.url == ARTICLE.address("en")]
    assert (look.status, look.request.headers.get("if-none-match")) == (200, None)
    seen = "select last_seen_at > ? from documents where document_key = ?"
    assert story.fetcher.desk.query(seen, NOW + 69 * DAY, ARTICLE.key("en")) == [(True,)]


def test_an_etag_is_sent_only_for_the_bytes_that_bore_it(fetcher: Fetcher) -> None:
    fetcher.world.site.put(EDITED)
    fetcher.registry = REGISTRY[:1]
    fetcher.pages()
    fetcher.world.site.has_validators = False
    fetcher.world.now = NOW + 40 * DAY
    fetcher.pages()
    fetcher.world.now = NOW + 80 * DAY
    looks = done(fetcher, fetcher.pages).asked
    (sent,) = [one.request.headers for one in looks if one.request.url == EDITED.address("en")]
    assert not {"if-none-match", "if-modified-since"} & set(sent)


def test_pages_of_a_listing_that_robots_txt_forbids_are_never_asked_for(desk: Desk) -> None:
    papers = [paper_of(1_900_100 + number) for number in range(25)]
    world = World(NOW, site_of(papers))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY[:1])
        fetched = done(fetcher, fetcher.pages)
    assert not [address for address in fetched.addresses if "PAGEN" in address]
    assert len(fetched.addresses) == 21
    assert f"https://mid.ru/en/{NEWS}/?PAGEN_1=2: robots.txt forbids it" in fetched.noted
    assert fetched.report.is_good


def past_the_end(whole: Response) -> Response:
    """Return a listing that names two pages more than there are."""
    further = b"".join(b'<li><a href="/en/%b/?PAGEN_1=%d">%d</a></li>' % (NEWS.encode(), n, n) for n in (3, 4, 5))
    return replace(whole, body=whole.body.replace(b'<ul class="pagination">', b'<ul class="pagination">' + further))


def test_where_it_is_allowed_a_listing_is_followed_to_its_end_and_from_then_on_to_what_is_known(desk: Desk) -> None:
    papers = [paper_of(1_900_100 + number) for number in range(25)]
    world = World(NOW, site_of((*papers, *(paper_of(1_900_200 + one, when=NOW + DAY) for one in range(3)))))
    world.site.robots = OPEN
    listing = f"/en/{NEWS}/"
    pages = [listing, *(f"{listing}?PAGEN_1={number}" for number in (2, 3, 4))]
    world.site.faults.append(Fault(at(*pages), past_the_end))
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY[:1])
        first = done(fetcher, fetcher.pages)
        world.now = NOW + 2 * DAY
        second = done(fetcher, fetcher.pages)
    assert [path for path in first.paths if path.endswith("/news/") or "PAGEN" in path] == pages  # two name nothing
    assert desk.value("select count(*) from documents") == 28
    # It still leads to pages that named nothing, which are looked at again.
    assert [path for path in second.paths if path.endswith("/news/") or "PAGEN" in path] == pages
    assert first.report.is_good
    assert second.report.is_good


def test_what_a_listing_showed_and_the_budget_left_out_is_fetched_on_the_next_days(desk: Desk) -> None:
    world = World(NOW, site_of(paper_of(1_900_100 + number) for number in range(25)))
    world.site.robots = OPEN
    with Standin(world.handler) as standin:
        fetcher = Fetcher(desk, world, standin, REGISTRY[:1], {"MFA_ARCHIVE_BUDGETS": "mid.ru=15"})
        for day in range(3):
            world.now = NOW + day * timedelta(hours=25)
            fetcher.pages()
    assert desk.value("select count(*) from documents") == 25


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """An archive to which a person gave addresses, of a site that forbids nothing."""
    world = World(NOW, site_of((ARTICLE, ANNOUNCEMENT, RESTLESS, OLD, OLD_ANNOUNCEMENT, ELSEWHERE, *OF_2011)))
    world.site.robots = OPEN
    with Standin(world.handler) as standin:
        story = Story(Fetcher(Desk(tmp_path_factory.mktemp("given") / "data"), world, standin, REGISTRY))
        fetcher = story.fetcher
        addresses = (
            OLD.address("en"),
            OLD_ANNOUNCEMENT.address("ru").replace("archive.mid.ru", "www.mid.ru"),
            "https://mid.ru/en/foreign_policy/news/1900001/?lang=es",
            "http://www.mid.ru:80/en/foreign_policy/news/1900002?utm_source=telegram#1",
            ELSEWHERE.address("en"),
            "https://mid.ru/fr/foreign_policy/news/1900004/",  # it has no translation, so the Russian page is shown
        )
        story.tell("first", done(fetcher, lambda: fetcher.addresses(*addresses)))
        story.tell("at once", done(fetcher, lambda: fetcher.addresses(*addresses)))
        days = Days(date(2011, 9, 21), date(2011, 9, 22))
        story.tell("days", done(fetcher, lambda: fetcher.pages(days)))
        world.now = NOW + 31 * DAY
        story.tell("a month later", done(fetcher, fetcher.pages))
        yield story


def test_pages_that_no_listing_shows_are_fetched_by_their_addresses(given: Story) -> None:
    keys = {"mid-lr:900001:en", "mid-lr:900002:ru", "mid:1900001:es", "mid:1900002:en", "mid:1900007:en"}
    old = {paper.key("en") for paper in OF_2011[1:3]}
    found = given.fetcher.desk.query("select document_key from documents where first_seen_at < ?", NOW + DAY)
    assert {key for (key,) in found} == keys | old


def test_an_address_is_asked_for_without_what_campaigns_add_and_kept_as_it_was_found(given: Story) -> None:
    asked = "https://www.mid.ru/en/foreign_policy/news/1900002"
    assert asked in given.done["first"].addresses
    urls = dict(given.fetcher.desk.query("select document_key, url from documents"))
    assert urls["mid:1900002:en"] == "https://mid.ru/en/foreign_policy/news/1900002"
    found = "select address from captures where looked_for = 'mid:1900002:en' order by captured_at limit 2"
    assert given.fetcher.desk.query(found) == [(asked,), (asked.replace("www.", ""),)]


def test_the_language_that_the_query_asks_for_is_the_one_of_the_document(given: Story) -> None:
    text = given.fetcher.desk.value("select text from documents where document_key = 'mid:1900001:es'")
    assert text == "\n".join(ARTICLE.versions["es"][0].paragraphs)


def test_given_addresses_that_gave_a_document_are_not_asked_for_again_at_once(given: Story) -> None:
    missing = "https://mid.ru/fr/foreign_policy/news/1900004/"
    assert set(given.done["at once"].addresses) <= {missing}


def test_a_stretch_of_days_is_asked_day_by_day_from_the_last_to_the_first(given: Story) -> None:
    days = [f"?activeFrom={day}.09.2011&activeTo={day}.09.2011" for day in (22, 21)]
    addresses = given.done["days"].addresses
    assert [one for one in addresses if one.startswith("https://mid.ru") and "active" in one] == [
        f"https://mid.ru/{lang}/{NEWS}/{day}" for lang in ("en", "ru") for day in days
    ]
    assert [one for one in addresses if "active" not in one] == [OF_2011[2].address("en"), OF_2011[1].address("en")]


def test_pages_that_no_listing_shows_are_looked_at_again_when_they_are_due(given: Story) -> None:
    assert OLD.address("en") in given.done["a month later"].addresses
    assert ELSEWHERE.address("en") in given.done["a month later"].addresses
