-- Out: the chain, one row for each append, the first one first.
select
  append_number,
  recorded_at,
  lower(hex(head)) as head
from store.append
order by append_number;
