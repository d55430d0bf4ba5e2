-- In:  shown, the places of the records of a new input and the hashes of their bytes; earlier, the same of what was read
--      before, `preference` telling which to take; $channel_id, $channel_title.
-- Out: taken_record, one row for each record whose bytes were read before: its place, and what they were read as.
create or replace temporary table taken_record as
with preferred as (
  select
    record_sha256,
    min({ 'preference': preference, 'byte_from': byte_from, 'extraction_key': extraction_key }) as place
  from earlier
  group by record_sha256
),

placed as (
  select
    shown.byte_from,
    shown.byte_to,
    preferred.place.extraction_key,
    preferred.place.byte_from as earlier_from
  from shown
  inner join preferred using (record_sha256)
)

select
  placed.byte_from,
  placed.byte_to,
  reading.document_key,
  reading.content_sha256,
  reading.description_sha256,
  reading.event_from,
  reading.event_to,
  reading.event_basis,
  reading.published_after,
  reading.published_before,
  reading.edited_at,
  measurement.views,
  measurement.views_are_rounded,
  measurement.forwards,
  measurement.replies,
  measurement.reactions,
  measurement.poll_votes,
  measurement.poll_voters,
  description.published_at,
  (description.channel_title is distinct from $channel_title) as is_renamed
from placed
inner join store.reading as reading
  on placed.extraction_key = reading.extraction_key and placed.earlier_from = reading.byte_from
inner join store.description as description using (description_sha256)
left join store.measurement as measurement
  on reading.extraction_key = measurement.extraction_key and reading.position = measurement.position
where starts_with(reading.document_key, 'telegram:' || $channel_id || ':');
