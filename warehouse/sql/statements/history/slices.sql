-- In:  the variable `looks_at_once`.
-- Out: the documents in the order of their keys, in slices of about so many looks, one row each: its first key, and the
-- first of the next one (null at the end).
select
  document_key as key_from,
  lead(document_key) over (order by document_key) as key_until
from (
  select distinct document_key
  from sorted_look
  where rowid % getvariable('looks_at_once') = 0
)
order by key_from;
