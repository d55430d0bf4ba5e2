-- Append what a container, a manifest or a server tells of the new captures.
insert into store.transport by name
select
  capture_key,
  address,
  http_status,
  content_type,
  note,
  getvariable('append_number') as append_number
from staged_capture
semi join (
  select capture_key
  from store.capture
  where append_number = getvariable('append_number')
) using (capture_key)
where coalesce(address, http_status::varchar, content_type, note) is not null
qualify row_number() over (partition by capture_key order by recorded_order) = 1;
