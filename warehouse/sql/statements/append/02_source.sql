-- Append the registry's rows that differ from the newest that is known of their source.
insert into store.source by name
with newest as (
  select
    source_key,
    format,
    locator,
    publisher,
    channel,
    language,
    time_zone,
    encoding,
    coverage,
    captured_at,
    minimum,
    maximum,
    note,
    channel_id,
    columns
  from store.source
  qualify row_number() over (partition by source_key order by append_number desc) = 1
)

select
  changed.*,
  getvariable('recorded_at') as recorded_at,
  getvariable('append_number') as append_number
from (
  select
    source_key,
    format,
    locator,
    publisher,
    channel,
    language,
    time_zone,
    encoding,
    coverage,
    captured_at,
    minimum,
    maximum,
    note,
    channel_id,
    columns
  from staged_source
  except
  from newest
) as changed;
