-- In:  $path, the place of a Parquet file.
-- Out: its rows and its columns.
select
  (select num_rows from parquet_file_metadata($path)) as row_count,
  (
    select count(*)
    from (describe from read_parquet($path))
  ) as column_count;
