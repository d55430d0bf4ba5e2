-- Out: one row for each address that leads to documents (a listing, a feed, a page of a channel, an index, robots.txt): when
-- it was last asked, what came of it, and the newest answer that gave what was asked for.
with answer as (
  select
    capture.locator,
    capture.source_key,
    request.purpose,
    request.asked_at,
    transport.http_status,
    transport.content_type,
    request.failure,
    -- What an answer calls bytes that it doesn't send may be the name of others.
    if(transport.http_status = 200, request.etag, null) as etag,
    if(transport.http_status = 200, request.last_modified, null) as last_modified,
    capture.raw_sha256,
    extraction.outcome = 'read' and request.failure is null and transport.http_status in (200, 304) as is_good
  from store.request as request
  inner join store.addressed_capture as capture using (capture_key)
  inner join store.transport as transport using (capture_key)
  left join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
  where request.purpose in ('listing', 'feed', 'channel', 'index', 'robots')
),

newest as (
  select
    locator,
    purpose,
    max(asked_at) as asked_at,
    arg_max_null(http_status, asked_at) as http_status,
    arg_max_null(content_type, asked_at) as content_type,
    arg_max_null(failure, asked_at) as failure,
    arg_max(raw_sha256, asked_at) as last_sha256,
    max(asked_at) filter (where is_good) as good_at,
    arg_max(source_key, asked_at) filter (where is_good) as source_key,
    arg_max(raw_sha256, asked_at) filter (where is_good) as raw_sha256
  from answer
  group by locator, purpose
),

-- What the server calls the bytes that are held.
mark as (
  select
    locator,
    purpose,
    raw_sha256,
    arg_max(etag, asked_at) as etag,
    arg_max(last_modified, asked_at) as last_modified
  from answer
  where is_good
  group by locator, purpose, raw_sha256
)

select
  newest.locator,
  newest.purpose,
  newest.asked_at,
  newest.http_status,
  newest.content_type,
  newest.failure,
  newest.last_sha256,
  newest.good_at,
  newest.source_key,
  newest.raw_sha256,
  mark.etag,
  mark.last_modified,
  blob.size_bytes,
  blob.blocks_root
from newest
left join mark using (locator, purpose, raw_sha256)
left join store.blob as blob using (raw_sha256)
order by newest.locator, newest.purpose;
