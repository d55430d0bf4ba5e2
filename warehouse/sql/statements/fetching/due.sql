-- In:  fetched_document; $now.
-- Out: one row for each host with documents that are looked at again: how many are due now, how many more within 24 hours, and
--      when the next one is. One that was never looked at over HTTP has no time at which it is due, and is not among them.
select
  if(document_key like 'telegram:%', 't.me', lower(regexp_extract(address, '^[a-z]+://([^/?#:]+)', 1, 'i'))) as host,
  count(*) filter (where due_at <= $now::timestamptz) as due_count,
  count(*) filter (
    where due_at > $now::timestamptz and due_at <= $now::timestamptz + interval 24 hours
  ) as soon_count,
  min(due_at) filter (where due_at > $now::timestamptz) as next_due_at
from fetched_document
where due_at is not null
group by host
order by host;
