-- In:  $raw_sha256.
-- Out: the records of a blob, one row for each reading of one.
select
  extraction.raw_sha256,
  reading.byte_from,
  reading.byte_to,
  reading.extraction_key,
  reading.document_key,
  reading.content_sha256
from store.reading as reading
inner join store.extraction as extraction using (extraction_key)
where extraction.raw_sha256 = $raw_sha256
order by all;
