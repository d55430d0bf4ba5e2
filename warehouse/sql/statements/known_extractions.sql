-- In:  looked, locators and hashes; $source_key.
-- Out: the readings of these bytes for the source, newest first, each with its rejections as lines.
select
  extraction.raw_sha256,
  extraction.extraction_key,
  extraction.record_count,
  coalesce(
    list(
      rejection.reason || ': ' || rejection.found || '; expected ' || rejection.expected || '; ' || rejection.remedy
      order by rejection.byte_from
    ) filter (where rejection.rejection_key is not null),
    []
  ) as rejections
from store.extraction as extraction
semi join looked using (raw_sha256)
left join store.rejection as rejection using (extraction_key)
where extraction.source_key = $source_key
group by extraction.raw_sha256, extraction.extraction_key, extraction.record_count, extraction.append_number
order by extraction.append_number desc, extraction.extraction_key;
