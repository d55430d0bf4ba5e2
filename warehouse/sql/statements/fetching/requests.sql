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
  if(extraction.outcome = 'failed', rejected.reason, null) as reason
from store.request as request
inner join store.addressed_capture as capture using (capture_key)
inner join store.transport as transport using (capture_key)
left join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
left join store.whole_rejection_at(2147483647) as rejected using (raw_sha256, source_key, address_key)
where request.asked_at >= $since or request.not_before > $now
order by request.asked_at, capture.append_number, capture.recorded_order;
