-- In:  $document_key; $ref, null for the current version.
-- Out: one row: where the newest version with these words was read best, and its words; no row where no version shows them.
select
  version.ref,
  version.capture_key,
  version.extraction_key,
  version.position,
  capture.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  reading.byte_from,
  reading.byte_to,
  facet.medium,
  facet.facets
from store.version as version
inner join store.capture as capture using (capture_key)
inner join store.blob as blob using (raw_sha256)
inner join store.reading as reading using (extraction_key, position)
inner join store.facet as facet on version.content_sha256 = facet.content_sha256
where version.document_key = $document_key and case when $ref is null then version.is_current else version.ref = $ref end
order by version.spell_number desc
limit 1;
