-- In:  new_ref; $ledger, the place of a Parquet file.
copy (
  from new_ref
  order by ref
) to $ledger (format parquet, compression zstd);
