-- Out: the leaves of all appends in their order, one row each, see store.leaf.
select
  append_number,
  unhex(leaf_sha256) as leaf_hash
from store.leaf
order by
  append_number,
  leaf_table,
  leaf_key;
