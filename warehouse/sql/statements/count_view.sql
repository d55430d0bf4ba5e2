-- In:  the variable `view_name`.
-- Out: its rows and its columns.
select
  (select count(*) from query_table(getvariable('view_name'))) as row_count,
  (
    select count(*)
    from duckdb_columns()
    where schema_name = 'main' and table_name = getvariable('view_name')
  ) as column_count;
