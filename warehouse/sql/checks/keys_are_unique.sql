-- What is named is named once.
select
  'capture' as named,
  capture_key as name
from store.capture
group by capture_key
having count(*) > 1 and max(append_number) >= getvariable('since_append')
union all
select
  'extraction' as named,
  extraction_key as name
from store.extraction
group by extraction_key
having count(*) > 1 and max(append_number) >= getvariable('since_append')
union all
select
  'document' as named,
  document_key as name
from store.document
semi join (
  select document_key
  from store.document
  where append_number >= getvariable('since_append')
) using (document_key)
group by document_key
having count(*) > 1
union all
select
  'content' as named,
  lower(hex(content_sha256)) as name
from store.content
semi join (
  select content_sha256
  from store.content
  where append_number >= getvariable('since_append')
) using (content_sha256)
group by content_sha256
having count(*) > 1
union all
select
  'blob' as named,
  lower(hex(raw_sha256)) as name
from store.blob
semi join (
  select raw_sha256
  from store.blob
  where append_number >= getvariable('since_append')
) using (raw_sha256)
group by raw_sha256
having count(*) > 1
union all
select
  'description' as named,
  lower(hex(description_sha256)) as name
from store.description
semi join (
  select description_sha256
  from store.description
  where append_number >= getvariable('since_append')
) using (description_sha256)
group by description_sha256
having count(*) > 1
union all
select
  'rejection' as named,
  rejection_key as name
from store.rejection
semi join (
  select rejection_key
  from store.rejection
  where append_number >= getvariable('since_append')
) using (rejection_key)
group by rejection_key
having count(*) > 1
union all
select
  'coverage' as named,
  capture_key as name
from store.coverage
group by capture_key
having count(*) > 1 and max(append_number) >= getvariable('since_append')
union all
select
  'batch' as named,
  batch_key as name
from store.append
group by batch_key
having count(*) > 1 and max(append_number) >= getvariable('since_append')
union all
select
  'ref' as named,
  any_value(ref) as name
from store.ref
semi join (
  select document_key
  from store.ref
  where append_number >= getvariable('since_append')
) using (document_key)
group by
  document_key,
  content_sha256
having count(*) > 1;
