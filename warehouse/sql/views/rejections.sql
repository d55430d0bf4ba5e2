-- One row: one record or one input that could not be read.
create or replace view rejections as
with mended as (
  -- The same place in the same source gave something that was read without a rejection.
  select
    capture.source_key,
    capture.locator,
    max(greatest(capture.append_number, extraction.append_number)) as append_number
  from store.addressed_capture as capture
  inner join store.extraction as extraction
    on
      capture.raw_sha256 = extraction.raw_sha256
      and capture.source_key = extraction.source_key
      and capture.address_key = regexp_extract(extraction.extraction_key, '@([0-9a-f]{16}):', 1)
  where extraction.outcome = 'read' and extraction.rejection_count = 0
  group by all
)

select
  rejection.source_key,
  rejection.locator,
  rejection.reason <> 'not_found'
  and answer.outcome is null
  and (mended.append_number is null or mended.append_number <= rejection.append_number) as is_open,
  reason,
  found,
  expected,
  remedy,
  byte_from,
  byte_to,
  excerpt,
  rejection.recorded_at,
  answer.outcome as answer,
  append.recorded_at as answered_at,
  append.run_key as answered_by,
  rejection_key,
  lower(hex(raw_sha256)) as raw_sha256
from store.rejection as rejection
left join mended using (source_key, locator)
left join store.answer as answer using (rejection_key)
left join store.append as append on answer.append_number = append.append_number;

comment on view rejections is 'One row: one record or one input that could not be read.';
comment on column rejections.source_key is 'The source, see sources.';
comment on column rejections.locator is 'Where the input was found.';
comment on column rejections.is_open is 'False once it is answered, or a later look at the same place was read without one; also where the source says it has none.';
comment on column rejections.reason is 'Why: see terms, list reason.';
comment on column rejections.found is 'What was found.';
comment on column rejections.expected is 'What was expected.';
comment on column rejections.remedy is 'What to do.';
comment on column rejections.byte_from is 'First byte of the record; null for a whole input.';
comment on column rejections.byte_to is 'The byte after its last.';
comment on column rejections.excerpt is 'The beginning of what was found.';
comment on column rejections.recorded_at is 'When the archive recorded it (UTC).';
comment on column rejections.answer is 'What a later reading of the same bytes made of it: see terms, list answer; null if there is none, or it stands there as before.';
comment on column rejections.answered_at is 'When the archive recorded that (UTC).';
comment on column rejections.answered_by is 'The run that read them again, see runs.';
comment on column rejections.rejection_key is 'Names the rejection.';
comment on column rejections.raw_sha256 is 'SHA-256 of the bytes, which the raw store keeps; null if there were none.';
