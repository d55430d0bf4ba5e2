-- One row: one look at a locator that gave bytes.
create or replace view captures as
select
  capture.capture_key,
  capture.captured_at,
  capture.captured_basis,
  capture.source_key,
  capture.locator,
  capture.captured_via,
  transport.address,
  transport.http_status,
  transport.content_type,
  transport.note,
  case
    when request.capture_key is not null
      then store.verdict(
        transport.http_status, request.failure, case when extraction.outcome = 'failed' then rejected.reason end
      )
  end as verdict,
  request.purpose,
  request.looked_for,
  request.failure,
  request.detail as failure_detail,
  request.vantage,
  request.asked_at,
  request.not_before as waited_until,
  request.etag,
  request.last_modified,
  extraction.format,
  extraction.outcome,
  extraction.record_count,
  extraction.rejection_count,
  blob.size_bytes,
  coverage.claim as coverage,
  append.run_key,
  capture.recorded_at,
  lower(hex(capture.raw_sha256)) as raw_sha256
from store.addressed_capture as capture
inner join store.coverage as coverage using (capture_key)
inner join store.blob as blob using (raw_sha256)
inner join store.append as append on capture.append_number = append.append_number
left join store.transport as transport using (capture_key)
left join store.request as request using (capture_key)
left join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
left join store.whole_rejection_at(2147483647) as rejected using (raw_sha256, source_key, address_key);

comment on view captures is 'One row: one look at a locator that gave bytes.';
comment on column captures.capture_key is 'Names the capture.';
comment on column captures.captured_at is 'When it was made (UTC); null if not known: a file does not say when its bytes were fetched.';
comment on column captures.captured_basis is 'Who says so: see terms, list captured_basis.';
comment on column captures.source_key is 'The source, see sources.';
comment on column captures.locator is 'Where the bytes were found.';
comment on column captures.captured_via is 'How: see terms, list captured_via.';
comment on column captures.address is 'URL at which it was made, where a container or a manifest tells; null if not known.';
comment on column captures.http_status is 'Status of the server''s answer; null if there was none.';
comment on column captures.content_type is 'What the server said that the bytes are.';
comment on column captures.note is 'What a manifest says of it.';
comment on column captures.verdict is 'What came of the request: see terms, list verdict; null for a capture that this program did not ask for itself.';
comment on column captures.purpose is 'What its answer is read as: see terms, list purpose.';
comment on column captures.looked_for is 'The document that should be shown there, see documents; null if none is known.';
comment on column captures.failure is 'Why no whole answer came, or why it is not used: see terms, list failure; null if it is whole.';
comment on column captures.failure_detail is 'What was found, in a line.';
comment on column captures.vantage is 'Where the request was made from: a name that the operator gives, since some places are refused.';
comment on column captures.asked_at is 'When the answer came (UTC), by this program''s clock; a copy of a web archive was captured before.';
comment on column captures.waited_until is 'Until when the server asks to wait (UTC).';
comment on column captures.etag is 'The server''s name for these bytes.';
comment on column captures.last_modified is 'When they last changed, as the server wrote it.';
comment on column captures.format is 'The format that the bytes were read by; null if none claims them.';
comment on column captures.outcome is 'What came of reading them: see terms, list outcome; null if they were not read, as an answer that is an error.';
comment on column captures.record_count is 'Documents read.';
comment on column captures.rejection_count is 'Records that could not be read.';
comment on column captures.size_bytes is 'Size of the bytes.';
comment on column captures.coverage is 'What the capture claims to show of its source.';
comment on column captures.run_key is 'The run that appended it, see runs.';
comment on column captures.recorded_at is 'When the archive recorded it (UTC).';
comment on column captures.raw_sha256 is 'SHA-256 of the bytes, hexadecimal; data/raw/blobs holds them under it.';
