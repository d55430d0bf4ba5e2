-- In:  the history as it stands in the read copy, and as it was computed anew; in one order.
-- Out: the first versions that differ, as JSON.
select
  to_json(one)::varchar as found,
  to_json(other)::varchar as expected
from (
  select *
  from published.store.version
  order by
    document_key,
    spell_number
) as one
positional join (
  select *
  from store.version
  order by
    document_key,
    spell_number
) as other
where one is distinct from other
order by coalesce(other.document_key, one.document_key)
limit 1000;
