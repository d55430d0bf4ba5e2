-- The lines that differ between two versions.
-- In:  the refs or version keys of the one before and the one after; an error where one names no version.
-- Out: one row for each line that only one of them has, or that has other words in the other, in the order of the one after;
--      numbers as in passages, from 1.
-- Equal lines are matched in their order: the first with the first, and so on, so that a line that only moved is none. Of the
-- others, those that stand behind the same matched line are paired by their order; what is left over was removed or added.
-- noqa: disable=layout.indent
create or replace macro changed_passages(before, after) as table
with side as (
  select
    asked.is_after,
    case
      when ref.ref is null then error(asked.name || ' names no version; expected a ref or a version''s key, as the view versions has them')
      else content.text
    end as text
  from (values (before, false), (after, true)) as asked (name, is_after)
  left join store.ref as ref on regexp_replace(asked.name, '(@[0-9a-f]{8}):[0-9a-f]{8}$', '\1') = ref.ref
  left join store.content as content using (content_sha256)
),

line as (
  select
    is_after,
    unnest(string_split(text, chr(10))) as text,
    generate_subscripts(string_split(text, chr(10)), 1) as number
  from side
  where text <> ''
),

numbered as (
  select
    *,
    row_number() over (partition by is_after, text order by number) as copy_number
  from line
),

matched as (
  select
    *,
    max(number) filter (where is_after) over copy as number_after,
    count(*) over copy = 2 as is_kept
  from numbered
  window copy as (partition by text, copy_number)
),

anchored as (
  select
    *,
    coalesce(
      max(case when is_kept then number end) over (partition by is_after order by number rows unbounded preceding), 0
    ) as anchor_number
  from matched
),

placed as (
  select
    anchored.*,
    coalesce(anchor.number_after, 0) as gap
  from anchored
  left join matched as anchor
    on anchored.is_after = anchor.is_after and anchored.anchor_number = anchor.number
),

changed as (
  select
    *,
    row_number() over (partition by is_after, gap order by number) as place
  from placed
  where not is_kept
)

select
  max(number) filter (where not is_after) as number_before,
  max(number) filter (where is_after) as number_after,
  case when count(*) = 2 then 'changed' when bool_or(is_after) then 'added' else 'removed' end as change,
  max(text) filter (where not is_after) as text_before,
  max(text) filter (where is_after) as text_after
from changed
group by gap, place
order by gap, place;

-- noqa: disable=PRS
comment on macro table changed_passages is 'changed_passages(before, after): one row for each line that differs between two versions, named by their refs or version keys; its columns: see terms, list changed_passages.';
