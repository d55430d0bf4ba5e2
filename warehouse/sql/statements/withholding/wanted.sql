-- Out: the blobs of which something is withheld: which stretches, why, by which formats they were read, and for which sources.
select
  wanted.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  list(distinct wanted.byte_range order by wanted.byte_range) as byte_ranges,
  coalesce(max(formats.formats), []) as formats,
  coalesce(max(formats.source_keys), []) as source_keys,
  coalesce(list(distinct wanted.why order by wanted.why) filter (where wanted.why is not null), []) as why
from store.withheld_bytes as wanted
inner join store.blob as blob using (raw_sha256)
left join (
  select
    raw_sha256,
    list(distinct format order by format) as formats,
    list(distinct source_key order by source_key) as source_keys
  from store.extraction
  where outcome <> 'failed'
  group by raw_sha256
) as formats using (raw_sha256)
group by
  wanted.raw_sha256,
  blob.size_bytes,
  blob.blocks_root
order by wanted.raw_sha256;
