-- Every record of every input ended as appended, unchanged or rejected.
select
  source_key,
  locator,
  read_count,
  appended_count,
  unchanged_count,
  rejected_count
from store.intake
where
  append_number >= getvariable('since_append')
  and (
    read_count <> appended_count + unchanged_count + rejected_count
    or least(appended_count, unchanged_count, rejected_count) < 0
  );
