-- Out: new_reading, the records of the new extractions with their place, their document and what the order tells.
-- A record without the publisher's id is named by its head; records of one extraction that share a head are named by
-- their whole text, and equal ones are numbered.
create or replace temporary table new_reading as
with placed as (
  select
    reading.*,
    row_number() over (
      partition by extraction_key order by byte_from, byte_to, strong_key, content_sha256, description_sha256
    )::integer as position
  from staged_reading as reading
  semi join new_extraction using (extraction_key)
),

weak as (
  select
    extraction_key,
    position,
    weak_key,
    key_date,
    content_sha256,
    count(*) over (partition by extraction_key, weak_key) as sharing_count
  from placed
  where strong_key is null
),

words as (
  select
    content_sha256,
    title,
    letters_sha256
  from store.content
  semi join (
    from weak
    where sharing_count > 1
  ) using (content_sha256)
  union
  select
    content_sha256,
    title,
    letters_sha256
  from staged_content
  semi join (
    from weak
    where sharing_count > 1
  ) using (content_sha256)
),

whole as (
  select
    weak.extraction_key,
    weak.position,
    left(sha256(
      store.field('weak-whole/1')
      || store.field(extraction.source_key)
      || store.field(weak.key_date)
      || store.field(content.title)
      || store.hash_field(content.letters_sha256)
    ), 16) as whole_key
  from weak
  inner join new_extraction as extraction using (extraction_key)
  inner join words as content using (content_sha256)
  where weak.sharing_count > 1
),

told_apart as (
  select
    weak.extraction_key,
    weak.position,
    coalesce(whole.whole_key, weak.weak_key) as name
  from weak
  left join whole using (extraction_key, position)
),

named as (
  select
    extraction_key,
    position,
    name,
    row_number() over (partition by extraction_key, name order by position) as copy_number,
    count(*) over (partition by extraction_key, name) as copy_count
  from told_apart
)

select
  placed.extraction_key,
  placed.position,
  placed.byte_from,
  placed.byte_to,
  coalesce(
    placed.strong_key,
    'weak:' || named.name || case when named.copy_count > 1 then '#' || named.copy_number else '' end
  ) as document_key,
  placed.strong_key is not null as key_is_strong,
  placed.content_sha256,
  placed.description_sha256,
  coalesce(ordered.event_from, placed.event_from) as event_from,
  coalesce(ordered.event_to, placed.event_to) as event_to,
  coalesce(ordered.event_basis, placed.event_basis) as event_basis,
  coalesce(ordered.published_after, placed.published_after) as published_after,
  coalesce(ordered.published_before, placed.published_before) as published_before,
  placed.edited_at,
  placed.views,
  placed.views_are_rounded,
  placed.forwards,
  placed.replies,
  placed.reactions,
  placed.poll_votes,
  placed.poll_voters
from placed
left join named using (extraction_key, position)
left join staged_order as ordered
  on placed.extraction_key = ordered.extraction_key and placed.byte_from = ordered.byte_from;
