"""What is withheld is taken out of inputs of every form, and of the records beside it nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.rebuild import rebuild
from tests.conftest import SEEDS, Desk, begun
from tests.flows.taking_out import ask, broken_rules, files_with, take_out, take_out_together
from tests.forms.every import FORMS, ingest_in_batches
from tests.forms.made import CHANNEL_ID, POSTS
from warehouse.errors import WithholdingRefused

WITH_PLACES = [form for form in FORMS.values() if form.format != "post_database"]  # of their own, for each record
KEY = f"telegram:{CHANNEL_ID}:3"
READ = f"""
select extraction.source_key, reading.document_key, reading.byte_from, reading.byte_to, content.text
from store.reading as reading
inner join store.extraction as extraction using (extraction_key)
inner join store.content as content using (content_sha256)
where (reading.document_key = '{KEY}') = $1
order by all
"""


def test_posts_of_a_text_dump_and_pages_are_withheld_too(seeded: Desk, tmp_path: Path) -> None:
    desk = seeded.copied(tmp_path)
    dump = "select ref, document_key from versions where extractor = 'channel_dump' order by byte_from offset 5 limit 1"
    page = "select ref, document_key from versions where extractor = 'mid_page_text' limit 1"
    taken = [desk.query(dump)[0], desk.query(page)[0]]
    texts = [str(desk.value("select text from versions where ref = ?", ref)) for ref, _ in taken]
    words = [max(one.split("\n"), key=len) for one in texts]
    others = "select document_key, ref, text from versions where not list_contains($1, document_key) order by all"
    keys = [key for _, key in taken]
    before = desk.query(others, keys)
    for (ref, key), word in zip(taken, words, strict=True):
        assert files_with(desk.home, word) != []
        assert take_out(desk, str(ref), str(key)).is_good
        assert files_with(desk.home, word) == []
    assert ask(desk, "verify").exit_code == 0
    assert rebuild(desk.run("rebuild")).is_good
    assert desk.query(others, keys) == before


GAPS = ((0,), (1,), (3, 4), (0, 1, 5))  # posts of a dump
BESIDE = """
select document_key, locator, byte_from, byte_to, notices
from versions
left join (select document_key, list(code order by code) as notices from notices group by all) using (document_key)
where not is_withheld and extractor = 'channel_dump' and locator like $1
order by locator, byte_from
"""


@dataclass
class Rebuilt:
    """What an archive with gaps says of each of its inputs before it is rebuilt, and after."""

    desk: Desk
    before: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    after: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  # that were taken out


@pytest.fixture(scope="module")
def gapped_dumps(tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """An archive of a dump for each gap, every post of which has words of its own."""
    folder = tmp_path_factory.mktemp("dumps")
    text = (SEEDS / "002_f8ed40bbac4ad26b.txt").read_text(encoding="utf-8")
    names = [f"{number}.txt" for number in range(len(GAPS))]
    (folder / "in").mkdir()
    for number, name in enumerate(names):
        (folder / "in" / name).write_text(text.replace(" the ", f" the {number}"), encoding="utf-8")
    desk = Desk(folder / "data")
    assert desk.hand_in(folder / "in", "dumps", language="en").is_good
    of_dump = "select ref, document_key from versions where locator like $1 order by byte_from"
    posts = [desk.query(of_dump, f"%{name}") for name in names]
    for turn in range(2):  # so that what has a gap gets another
        due = [posts[number][post] for number, gap in enumerate(GAPS) for post in gap[turn::2]]
        assert take_out_together(desk, due).is_good
    rebuilt = Rebuilt(desk, {name: desk.query(BESIDE, f"%{name}") for name in names})
    assert rebuild(desk.run("rebuild")).is_good
    rebuilt.after |= {name: desk.query(BESIDE, f"%{name}") for name in names}
    return rebuilt


@pytest.mark.parametrize("number", range(len(GAPS)), ids=map(str, GAPS))
def test_a_gap_in_a_text_dump_changes_nothing_of_the_records_beside_it(gapped_dumps: Rebuilt, number: int) -> None:
    name = f"{number}.txt"
    assert gapped_dumps.after[name] == gapped_dumps.before[name]
    assert len(gapped_dumps.before[name]) == 10 - len(GAPS[number])
    reasons = gapped_dumps.desk.query("select distinct reason from rejections where locator like ?", f"%{name}")
    assert reasons == [("withheld",)]


@pytest.fixture(scope="module")
def gapped_forms(tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """An archive of one channel in every form, from which one post was taken out as each of them has it."""
    folder = tmp_path_factory.mktemp("forms")
    desk = Desk(folder / "data")
    at = datetime(2025, 1, 1, tzinfo=UTC)
    jobs = [form.job(folder / "in", POSTS, at + timedelta(days=day)) for day, form in enumerate(WITH_PLACES)]
    assert ingest_in_batches(desk, jobs) == []
    words = {str(form): max(str(text).split("\n"), key=len)[:30] for form, *_, text in desk.query(READ, True)}
    before = by_form(desk.query(READ, False))
    refs = desk.query("select ref, document_key from store.ref where document_key = ?", KEY)
    assert take_out_together(desk, refs).is_good
    rebuilt = Rebuilt(desk, before, words=words)
    assert rebuild(desk.run("rebuild")).is_good
    rebuilt.after |= by_form(desk.query(READ, False))
    return rebuilt


def by_form(rows: list[tuple[object, ...]]) -> dict[str, list[tuple[object, ...]]]:
    return {form.name: [row for row in rows if row[0] == form.name] for form in WITH_PLACES}


@pytest.mark.parametrize("form", [form.name for form in WITH_PLACES])
def test_a_post_of_any_form_is_taken_out_of_its_bytes_and_no_other(gapped_forms: Rebuilt, form: str) -> None:
    desk = gapped_forms.desk
    assert files_with(desk.home, gapped_forms.words[form]) == []
    assert gapped_forms.after[form] == gapped_forms.before[form]
    assert len(gapped_forms.before[form]) > len(POSTS) // 2
    assert desk.query("select reason from rejections where source_key = ?", form) == [("withheld",)]


def test_an_archive_with_gaps_in_inputs_of_every_form_keeps_every_rule(gapped_forms: Rebuilt) -> None:
    assert broken_rules(gapped_forms.desk) == []


def test_a_row_of_a_database_can_be_withheld_with_its_capture_only(tmp_path: Path, empty_store: Path) -> None:
    desk = begun(tmp_path / "data", empty_store)
    ingest_in_batches(desk, [FORMS["telegram_export"].job(tmp_path / "in", POSTS)])
    ref, key = desk.query("select ref, document_key from versions where word_count > 4 limit 1")[0]
    with pytest.raises(WithholdingRefused, match="no place of its own"):
        take_out(desk, str(ref), str(key))
