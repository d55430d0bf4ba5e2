-- In:  $present, a list of formats and their extractors' versions; $cleaning_version.
-- Out: the temporary table older_extraction, as rereading/older_captures asks for it: here the readings that the versions
--      of this code made, of bytes that are whole: of others something was withheld.
create or replace temporary table older_extraction as
with present as (
  select unnest($present, recursive := true)
)

select
  extraction.extraction_key,
  extraction.raw_sha256,
  extraction.source_key,
  regexp_extract(extraction.extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
  extraction.format,
  extraction.append_number
from store.extraction as extraction
semi join present using (format, extractor_version)
anti join store.withheld_bytes as withheld on extraction.raw_sha256 = withheld.raw_sha256
where extraction.cleaning_version = $cleaning_version;
