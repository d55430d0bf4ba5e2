-- In:  $document_key and $ref.
-- Out: the hash of the words that a ref names, and whether there are any; how many documents are of nothing but them.
select
  ref.content_sha256,
  coalesce(content.word_count, 0) > 0 or content.title is not null as has_words,
  (
    select count(distinct reading.document_key)
    from store.reading as reading
    where reading.content_sha256 = ref.content_sha256
  ) as document_count
from store.ref as ref
left join store.content as content using (content_sha256)
where ref.document_key = $document_key and ref.ref = $ref;
