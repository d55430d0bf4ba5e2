-- In:  the variable `append_number`.
-- Out: the temporary table new_ref, the refs that the append issued, and their number.
create or replace temporary table new_ref as
select
  ref,
  document_key,
  content_sha256,
  raw_sha256,
  byte_from,
  byte_to
from store.ref
where append_number = getvariable('append_number');
