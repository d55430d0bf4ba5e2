-- In:  $key, a run's key or the beginning of one; null for the newest run.
-- Out: up to six runs that it can mean, the very key first, then the newest.
select
  run_key,
  started_at
from store.run
where $key::varchar is null or starts_with(run_key, $key)
order by
  run_key = $key desc,
  started_at desc,
  run_key desc
limit case when $key::varchar is null then 1 else 6 end;
