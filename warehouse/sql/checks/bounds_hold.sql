-- A day of publication lies between its bounds, and an event ends no earlier than it begins.
select
  extraction_key,
  position
from store.reading
where
  append_number >= getvariable('since_append')
  and (published_after > published_before or event_from > event_to);
