-- Out: one row for each address of a page, a post or a copy that was asked for: how often and when last the server told what is
-- there (a failure, a refusal and its own trouble tell nothing; null: never), and when a document was last read there (null:
-- never).
with answer as (
  select
    capture.locator,
    request.asked_at,
    -- What a web archive says of a copy against itself, it says each time.
    coalesce(request.failure, 'contradicted') = 'contradicted'
    and (transport.http_status < 400 or transport.http_status in (404, 410)) as is_telling,
    extraction.outcome <> 'failed' and transport.http_status in (200, 304) as is_read
  from store.request as request
  inner join store.addressed_capture as capture using (capture_key)
  inner join store.transport as transport using (capture_key)
  left join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
  where request.purpose in ('page', 'post')
)

select
  locator,
  (count(*) filter (where is_telling))::integer as answer_count,
  max(asked_at) filter (where is_telling) as answered_at,
  max(asked_at) filter (where is_read) as read_at
from answer
group by locator
order by locator;
