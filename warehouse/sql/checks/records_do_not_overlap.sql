-- The records of one extraction stand in its bytes one after another.
select
  extraction_key,
  position,
  byte_from,
  byte_to
from (
  select
    extraction_key,
    position,
    byte_from,
    byte_to,
    lag(byte_to, 1, 0) over (partition by extraction_key order by position) as previous_byte_to
  from store.reading
  where append_number >= getvariable('since_append')
)
where byte_from < previous_byte_to or byte_to < byte_from;
