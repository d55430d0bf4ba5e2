-- One row: one record that a newer reading of bytes reads otherwise than the reading before it, or that only one of the two
-- yields. Records of one document in one input are paired in their order. A newer reading that finds no document takes the
-- place of one by the same hints only (see store.newest_extraction_at).
create or replace view store.rereading as
with read_then as (
  select
    extraction_key,
    raw_sha256,
    source_key,
    regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
    append_number
  from store.extraction
  window blob as (partition by raw_sha256, source_key, address_key order by append_number, extraction_key desc)
  qualify
    outcome <> 'failed'
    or split_part(extraction_key, ':', 1) = split_part(lag(extraction_key) over blob, ':', 1)
),

succession as (
  select
    extraction_key as newer_key,
    lag(extraction_key) over (
      partition by raw_sha256, source_key, address_key order by append_number, extraction_key desc
    ) as older_key,
    append_number
  from read_then
),

compared as (
  select
    newer_key,
    older_key,
    append_number,
    unnest([newer_key, older_key]) as extraction_key
  from succession
  where older_key is not null
),

numbered as (
  select
    compared.newer_key,
    compared.older_key,
    compared.append_number,
    compared.extraction_key = compared.newer_key as is_newer,
    reading.document_key,
    reading.position,
    reading.content_sha256,
    row_number() over (
      partition by compared.newer_key, compared.extraction_key, reading.document_key
      order by reading.edited_at nulls first, reading.position
    ) as number
  from compared
  inner join store.reading as reading using (extraction_key)
)

select
  document_key,
  number,
  append_number,
  newer_key,
  older_key,
  any_value(position) filter (where is_newer) as newer_position,
  any_value(position) filter (where not is_newer) as older_position,
  any_value(content_sha256) filter (where is_newer) as newer_content_sha256,
  any_value(content_sha256) filter (where not is_newer) as older_content_sha256
from numbered
group by document_key, number, append_number, newer_key, older_key
having newer_content_sha256 is distinct from older_content_sha256;
