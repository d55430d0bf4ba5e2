-- One row: one blob as it was read then for one source, at the address where it was found or without one. The address of a
-- page takes part in its reading: it is a part of the key, as a hash. Behind the last colon of a key stand the versions.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.newest_extraction_at(last_append) as table
select
  extraction_key,
  raw_sha256,
  source_key,
  regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
  format,
  extractor_version,
  cleaning_version,
  outcome,
  record_count,
  rejection_count,
  told_at,
  append_number
from store.extraction as extraction
-- Of readings by the same hints the newest stands, also where it finds no document; of those by other hints, one that does.
anti join (
  from store.extraction
  where outcome = 'failed' and append_number <= last_append
) as failed
  on
    extraction.raw_sha256 = failed.raw_sha256
    and extraction.append_number < failed.append_number
    and split_part(extraction.extraction_key, ':', 1) = split_part(failed.extraction_key, ':', 1)
where extraction.append_number <= last_append
qualify
  row_number() over (
    partition by raw_sha256, source_key, address_key order by outcome = 'failed', append_number desc, extraction_key
  ) = 1;
