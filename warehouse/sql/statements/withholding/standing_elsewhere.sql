-- In:  $contents, hashes of words; $raw_sha256, a blob.
-- Out: those of them that another blob shows too.
select distinct reading.content_sha256
from store.reading as reading
inner join store.extraction as extraction using (extraction_key)
where list_contains($contents, reading.content_sha256) and extraction.raw_sha256 <> $raw_sha256;
