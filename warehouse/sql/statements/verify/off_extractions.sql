-- Out: the readings as a whole that differ from what was read again, as JSON.
select
  held.extraction_key,
  to_json(held)::varchar as found,
  to_json(again)::varchar as expected
from (
  select
    extraction_key,
    outcome,
    record_count,
    rejection_count,
    told_at
  from store.extraction
) as held
inner join (
  select
    extraction_key,
    outcome,
    record_count,
    rejection_count,
    told_at
  from new_extraction
) as again
  on held.extraction_key = again.extraction_key and held is distinct from again
order by held.extraction_key;
