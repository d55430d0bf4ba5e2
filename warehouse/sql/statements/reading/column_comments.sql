-- In:  $macro_name and $view_name.
-- Out: what each column of a name means: as terms says of the macro, else as in that view, else as in versions or documents.
select
  name,
  arg_min(comment, place) as comment
from (
  select
    value as name,
    definition as comment,
    1 as place
  from terms
  where list = $macro_name
  union all
  select
    column_name as name,
    comment,
    case table_name when $view_name then 2 when 'versions' then 3 else 4 end as place
  from duckdb_columns()
  where schema_name = 'main' and table_name in ($view_name, 'versions', 'documents')
)
group by name;
