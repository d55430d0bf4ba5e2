-- Out: the links of the chain, the first one first.
select
  append_number,
  batch_key,
  recorded_at,
  leaf_count,
  merkle_root,
  previous_head,
  leaf_version,
  head
from store.append
order by append_number;
