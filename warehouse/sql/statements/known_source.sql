-- In:  $source_key; $append_number, null for the newest.
-- Out: the state of the source's row at that append, if there is one.
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
  columns
from store.source
where source_key = $source_key and append_number <= coalesce($append_number, append_number)
order by append_number desc
limit 1;
