-- In:  older_extraction; $source_keys and $formats, null for all; $after, the key after which to begin; $most.
-- Out: so many of these readings in the order of their keys, each with the capture that it was made for, or else the newest
--      one before it, and the hints by which its bytes were read again.
with wanted as (
  select *
  from older_extraction
  where
    extraction_key > $after
    and ($source_keys is null or list_contains($source_keys, source_key))
    and ($formats is null or list_contains($formats, format))
  order by extraction_key
  limit $most
),

hinted as (
  select
    capture.raw_sha256,
    capture.source_key,
    capture.address_key,
    list(distinct reread.hints) as hints
  from store.reread as reread
  inner join store.addressed_capture as capture using (capture_key)
  semi join wanted using (raw_sha256, source_key, address_key)
  group by all
)

select
  capture.* exclude (address_key, shows_documents, recorded_at, append_number),
  wanted.extraction_key,
  wanted.append_number,
  coalesce(hinted.hints, []) as hints
from wanted
inner join store.told_capture as capture using (raw_sha256, source_key, address_key)
left join hinted using (raw_sha256, source_key, address_key)
where capture.shows_documents
qualify
  row_number() over (
    partition by wanted.extraction_key
    order by
      capture.append_number <= wanted.append_number desc,
      capture.append_number desc,
      capture.recorded_order,
      capture.capture_key
  ) = 1
order by wanted.extraction_key;
