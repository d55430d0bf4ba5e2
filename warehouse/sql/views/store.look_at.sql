-- One row: one look at one document, which shows it or should have shown it and does not.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.look_at(last_append) as table
select
  document_key,
  capture_key,
  captured_at,
  told_at,
  trust,
  recorded_at,
  recorded_order,
  position,
  edited_at,
  extraction_key,
  format,
  extractor_version,
  cleaning_version,
  content_sha256,
  capture_append_number,
  append_number,
  false as is_absence,
  null as absence_kind
from store.sighting_at(last_append)
union all
select
  document_key,
  capture_key,
  captured_at,
  told_at,
  null as trust,
  recorded_at,
  recorded_order,
  null as position,
  null as edited_at,
  null as extraction_key,
  null as format,
  null as extractor_version,
  null as cleaning_version,
  null as content_sha256,
  append_number as capture_append_number,
  append_number,
  true as is_absence,
  kind as absence_kind
from store.absence_at(last_append);
