-- In:  $database, null for the one that is open.
-- Out: its tables, and whether their rows belong to appends.
select
  columns.table_name,
  bool_or(columns.column_name = 'append_number') as is_appended,
  string_agg(columns.column_name || ' ' || columns.data_type, ', ' order by columns.column_index) as columns
from duckdb_columns() as columns
inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
where columns.schema_name = 'store' and not columns.internal and columns.database_name = coalesce($database, current_database())
group by columns.table_name
order by columns.table_name;
