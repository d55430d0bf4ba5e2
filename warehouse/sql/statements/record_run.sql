-- Add a run, unless it is there.
insert into store.run (run_key, command, started_at, code_version, host, pid)
select
  new_run.run_key,
  new_run.command,
  new_run.started_at,
  new_run.code_version,
  new_run.host,
  new_run.pid
from (
  select
    $run_key as run_key,
    $command as command,
    $started_at::timestamptz as started_at,
    $code_version as code_version,
    $host as host,
    $pid as pid
) as new_run
anti join store.run using (run_key);
