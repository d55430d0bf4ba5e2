-- Out: number, head and instant of the newest append; no row while there is none.
select
  append_number,
  head,
  recorded_at
from store.append
order by append_number desc
limit 1;
