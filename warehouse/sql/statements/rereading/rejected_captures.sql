-- In:  $source_keys and $reasons, null for all.
-- Out: for each input of which the raw store has the bytes and of which something is rejected and still open, the newest
--      capture of it, with what its rejections say.
with rejected as (
  select
    rejection.raw_sha256,
    rejection.source_key,
    regexp_extract(rejection.extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
    any_value(nullif(regexp_extract(rejection.found, '^posts of @([a-z0-9_]+)', 1), '')) as username,
    any_value(try_cast(nullif(regexp_extract(rejection.found, '^([0-9]+) records in the source', 1), '') as bigint))
    filter (where rejection.reason = 'out_of_bounds') as refused_count
  from store.rejection as rejection
  semi join (
    from rejections
    where is_open
  ) as still_open
    using (rejection_key)
  where
    rejection.raw_sha256 is not null
    and ($source_keys is null or list_contains($source_keys, rejection.source_key))
    and ($reasons is null or list_contains($reasons, rejection.reason))
  group by all
)

select
  capture.* exclude (address_key, shows_documents, recorded_at),
  rejected.username,
  rejected.refused_count
from rejected
inner join store.told_capture as capture
  on
    rejected.raw_sha256 = capture.raw_sha256
    and rejected.source_key = capture.source_key
    and coalesce(rejected.address_key, capture.address_key) = capture.address_key
where capture.shows_documents
qualify
  row_number() over (
    partition by capture.raw_sha256, capture.source_key, capture.address_key
    order by capture.append_number desc, capture.recorded_order, capture.capture_key
  ) = 1
order by
  capture.recorded_at,
  capture.recorded_order;
