-- Append the withholdings that are not known yet.
insert into store.withholding by name
select
  withholding_key,
  asked,
  who,
  why,
  raw_sha256,
  byte_ranges,
  content_sha256s,
  leaves,
  getvariable('recorded_at') as recorded_at,
  getvariable('append_number') as append_number
from staged_withholding
anti join store.withholding using (withholding_key, raw_sha256);
