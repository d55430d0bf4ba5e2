-- Append what the requests behind the new captures told.
insert into store.request by name
select
  capture_key,
  asked_at,
  purpose,
  looked_for,
  failure,
  detail,
  vantage,
  etag,
  last_modified,
  not_before,
  headers,
  duration_ms,
  getvariable('append_number') as append_number
from staged_request
semi join (
  select capture_key
  from store.capture
  where append_number = getvariable('append_number')
) using (capture_key)
qualify row_number() over (partition by capture_key order by purpose) = 1;
