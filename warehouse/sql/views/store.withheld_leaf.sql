-- One row: one rejection whose words were withheld, with the hash of its leaf as it was appended.
create or replace view store.withheld_leaf as
select
  split_part(leaf, ':', 1) as rejection_key,
  min(split_part(leaf, ':', 2)) as leaf_sha256
from (
  select unnest(string_split(leaves, ' ')) as leaf
  from store.withholding
)
where leaf <> ''
group by all;
