"""A registry that can't be understood is refused whole, and says which line and column."""

from dataclasses import replace
from pathlib import Path

import pytest

from extract.fields import made_key
from flows.errors import InputRefused, RegistryRefused
from flows.fetching.entrances import every, of_files
from flows.fetching.values import Purpose
from flows.input_facts import Told
from flows.inputs import handed_in_job, registered_job
from flows.pipeline import ingest
from flows.rebuild import rebuild
from flows.registry import read_registry
from flows.said import channel
from flows.taking import base_key, way_of
from tests.conftest import REGISTRY, Desk
from tests.flows.test_bad_input import POSTS, problems
from warehouse.staging import SourceFacts

NAMES = "source_key,format,locator,language,coverage,minimum,maximum"
ROW = "a,channel_dump,a.txt,en,sample,1,2"


def test_the_registry_of_the_seeds_is_read() -> None:
    sources = read_registry(REGISTRY)
    assert all(source.minimum and source.format for source in sources)
    files = of_files(sources, ())
    assert len(files) == 5
    assert [source.source_key for source in sources if source not in files] == [
        *("mid_news_en", "mid_news_ru", "mid_briefings_en", "mid_briefings_ru", "mid_feed_en", "mid_feed_ru"),
        "channel_mid_rus",
    ]


def test_what_a_source_is_fetched_from_tells_what_is_found_there() -> None:
    purposes = {one.source.source_key: one.purpose for one in every(read_registry(REGISTRY))}
    assert purposes["mid_briefings_ru"] is Purpose.LISTING
    assert purposes["mid_feed_en"] is purposes["mid_feed_ru"] is Purpose.FEED
    assert purposes["channel_mid_rus"] is Purpose.CHANNEL


FETCHED = "a,mid_page_html,https://mid.ru/en/foreign_policy/news/,en,unknown,1,"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/news/",
        "https://mid.ru.example.org/",
        "http://mid.ru/en/foreign_policy/news/",
        "https://mid.ru:8443/en/foreign_policy/news/",
        "https://somebody@mid.ru/en/foreign_policy/news/",
        "https://laos.mid.ru/en/news/",
        "https://mid.ru/en/foreign_policy/news/1906578/",
        "https://web.archive.org/web/2020id_/https://mid.ru/en/foreign_policy/news/",
        "https://t.me/mid_rus",
        "https://t.me/s/mid_rus?before=5",
        "https://t.me/mid_rus/5",
        "https://[",
    ],
)
def test_an_address_where_nothing_new_is_found_is_refused_naming_its_row(tmp_path: Path, address: str) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(f"{NAMES}\n{ROW}\n{FETCHED.replace(FETCHED.split(',')[2], address)}\n", encoding="utf-8")
    with pytest.raises(RegistryRefused, match=r"line 3: source a: locator is .*; expected a listing or feed") as told:
        read_registry(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("mid_page_html", "channel_dump", "format is 'channel_dump'; expected one of mid_page_html"),
        ("unknown", "complete", "coverage is 'complete'; expected one of unknown"),
    ],
)
def test_a_source_that_is_fetched_says_nothing_that_a_fetch_knows_better(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(f"{NAMES}\n{FETCHED.replace(old, new)}\n", encoding="utf-8")
    with pytest.raises(RegistryRefused, match=f"line 2: {told}"):
        read_registry(path)
    path.write_text(f"{NAMES},captured_at\n{FETCHED},2026-01-01T00:00:00Z\n", encoding="utf-8")
    with pytest.raises(RegistryRefused, match="line 2: captured_at is set for a source that is fetched"):
        read_registry(path)


def test_a_source_that_is_fetched_is_no_file_to_be_taken_in() -> None:
    rows = read_registry(REGISTRY)
    assert [row.source_key for row in of_files(rows, ("channel_dump_sco",))] == ["channel_dump_sco"]
    with pytest.raises(InputRefused, match=r"source 'mid_news_en' is fetched from https://mid\.ru/en/.*; expected"):
        of_files(rows, ("channel_dump_sco", "mid_news_en"))
    with pytest.raises(InputRefused, match="source 'nobody' is not in the registry"):
        of_files(rows, ("nobody",))


def test_a_key_with_quotes_semicolons_and_commas_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(f'{NAMES}\n"a""\'; drop table x; --,b",channel_dump,a.txt,en,sample,1,2\n', encoding="utf-8")
    assert [source.source_key for source in read_registry(path)] == ["a\"'; drop table x; --,b"]


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(f"\ufeff{NAMES}\r\n\r\n,,,,,,\r\n{ROW}\r\n", encoding="utf-8")
    assert [source.source_key for source in read_registry(path)] == ["a"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 'source_key' is missing"),
        (NAMES.replace(",minimum", ""), "column 'minimum' is missing"),
        (f"{NAMES},colour", "column 'colour' is not known"),
        (f"{NAMES},format", "column 'format' stands 2 times"),
        (f"{NAMES}\n{ROW}\n{ROW}", "source_key 'a' stands 2 times"),
        (f"{NAMES}\n{ROW.replace('channel_dump', 'channel_dmp')}", "line 2: format is 'channel_dmp'"),
        (f"{NAMES}\n{ROW.replace('sample', 'some')}", "line 2: coverage is 'some'"),
        (f"{NAMES}\n{ROW}\n{ROW.replace('a,ch', ',ch')}", "line 3: source_key is empty"),
        (f"{NAMES}\n" + ROW.replace("a,ch", '"a\nb",ch'), "line 3: source_key 'a\\nb' has characters"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',,2')}", "line 2: minimum is empty"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',one,2')}", "line 2: minimum is 'one'"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',-1,2')}", "line 2: minimum is '-1'"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',1,2.5')}", "line 2: maximum is '2.5'"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',1,٢')}", "line 2: maximum is '٢'"),
        (f"{NAMES}\n{ROW.replace(',1,2', f',1,{10**30}')}", "line 2: maximum is '1000000"),
        (f"{NAMES}\n{ROW.replace(',1,2', ',3,2')}", "line 2: minimum 3 is above maximum 2"),
        (f"{NAMES}\n{ROW},more", "line 2: not as many values as columns"),
        (f"{NAMES}\na,channel_dump", "line 2: not as many values as columns"),
        (f'{NAMES}\n"a,channel_dump', "can't be read (unexpected end of data)"),
        (f"{NAMES},time_zone\n{ROW},Europe", "line 2: time zone 'Europe' is not known"),
        (f"{NAMES},time_zone\n{ROW},MSK+3", "line 2: time zone 'MSK+3' is not known"),
        (f"{NAMES},time_zone\n{ROW},{'x' * 300}", "is not known"),
        (f"{NAMES},captured_at\n{ROW},yesterday", "line 2: 'yesterday' is no instant"),
        (f"{NAMES},captured_at\n{ROW},2026-11-22T10:00:00", "says no time zone"),
        (f"{NAMES},captured_at\n{ROW},0001-01-01T00:00:00+03:00", "is no instant"),
        (f"{NAMES},channel\n{ROW},no channel", "'no channel' is no channel"),
        (f"{NAMES},channel_id\n{ROW},mid_rus", "line 2: channel_id is 'mid_rus'"),
        (f"{NAMES},channel,channel_id\n{ROW},mid_rus=1,2", "line 2: channel_id is '2'"),
        (f"{NAMES},captured_pattern\n{ROW},%Y", "'%Y' tells no instant"),
        (f"{NAMES},captured_pattern\n{ROW},%Y-%m-%d_%H%M", "tells no time zone"),
        (b"\xff\xfe\x00", "can't be read ('utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_registry_that_can_not_be_understood_is_refused_on_one_line(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    path = tmp_path / "sources.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RegistryRefused) as refusal:
        read_registry(path)
    line = str(refusal.value)
    assert line.startswith(f"{path}")
    assert told in line
    assert line.isprintable()
    assert "; expected " in line
    assert line.count("; ") >= 2


def test_a_registry_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "none.csv", "not there"), (tmp_path, "Is a directory")):
        with pytest.raises(RegistryRefused, match=told):
            read_registry(path)


def test_a_row_names_its_channel_its_columns_and_the_times_in_names(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    names = f"{NAMES},channel,channel_id,columns,captured_pattern,time_zone"
    path.write_text(f"{names}\n{ROW},@MID_Rus,-1001101170442,id=number,%Y%m%d%H,Asia/Tokyo\n", encoding="utf-8")
    (row,) = read_registry(path)
    assert (row.channel, row.channel_id, row.columns, row.time_zone) == (
        "mid_rus",
        1101170442,
        "id=number",
        "Asia/Tokyo",
    )
    job = registered_job(row, path)
    assert (type(job.source), job.captured_pattern) == (SourceFacts, "%Y%m%d%H")


def test_a_row_without_a_zone_gives_none(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text(f"{NAMES}\n{ROW}\n", encoding="utf-8")
    assert [row.time_zone for row in read_registry(tmp_path / "sources.csv")] == [None]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mid_rus", ("mid_rus", None)),
        ("@MID_rus", ("mid_rus", None)),
        ("https://t.me/s/mid_rus?before=5", ("mid_rus", None)),
        ("t.me/mid_rus/123", ("mid_rus", None)),
        ("https://t.me/c/1101170442/123", (None, 1101170442)),
        ("1101170442", (None, 1101170442)),
        ("-1001101170442", (None, 1101170442)),
        ("channel1101170442", (None, 1101170442)),
        ("mid_rus=-1001101170442", ("mid_rus", 1101170442)),
    ],
)
def test_a_channel_is_named_in_any_of_its_forms(said: str, meant: tuple[str | None, int | None]) -> None:
    assert channel("x", said) == meant


@pytest.mark.parametrize(
    "said", ["", "a b", "x", "=", "mid_rus=", "=5", "mid_rus=other", "https://mid.ru/ru/", "0", "9" * 17]
)
def test_what_names_no_channel_is_refused(said: str) -> None:
    with pytest.raises(RegistryRefused, match="is no channel"):
        channel("x", said)


def test_hints_that_are_new_change_no_key_where_they_say_nothing() -> None:
    old, told = SourceFacts("a", "channel_dump", language="en"), Told()
    key = base_key(old, b"\0" * 32, told)
    assert key == made_key("extraction/1", "00" * 32, "a", "channel_dump", "en", "Europe/Moscow", None)
    more = ({"channel": "x"}, {"channel_id": 1}, {"columns": "x"}, {"time_zone": "Europe/Moscow"})
    keys = {base_key(replace(old, **one), b"\0" * 32, told) for one in more}
    addressed = base_key(old, b"\0" * 32, Told(address="https://mid.ru/1"))
    assert len({key, addressed, *keys}) == 6
    assert way_of(f"{addressed}:1.1") == way_of(f"{key}:2.1") == key


@pytest.mark.parametrize("key", ["", "two\nlines", "\udcff", "nul\0"])
def test_a_key_that_can_not_be_shown_is_refused_for_files_that_are_handed_in(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputRefused, match="; expected a name on one line; rename it"):
        handed_in_job(SourceFacts(key), [tmp_path])


@pytest.mark.parametrize(("minimum", "maximum"), [(4, None), (0, 2)])
def test_a_source_outside_its_bounds_appends_nothing_until_they_are_corrected(
    desk: Desk, tmp_path: Path, minimum: int, maximum: int | None
) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "a.txt").write_text(POSTS, encoding="utf-8")
    (folder / "b.txt").touch()  # says itself that it can't be read
    registry = tmp_path / "sources.csv"
    source = SourceFacts("dump", "channel_dump", "dumps", coverage="sample", minimum=minimum, maximum=maximum)
    beside = SourceFacts("beside", "channel_dump", "dumps/a.txt", coverage="sample", minimum=1)
    jobs = [registered_job(source, registry), registered_job(beside, registry)]
    told = problems(desk.ingest(*jobs))
    assert sorted(line.split(": ")[1] for line in told) == ["out_of_bounds", "undecodable"]
    assert desk.query("select source_key, count(*) from documents group by all") == [("beside", 3)]
    rows = desk.query("select reason, raw_sha256 is not null from rejections order by 1")
    assert rows == [("out_of_bounds", True), ("undecodable", True)]
    before = desk.counts()
    assert len(problems(desk.ingest(*jobs))) == 2
    assert desk.counts() == before | {"run": before["run"] + 1, "run_end": before["run_end"] + 1}

    corrected = SourceFacts("dump", "channel_dump", "dumps", coverage="sample", minimum=1)
    (told_again,) = problems(desk.ingest(registered_job(corrected, registry)))
    assert "undecodable" in told_again
    counted = desk.query("select source_key, count(*) from documents group by all order by 1")
    assert counted == [("beside", 3), ("dump", 3)]
    versions = desk.query("select document_key, version_number, ref, text from versions order by all")
    head = desk.value("select head from store.append order by append_number desc limit 1")
    ingest(desk.run(), [])
    rebuild(desk.run("rebuild"))
    assert desk.query("select document_key, version_number, ref, text from versions order by all") == versions
    assert desk.value("select head from store.append order by append_number desc limit 1") == head


def test_other_bytes_outside_the_bounds_are_one_more_rejection(desk: Desk, tmp_path: Path) -> None:
    """The same number of records in other bytes once passed for the refusal that was known already."""
    path = tmp_path / "a.txt"
    source = SourceFacts("dump", "channel_dump", "a.txt", coverage="sample", minimum=9)
    for words in ("dash", "hyphen"):
        path.write_text(POSTS.replace("dash", words), encoding="utf-8")
        problems(desk.ingest(registered_job(source, tmp_path / "sources.csv")))
    assert desk.query("select count(*), count(distinct raw_sha256) from rejections") == [(2, 2)]


def test_jobs_of_one_source_are_each_held_to_the_bounds_and_read_by_their_own_hints_again(
    desk: Desk, tmp_path: Path
) -> None:
    """A rebuild once held all of a batch's files of a source together, and read them by the hints of the last."""
    hints = {"a.txt": None, "b.txt": "utf-16-le"}
    jobs = []
    for name, encoding in hints.items():
        (tmp_path / name).write_bytes(POSTS.replace("post", f"post of {name}").encode(encoding or "utf-8"))
        source = SourceFacts("dump", "channel_dump", encoding=encoding, coverage="sample", minimum=3, maximum=3)
        jobs.append(handed_in_job(source, [tmp_path / name]))
    assert desk.ingest(*jobs).is_good
    asked = "select document_key, ref, text from versions order by all"
    versions, sources = desk.query(asked), desk.query("select * from sources")
    assert len(versions) == 6
    assert rebuild(desk.run("rebuild")).is_good
    assert (desk.query(asked), desk.query("select * from sources")) == (versions, sources)
