-- Append which looks of before were read again in this batch, why, and by what hints.
insert into store.reread by name
select
  capture_key,
  reread_cause as cause,
  reread_hints as hints,
  getvariable('append_number') as append_number
from staged_capture
semi join staged_extraction using (raw_sha256, source_key)
where reread_cause is not null
qualify row_number() over (partition by capture_key order by recorded_order) = 1
order by capture_key;
