-- One row: one capture with all that is told of it, as a batch notes it, what its address adds to its reading's key, and
-- whether documents are read in it: in answers that are not read, that only confirm bytes, or that lead to documents, none are.
create or replace view store.told_capture as
select
  capture.capture_key,
  capture.source_key,
  capture.locator,
  capture.captured_via,
  capture.captured_at,
  capture.captured_basis,
  capture.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  coverage.claim as coverage,
  coverage.claim_basis as coverage_basis,
  capture.recorded_order,
  transport.address,
  transport.http_status,
  transport.content_type,
  transport.note,
  capture.address_key,
  request.capture_key is null
  or (
    request.failure is null
    and transport.http_status = 200
    and request.purpose in ('page', 'post', 'channel')
  ) as shows_documents,
  capture.recorded_at,
  capture.append_number
from store.addressed_capture as capture
left join store.blob as blob using (raw_sha256)
left join store.coverage as coverage using (capture_key)
left join store.transport as transport using (capture_key)
left join store.request as request using (capture_key);
