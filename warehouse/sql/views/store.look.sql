-- One row: one look at one document, which shows it or should have shown it and does not.
create or replace view store.look as
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
  append_number,
  false as is_absence
from store.sighting
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
  append_number,
  true as is_absence
from store.absence;
