-- In:  the variables `append_number` and `issued`, the parts of the ledger that an earlier append of the batch wrote.
-- Out: the temporary table new_ref, the refs that the append issues and those parts lack, and their number.
create or replace temporary table new_ref as
select
  ref,
  document_key,
  content_sha256,
  raw_sha256,
  byte_from,
  byte_to
from store.ref
anti join read_parquet(getvariable('issued')) using (document_key, content_sha256)
where append_number = getvariable('append_number');
