-- One row: one execution, and what became of it.
create or replace view runs as
select
  run.run_key,
  run.started_at,
  run_end.ended_at,
  coalesce(run_end.outcome, 'under way') as outcome,
  run.command,
  len(run_end.sources)::integer as source_count,
  coalesce(list_sum(list_transform(run_end.sources, lambda source: source.read_count)), 0)::bigint as read_count,
  coalesce(list_sum(list_transform(run_end.sources, lambda source: source.appended_count)), 0)::bigint as appended_count,
  coalesce(list_sum(list_transform(run_end.sources, lambda source: source.unchanged_count)), 0)::bigint as unchanged_count,
  coalesce(list_sum(list_transform(run_end.sources, lambda source: source.rejected_count)), 0)::bigint as rejected_count,
  flatten(list_transform(run_end.sources, lambda source: source.errors)) as problems,
  run.code_version,
  run.host
from store.run as run
left join store.run_end as run_end using (run_key);

comment on view runs is 'One row: one execution, and what became of it.';
comment on column runs.run_key is 'Names the run; sorts by time.';
comment on column runs.started_at is 'When it began (UTC).';
comment on column runs.ended_at is 'When it ended (UTC).';
comment on column runs.outcome is 'What became of it: see terms, list run_outcome.';
comment on column runs.command is 'What was run.';
comment on column runs.source_count is 'Number of sources that it looked at.';
comment on column runs.read_count is 'Records read: appended, unchanged and rejected together.';
comment on column runs.appended_count is 'Records that added a version.';
comment on column runs.unchanged_count is 'Records that said what was known.';
comment on column runs.rejected_count is 'Records and inputs that could not be read.';
comment on column runs.problems is 'One line for each thing that went wrong.';
comment on column runs.code_version is 'Version of mfa-archive.';
comment on column runs.host is 'The machine.';
