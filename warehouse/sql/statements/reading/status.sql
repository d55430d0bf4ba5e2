-- Out: one row: what the archive holds, its newest run and how many rejections are open.
-- A rejection is open until the same place in the same source gave something that was read without one.
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

mended as (
  select
    capture.source_key,
    capture.locator,
    max(greatest(capture.append_number, extraction.append_number)) as append_number
  from store.capture as capture
  inner join store.extraction as extraction using (raw_sha256, source_key)
  where extraction.outcome = 'read' and extraction.rejection_count = 0
  group by all
),

held as (
  select
    (select count(*) from store.document) as document_count,
    (select count(*) from store.version) as version_count,
    (
      select count(*)
      from store.rejection as rejection
      left join mended using (source_key, locator)
      where mended.append_number is null or mended.append_number <= rejection.append_number
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
