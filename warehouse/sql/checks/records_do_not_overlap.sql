-- The records of one extraction stand in its bytes one after another; those of a form without places in its bytes, such
-- as a database, all stand in the whole of it.
select
  placed.extraction_key,
  placed.position,
  placed.byte_from,
  placed.byte_to
from (
  select
    extraction_key,
    position,
    byte_from,
    byte_to,
    lag(byte_to, 1, 0) over (partition by extraction_key order by position) as previous_byte_to
  from store.reading
  where append_number >= getvariable('since_append')
) as placed
inner join store.extraction using (extraction_key)
inner join store.blob using (raw_sha256)
where
  (placed.byte_from < placed.previous_byte_to and (placed.byte_from <> 0 or placed.byte_to <> blob.size_bytes))
  or placed.byte_to < placed.byte_from;
