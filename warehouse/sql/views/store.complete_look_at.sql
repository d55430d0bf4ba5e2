-- One row: one capture that shows all posts of a channel within a stretch of ids. Who hands it in, or its form, says so;
-- a reading that breaks off, that rejected a record, or one of a sample is none.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.complete_look_at(last_append) as table
select
  capture.capture_key,
  capture.captured_at,
  extraction.told_at,
  capture.recorded_at,
  capture.recorded_order,
  extraction.extraction_key,
  showing.channel_id,
  showing.id_from,
  showing.id_to,
  showing.post_count,
  greatest(capture.append_number, showing.append_number) as append_number
from store.addressed_capture as capture
inner join store.newest_extraction_at(last_append) as extraction using (raw_sha256, source_key, address_key)
inner join store.showing as showing using (extraction_key)
inner join store.coverage as coverage using (capture_key)
where
  capture.append_number <= last_append
  and extraction.outcome = 'read'
  and extraction.rejection_count = 0
  and showing.claim <> 'sample'
  and (coverage.claim = 'complete' or (coverage.claim = 'unknown' and showing.claim = 'complete'));
