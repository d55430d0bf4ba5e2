-- In:  renamed, descriptions by their hashes, old and new; $channel_title; $part, the place of a Parquet file.
copy ( -- noqa: PRS
  select
    renamed.renamed_sha256 as description_sha256,
    description.* exclude (description_sha256, append_number) replace ($channel_title as channel_title)
  from store.description as description
  inner join renamed using (description_sha256)
) to $part (format parquet, compression lz4);
