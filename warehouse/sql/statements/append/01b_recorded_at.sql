-- In:  the variable `batch_at`, when the batch was begun.
-- Out: the variable `recorded_at`: that instant, or that of its last request, for a batch of a fetch is filled for a while.
-- Both stand in the raw store's log, so that an archive made anew has the same chain.
set variable recorded_at = (
  select greatest(getvariable('batch_at')::timestamptz, max(asked_at))
  from staged_request
);
