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
semi join (select document_key from store.document where append_number >= getvariable('since_append')) using (document_key)
group by document_key
having count(*) > 1
union all
select
  'content' as named,
  lower(hex(content_sha256)) as name
from store.content
semi join (select content_sha256 from store.content where append_number >= getvariable('since_append')) using (content_sha256)
group by content_sha256
having count(*) > 1;
