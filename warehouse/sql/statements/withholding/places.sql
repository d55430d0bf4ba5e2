-- In:  $contents, hashes of words, and $raw_sha256, a blob; null for all.
-- Out: where these words stand: one row for each record.
select
  extraction.raw_sha256,
  reading.byte_from,
  reading.byte_to,
  reading.extraction_key,
  reading.document_key,
  reading.content_sha256
from store.reading as reading
inner join store.extraction as extraction using (extraction_key)
where
  ($contents is null or list_contains($contents, reading.content_sha256))
  and extraction.raw_sha256 = coalesce($raw_sha256, extraction.raw_sha256)
order by all;
