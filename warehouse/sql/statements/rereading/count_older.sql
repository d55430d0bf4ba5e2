-- In:  older_extraction; $source_keys and $formats, null for all.
-- Out: the number of inputs to be read again, and the sum of their sizes.
select
  count(*) as input_count,
  coalesce(sum(size_bytes), 0)::bigint as size_bytes
from older_extraction
inner join store.blob using (raw_sha256)
where
  ($source_keys is null or list_contains($source_keys, source_key))
  and ($formats is null or list_contains($formats, format));
