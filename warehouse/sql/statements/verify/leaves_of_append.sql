-- In:  $append_number.
-- Out: the leaves of one append in their order, with what they are leaves of.
select
  leaf_table,
  leaf_key,
  unhex(leaf_sha256) as leaf_hash
from store.leaf
where append_number = $append_number
order by
  leaf_table,
  leaf_key;
