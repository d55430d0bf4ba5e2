-- In:  $append_number.
-- Out: the hashes of the leaves of one append in their order, see store.leaf.
select unhex(leaf_sha256) as leaf_hash
from store.leaf
where append_number = $append_number
order by
  leaf_table,
  leaf_key;
