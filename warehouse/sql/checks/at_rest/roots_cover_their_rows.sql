-- The Merkle root of each append is that of its rows as they stand: none was changed, added or removed since.
-- Neighbours are joined level by level, and an odd last one moves up as it is, as RFC 6962 builds its trees.
with recursive level as (
  select
    append_number,
    len(leaves) as leaf_count,
    leaves as nodes
  from (
    select
      append_number,
      list(unhex(leaf_sha256) order by leaf_table, leaf_key) as leaves
    from store.leaf
    group by append_number
  )
  union all
  select
    append_number,
    leaf_count,
    list_transform(
      range(1, len(nodes) + 1, 2),
      lambda place: case
        when place = len(nodes) then nodes[place]
        else unhex(sha256('\x01'::blob || nodes[place] || nodes[place + 1]))
      end
    ) as nodes
  from level
  where len(nodes) > 1
)

select
  coalesce(append.append_number, found.append_number) as append_number,
  append.leaf_count as expected_count,
  found.leaf_count as found_count
from store.append as append
full join (
  select
    append_number,
    leaf_count,
    nodes[1] as merkle_root
  from level
  where len(nodes) = 1
) as found using (append_number)
where
  append.merkle_root is distinct from found.merkle_root
  or append.leaf_count is distinct from found.leaf_count;
