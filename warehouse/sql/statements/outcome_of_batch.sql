-- In:  $batch_key.
-- Out: what became of its inputs, one row for each source.
select
  source_key,
  sum(read_count)::bigint as read_count,
  sum(appended_count)::bigint as appended_count,
  sum(unchanged_count)::bigint as unchanged_count,
  sum(rejected_count)::bigint as rejected_count
from store.intake
inner join store.append using (append_number)
where batch_key = $batch_key
group by source_key
order by source_key;
