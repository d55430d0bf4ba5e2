-- Out: the tables of the open archive, those apart whose words are taken out on the way into a new file.
select
  schema_name,
  table_name
from duckdb_tables()
where
  database_name = current_database()
  and not temporary
  and (schema_name, table_name) not in (('store', 'content'), ('store', 'description'), ('store', 'rejection'), ('store', 'run_end'))
order by
  schema_name,
  table_name;
