-- The documents of a table of looks, each with the append that brought its first reading, and the last append that can have
-- changed its history.
-- In:  the name of a table or view with the columns of store.look, all looks.
-- Besides the appends of its looks that is each which put a newer reading in the place of one that showed it, that may have
-- lacked it, or that was of an answer in its place.
-- noqa: disable=layout.indent
create or replace macro store.touched_in(looks) as table
with replaced as (
  select
    extraction_key,
    raw_sha256,
    source_key,
    address_key,
    lead(append_number) over blob as append_number
  from (
    select
      *,
      regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
    from store.extraction
  )
  window blob as (
    partition by raw_sha256, source_key, address_key order by append_number, extraction_key desc
  )
),

replacement as (
  select *
  from replaced
  where append_number is not null
),

replaced_stretch as (
  select
    showing.channel_id,
    replacement.append_number,
    min(showing.id_from) as id_from,
    max(showing.id_to) as id_to
  from replacement
  inner join store.showing as showing using (extraction_key)
  group by showing.channel_id, replacement.append_number
),

touch as (
  select
    document_key,
    max(append_number) as append_number
  from query_table(looks)
  group by document_key
  union all
  select
    reading.document_key,
    replacement.append_number
  from replacement
  inner join store.reading as reading using (extraction_key)
  union all
  select
    post.document_key,
    replaced_stretch.append_number
  from replaced_stretch
  inner join store.post as post
    on
      replaced_stretch.channel_id = post.channel_id
      and post.message_id between replaced_stretch.id_from and replaced_stretch.id_to
  union all
  select
    request.looked_for as document_key,
    replacement.append_number
  from replacement
  inner join store.addressed_capture as capture using (raw_sha256, source_key, address_key)
  inner join store.request as request using (capture_key)
)

select
  document.document_key,
  document.append_number as first_append_number,
  max(touch.append_number) as last_append_number
from touch
inner join store.document as document using (document_key)
group by document.document_key, document.append_number;
