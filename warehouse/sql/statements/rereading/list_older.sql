-- In:  $present, a list of formats and their extractors' versions; $cleaning_version.
-- Out: the temporary table older_extraction: the readings that stand and that an older extractor or cleaning made, unless the
--      present one has read the same bytes since. Bytes of which something was withheld are not read again: what they
--      showed would be lost.
create or replace temporary table older_extraction as
with present as (
  select unnest($present, recursive := true)
),

newer as (
  select
    extraction.raw_sha256,
    extraction.source_key,
    regexp_extract(extraction.extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
    extraction.append_number
  from store.extraction as extraction
  left join present using (format)
  where
    extraction.extractor_version >= coalesce(present.extractor_version, 0)
    and extraction.cleaning_version >= $cleaning_version
)

select
  extraction.extraction_key,
  extraction.raw_sha256,
  extraction.source_key,
  extraction.address_key,
  extraction.format,
  extraction.append_number
from store.newest_extraction as extraction
inner join present using (format)
anti join newer
  on
    extraction.raw_sha256 = newer.raw_sha256
    and extraction.source_key = newer.source_key
    and extraction.address_key = newer.address_key
    and extraction.append_number < newer.append_number
anti join store.withheld_bytes as withheld on extraction.raw_sha256 = withheld.raw_sha256
where
  extraction.extractor_version < present.extractor_version
  or extraction.cleaning_version < $cleaning_version;
