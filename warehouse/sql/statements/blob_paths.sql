-- In:  the variables `blobs`, the folder of the raw store, and `since_append`.
-- Out: the variable `blob_paths`, where the bytes that the captures since that append name should stand.
set variable blob_paths = (
  select
    coalesce(
      list(distinct getvariable('blobs') || '/' || left(lower(hex(raw_sha256)), 2) || '/' || lower(hex(raw_sha256)) || '.zst'),
      ['/nothing/is/looked/for']
    )
  from store.capture
  where append_number >= getvariable('since_append')
);
