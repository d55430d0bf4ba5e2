-- In:  lists with one entry for each quotation: $numbers, $folded, $parts (between the marks of words left out), $keys (the
--      document that it is said to stand in) and $days.
-- Out: the temporary table quotation, one row each, with what is looked for in bounded texts: the words as they stand,
--      and a pattern of the parts in their order, null where there is but one.
create or replace temporary table quotation as
select
  number,
  folded,
  parts,
  store.bounded(folded) as bounded,
  case
    when len(parts) > 1
      then
        '%'
        || array_to_string(
          list_transform(parts, lambda part: regexp_replace(store.bounded(part), '([\\%_])', '\\\1', 'g')), '%'
        )
        || '%'
  end as gapped,
  document_key,
  day
from (
  select
    unnest($numbers::integer[]) as number,
    unnest($folded::varchar[]) as folded,
    unnest($parts::varchar[][]) as parts,
    unnest($keys::varchar[]) as document_key,
    unnest($days::date[]) as day
);
