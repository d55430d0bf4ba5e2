-- In:  $keys of extractions.
-- Out: those that the archive holds.
select extraction_key
from store.extraction
semi join (select unnest($keys) as extraction_key) as asked using (extraction_key);
