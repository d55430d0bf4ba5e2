-- One row: one oddity that an extractor read past in one document in its current state.
create or replace view notices as
select
  version.document_key,
  notice.code,
  notice.detail,
  capture.source_key,
  reading.byte_from,
  reading.byte_to,
  version.ref
from store.version as version
inner join store.capture as capture using (capture_key)
inner join store.reading as reading using (extraction_key, position)
inner join store.description as description using (description_sha256)
cross join lateral (select unnest(description.notices) as notice) as noted
where version.is_current
union all
select
  version.document_key,
  'same_id_twice' as code,
  twice.reading_count || ' records of one input; the one edited last counts, else the last' as detail,
  capture.source_key,
  reading.byte_from,
  reading.byte_to,
  version.ref
from store.version as version
inner join store.capture as capture using (capture_key)
inner join store.reading as reading using (extraction_key, position)
inner join (
  select
    extraction_key,
    document_key,
    count(*) as reading_count
  from store.reading
  group by
    extraction_key,
    document_key
  having count(*) > 1
) as twice
  on version.extraction_key = twice.extraction_key and version.document_key = twice.document_key
where version.is_current
union all
select
  version.document_key,
  'withheld' as code,
  strftime(withheld.withheld_at at time zone 'UTC', '%Y-%m-%d %H:%M:%SZ') || ' by ' || withheld.who || ': ' || withheld.why as detail,
  capture.source_key,
  reading.byte_from,
  reading.byte_to,
  version.ref
from store.version as version
inner join store.capture as capture using (capture_key)
inner join store.reading as reading using (extraction_key, position)
inner join store.withheld_content as withheld on version.content_sha256 = withheld.content_sha256
where version.is_current;

comment on view notices is 'One row: one oddity that an extractor read past in one document in its current state.';
comment on column notices.document_key is 'The document, see documents.';
comment on column notices.code is 'What is odd: see terms, list notice.';
comment on column notices.detail is 'Where and how.';
comment on column notices.source_key is 'The source.';
comment on column notices.byte_from is 'First byte of the record in the captured bytes.';
comment on column notices.byte_to is 'The byte after its last.';
comment on column notices.ref is 'The version that was read so.';
