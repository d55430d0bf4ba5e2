-- One row: one request for one document that shows that it is not there: the server says so (404, 410), or the page that it
-- gives in its place does. A redirect, an error of the server, a refusal, a challenge or a timeout shows nothing.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.failed_look_at(last_append) as table
select
  request.looked_for as document_key,
  capture.capture_key,
  capture.captured_at,
  capture.recorded_at,
  capture.recorded_order,
  greatest(
    capture.append_number, case when transport.http_status = 200 then rejected.append_number end
  ) as append_number
from store.request as request
inner join store.addressed_capture as capture using (capture_key)
inner join store.transport as transport using (capture_key)
left join store.newest_extraction_at(last_append) as extraction using (raw_sha256, source_key, address_key)
left join store.whole_rejection_at(last_append) as rejected using (raw_sha256, source_key, address_key)
where
  request.looked_for is not null
  and capture.append_number <= last_append
  and store.verdict(
    transport.http_status, request.failure, case when extraction.outcome = 'failed' then rejected.reason end
  ) = 'missing';
