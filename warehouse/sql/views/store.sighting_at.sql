-- One row: one document as one capture shows it, by the newest extraction of then of the captured bytes for its source.
-- In:  the number of the last append that counts.
-- The largest table stands first, so that the others are held in memory, see append/14_touched_sighting.sql.
-- noqa: disable=layout.indent
create or replace macro store.sighting_at(last_append) as table
select
  reading.document_key,
  capture.capture_key,
  capture.captured_at,
  extraction.told_at,
  form.trust,
  capture.recorded_at,
  capture.recorded_order,
  reading.position,
  reading.edited_at,
  extraction.extraction_key,
  extraction.format,
  extraction.extractor_version,
  extraction.cleaning_version,
  reading.content_sha256,
  capture.append_number as capture_append_number,
  greatest(capture.append_number, reading.append_number) as append_number
from store.reading as reading
inner join store.newest_extraction_at(last_append) as extraction using (extraction_key)
inner join store.addressed_capture as capture using (raw_sha256, source_key, address_key)
inner join store.form as form using (format)
where extraction.outcome <> 'failed' and capture.append_number <= last_append;
