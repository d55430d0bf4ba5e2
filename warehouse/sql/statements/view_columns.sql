-- In:  $view_name.
-- Out: its columns in their order, with type and meaning.
select
  column_name,
  data_type,
  comment
from duckdb_columns()
where schema_name = 'main' and table_name = $view_name
order by column_index;
