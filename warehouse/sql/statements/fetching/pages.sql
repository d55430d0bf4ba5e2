-- In:  fetched_document.
-- Out: the pages, with the hashes of the bytes that an answer can be compared with.
select
  document.document_key,
  document.source_key,
  document.address,
  document.addresses,
  document.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  document.etag,
  document.last_modified,
  document.failed_count,
  document.is_gone,
  document.last_look_at,
  document.due_at
from fetched_document as document
left join store.blob as blob using (raw_sha256)
where document.document_key not like 'telegram:%' and document.address is not null
order by document.document_key;
