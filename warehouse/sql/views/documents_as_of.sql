-- The archive as it was known then: the rows that documents had after the last append at or before an instant.
-- In:  an instant.
-- Out: one row for each document that was known, with what was known of it. Bytes count as the newest reading of then read
--      them; what came in, and what was read, later does not count, however old it is.
-- A document whose history no later append touched stands as it stands now; the looks at the others are compared anew.
-- noqa: disable=layout.indent,structure.unused_cte
create or replace macro documents_as_of(instant) as table
with touched_since as (
  select document_key
  from store.touched
  where
    first_append_number <= store.append_at(instant)
    and last_append_number > store.append_at(instant)
),

look_then as (
  select *
  from store.look_at(store.append_at(instant))
  semi join touched_since using (document_key)
),

version_then as (
  select *
  from store.version
  semi join (
    from store.touched
    where last_append_number <= store.append_at(instant)
  ) using (document_key)
  union all
  select *
  from store.version_in('look_then')
)

select
  document_key,
  published_date,
  kind,
  title,
  lang,
  medium,
  source_key,
  published_at,
  published_text,
  published_basis,
  source_edited_at,
  text,
  word_count,
  status,
  first_seen_at,
  last_seen_at,
  version_count,
  source_edit_count,
  version_key,
  ref
from store.document_in('version_then', store.append_at(instant));

-- noqa: disable=PRS
comment on macro table documents_as_of is 'documents_as_of(instant): one row for each document that the archive knew at an instant, as it was known then, with columns of documents.';
