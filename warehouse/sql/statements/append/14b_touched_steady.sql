-- Out: touched_steady, what is touched and steady (see store.spell_in), one row each; touched_unsteady, the looks at
-- the others.
create or replace temporary table touched_steady as
select
  document_key,
  min(append_number) as append_number,
  arg_min(
    capture_key,
    (
      coalesce(captured_at, told_at, '-infinity'::timestamptz),
      trust,
      recorded_at,
      recorded_order,
      coalesce(edited_at, '-infinity'::timestamptz),
      position,
      capture_key
    )
  ) as first_capture_key
from touched_sighting
group by document_key
having
  not bool_or(is_absence)
  and min(content_sha256) = max(content_sha256)
  and count(captured_at) in (0, count(*));

create or replace temporary table touched_unsteady as
select touched_sighting.*
from touched_sighting
anti join touched_steady using (document_key);
