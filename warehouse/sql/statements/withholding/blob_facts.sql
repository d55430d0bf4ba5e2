-- In:  $raw_sha256.
-- Out: the size of a blob, where it was found, and the rejections of its bytes whose words still stand, with their leaves.
select
  blob.size_bytes,
  (
    select min(capture.locator)
    from store.capture as capture
    where capture.raw_sha256 = blob.raw_sha256
  ) as locator,
  (
    select
      coalesce(list({
        'rejection_key': rejection.rejection_key,
        'byte_from': rejection.byte_from,
        'byte_to': rejection.byte_to,
        'leaf_sha256': leaf.leaf_sha256
      } order by rejection.rejection_key), [])
    from store.rejection as rejection
    inner join store.leaf as leaf on leaf.leaf_table = 'rejection' and rejection.rejection_key = leaf.leaf_key
    where rejection.raw_sha256 = blob.raw_sha256 and rejection.found <> 'withheld' and rejection.reason <> 'withheld'
  ) as rejections
from store.blob as blob
where blob.raw_sha256 = $raw_sha256;
