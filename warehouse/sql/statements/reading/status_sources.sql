-- Out: one row for each source that a run looked at, with what became of it in the newest such run.
with counted as (
  select
    ended_at,
    run_key,
    unnest(sources) as source
  from store.run_end
)

select
  source.source_key,
  ended_at as last_run_at,
  case when len(source.errors) = 0 then 'completed' else 'failed' end as last_outcome,
  source.read_count,
  source.appended_count,
  source.unchanged_count,
  source.rejected_count,
  source.errors as problems
from counted
qualify row_number() over (partition by source.source_key order by ended_at desc, run_key desc) = 1
order by source.source_key;
