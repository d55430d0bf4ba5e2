-- In:  $now; $since.
-- Out: one row a request since then, and each earlier one to which the server asked to wait beyond now, in their order: for the
-- budget, the pauses and the stops of its host.
select
  capture.locator,
  request.asked_at,
  request.purpose,
  transport.http_status,
  request.failure,
  request.not_before,
  reading.reason
from store.request as request
inner join store.addressed_capture as capture using (capture_key)
inner join store.transport as transport using (capture_key)
left join (
  select
    extraction.raw_sha256,
    extraction.source_key,
    extraction.address_key,
    min(rejection.reason) as reason
  from store.newest_extraction as extraction
  inner join store.rejection as rejection using (extraction_key)
  where extraction.outcome = 'failed'
  group by all
) as reading using (raw_sha256, source_key, address_key)
where request.asked_at >= $since or request.not_before > $now
order by request.asked_at, capture.append_number, capture.recorded_order;
