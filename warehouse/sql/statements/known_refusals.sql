-- In:  $source_key.
-- Out: the rejections of the source's inputs that were never read.
select distinct
  locator,
  reason,
  found
from store.rejection
where source_key = $source_key and extraction_key is null;
