-- Append the readings.
insert into store.reading by name
select
  extraction_key,
  position,
  byte_from,
  byte_to,
  document_key,
  content_sha256,
  description_sha256,
  event_from,
  event_to,
  event_basis,
  published_after,
  published_before,
  edited_at,
  getvariable('append_number') as append_number
from new_reading
order by extraction_key, position;
