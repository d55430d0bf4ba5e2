-- Append the rejections that are not known yet.
insert into store.rejection by name
with keyed as (
  select
    left(sha256(
      store.field(source_key)
      || store.field(locator)
      || store.hash_field(raw_sha256)
      || store.field(byte_from)
      || store.field(reason)
      || store.field(found)
    ), 16) as rejection_key,
    staged_rejection.*
  from staged_rejection
  where extraction_key is null or extraction_key in (select extraction_key from new_extraction)
)

select
  rejection_key,
  source_key,
  locator,
  raw_sha256,
  extraction_key,
  byte_from,
  byte_to,
  reason,
  found,
  expected,
  remedy,
  excerpt,
  getvariable('recorded_at') as recorded_at,
  getvariable('append_number') as append_number
from keyed
anti join store.rejection using (rejection_key)
qualify row_number() over (partition by rejection_key) = 1;
