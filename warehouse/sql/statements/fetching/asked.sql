-- Out: one row for each address of a page, a post or a copy that was asked for: how often, when last, and when a document was
-- last read there (null: never).
select
  capture.locator,
  count(*)::integer as request_count,
  max(request.asked_at) as asked_at,
  max(request.asked_at) filter (where extraction.outcome <> 'failed' and transport.http_status in (200, 304)) as read_at
from store.request as request
inner join store.addressed_capture as capture using (capture_key)
inner join store.transport as transport using (capture_key)
left join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
where request.purpose in ('page', 'post')
group by capture.locator
order by capture.locator;
