-- Out: new_reading, the records of the new extractions with their place, their document and what the order tells.
-- A record without the publisher's id is named by its head; records of one extraction that share a head are named by
-- their whole text, and equal ones are numbered.
create or replace temporary table new_reading as
with headed as (
  select
    reading.*,
    row_number() over (
      partition by extraction_key order by byte_from, byte_to, strong_key, content_sha256, description_sha256
    )::integer as position,
    case when strong_key is null then count(*) over (partition by extraction_key, weak_key) end as sharing_count
  from staged_reading as reading
  semi join new_extraction using (extraction_key)
),

words as (
  select
    content_sha256,
    title,
    letters_sha256
  from store.content
  semi join (
    from headed
    where sharing_count > 1
  ) using (content_sha256)
  union
  select
    content_sha256,
    title,
    letters_sha256
  from staged_content
  semi join (
    from headed
    where sharing_count > 1
  ) using (content_sha256)
),

whole as (
  select
    headed.extraction_key,
    headed.position,
    left(sha256(
      store.field('weak-whole/1')
      || store.field(extraction.source_key)
      || store.field(headed.key_date)
      || store.field(content.title)
      || store.hash_field(content.letters_sha256)
    ), 16) as whole_key
  from headed
  inner join new_extraction as extraction using (extraction_key)
  inner join words as content using (content_sha256)
  where headed.sharing_count > 1
),

told_apart as (
  select
    headed.*,
    coalesce(whole.whole_key, headed.weak_key) as name
  from headed
  left join whole using (extraction_key, position)
),

named as (
  select
    *,
    row_number() over (partition by extraction_key, name order by position) as copy_number,
    count(*) over (partition by extraction_key, name) as copy_count
  from told_apart
)

select
  named.extraction_key,
  named.position,
  named.byte_from,
  named.byte_to,
  coalesce(
    named.strong_key,
    'weak:' || named.name || case when named.copy_count > 1 then '#' || named.copy_number else '' end
  ) as document_key,
  named.strong_key is not null as key_is_strong,
  named.content_sha256,
  named.description_sha256,
  coalesce(ordered.event_from, named.event_from) as event_from,
  coalesce(ordered.event_to, named.event_to) as event_to,
  coalesce(ordered.event_basis, named.event_basis) as event_basis,
  coalesce(ordered.published_after, named.published_after) as published_after,
  coalesce(ordered.published_before, named.published_before) as published_before,
  named.edited_at,
  named.views,
  named.views_are_rounded,
  named.forwards,
  named.replies,
  named.reactions,
  named.poll_votes,
  named.poll_voters
from named
left join staged_order as ordered using (extraction_key, byte_from);
