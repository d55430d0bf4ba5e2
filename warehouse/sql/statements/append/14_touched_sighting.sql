-- Out: touched_sighting, all looks at the documents that this batch's captures or readings show.
-- Joined in the order in which the views are written: DuckDB 1.5 takes what this transaction has appended for nothing, and
-- would hold the looks of a first large batch in a hash table, which a million posts overflow at 366 MiB.
set disabled_optimizers = 'common_subplan,join_order,build_side_probe_side';

create or replace temporary table touched_sighting as
with touched_extraction as (
  select extraction_key from new_extraction
  union
  select extraction.extraction_key
  from store.newest_extraction as extraction
  inner join store.addressed_capture as capture using (raw_sha256, source_key, address_key)
  where capture.append_number = getvariable('append_number')
),

touched_document as (
  select distinct document_key
  from store.reading
  semi join touched_extraction using (extraction_key)
)

select look.*
from store.look as look
semi join touched_document using (document_key);

set disabled_optimizers = 'common_subplan';
