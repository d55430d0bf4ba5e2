-- The spells in a table of looks: a spell is a version, the stretch of a document's sightings that say the same.
-- In:  the name of a table or view with the columns of store.look, whole documents only.
-- Out: one row for each look, with its place in the document's order and the number of its spell, from 1; an absence has
--      that of the sighting before it. `failed_looks` are those between this sighting and the next.
-- A capture of unknown time stands at the newest instant that its bytes tell, but never after the document's last
-- capture of known time. Text is compared at the coarsest fold first, at a finer one only within a run of the coarser,
-- and a facet only with its last known value: a form that lacks something begins no spell. A sighting after the document
-- was gone (store.is_gone) begins one, whatever it says.
-- Of words that were withheld the hashes are compared, see store.differ.
-- `placed` is materialized for the planner's sake: otherwise DuckDB 1.5 plans for seconds over the views beneath. It
-- forgets the word when a file is opened again, so that publishing puts tables in their place.
-- noqa: disable=layout.indent
create or replace macro store.spells_in(looks) as table
with placed as materialized (
  select
    *,
    case
      when captured_at is not null then captured_at
      when told_at is not null then least(told_at, coalesce(max(captured_at) over document, told_at))
    end as stands_at
  from query_table(looks)
  window document as (partition by document_key)
),

numbered as (
  select
    placed.*,
    row_number() over (
      partition by document_key
      order by
        stands_at nulls first,
        captured_at is not null,
        is_absence,
        trust,
        recorded_at,
        recorded_order,
        edited_at nulls first,
        position,
        capture_key
    ) as sighting_number
  from placed
),

worded as (
  select
    numbered.*,
    content.letters_sha256,
    content.spaced_sha256,
    content.letters_sha256 is not null as is_whole,
    case when content.carries_paragraphs then content.text_sha256 end as exact_sha256,
    coalesce(content.title, 'withheld ' || content.withheld.title) as title,
    content.published_text,
    content.document_number,
    content.origin_message_id,
    content.links_sha256,
    content.media_kinds,
    coalesce(content.media_names, 'withheld ' || content.withheld.media_names) as media_names,
    content.poll_sha256,
    content.service_action,
    coalesce(content.service_detail, 'withheld ' || content.withheld.service_detail) as service_detail,
    count(*) filter (where not is_absence) over (
      partition by document_key order by sighting_number rows unbounded preceding
    ) as shown_number
  from numbered
  left join store.content as content using (content_sha256)
),

failing as (
  select
    *,
    list({
      'capture_key': capture_key,
      'looked_at': coalesce(captured_at, told_at, recorded_at),
      'kind': absence_kind,
      'append_number': append_number
    } order by sighting_number) filter (where is_absence) over (partition by document_key, shown_number) as failed_looks
  from worded
),

lettered as (
  select
    *,
    not is_absence and last_value(content_sha256 ignore nulls) over earlier is null as is_first,
    not is_absence
    and shown_number > 1
    and store.is_gone(lag(failed_looks) over (partition by document_key order by sighting_number)) as is_restored,
    letters_sha256 <> last_value(letters_sha256 ignore nulls) over earlier as is_reworded,
    store.differ(title, last_value(title ignore nulls) over earlier) as is_retitled,
    published_text <> last_value(published_text ignore nulls) over earlier as is_redated,
    document_number <> last_value(document_number ignore nulls) over earlier as is_renumbered,
    origin_message_id <> last_value(origin_message_id ignore nulls) over earlier as is_reattributed,
    links_sha256 <> last_value(links_sha256 ignore nulls) over earlier as is_relinked,
    media_kinds <> last_value(media_kinds ignore nulls) over earlier
    or store.differ(media_names, last_value(media_names ignore nulls) over earlier) as is_reillustrated,
    poll_sha256 <> last_value(poll_sha256 ignore nulls) over earlier as is_repolled,
    service_action <> last_value(service_action ignore nulls) over earlier
    or store.differ(service_detail, last_value(service_detail ignore nulls) over earlier) as is_reserviced
  from failing
  window earlier as (
    partition by document_key order by sighting_number rows between unbounded preceding and 1 preceding
  )
),

wording as (
  select
    *,
    sum((is_reworded is true)::integer) over (
      partition by document_key order by sighting_number rows unbounded preceding
    ) as wording_number
  from lettered
),

punctuated as (
  select
    *,
    spaced_sha256 <> last_value(spaced_sha256 ignore nulls) over earlier as is_repunctuated
  from wording
  window earlier as (
    partition by document_key, wording_number
    order by sighting_number rows between unbounded preceding and 1 preceding
  )
),

punctuation as (
  select
    *,
    sum((is_repunctuated is true)::integer) over (
      partition by document_key, wording_number order by sighting_number rows unbounded preceding
    ) as punctuation_number
  from punctuated
),

paragraphed as (
  select
    *,
    exact_sha256 <> last_value(exact_sha256 ignore nulls) over earlier as is_reparagraphed
  from punctuation
  window earlier as (
    partition by document_key, wording_number, punctuation_number
    order by sighting_number rows between unbounded preceding and 1 preceding
  )
)

select
  document_key,
  sighting_number,
  sum((
    is_first
    or is_restored is true
    or is_reworded is true
    or is_repunctuated is true
    or is_reparagraphed is true
    or is_retitled is true
    or is_redated is true
    or is_renumbered is true
    or is_reattributed is true
    or is_relinked is true
    or is_reillustrated is true
    or is_repolled is true
    or is_reserviced is true
  )::integer) over (
    partition by document_key order by sighting_number rows unbounded preceding
  ) as spell_number,
  capture_key,
  captured_at,
  told_at,
  stands_at,
  trust,
  recorded_at,
  recorded_order,
  position,
  extraction_key,
  format,
  extractor_version,
  cleaning_version,
  content_sha256,
  is_whole,
  is_absence,
  is_restored is true as is_restored,
  failed_looks,
  capture_append_number,
  append_number
from paragraphed;
