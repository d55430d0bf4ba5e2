-- In:  the variable `ledger`, a pattern for all parts of the ledger; the variable `append_number`, that of the newest append.
-- Add the refs that were issued once and that no reading of today issues, so that they resolve by their bytes.
insert into store.ref by name
select distinct on (document_key, content_sha256)
  ref,
  document_key,
  content_sha256,
  raw_sha256,
  byte_from,
  byte_to,
  getvariable('append_number') as append_number
from read_parquet(getvariable('ledger'))
anti join store.ref using (document_key, content_sha256)
order by document_key, content_sha256;
