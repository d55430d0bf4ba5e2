-- In:  older_extraction; new_reading and new_extraction, of the batch to be appended.
-- Out: of older_extraction what holds a document of that batch, and whose bytes the batch does not read itself.
create or replace temporary table older_extraction as
select older_extraction.*
from older_extraction
semi join (
  select extraction_key
  from store.reading
  semi join new_reading using (document_key)
) as touched using (extraction_key)
anti join (
  select
    raw_sha256,
    source_key,
    regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
  from new_extraction
) as own using (raw_sha256, source_key, address_key);
