-- What each run reports of each source adds up.
select
  run_key,
  source.source_key
from (
  select
    run_key,
    unnest(sources) as source
  from store.run_end
)
where source.read_count <> source.appended_count + source.unchanged_count + source.rejected_count;
