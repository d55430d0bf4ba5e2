-- In:  $source_key, null for all; $since, null for the beginning.
-- Out: the captures that came from an address, in the order of their time, with what a WARC record says of them. The type of
--      a page that came without one is that of its form. What is withheld is left out here, and a request that has no whole
--      answer. The headers of a copy are the web archive's own, so that it has none.
select
  capture.capture_key,
  transport.address,
  capture.captured_at,
  capture.captured_via,
  capture.captured_basis,
  capture.source_key,
  capture.locator,
  capture.raw_sha256,
  blob.size_bytes,
  transport.http_status,
  coalesce(
    transport.content_type,
    case when form.format like '%html' or form.format = 'telegram_preview' then 'text/html' end
  ) as content_type,
  case
    when transport.content_type is not null then 'server'
    when form.format like '%html' or form.format = 'telegram_preview' then 'form'
  end as content_type_basis,
  transport.note,
  case when capture.captured_via = 'http' then request.headers end as headers
from store.capture as capture
inner join store.transport as transport using (capture_key)
inner join store.blob as blob using (raw_sha256)
left join store.request as request using (capture_key)
left join (
  select
    raw_sha256,
    source_key,
    arg_max(format, append_number) as format
  from store.extraction
  group by
    raw_sha256,
    source_key
) as form using (raw_sha256, source_key)
where
  request.failure is null
  and (request.capture_key is null or transport.http_status is not null)
  and regexp_matches(transport.address, '^https?://', 'i')
  and ($source_key is null or capture.source_key = $source_key)
  and ($since is null or capture.captured_at >= $since or capture.captured_at is null)
  and capture.raw_sha256 not in (select withheld.raw_sha256 from store.withheld_bytes as withheld)
order by
  capture.captured_at,
  transport.address,
  capture.capture_key;
