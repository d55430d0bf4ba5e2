-- Every capture names bytes that stand in the raw store.
-- What was withheld is gone.
-- In: the variable `blob_paths`, where the bytes of the appends that are looked at should stand.
select
  capture.capture_key,
  lower(hex(capture.raw_sha256)) as raw_sha256
from store.capture as capture
anti join (
  select blob.raw_sha256
  from store.blob as blob
  inner join glob(getvariable('blob_paths')) as held
    on parse_filename(held.file, true) = lower(hex(blob.raw_sha256))
  union
  select raw_sha256
  from store.withheld_bytes
  where byte_range = 'all'
) as kept using (raw_sha256)
where capture.append_number >= getvariable('since_append');
