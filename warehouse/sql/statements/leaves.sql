-- In:  the variable `append_number`.
-- Out: the leaves of one append in their order, one row each: the SHA-256, see store.leaf.
select unhex(leaf_sha256) as leaf_sha256
from store.leaf
where append_number = getvariable('append_number')
order by
  leaf_table,
  leaf_key;
