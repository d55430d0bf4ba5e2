-- The versions in a table of looks, each with its place in the history of its document, the capture that shows it best, and
-- its witness, see store.spell_in.
-- In:  the name of a table or view with the columns of store.look, whole documents only.
-- The looks at steady documents (store.is_steady) need only be put in order; those at the others are compared.
-- noqa: disable=layout.indent,structure.unused_cte
create or replace macro store.version_in(looks) as table
with steady as (
  select document_key
  from query_table(looks)
  group by document_key
  having store.is_steady(is_absence, content_sha256, captured_at)
),

steady_look as (
  select *
  from query_table(looks)
  semi join steady using (document_key)
),

unsteady_look as (
  select *
  from query_table(looks)
  anti join steady using (document_key)
)

select *
from store.steady_version_in('steady_look')
union all
(
  select
    spell.document_key || '@' || lower(left(hex(spell.content_sha256), 8)) as ref,
    spell.document_key,
    spell.spell_number,
    lead(spell.spell_number) over document is null as is_current,
    case
      when spell.spell_number = 1 then 'first_seen'
      when spell.is_restored then 'restored'
      when
        lag(spell.last_cleaning_version) over document <> spell.first_cleaning_version
        or (
          lag(spell.last_format) over document = spell.first_format
          and lag(spell.last_extractor_version) over document <> spell.first_extractor_version
        )
        then 'read_anew'
      else 'edited'
    end as cause,
    spell.sighting_count,
    spell.failed_looks,
    spell.seen_from,
    spell.seen_until,
    lead(spell.seen_from) over document as replaced_by,
    lag(spell.seen_until) over document as changed_after,
    coalesce(spell.seen_from, spell.recorded_at) as changed_before,
    spell.valid_from,
    spell.held_until,
    lead(spell.valid_from) over document as valid_to,
    lag(spell.content_sha256) over document as previous_content_sha256,
    lag(spell.extraction_key) over document as previous_extraction_key,
    lag(spell.position) over document as previous_position,
    lag(spell.first_capture_key) over document as previous_first_capture_key,
    spell.recorded_at,
    greatest(spell.append_number, lag(spell.append_number) over document) as append_number,
    spell.first_capture_key,
    spell.capture_key,
    spell.extraction_key,
    spell.position,
    spell.content_sha256,
    spell.witness_capture_key,
    spell.witness_extraction_key,
    spell.witness_position
  from store.spell_in('unsteady_look') as spell
  window document as (partition by spell.document_key order by spell.spell_number)
);
