-- Out: one row: what the archive holds, its newest run and how many rejections are open.
with newest_append as (
  select
    recorded_at,
    lower(hex(head)) as head
  from store.append
  order by append_number desc
  limit 1
),

newest_run as (
  select
    run.run_key,
    run.command,
    run.started_at,
    run_end.ended_at,
    coalesce(run_end.outcome, 'under way') as outcome
  from store.run as run
  left join store.run_end as run_end using (run_key)
  order by
    run.started_at desc,
    run.run_key desc
  limit 1
),

held as (
  select
    (select count(distinct document_key) from store.version) as document_count,
    (select count(*) from store.version) as version_count,
    (
      select count(*)
      from rejections
      where is_open
    ) as open_rejection_count
)

select
  held.document_count,
  held.version_count,
  held.open_rejection_count,
  newest_append.head,
  newest_append.recorded_at as last_appended_at,
  newest_run.run_key as last_run_key,
  newest_run.command as last_run_command,
  newest_run.started_at as last_run_at,
  newest_run.outcome as last_run_outcome
from held
left join newest_append on true
left join newest_run on true;
