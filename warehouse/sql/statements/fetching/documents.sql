-- Out: one temporary table, `fetched_document`: one row for each document that a fetch can look at again, a page with an
-- address or a post of a known channel: when it is due (null: it was never looked at where it was published), how long that wait
-- was meant to be, and what its answer can be compared with. A web archive's copy is no look at the publisher's own site.
create or replace temporary table fetched_document as
with sighting as (
  select
    reading.document_key,
    reading.content_sha256,
    description.published_at,
    coalesce(description.address, transport.address) as address,
    capture.locator,
    capture.source_key,
    capture.raw_sha256,
    capture.captured_at,
    asked.purpose,
    -- What an answer calls bytes that it doesn't send may be the name of others.
    if(transport.http_status = 200, asked.etag, null) as etag,
    if(transport.http_status = 200, asked.last_modified, null) as last_modified,
    -- A look at an unknown time is older than any other.
    coalesce(capture.captured_at, timestamptz '1970-01-01 00:00:00+00') as seen_at,
    if(asked.purpose is null, null, capture.captured_at) as looked_at
  from store.reading as reading
  inner join store.description as description using (description_sha256)
  inner join (
    select
      *,
      regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
    from store.extraction
  ) as extraction using (extraction_key)
  inner join store.addressed_capture as capture using (raw_sha256, source_key, address_key)
  left join store.transport as transport on capture.capture_key = transport.capture_key
  left join store.request as asked
    on capture.capture_key = asked.capture_key and capture.captured_via <> 'wayback'
  where extraction.outcome <> 'failed'
),

seen as (
  select
    document_key,
    arg_max(content_sha256, seen_at) as content_sha256,
    max(published_at) as published_at,
    arg_max(source_key, looked_at) as live_source_key,
    arg_max(source_key, seen_at) as source_key,
    arg_max(if(purpose in ('page', 'post'), locator, null), looked_at) as live_address,
    arg_max(address, seen_at) as address,
    list_sort(list_distinct(list(address))) as addresses,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    max(looked_at) as looked_at,
    arg_max(raw_sha256, looked_at) filter (where purpose = 'page') as raw_sha256
  from sighting
  group by document_key
),

standing as (
  select
    document_key,
    -- What the server calls the bytes that came last.
    arg_max(sighting.etag, sighting.looked_at) filter (where sighting.raw_sha256 = seen.raw_sha256) as etag,
    arg_max(sighting.last_modified, sighting.looked_at) filter (where sighting.raw_sha256 = seen.raw_sha256) as last_modified,
    max(sighting.seen_at) filter (where sighting.content_sha256 <> seen.content_sha256) as other_at,
    min(sighting.seen_at) filter (where sighting.content_sha256 = seen.content_sha256) as this_at
  from sighting
  inner join seen using (document_key)
  group by document_key
),

-- Whatever became of it, each request that was made for a document's sake.
asking as (
  select
    request.looked_for as document_key,
    max(request.asked_at) as last_asked_at
  from store.request as request
  where request.looked_for is not null
  group by request.looked_for
),

failed as (
  select
    absence.document_key,
    min(absence.captured_at) as failed_from,
    max(absence.captured_at) as failed_to,
    count(*) as failed_count,
    store.is_gone(list({ 'kind': absence.kind, 'looked_at': absence.captured_at })) as is_gone
  from store.absence_at(2147483647) as absence
  inner join seen using (document_key)
  where absence.kind = 'missing' and absence.captured_at > seen.last_seen_at
  group by absence.document_key
)

select
  seen.document_key,
  coalesce(seen.live_source_key, seen.source_key) as source_key,
  seen.live_address,
  coalesce(seen.live_address, seen.address) as address,
  seen.addresses,
  seen.raw_sha256,
  standing.etag,
  standing.last_modified,
  coalesce(failed.failed_count, 0)::integer as failed_count,
  coalesce(failed.is_gone, false) as is_gone,
  greatest(seen.looked_at, failed.failed_to) as last_look_at,
  store.next_look(
    seen.looked_at,
    -- Of one that was never seen to change, since its publication.
    if(standing.other_at is null, coalesce(seen.published_at, seen.first_seen_at), greatest(standing.this_at, standing.other_at)),
    failed.failed_from,
    failed.failed_to,
    coalesce(failed.is_gone, false),
    asking.last_asked_at
  ) as due_at
from seen
inner join standing using (document_key)
left join failed using (document_key)
left join asking using (document_key);
