-- One row: one version of one document, the stretch of its sightings that say the same, with the reading that shows it
-- best: the most trusted, then the newest in the document's order.
-- A sighting of unknown time was held when it was recorded at the latest, and no later than those that follow it; that
-- bound never goes back in the document's order, since it is no earlier than the known times before it.
create or replace view store.spell as
with spelled as (
  select
    *,
    greatest(
      max(captured_at) over (
        partition by document_key order by sighting_number rows between unbounded preceding and current row
      ),
      min(coalesce(captured_at, recorded_at)) over (
        partition by document_key order by sighting_number rows between current row and unbounded following
      )
    ) as held_from
  from store.spells_in('store.sighting')
)

select
  document_key,
  spell_number,
  count(*) as sighting_count,
  min(captured_at) as seen_from,
  max(captured_at) as seen_until,
  min(held_from) as valid_from,
  max(held_from) as held_until,
  min(recorded_at) as recorded_at,
  arg_min(capture_key, sighting_number) as first_capture_key,
  arg_min(extractor_version, sighting_number) as first_extractor_version,
  arg_max(extractor_version, sighting_number) as last_extractor_version,
  arg_min(cleaning_version, sighting_number) as first_cleaning_version,
  arg_max(cleaning_version, sighting_number) as last_cleaning_version,
  arg_min(format, sighting_number) as first_format,
  arg_max(format, sighting_number) as last_format,
  arg_max(capture_key, (is_whole, trust, sighting_number)) as capture_key,
  arg_max(extraction_key, (is_whole, trust, sighting_number)) as extraction_key,
  arg_max(position, (is_whole, trust, sighting_number)) as position,
  arg_max(content_sha256, (is_whole, trust, sighting_number)) as content_sha256
from spelled
group by document_key, spell_number;
