-- Append the new extractions.
insert into store.extraction by name
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
  told_at,
  getvariable('append_number') as append_number
from new_extraction;
