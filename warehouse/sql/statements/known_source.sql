-- In:  $source_key.
-- Out: the newest state of the source's row, if there is one.
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
where source_key = $source_key
order by append_number desc
limit 1;
