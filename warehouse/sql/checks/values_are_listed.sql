-- Every value of a closed list stands in terms.
select
  found.list,
  found.value
from (
  select distinct
    'kind' as list,
    kind as value
  from store.description
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'role' as list,
    unnest(passage_roles) as value
  from store.description
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'notice' as list,
    unnest(notices).code as value
  from store.description
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'reason' as list,
    reason as value
  from store.rejection
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'answer' as list,
    outcome as value
  from store.answer
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'event_basis' as list,
    event_basis as value
  from store.reading
  where append_number >= getvariable('since_append') and event_basis is not null
  union all
  select distinct
    'outcome' as list,
    outcome as value
  from store.extraction
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'kind_basis' as list,
    kind_basis as value
  from store.description
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'published_basis' as list,
    published_basis as value
  from store.description
  where append_number >= getvariable('since_append') and published_basis is not null
  union all
  select distinct
    'medium' as list,
    medium as value
  from store.document
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'captured_basis' as list,
    captured_basis as value
  from store.capture
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'captured_via' as list,
    captured_via as value
  from store.capture
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'purpose' as list,
    purpose as value
  from store.request
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'failure' as list,
    failure as value
  from store.request
  where append_number >= getvariable('since_append') and failure is not null
  union all
  select distinct
    'coverage' as list,
    claim as value
  from store.coverage
  where append_number >= getvariable('since_append')
  union all
  select distinct
    'coverage_basis' as list,
    claim_basis as value
  from store.coverage
  where append_number >= getvariable('since_append')
) as found
anti join terms using (list, value);
