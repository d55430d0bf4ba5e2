-- In:  $source_keys.
-- Out: the states of these sources' rows, the newest first.
select
  source_key,
  format,
  locator,
  publisher,
  channel,
  language,
  time_zone,
  encoding,
  coverage,
  captured_at,
  minimum,
  maximum,
  note,
  channel_id,
  columns,
  append_number
from store.source
where list_contains($source_keys, source_key)
order by
  source_key,
  append_number desc;
