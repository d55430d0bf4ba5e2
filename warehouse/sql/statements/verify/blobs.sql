-- Out: the blobs that captures name, each with one place where it was found.
select
  blob.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  any_value(capture.locator) as locator
from store.blob as blob
left join store.capture as capture using (raw_sha256)
group by all
order by blob.raw_sha256;
