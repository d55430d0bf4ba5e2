-- One row: one blob as it is read now for one source.
create or replace view store.newest_extraction as
select
  extraction_key,
  raw_sha256,
  source_key,
  format,
  extractor_version,
  cleaning_version,
  outcome,
  record_count,
  rejection_count,
  told_at
from store.extraction
qualify
  row_number() over (
    partition by raw_sha256, source_key order by outcome = 'failed', append_number desc, extraction_key
  ) = 1;
