"""Rows of the table about the views: what was known then against what is known now, and one run's changes against all.

The archive is made in SQL, as if an export had come in with each of its appends: new posts, and a ninth of those of the
append before in other words. The last brings about a hundredth of all.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from tests.bench.table import ROUNDS, Line, at_most, timed
from warehouse.archive import Writing, opened_for_writing, settle
from warehouse.layout import Layout
from warehouse.publish import publish

APPENDS = 20
LAST_SHARE = 0.01  # of the documents, that are new with the last append
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
# The columns of documents that documents_as_of has.
COLUMNS = (
    "document_key, published_date, kind, title, lang, medium, source_key, published_at, published_text, "
    "published_basis, source_edited_at, text, word_count, status, first_seen_at, last_seen_at, version_count, "
    "source_edit_count, version_key, ref"
)
_MADE = """
create temporary table made as
with post as (
  select
    number,
    least(1 + (number * ($appends - 1)) // ($documents * (1 - $last_share))::bigint, $appends)::integer as append_number
  from range($documents) as post (number)
),

state as (
  select
    *,
    1 as state
  from post
  union all
  select
    number,
    append_number + 1,
    2 as state
  from post
  where number % case when append_number < $appends - 1 then 9 else 90 end = 0 and append_number < $appends
)

select
  *,
  'telegram:1:' || number as document_key,
  'export/' || append_number || ':1:1' as extraction_key,
  unhex(sha256('words ' || number || ' ' || state)) as content_sha256,
  unhex(sha256('described ' || number || ' ' || state)) as description_sha256,
  array_to_string(list_transform(range(60), lambda place: left(md5(number || '/' || place || case
    when place % 9 = 0 then state else 0 end), 6)), ' ') as text,
  row_number() over (partition by append_number order by number)::integer as position
from state;

insert into store.content by name
select content_sha256, 'post' as medium, text, unhex(sha256(text)) as text_sha256,
  unhex(left(sha256(text), 32)) as letters_sha256, unhex(left(sha256(text), 32)) as spaced_sha256,
  true as carries_paragraphs, 60 as word_count, append_number
from made order by append_number, position;

insert into store.description by name
select description_sha256, timestamptz '2020-01-01 00:00:00+00' + to_minutes(number) as published_at,
  'unix_time' as published_basis, left(text, 40) as headline, 'en' as lang, []::varchar[] as languages_available,
  'other' as kind, 'none' as kind_basis, []::varchar[] as speakers, []::varchar[] as hashtags,
  []::varchar[] as flags, false as is_excerpt, false as has_media_placeholder, ['body'] as passage_roles,
  []::varchar[] as furniture, [] as notices, state = 2 as is_edited, append_number
from made order by append_number, position;

insert into store.reading by name
select extraction_key, position, position * 1000 as byte_from, position * 1000 + 999 as byte_to, document_key,
  content_sha256, description_sha256, append_number
from made order by append_number, position;

insert into store.document by name
select document_key, true as key_is_strong, 'post' as medium, append_number
from made where state = 1 order by append_number, position;

insert into store.extraction by name
select 'export/' || number || ':1:1' as extraction_key, unhex(sha256('export ' || number)) as raw_sha256,
  'bench' as source_key, 'telegram_desktop_json' as format, 1 as extractor_version, 1 as cleaning_version,
  'read' as outcome, 0 as record_count, 0 as rejection_count, number as append_number
from range(1, $appends + 1) as append (number);

insert into store.capture by name
select 'capture ' || number as capture_key, 'bench' as source_key, 'result.json' as locator, 'file' as captured_via,
  $first + to_days(number::integer) as captured_at, 'operator' as captured_basis,
  unhex(sha256('export ' || number)) as raw_sha256, $first + to_days(number::integer) as recorded_at,
  0 as recorded_order, number as append_number
from range(1, $appends + 1) as append (number);

insert into store.coverage by name
select 'capture ' || number as capture_key, 'unknown' as claim, 'none' as claim_basis, number as append_number
from range(1, $appends + 1) as append (number);

insert into store.append by name
select number as append_number, 'batch ' || number as batch_key, 'run ' || number as run_key,
  $first + to_days(number::integer) as recorded_at, 1 as leaf_version, 1 as leaf_count,
  unhex(sha256('root')) as merkle_root, unhex(sha256('head ' || number)) as head
from range(1, $appends + 1) as append (number);
"""


def made_archive(home: Path, versions: int) -> Layout:
    """Return an archive of about so many versions, published."""
    layout = Layout(home)
    layout.store.parent.mkdir(parents=True)
    writing = Writing(FIRST, "bench", 1.0)
    facts = {
        "documents": versions * 9 // 10,
        "appends": APPENDS,
        "last_share": LAST_SHARE,
        "first": FIRST,
    }
    with opened_for_writing(layout, writing) as connection:
        for one in connection.extract_statements(_MADE):
            asked = {name: value for name, value in facts.items() if name in one.named_parameters}
            connection.execute(one, asked)
        connection.execute("checkpoint")
    publish(layout, writing)
    return layout


def view_lines(folder: Path, versions: int) -> list[Line]:
    """Compare what was known then with a plain scan of documents, and the changes of the last run with all."""
    layout = made_archive(folder / "views", versions)
    with duckdb.connect(str(layout.published), read_only=True) as connection:
        settle(connection)
        drained = partial(_drain, connection)
        now = _median(drained, f"select {COLUMNS} from documents")
        lines = []
        for share in (1.0, 0.95, 0.5):
            then = FIRST + timedelta(days=round(APPENDS * share), hours=1)
            took = _median(drained, f"select {COLUMNS} from documents_as_of(timestamptz '{then:%Y-%m-%d %H:%M:%S}+00')")
            name = (
                f"documents as of append {round(APPENDS * share)} of {APPENDS}, against a scan of {versions:,} versions"
            )
            lines.append(at_most(name, took / now, 3, f"{took:.2f} s against {now:.2f} s"))
        whole = timed(partial(drained, "from changes"))
        last = _median(drained, f"from changes_of_run('run {APPENDS}')")
        name = f"changes of the last run of {versions:,} versions, against all"
        lines.append(at_most(name, last / whole, 0.1, f"{last:.2f} s against {whole:.2f} s"))
    return lines


def _median(drained: partial[None], question: str) -> float:
    return sorted(timed(partial(drained, question)) for _ in range(ROUNDS))[ROUNDS // 2]


def _drain(connection: duckdb.DuckDBPyConnection, question: str) -> None:
    for _ in connection.execute(question).to_arrow_reader(10_000):
        pass
