-- In:  new_ref; $ledger, the place of a Parquet file.
copy ( -- noqa: PRS
  select *
  from new_ref
  order by ref
) to $ledger (format parquet, compression zstd);
