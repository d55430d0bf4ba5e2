-- Every reading leads to its words, their description, its document and its ref.
select
  reading.extraction_key,
  reading.position,
  reading.document_key
from store.reading as reading
left join store.content as content using (content_sha256)
left join store.description as description using (description_sha256)
left join store.document as document using (document_key)
left join store.ref as issued
  on reading.document_key = issued.document_key and reading.content_sha256 = issued.content_sha256
where
  reading.append_number >= getvariable('since_append')
  and (
    content.content_sha256 is null
    or description.description_sha256 is null
    or document.document_key is null
    or issued.ref is null
  );
