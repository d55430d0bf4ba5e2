-- Out: the newest capture of each input whose posts wait for the number of their channel, where it is known by now. The
-- channel is that of the source, or the one that the rejection names.
with waiting as (
  select
    extraction_key,
    any_value(nullif(regexp_extract(found, '^posts of @([a-z0-9_]+)', 1), '')) as username
  from store.rejection
  where reason = 'unknown_channel' and extraction_key is not null
  group by extraction_key
)

select
  capture.capture_key,
  capture.source_key,
  capture.locator,
  capture.captured_via,
  capture.captured_at,
  capture.captured_basis,
  capture.raw_sha256,
  blob.size_bytes,
  blob.blocks_root,
  coverage.claim as coverage,
  coverage.claim_basis as coverage_basis,
  capture.recorded_order,
  transport.address,
  transport.http_status,
  transport.content_type,
  transport.note,
  channel.channel_id,
  capture.append_number
from store.addressed_capture as capture
inner join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
inner join waiting using (extraction_key)
inner join store.blob as blob using (raw_sha256)
inner join store.coverage as coverage using (capture_key)
left join store.transport as transport using (capture_key)
inner join (
  select
    capture_key,
    arg_max(source.channel, source.append_number) as channel
  from store.capture
  inner join store.source as source using (source_key)
  where source.append_number <= capture.append_number
  group by capture_key
) as said using (capture_key)
inner join store.channel as channel on coalesce(said.channel, waiting.username) = channel.username
where extraction.outcome = 'failed'
qualify row_number() over (partition by capture.raw_sha256, capture.source_key order by capture.append_number desc) = 1
order by
  capture.recorded_at,
  capture.recorded_order;
