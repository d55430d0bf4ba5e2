-- In:  $view_name.
-- Out: what each column of a name means: as in that view, else as in versions or documents, else a list of terms.
select
  name,
  arg_min(comment, place) as comment
from (
  select
    column_name as name,
    comment,
    case table_name when $view_name then 1 when 'versions' then 2 else 3 end as place
  from duckdb_columns()
  where schema_name = 'main' and table_name in ($view_name, 'versions', 'documents')
  union all
  select distinct
    list as name,
    'See terms, list ' || list || '.' as comment,
    4 as place
  from terms
)
group by name;
