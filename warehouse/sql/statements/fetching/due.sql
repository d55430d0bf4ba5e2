-- In:  fetched_document; $now.
-- Out: one row for each host with documents that can be looked at again: how many there are, how many are due now, how many more
--      within 24 hours, when the next one is, and how many were never looked at over HTTP, so that they have no such time.
select
  if(document_key like 'telegram:%', 't.me', lower(regexp_extract(address, '^[a-z]+://([^/?#:]+)', 1, 'i'))) as host,
  count(*) as document_count,
  count(*) filter (where due_at <= $now::timestamptz) as due_count,
  count(*) filter (
    where due_at > $now::timestamptz and due_at <= $now::timestamptz + interval 24 hours
  ) as soon_count,
  min(due_at) filter (where due_at > $now::timestamptz) as next_due_at,
  count(*) filter (where due_at is null) as unseen_count
from fetched_document
where address is not null or document_key like 'telegram:%'
group by host
order by host;
