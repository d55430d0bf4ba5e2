-- One row: what one capture shows of its source.
create or replace view coverage as
select
  capture.source_key,
  coverage.claim,
  coverage.claim_basis,
  extraction.record_count,
  extraction.rejection_count,
  showing.channel_id,
  showing.id_from,
  showing.id_to,
  showing.post_count,
  showing.claim as form_claim,
  complete.capture_key is not null as proves_absence,
  min(coalesce(
    (description.published_at at time zone coalesce(source.time_zone, 'Europe/Moscow'))::date, reading.published_after
  )) as span_from,
  max(coalesce(
    (description.published_at at time zone coalesce(source.time_zone, 'Europe/Moscow'))::date, reading.published_before
  )) as span_to,
  capture.captured_at,
  capture.captured_basis,
  capture.capture_key,
  capture.locator
from store.addressed_capture as capture
inner join store.coverage as coverage using (capture_key)
inner join store.newest_extraction as extraction using (raw_sha256, source_key, address_key)
left join (
  from store.source
  qualify row_number() over (partition by source_key order by append_number desc) = 1
) as source using (source_key)
left join store.showing as showing using (extraction_key)
left join (
  select distinct
    capture_key,
    channel_id
  from store.complete_look
) as complete
  on capture.capture_key = complete.capture_key and showing.channel_id = complete.channel_id
left join store.reading as reading using (extraction_key)
left join store.description as description using (description_sha256)
group by all;

comment on view coverage is 'One row: what one capture shows of its source.';
comment on column coverage.source_key is 'The source, see sources.';
comment on column coverage.claim is 'complete, sample or unknown: see terms, list coverage.';
comment on column coverage.claim_basis is 'Who says so: see terms, list coverage_basis.';
comment on column coverage.record_count is 'Documents read in the capture.';
comment on column coverage.rejection_count is 'Records of it that could not be read.';
comment on column coverage.channel_id is 'Of posts: number of the channel; a capture that shows several has a row for each.';
comment on column coverage.id_from is 'Lowest number of a post that it shows.';
comment on column coverage.id_to is 'Highest number of a post that it shows.';
comment on column coverage.post_count is 'Posts that it shows within that stretch.';
comment on column coverage.form_claim is 'What the form itself claims of that stretch: see terms, list coverage.';
comment on column coverage.proves_absence is 'True where a post of that stretch that it does not show was not there.';
comment on column coverage.span_from is 'Earliest day on which one of them can have been published.';
comment on column coverage.span_to is 'Latest day on which one of them can have been published.';
comment on column coverage.captured_at is 'When the capture was made (UTC); null if not known.';
comment on column coverage.captured_basis is 'Who says so.';
comment on column coverage.capture_key is 'The capture, see captures.';
comment on column coverage.locator is 'Where the bytes were found.';
