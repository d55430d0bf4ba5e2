-- In:  $contents, hashes of words; $raw_sha256s, blobs.
-- Out: how many of the words and of the blobs were not withheld yet.
select
  (
    select count(*)
    from (select unnest($contents::blob[]) as content_sha256)
    anti join store.withheld_content using (content_sha256)
  )
  + (
    select count(*)
    from (select unnest($raw_sha256s::blob[]) as raw_sha256)
    anti join store.withheld_bytes using (raw_sha256)
  ) as new_count;
