-- In:  ended_run.
-- Add the end of a run, unless it is there.
insert into store.run_end (run_key, ended_at, outcome, sources)
select
  run_key,
  ended_at,
  outcome,
  sources
from ended_run
anti join store.run_end using (run_key);
