-- Out: touched_steady, what is touched and steady (see store.is_steady), one row each; touched_unsteady, the looks at the
-- others; touched_spell, still empty, see touched_spell.sql. The captures are put in order before, so that of each document only a number is held.
create or replace temporary table touched_steady as
with placed as (
  select
    capture_key,
    row_number() over (
      order by coalesce(captured_at, told_at, '-infinity'::timestamptz), trust, recorded_at, recorded_order, capture_key
    ) as place
  from (
    select distinct
      capture_key,
      captured_at,
      told_at,
      trust,
      recorded_at,
      recorded_order
    from touched_sighting
    where not is_absence
  )
),

steady as (
  select
    sighting.document_key,
    min(sighting.append_number) as append_number,
    min(placed.place) as place
  from touched_sighting as sighting
  left join placed
    on sighting.capture_key = placed.capture_key and not sighting.is_absence
  group by sighting.document_key
  having store.is_steady(sighting.is_absence, sighting.content_sha256, sighting.captured_at)
)

select
  steady.document_key,
  steady.append_number,
  placed.capture_key as first_capture_key
from steady
inner join placed using (place);

create or replace temporary table touched_unsteady as
select touched_sighting.*
from touched_sighting
anti join touched_steady using (document_key);

create or replace temporary table touched_spell (
  document_key varchar,
  capture_key varchar,
  is_appended boolean
);
