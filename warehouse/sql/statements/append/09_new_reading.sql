-- Out: new_reading, the records of the new extractions with their place, their document and what the order tells.
-- A record without the publisher's id is named by its head; records of one extraction that share a head are named by
-- their whole text, and equal ones are numbered.
create or replace temporary table new_reading as
with numbered as (
  select
    place,
    row_number() over (
      partition by extraction_key order by byte_from, byte_to, strong_key, content_sha256, description_sha256
    )::integer as position
  from staged_reading
  semi join new_extraction using (extraction_key)
),

weak as (
  select
    reading.extraction_key,
    numbered.position,
    reading.weak_key,
    reading.key_date,
    reading.content_sha256,
    count(*) over (partition by reading.extraction_key, reading.weak_key) as sharing_count
  from staged_reading as reading
  inner join numbered using (place)
  where reading.strong_key is null
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
  reading.extraction_key,
  numbered.position,
  reading.byte_from,
  reading.byte_to,
  coalesce(
    reading.strong_key,
    'weak:' || named.name || case when named.copy_count > 1 then '#' || named.copy_number else '' end
  ) as document_key,
  reading.strong_key is not null as key_is_strong,
  reading.content_sha256,
  reading.description_sha256,
  coalesce(ordered.event_from, reading.event_from) as event_from,
  coalesce(ordered.event_to, reading.event_to) as event_to,
  coalesce(ordered.event_basis, reading.event_basis) as event_basis,
  coalesce(ordered.published_after, reading.published_after) as published_after,
  coalesce(ordered.published_before, reading.published_before) as published_before,
  reading.edited_at,
  reading.views,
  reading.views_are_rounded,
  reading.forwards,
  reading.replies,
  reading.reactions,
  reading.poll_votes,
  reading.poll_voters
from staged_reading as reading
inner join numbered using (place)
left join named
  on reading.extraction_key = named.extraction_key and numbered.position = named.position
left join staged_order as ordered
  on reading.extraction_key = ordered.extraction_key and reading.byte_from = ordered.byte_from;
