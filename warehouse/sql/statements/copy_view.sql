-- In:  the variable `view_name`; $path, the place of a Parquet file.
copy ( -- noqa: PRS
  select *
  from query_table(getvariable('view_name'))
  order by all
) to $path (format parquet, compression zstd);
