-- Out: the public views and what a row of each is.
select
  view_name,
  comment
from duckdb_views()
where schema_name = 'main' and not internal
order by view_name;
