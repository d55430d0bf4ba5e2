-- One row: the counts of one post as they were last seen: by the newest capture of known time, else by recording.
-- What one form rounds or lacks another may have exactly; each count is the newest that is there.
create or replace view store.newest_count as
select
  sighting.document_key,
  arg_max(measurement.views, (sighting.captured_at is not null, sighting.captured_at, sighting.recorded_at)) as views,
  arg_max(
    case when measurement.views is not null then measurement.views_are_rounded end,
    (sighting.captured_at is not null, sighting.captured_at, sighting.recorded_at)
  ) as views_are_rounded,
  arg_max(measurement.forwards, (sighting.captured_at is not null, sighting.captured_at, sighting.recorded_at)) as forwards,
  arg_max(measurement.replies, (sighting.captured_at is not null, sighting.captured_at, sighting.recorded_at)) as replies,
  arg_max(measurement.reactions, (sighting.captured_at is not null, sighting.captured_at, sighting.recorded_at)) as reactions
from store.measurement as measurement
inner join store.sighting as sighting using (extraction_key, position)
group by sighting.document_key;
