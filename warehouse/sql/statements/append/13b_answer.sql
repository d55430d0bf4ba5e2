-- Append what the new readings make of earlier rejections of the same bytes for the same source: a document stands there now,
-- or something is rejected there for another reason, or nothing is. One that stands as before is not answered.
insert into store.answer by name
with newer as (
  select
    *,
    regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
  from new_extraction
),

earlier as (
  select
    rejection.rejection_key,
    rejection.byte_from,
    coalesce(rejection.byte_to, rejection.byte_from + 1) as byte_to,
    newer.extraction_key,
    newer.outcome
  from store.rejection as rejection
  inner join newer
    on
      rejection.raw_sha256 = newer.raw_sha256
      and rejection.source_key = newer.source_key
      and rejection.extraction_key is distinct from newer.extraction_key
      -- What was refused for the count of its records names no reading, and so no address.
      and (
        rejection.extraction_key is null
        or regexp_extract(rejection.extraction_key, '@([0-9a-f]{16}):', 1) = newer.address_key
      )
  left join staged_rejection as again
    on
      newer.extraction_key = again.extraction_key
      and rejection.reason = again.reason
      and rejection.found = again.found
      and rejection.byte_from is not distinct from again.byte_from
  where rejection.append_number < getvariable('append_number') and again.reason is null
),

placed as (
  select
    earlier.rejection_key,
    earlier.extraction_key,
    'read' as outcome
  from earlier
  inner join new_reading as reading
    on
      earlier.extraction_key = reading.extraction_key
      and earlier.byte_from < reading.byte_to
      and earlier.byte_to > reading.byte_from
  union
  select
    earlier.rejection_key,
    earlier.extraction_key,
    'rejected' as outcome
  from earlier
  inner join staged_rejection as other
    on
      earlier.extraction_key = other.extraction_key
      and earlier.byte_from < coalesce(other.byte_to, other.byte_from + 1)
      and earlier.byte_to > other.byte_from
)

select
  earlier.rejection_key,
  earlier.extraction_key,
  case
    when earlier.outcome = 'failed' then 'rejected'
    when earlier.byte_from is null then 'read'
    else coalesce(min(placed.outcome), 'passed_over')
  end as outcome,
  getvariable('append_number') as append_number
from earlier
anti join store.answer using (rejection_key)
left join placed using (rejection_key, extraction_key)
group by
  earlier.rejection_key,
  earlier.extraction_key,
  earlier.outcome,
  earlier.byte_from
qualify row_number() over (partition by earlier.rejection_key order by earlier.extraction_key) = 1
order by earlier.rejection_key;
