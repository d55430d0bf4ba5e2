-- In:  $span_days.
-- Out: one row for each state in which a listing or a feed was had, the oldest first: its last one, and those of so many days
-- before that. What one names may stand in no later one.
with answer as (
  select
    capture.locator,
    capture.source_key,
    capture.raw_sha256,
    request.purpose,
    request.asked_at,
    transport.content_type
  from store.request as request
  inner join store.addressed_capture as capture using (capture_key)
  inner join store.transport as transport using (capture_key)
  inner join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
  where
    request.purpose in ('listing', 'feed')
    and request.failure is null
    and transport.http_status in (200, 304)
    and extraction.outcome = 'read'
),

state as (
  select
    locator,
    purpose,
    raw_sha256,
    arg_max(source_key, asked_at) as source_key,
    arg_min(content_type, asked_at) as content_type,
    min(asked_at) as came_at,
    max(asked_at) as confirmed_at
  from answer
  group by locator, purpose, raw_sha256
),

whole as (
  select
    locator,
    purpose,
    min(came_at) as first_at,
    max(confirmed_at) as last_at
  from state
  group by locator, purpose
)

select
  state.locator,
  state.purpose,
  state.source_key,
  state.raw_sha256,
  state.content_type,
  state.came_at,
  state.confirmed_at,
  state.came_at = whole.first_at as is_first,
  state.confirmed_at = whole.last_at as is_last
from state
inner join whole using (locator, purpose)
where state.confirmed_at >= whole.last_at - to_days($span_days::integer)
order by state.came_at, state.locator, state.purpose, state.raw_sha256;
