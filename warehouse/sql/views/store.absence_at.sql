-- One row: one document that one look should have shown and does not: a post that a complete look at its stretch of ids lacks,
-- or what a request did not find at its place (store.failed_look_at), whether it is known by then or not.
-- Looks at one instant are one look, however often its bytes were handed in. A look that shows as many posts as are known in its
-- stretch lacks none, so that nothing need be compared.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.absence_at(last_append) as table
with lacking as (
  select
    look.capture_key,
    any_value(look.extraction_key) as extraction_key,
    any_value(look.captured_at) as captured_at,
    any_value(look.told_at) as told_at,
    any_value(look.recorded_at) as recorded_at,
    any_value(look.recorded_order) as recorded_order,
    look.channel_id,
    any_value(look.id_from) as id_from,
    any_value(look.id_to) as id_to,
    any_value(look.append_number) as append_number
  from store.post as post
  inner join store.complete_look_at(last_append) as look
    on post.channel_id = look.channel_id and post.message_id between look.id_from and look.id_to
  group by look.capture_key, look.channel_id
  having count(*) > any_value(look.post_count)
),

absence as (
  select
    post.document_key,
    'complete_look' as kind,
    lacking.capture_key,
    lacking.captured_at,
    lacking.told_at,
    lacking.recorded_at,
    lacking.recorded_order,
    lacking.append_number
  from store.post as post
  inner join lacking
    on post.channel_id = lacking.channel_id and post.message_id between lacking.id_from and lacking.id_to
  anti join store.reading as reading
    on lacking.extraction_key = reading.extraction_key and post.document_key = reading.document_key
  union all
  select
    document_key,
    'missing' as kind,
    capture_key,
    captured_at,
    null as told_at,
    recorded_at,
    recorded_order,
    append_number
  from store.failed_look_at(last_append)
)

select *
from absence
qualify
  row_number() over (
    partition by document_key, coalesce(captured_at, told_at, recorded_at)
    order by kind, captured_at nulls last, recorded_at, recorded_order, capture_key
  ) = 1;
