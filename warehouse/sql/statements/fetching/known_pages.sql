-- In:  fetched_document; $now.
-- Out: the pages that are known, with the address at which each is to be looked at now, null where it is not due.
select
  document_key,
  if(due_at is null or due_at <= $now::timestamptz, address, null) as due_address
from fetched_document
where document_key not like 'telegram:%' and address is not null
order by document_key;
