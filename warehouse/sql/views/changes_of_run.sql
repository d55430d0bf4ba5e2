-- The changes that the archive learned of in one run.
-- In:  the run's key, see runs.
-- Out: the columns of changes.
-- noqa: disable=layout.indent
create or replace macro changes_of_run(run) as table
select *
from store.changes_in(
  (
    select min(append_number)
    from store.append
    where run_key = run
  ),
  (
    select max(append_number)
    from store.append
    where run_key = run
  )
)
where run_key = run;

-- noqa: disable=PRS
comment on macro table changes_of_run is 'changes_of_run(run): the changes that the archive learned of in one run, with the columns of changes.';
