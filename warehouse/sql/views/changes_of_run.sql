-- The changes that the archive learned of in one run.
-- In:  the run's key, see runs; 'last' for the newest.
-- Out: the columns of changes.
-- noqa: disable=layout.indent
create or replace macro changes_of_run(run) as table
with asked as (
  select
    case
      when run <> 'last' then run
      else (
        select run_key
        from store.run
        order by
          started_at desc,
          run_key desc
        limit 1
      )
    end as run_key
)

select *
from store.changes_in(
  (
    select min(append.append_number)
    from store.append as append
    inner join asked using (run_key)
  ),
  (
    select max(append.append_number)
    from store.append as append
    inner join asked using (run_key)
  )
)
where run_key = (
  select asked.run_key
  from asked
);

-- noqa: disable=PRS
comment on macro table changes_of_run is 'changes_of_run(run): the changes that the archive learned of in one run, by its key or ''last'', with the columns of changes.';
