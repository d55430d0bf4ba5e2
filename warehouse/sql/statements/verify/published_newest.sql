-- Out: number and head of the newest append of the read copy, and the checksum of the view files that it was made with.
select
  append.append_number,
  append.head,
  (
    select sha256
    from published.migration.applied
    where number = 0
    order by applied_at desc
    limit 1
  ) as views_sha256
from published.store.append as append
order by append.append_number desc
limit 1;
