-- In:  $document_key; $ref, null for the current version.
-- Out: one row: the witness of the newest version with these words, and the words; where something was taken out of the
--      witness's bytes, another capture that shows these words and is whole, if there is one; no row where no version shows
--      them.
with proved as (
  select *
  from store.version
  where document_key = $document_key and case when $ref is null then is_current else ref = $ref end
  order by spell_number desc
  limit 1
),

shown as (
  select
    proved.ref,
    proved.content_sha256,
    sighting.capture_key,
    sighting.extraction_key,
    sighting.position,
    capture.raw_sha256
  from store.sighting as sighting
  inner join proved using (document_key, content_sha256)
  inner join store.capture as capture on sighting.capture_key = capture.capture_key
  left join (
    select distinct raw_sha256
    from store.withheld_bytes
  ) as withheld on capture.raw_sha256 = withheld.raw_sha256
  where sighting.document_key = $document_key
  order by
    withheld.raw_sha256 is not null,
    sighting.capture_key <> proved.witness_capture_key,
    sighting.position <> proved.witness_position,
    sighting.trust desc,
    capture.captured_at nulls last,
    capture.capture_key
  limit 1
)

select
  shown.ref,
  shown.capture_key,
  shown.extraction_key,
  shown.position,
  shown.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  reading.byte_from,
  reading.byte_to,
  facet.medium,
  facet.facets
from shown
inner join store.blob as blob using (raw_sha256)
inner join store.reading as reading using (extraction_key, position)
inner join store.facet as facet on shown.content_sha256 = facet.content_sha256;
