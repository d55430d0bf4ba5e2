-- Append the captures that are not known yet.
insert into store.capture by name
select
  capture_key,
  source_key,
  locator,
  captured_via,
  captured_at,
  captured_basis,
  raw_sha256,
  getvariable('recorded_at') as recorded_at,
  recorded_order::integer as recorded_order,
  getvariable('append_number') as append_number
from staged_capture
anti join store.capture using (capture_key)
qualify row_number() over (partition by capture_key order by recorded_order) = 1;
