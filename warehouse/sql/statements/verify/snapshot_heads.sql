-- Out: the heads that snapshots noted.
select
  taken_at,
  lower(hex(head)) as head
from store.snapshot
order by taken_at;
