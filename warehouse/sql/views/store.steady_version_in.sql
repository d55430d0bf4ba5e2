-- The versions in a table of looks at steady documents (store.is_steady), with the columns of store.version_in. Each has one
-- version, of which the looks need only be put in order, as store.spell_in would.
-- In:  the name of a table or view with the columns of store.look, whole steady documents only.
-- noqa: disable=layout.indent
create or replace macro store.steady_version_in(looks) as table
with ordered as (
  select
    *,
    row_number() over (
      partition by document_key
      order by
        coalesce(captured_at, told_at) nulls first,
        trust,
        recorded_at,
        recorded_order,
        edited_at nulls first,
        position,
        capture_key
    ) as sighting_number
  from query_table(looks)
)

select
  document_key || '@' || lower(left(hex(any_value(content_sha256)), 8)) as ref,
  document_key,
  1 as spell_number,
  true as is_current,
  'first_seen' as cause,
  count(*) as sighting_count,
  null as failed_looks,
  min(captured_at) as seen_from,
  max(captured_at) as seen_until,
  null as replaced_by,
  null as changed_after,
  coalesce(min(captured_at), min(recorded_at)) as changed_before,
  min(coalesce(captured_at, recorded_at)) as valid_from,
  arg_max(coalesce(captured_at, recorded_at), sighting_number) as held_until,
  null as valid_to,
  null as previous_content_sha256,
  null as previous_extraction_key,
  null as previous_position,
  null as previous_first_capture_key,
  min(recorded_at) as recorded_at,
  min(capture_append_number) as append_number,
  arg_min(capture_key, sighting_number) as first_capture_key,
  arg_max(capture_key, (trust, sighting_number)) as capture_key,
  arg_max(extraction_key, (trust, sighting_number)) as extraction_key,
  arg_max(position, (trust, sighting_number)) as position,
  any_value(content_sha256) as content_sha256,
  arg_min(capture_key, (-trust, sighting_number)) as witness_capture_key,
  arg_min(extraction_key, (-trust, sighting_number)) as witness_extraction_key,
  arg_min(position, (-trust, sighting_number)) as witness_position
from ordered
group by document_key;
