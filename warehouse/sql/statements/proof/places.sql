-- In:  $raw_key, $capture_key, $extraction_key and $reading_key, the keys of leaves.
-- Out: the leaves of what one record rests on, each with its place among those of its append, from 0.
with wanted as (
  select
    leaf_table,
    leaf_key,
    append_number,
    leaf_data
  from store.leaf
  where
    (leaf_table = 'blob' and leaf_key = $raw_key)
    or (leaf_table in ('capture', 'coverage', 'transport') and leaf_key = $capture_key)
    or (leaf_table = 'extraction' and leaf_key = $extraction_key)
    or (leaf_table = 'reading' and leaf_key = $reading_key)
)

select
  wanted.leaf_table,
  wanted.append_number,
  count(other.leaf_key) as place,
  wanted.leaf_data
from wanted
left join store.leaf as other
  on
    wanted.append_number = other.append_number
    and (
      wanted.leaf_table > other.leaf_table
      or (wanted.leaf_table = other.leaf_table and wanted.leaf_key > other.leaf_key)
    )
group by all
order by wanted.leaf_table;
