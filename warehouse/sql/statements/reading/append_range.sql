-- In:  $since, $until and $run_key, each null where nothing is asked.
-- Out: one row: the first and the last append from $since on and before $until, of that run; null where there is none.
select
  min(append_number) as first_append,
  max(append_number) as last_append
from store.append
where
  ($since::timestamptz is null or recorded_at >= $since)
  and ($until::timestamptz is null or recorded_at < $until)
  and ($run_key::varchar is null or run_key = $run_key);
