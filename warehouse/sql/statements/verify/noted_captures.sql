-- Out: the captures of all appends with what is told of them, the first append first.
select
  append.batch_key,
  capture.capture_key,
  capture.source_key,
  capture.locator,
  capture.captured_via,
  capture.captured_at,
  capture.captured_basis,
  capture.raw_sha256,
  capture.recorded_order,
  coverage.claim as coverage,
  coverage.claim_basis as coverage_basis,
  transport.address,
  transport.http_status,
  transport.content_type,
  transport.note
from store.capture as capture
left join store.append as append using (append_number)
left join store.coverage as coverage using (capture_key)
left join store.transport as transport using (capture_key)
order by
  capture.append_number,
  capture.capture_key;
