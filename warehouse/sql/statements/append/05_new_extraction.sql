-- Out: new_extraction, the staged extractions that are not known yet; all that hangs on the others is passed over.
create or replace temporary table new_extraction as
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
  claim
from staged_extraction
anti join store.extraction using (extraction_key)
qualify row_number() over (partition by extraction_key order by locator) = 1;
