-- Out: the views of the read copy that are not those of this code. DuckDB keeps the names behind `exclude` in any order.
select coalesce(one.view_name, other.view_name) as view_name
from (
  select
    schema_name || '.' || view_name as view_name,
    regexp_replace(sql, 'EXCLUDE \([^)]*\)', 'EXCLUDE', 'g') as sql
  from duckdb_views()
  where not internal and database_name = 'published'
) as one
full join (
  select
    schema_name || '.' || view_name as view_name,
    regexp_replace(sql, 'EXCLUDE \([^)]*\)', 'EXCLUDE', 'g') as sql
  from duckdb_views()
  where not internal and database_name = current_database()
) as other
  on one.view_name = other.view_name
where one.sql is distinct from other.sql
order by view_name;
