-- The versions in a table of looks, each the stretch of a document's sightings that say the same.
-- In:  the name of a table or view with the columns of store.look, whole documents only.
-- Out: one row for each version, with the reading that shows it best: the most trusted, then the newest in the document's
--      order; and with its witness: of the readings of that trust with those words, the first of known time, else the first.
--      A further copy moves no witness; an older look does, the first one of known time, and a form that is trusted more.
-- A sighting of unknown time was held when it was recorded at the latest, and no later than those that follow it; that
-- bound never goes back in the document's order, since it is no earlier than the known times before it.
-- noqa: disable=layout.indent,structure.unused_cte
create or replace macro store.spell_in(looks) as table
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
    ) as held_from,
    {
      'capture_key': capture_key,
      'extraction_key': extraction_key,
      'position': position,
      'content_sha256': content_sha256,
      'trust': trust
    } as reading
  from store.spells_in(looks)
),

compared as (
  select
    document_key,
    spell_number,
    count(*) filter (where not is_absence) as sighting_count,
    arg_max_null(failed_looks, sighting_number) as failed_looks,
    min(captured_at) filter (where not is_absence) as seen_from,
    max(captured_at) filter (where not is_absence) as seen_until,
    min(held_from) filter (where not is_absence) as valid_from,
    max(held_from) filter (where not is_absence) as held_until,
    min(recorded_at) filter (where not is_absence) as recorded_at,
    min(capture_append_number) filter (where not is_absence) as append_number,
    bool_or(is_restored) as is_restored,
    arg_min(capture_key, sighting_number) filter (where not is_absence) as first_capture_key,
    arg_min(extractor_version, sighting_number) filter (where not is_absence) as first_extractor_version,
    arg_max(extractor_version, sighting_number) filter (where not is_absence) as last_extractor_version,
    arg_min(cleaning_version, sighting_number) filter (where not is_absence) as first_cleaning_version,
    arg_max(cleaning_version, sighting_number) filter (where not is_absence) as last_cleaning_version,
    arg_min(format, sighting_number) filter (where not is_absence) as first_format,
    arg_max(format, sighting_number) filter (where not is_absence) as last_format,
    arg_max(reading, (is_whole, trust, sighting_number)) filter (where not is_absence) as best,
    list(reading order by captured_at is null, sighting_number) filter (where not is_absence) as readings
  from spelled
  where spell_number > 0
  group by document_key, spell_number
),

witnessed as (
  select
    *,
    list_filter(readings, lambda one: one.content_sha256 = best.content_sha256 and one.trust = best.trust)[1] as witness
  from compared
)

select
  document_key,
  spell_number,
  sighting_count,
  failed_looks,
  seen_from,
  seen_until,
  valid_from,
  held_until,
  recorded_at,
  append_number,
  is_restored,
  first_capture_key,
  first_extractor_version,
  last_extractor_version,
  first_cleaning_version,
  last_cleaning_version,
  first_format,
  last_format,
  best.capture_key as capture_key,
  best.extraction_key as extraction_key,
  best.position as position,
  best.content_sha256 as content_sha256,
  witness.capture_key as witness_capture_key,
  witness.extraction_key as witness_extraction_key,
  witness.position as witness_position
from witnessed;
