-- Append what became of each input: a record is appended where it is the first of a spell that no other append shows. A
-- better reading of the same bytes adds none of what the reading before it showed.
insert into store.intake by name
with read_before as (
  select distinct
    capture.capture_key,
    reading.document_key
  from store.addressed_capture as capture
  semi join (
    from staged_capture
    where reread_cause is not null
  ) using (capture_key)
  inner join (
    select
      *,
      regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
    from store.extraction
    where append_number < getvariable('append_number')
  ) as extraction using (raw_sha256, source_key, address_key)
  inner join store.reading as reading using (extraction_key)
),

outcome as (
  select
    capture_key,
    count(*) as appended_count
  from (
    select
      capture_key,
      document_key
    from touched_spell
    where is_appended
    union all
    select
      first_capture_key as capture_key,
      document_key
    from touched_steady
    where append_number = getvariable('append_number')
  )
  anti join read_before using (capture_key, document_key)
  group by capture_key
),

captured as (
  select
    capture.source_key,
    capture.locator,
    capture.capture_key,
    coalesce(extraction.record_count, 0) as record_count,
    -- A file that nothing could be read in is one record; an answer of a server that is not read, or that says that what was
    -- asked for isn't there, is none.
    coalesce(
      extraction.rejection_count - coalesce(nothing.rejection_count, 0),
      case when request.capture_key is null then 1 else 0 end
    ) as rejected_count,
    coalesce(outcome.appended_count, 0) as appended_count
  from store.addressed_capture as capture
  semi join staged_capture using (capture_key)
  left join (
    select
      *,
      regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
    from store.extraction
    qualify
      row_number() over (
        partition by raw_sha256, source_key, address_key
        order by append_number <> getvariable('append_number'), outcome = 'failed', append_number desc, extraction_key
      ) = 1
  ) as extraction using (raw_sha256, source_key, address_key)
  left join (
    select
      extraction_key,
      count(*) as rejection_count
    from store.rejection
    where reason = 'not_found'
    group by extraction_key
  ) as nothing using (extraction_key)
  left join outcome using (capture_key)
  left join store.request as request using (capture_key)
  where
    capture.append_number = getvariable('append_number')
    or extraction.append_number = getvariable('append_number')
),

refused as (
  select
    source_key,
    locator,
    null as capture_key,
    count(*) as rejected_count
  from store.rejection
  where append_number = getvariable('append_number') and raw_sha256 is null
  group by source_key, locator
)

select
  source_key,
  locator,
  capture_key,
  record_count + rejected_count as read_count,
  appended_count,
  record_count - appended_count as unchanged_count,
  rejected_count,
  getvariable('append_number') as append_number
from captured
union all
select
  source_key,
  locator,
  capture_key,
  rejected_count as read_count,
  0 as appended_count,
  0 as unchanged_count,
  rejected_count,
  getvariable('append_number') as append_number
from refused;
