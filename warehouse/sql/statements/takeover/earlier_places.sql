-- In:  $extraction_key.
-- Out: where its records stand in their bytes, in that order.
select
  byte_from,
  byte_to
from store.reading
where extraction_key = $extraction_key
order by position;
