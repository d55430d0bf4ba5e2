-- One row: one blob as it is read now for one source, at the address where it was found or without one. The address of a
-- page takes part in its reading: it is a part of the key, as a hash.
create or replace view store.newest_extraction as
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
from store.extraction
qualify
  row_number() over (
    partition by raw_sha256, source_key, address_key order by outcome = 'failed', append_number desc, extraction_key
  ) = 1;
