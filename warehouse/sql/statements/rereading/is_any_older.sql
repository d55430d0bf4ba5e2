-- In:  $present, a list of formats and their extractors' versions; $cleaning_version.
-- Out: one row: whether anything was ever read by an older extractor or cleaning than these.
select exists (
  from store.extraction
  inner join (select unnest($present, recursive := true)) as present using (format)
  where
    extraction.extractor_version < present.extractor_version
    or extraction.cleaning_version < $cleaning_version
) as is_any_older;
