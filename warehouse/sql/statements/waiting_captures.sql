-- Out: the newest capture of each input whose posts wait for the number of their channel, where it is known by now.
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
  channel.channel_id
from store.capture as capture
inner join store.newest_extraction as extraction using (raw_sha256, source_key)
semi join (
  select extraction_key
  from store.rejection
  where reason = 'unknown_channel'
) as waiting on extraction.extraction_key = waiting.extraction_key
inner join (
  from store.source
  qualify row_number() over (partition by source_key order by append_number desc) = 1
) as source using (source_key)
inner join store.channel as channel on source.channel = channel.username
inner join store.blob as blob using (raw_sha256)
inner join store.coverage as coverage using (capture_key)
left join store.transport as transport using (capture_key)
where extraction.outcome = 'failed'
qualify row_number() over (partition by capture.raw_sha256, capture.source_key order by capture.append_number desc) = 1
order by
  capture.recorded_at,
  capture.recorded_order;
