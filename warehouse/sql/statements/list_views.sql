-- Out: schema and name of every view that the archive has.
select
  schema_name,
  view_name
from duckdb_views()
where schema_name in ('main', 'store') and not internal
order by
  schema_name,
  view_name;
