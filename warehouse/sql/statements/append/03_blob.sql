-- Append the blobs that are not held yet.
insert into store.blob by name
select distinct
  raw_sha256,
  size_bytes,
  blocks_root,
  getvariable('append_number') as append_number
from staged_capture
anti join store.blob using (raw_sha256);
