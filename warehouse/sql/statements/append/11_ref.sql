-- Append the refs that these readings issue: a document's key and the hash of its words as read.
insert into store.ref by name
select
  new_reading.document_key || '@' || lower(left(hex(new_reading.content_sha256), 8)) as ref,
  new_reading.document_key,
  new_reading.content_sha256,
  extraction.raw_sha256,
  new_reading.byte_from,
  new_reading.byte_to,
  getvariable('append_number') as append_number
from new_reading
inner join new_extraction as extraction using (extraction_key)
anti join store.ref using (document_key, content_sha256)
qualify row_number() over (
  partition by new_reading.document_key, new_reading.content_sha256
  order by extraction.raw_sha256, new_reading.position
) = 1;
