-- Out: touched_sighting, all looks at the documents that this batch's captures or readings show.
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
