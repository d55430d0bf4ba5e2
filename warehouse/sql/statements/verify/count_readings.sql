-- In:  older_extraction, see verify/list_present.
-- Out: number of readings by the present versions, of those by others, and of those of bytes of which something was withheld.
--      What no format claims is read by none.
select
  count(*) filter (where extraction_key in (select extraction_key from older_extraction)) as present_count,
  count(*) filter (
    where withheld.raw_sha256 is null and extraction_key not in (select extraction_key from older_extraction)
  ) as other_count,
  count(*) filter (where withheld.raw_sha256 is not null) as withheld_count
from store.extraction as extraction
left join (select distinct raw_sha256 from store.withheld_bytes) as withheld using (raw_sha256)
where format is not null;
