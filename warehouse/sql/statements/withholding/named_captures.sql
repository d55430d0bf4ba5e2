-- In:  $key, the key of a capture or the beginning of one.
-- Out: up to six captures that begin with it, the very key first, with the blobs that they name.
select
  capture_key,
  raw_sha256
from store.capture
where starts_with(capture_key, $key)
order by
  capture_key = $key desc,
  capture_key
limit 6;
