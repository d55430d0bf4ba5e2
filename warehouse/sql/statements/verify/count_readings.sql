-- In:  older_extraction, see verify/list_present.
-- Out: number of readings by the present versions, and of those by others. What no format claims is read by none.
select
  count(*) filter (where extraction_key in (select extraction_key from older_extraction)) as present_count,
  count(*) filter (where extraction_key not in (select extraction_key from older_extraction)) as other_count
from store.extraction
where format is not null;
