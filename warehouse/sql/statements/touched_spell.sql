-- In:  touched_unsteady, looks at documents that are touched.
-- Add to touched_spell the looks that show them, and whether each is the first of a spell that no other append shows.
insert into touched_spell
select
  document_key,
  capture_key,
  append_number = getvariable('append_number')
  and min(append_number) over spell = getvariable('append_number')
  and sighting_number = min(sighting_number) over spell as is_appended
from store.spells_in('touched_unsteady')
where not is_absence
window spell as (partition by document_key, spell_number);
