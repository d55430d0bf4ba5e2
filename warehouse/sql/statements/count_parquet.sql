-- In:  $path, the place of a Parquet file.
-- Out: its rows and its columns.
select
  (select num_rows from parquet_file_metadata($path)) as row_count,
  (
    select num_children
    from parquet_schema($path)
    where name = 'duckdb_schema'
  ) as column_count;
