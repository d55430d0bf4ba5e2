-- In:  $channel_id.
-- Out: the stretches of a channel's ids that are known whole, as far as their form shows posts: pages of the preview, which reach
-- up to the post that they were asked to end before, and exports that are complete.
select
  showing.id_from,
  max(
    greatest(showing.id_to, coalesce(try_cast(regexp_extract(capture.locator, '[?&]before=([0-9]{1,18})', 1) as bigint) - 1, 0))
  ) as id_to
from store.showing as showing
inner join (
  select
    *,
    regexp_extract(extraction_key, '@([0-9a-f]{16}):', 1) as address_key
  from store.extraction
) as extraction using (extraction_key)
inner join store.addressed_capture as capture using (raw_sha256, source_key, address_key)
inner join store.coverage as coverage using (capture_key)
left join store.request as request using (capture_key)
where
  showing.channel_id = $channel_id
  and showing.claim <> 'sample'
  and (request.purpose = 'channel' or showing.claim = 'complete' or coverage.claim = 'complete')
group by showing.id_from
order by showing.id_from;
