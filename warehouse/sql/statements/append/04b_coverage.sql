-- Append what the new captures claim to show.
insert into store.coverage by name
select
  capture_key,
  any_value(staged_capture.coverage) as claim,
  any_value(staged_capture.coverage_basis) as claim_basis,
  getvariable('append_number') as append_number
from staged_capture
semi join (
  select capture_key
  from store.capture
  where append_number = getvariable('append_number')
) using (capture_key)
group by capture_key;
